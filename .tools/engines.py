# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds the oldest supported Terraform and OpenTofu with the Go client, in a cache outside the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

# name → module to install, and the name the Go client gives the binary
ENGINES = {
    "terraform-1.5.7": ("github.com/hashicorp/terraform@v1.5.7", "terraform"),
    "opentofu-1.6.3": ("github.com/opentofu/opentofu/cmd/tofu@v1.6.3", "tofu"),
}

PAUSES = (5, 20)  # seconds before another attempt: downloads fail now and then


def binary(name: str) -> Path:
    """Where the engine lies, or will: in the user's cache, because it takes minutes to build and never changes."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "envforge.terraform" / "engines" / name / ENGINES[name][1]


def missing(name: str) -> str | None:
    """Why the engine can neither be used nor built here; None when it can."""
    if binary(name).exists() or shutil.which("go"):
        return None
    return f"{name} is not installed and there is no Go to build it with"


def build(name: str) -> Path:
    """The engine's binary. Not in Go's own bin directory, which may come before the user's Terraform on PATH."""
    wanted = binary(name)
    if not wanted.exists():
        wanted.parent.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "GOBIN": str(wanted.parent), "GOFLAGS": "-trimpath"}
        command = ["go", "install", ENGINES[name][0]]
        for pause in PAUSES:
            if subprocess.run(command, cwd=wanted.parent, env=environment, check=False).returncode == 0:
                return wanted
            time.sleep(pause)
        subprocess.run(command, cwd=wanted.parent, env=environment, check=True)
    return wanted
