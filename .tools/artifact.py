# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds the collection's artifact from the files that git knows or would add, and installs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def sources() -> list[Path]:
    """The files of a commit made now, relative to the root: nothing that .gitignore names (states, .env files)."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = {Path(name) for name in listed.split("\0") if name}
    return sorted(path for path in paths if (ROOT / path).is_symlink() or (ROOT / path).exists())


def export(destination: Path) -> Path:
    """A bare checkout, as `git clone` would make it of a commit made now."""
    for path in sources():
        target = destination / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, target, follow_symlinks=False)
    return destination


def build(destination: Path) -> Path:
    """The path of the tarball that `ansible-galaxy collection build` makes."""
    with tempfile.TemporaryDirectory() as scratch:
        checkout = export(Path(scratch))
        command = [
            sys.executable,
            "-m",
            "ansible",
            "galaxy",
            "collection",
            "build",
            "--force",
            "--output-path",
            str(destination),
        ]
        subprocess.run(command, cwd=checkout, check=True, stdout=subprocess.DEVNULL)
    (tarball,) = destination.glob("envforge-terraform-*.tar.gz")
    return tarball


def install(destination: Path) -> Path:
    """Builds and installs; returns the installed collection's directory below destination."""
    with tempfile.TemporaryDirectory() as scratch:
        tarball = build(Path(scratch))
        command = [sys.executable, "-m", "ansible", "galaxy", "collection", "install", "--no-deps", str(tarball)]
        # from elsewhere: the configuration of the checkout names the checkout's own collection
        environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(destination)}
        command += ["--collections-path", str(destination)]
        subprocess.run(command, cwd=scratch, env=environment, check=True, stdout=subprocess.DEVNULL)
    return destination / "ansible_collections" / "envforge" / "terraform"
