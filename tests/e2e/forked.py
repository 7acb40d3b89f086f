# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work done in a child process that is worse off than the tests: another user, or a file system of its own."""

from __future__ import annotations

import ctypes
import os
import pickle
import subprocess
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

NOBODY = 65534
_CLONE_NEWNS = 0x00020000  # sched.h


def in_child(work: Callable[[], Any]) -> Any:
    """What *work* returns in a fork of this process, whose privileges and mounts end with it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        answer: Any = None
        try:
            answer = (True, work())
        except BaseException:  # noqa: BLE001 - reported by the parent
            answer = (False, traceback.format_exc())
        finally:
            with os.fdopen(writing, "wb") as stream:
                stream.write(pickle.dumps(answer))
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        succeeded, value = pickle.loads(stream.read())
    os.waitpid(child, 0)
    assert succeeded, value
    return value


def become_nobody() -> None:
    """No way back: only for a child. Whoever is no root already is weak enough."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


def give_to_nobody(directory: Path) -> None:
    """Everything below changes its owner, where that is needed for become_nobody()."""
    if os.geteuid() == 0:
        for path in (directory, *directory.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


def mount_small_disk(directory: Path, kilobytes: int) -> None:
    """A file system of a few pages on *directory*, that only this child sees. Raises OSError without the permission."""
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for command in (
        ["mount", "--make-rprivate", "/"],
        ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(directory)],
    ):
        if subprocess.run(command, check=False, capture_output=True).returncode != 0:
            raise OSError(f"{' '.join(command)} failed")
