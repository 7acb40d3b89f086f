# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the Python interpreters of this machine and makes virtual environments of them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import zlib
from pathlib import Path

Version = tuple[int, int]


def _directories() -> list[Path]:
    """PATH without pyenv's shims, which answer for versions that are not active, then pyenv's versions themselves."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    path = [Path(entry) for entry in os.environ["PATH"].split(os.pathsep) if entry]
    return [entry for entry in path if entry.name != "shims"] + sorted(pyenv.glob("versions/*/bin"))


def _works(python: Path) -> bool:
    probe = subprocess.run([python, "-c", "import ensurepip, venv"], capture_output=True, check=False)
    return probe.returncode == 0


def find(oldest: Version, newest: Version) -> Path | None:
    """The newest usable interpreter between two versions, both included; None when there is none."""
    candidates: list[tuple[Version, Path]] = []
    for directory in _directories():
        for python in directory.glob("python3.*"):
            match = re.fullmatch(r"python3\.(\d+)", python.name)
            version = (3, int(match[1])) if match else (0, 0)
            if oldest <= version <= newest:
                candidates.append((version, python))
    candidates.sort(key=lambda candidate: candidate[0], reverse=True)
    return next((python for _, python in candidates if _works(python)), None)


def environment(place: Path, python: Path, requirements: list[str], pins: Path) -> Path:
    """The bin directory of a virtual environment with the requirements, made anew when they or a pin changed."""
    wanted = "\n".join([str(python), *requirements, *(path.read_text() for path in sorted(pins.glob("*.txt")))])
    stamp = place / f"installed-{zlib.crc32(wanted.encode()):08x}"
    if not stamp.exists():
        _install(place, python, requirements)
        stamp.touch()
    return place / "bin"


def _install(place: Path, python: Path, requirements: list[str]) -> None:
    subprocess.run([python, "-m", "venv", "--clear", place], check=True)
    pip = [
        str(place / "bin" / "python"),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "install",
        "--quiet",
    ]
    subprocess.run([*pip, *requirements], check=True)


def newest_pins(requirements: Path, python: Path) -> str:
    """What pip chooses for the requirements today, as the text of constraints.txt."""
    with tempfile.TemporaryDirectory() as scratch:
        unpinned = Path(scratch, "requirements")
        shutil.copytree(requirements, unpinned)
        (unpinned / "constraints.txt").write_text("")
        _install(Path(scratch, "venv"), python, ["--requirement", str(unpinned / "check.txt")])
        command = [str(Path(scratch, "venv", "bin", "pip")), "freeze", "--exclude", "ansible-core"]
        frozen = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    title = "# Every package that requirements/*.txt bring in, at the version tested with. Made by: nox -s pins\n"
    return title + frozen
