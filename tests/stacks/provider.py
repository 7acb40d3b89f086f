# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two providers that the stacks are proved with, neither of them downloaded.

The real hashicorp/aws comes from a filesystem mirror of this machine. The stand-in has the real one's schema, takes
any apply for done and sends nothing; its sources are what ENVFORGE_MOCK_AWS_PROVIDER names, or lie beside the checkout.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import providers

from tests.e2e.site import REPOSITORY

_BESIDE = REPOSITORY.parent / "shared" / "tools" / "mock-aws-provider"


@dataclass(frozen=True)
class Provider:
    """A way to have hashicorp/aws: a configuration file of Terraform's command line."""

    name: str
    configuration: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"TF_CLI_CONFIG_FILE": str(self.configuration)}


def real(directory: Path) -> Provider | None:
    """The real provider, if this machine has a mirror of it; its configuration is written into *directory*."""
    configuration = providers.configure(directory)
    return Provider("real", configuration) if configuration else None


def stand_in() -> Provider | None:
    """The stand-in, installed into the user's cache unless it is there; None without its sources."""
    sources = Path(os.environ.get("ENVFORGE_MOCK_AWS_PROVIDER") or _BESIDE)
    if not (sources / "install").exists():
        return None
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "envforge.terraform"
    target = cache / f"mock-aws-provider-{_version(sources)}"
    cache.mkdir(parents=True, exist_ok=True)
    with target.with_suffix(".lock").open("w") as lock:  # test processes start together
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (target / "cli.tfrc").exists():  # which it writes last
            subprocess.run([str(sources / "install"), str(target)], check=True, capture_output=True)
    return Provider("stand-in", target / "cli.tfrc")


def _version(sources: Path) -> str:
    """Of the sources as they are: an installation is a copy, and one in use is not to be replaced."""
    files = sorted(path for path in sources.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    digest = hashlib.sha256()
    for path in files:
        digest.update(str(path.relative_to(sources)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
