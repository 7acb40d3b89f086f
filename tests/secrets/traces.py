# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything a run leaves or lets see: processes while they live, and files afterwards."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

_PAUSE = 0.004  # seconds between two looks at the processes
# the root module hands its secrets to a program itself, and no collection can keep it from that
_EXCUSED = b"OF_THE_PROVISIONER=true"


@dataclass
class Processes:
    """Command lines, and environments, of all processes that were started meanwhile."""

    command_lines: set[bytes] = field(default_factory=set)
    environments: set[bytes] = field(default_factory=set)


@contextmanager
def watching() -> Iterator[Processes]:
    """Look at every new process of this machine, many times a second."""
    found, done = Processes(), threading.Event()
    thread = threading.Thread(target=_watch, args=(found, done, _running()))
    thread.start()
    try:
        yield found
    finally:
        done.set()
        thread.join()


def _running() -> set[str]:
    return {path.name for path in Path("/proc").iterdir() if path.name.isdigit()}


def _watch(found: Processes, done: threading.Event, before: set[str]) -> None:
    while not done.wait(_PAUSE):
        for number in _running() - before:
            with suppress(OSError):  # it has ended
                found.command_lines.add(Path(f"/proc/{number}/cmdline").read_bytes())
                environment = Path(f"/proc/{number}/environ").read_bytes()
                if _EXCUSED not in environment:
                    found.environments.add(environment)


def files_below(*directories: Path) -> Iterator[tuple[str, bytes]]:
    """Every file and its content; archives, such as plan files, opened."""
    for directory in directories:
        for path in sorted(directory.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield str(path), path.read_bytes()
                if zipfile.is_zipfile(path):
                    with zipfile.ZipFile(path) as archive:
                        yield from ((f"{path}!{name}", archive.read(name)) for name in archive.namelist())
