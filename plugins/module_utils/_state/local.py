# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A state file of the `local` backend: read, replaced in one step, and locked as Terraform locks it.

Terraform holds a POSIX record lock on the state file and says who it is in .NAME.lock.info beside it
(https://github.com/hashicorp/terraform/blob/main/internal/states/statemgr/filesystem.go).
"""

from __future__ import annotations

import fcntl
import os
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from ansible_collections.envforge.terraform.plugins.module_utils._backend import locks
from ansible_collections.envforge.terraform.plugins.module_utils._errors import StateLocked
from ansible_collections.envforge.terraform.plugins.module_utils._files import (
    read_text,
    remove,
    while_trying_to,
    write_atomically,
)

_FLOCK = "hhqqi"  # struct flock of Linux, fcntl(2)
_WHOLE_FILE = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
_held: dict[str, list[int]] = {}  # the descriptors that carry the locks of this process, by the path of the state


def info_path(path: str) -> str:
    """Where the holder of the lock says who it is."""
    directory, name = os.path.split(path)
    return os.path.join(directory, f".{name}.lock.info")


def read(path: str) -> bytes | None:
    """The state as stored; None when there is none, or only the empty file that locking makes."""
    text = read_text(path, newline="")
    return text.encode() if text else None


def changed_at(path: str) -> str:
    """When the file was last written, in ISO 8601."""
    with while_trying_to(f"look at {path}"):
        return datetime.fromtimestamp(os.stat(path).st_mtime, UTC).isoformat()


def write(path: str, body: bytes) -> None:
    """Replace the state; who holds its lock holds that of the new file then."""
    with while_trying_to(f"create the directory of {path}"):
        os.makedirs(os.path.dirname(path), exist_ok=True)
    write_atomically(path, body)
    if path in _held:
        _held[path].append(_opened(path))
        with while_trying_to(f"lock the state {path} again, which was written"):
            _lock(_held[path][-1])


def holder(path: str) -> str | None:
    """What the holder of the lock says of itself, or said before it died; None when there is nothing."""
    return read_text(info_path(path))


def is_locked(path: str) -> bool:
    """Whether a living process holds the lock."""
    if not os.path.exists(path):
        return False
    descriptor = os.open(path, os.O_RDWR)
    try:
        return _is_taken(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: str, operation: str, info: str) -> Iterator[None]:
    """Hold the lock of a state file. Raises StateLocked when another process does."""
    descriptors = [_opened(path)]
    try:
        try:
            _lock(descriptors[0])
        except OSError as error:
            held = locks.lock_of(holder(path) or "", path, locks.LOCAL)
            raise StateLocked(f"The state {held.sentence()}: wait for that run to end.", locks=[held.told()]) from error
        _remove_abandoned(path)
        write_atomically(info_path(path), locks.claim(path, operation, info))
        _held[path] = descriptors
        try:
            yield
        finally:
            del _held[path]
            remove(info_path(path))
            if os.path.exists(path) and os.path.getsize(path) == 0:
                remove(path)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _is_taken(descriptor: int) -> bool:
    """Whether locking would fail. Asked, where the system can be: Terraform gives up at once when it meets even a short lock."""
    if hasattr(fcntl, "F_OFD_GETLK"):
        answer = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, _WHOLE_FILE)
        return bool(struct.unpack(_FLOCK, answer)[0] != fcntl.F_UNLCK)
    try:
        _lock(descriptor)
    except OSError:
        return True
    return False


def _remove_abandoned(path: str) -> None:
    """What a killed writer of the state or of the note had not yet put in place: whoever holds the lock is the only one."""
    directory, name = os.path.split(path)
    half_written = re.compile(rf"\.({re.escape(name)}|\.{re.escape(name)}\.lock\.info)\.\w{{8}}")  # write_atomically's
    for each in filter(half_written.fullmatch, os.listdir(directory)):
        remove(os.path.join(directory, each))


def _lock(descriptor: int) -> None:
    """A record lock that Terraform's own meets; raises OSError when it is held.

    An ordinary one would be lost as soon as this process closes the file after reading it, so the lock belongs to the
    descriptor where the system can do that.
    """
    if hasattr(fcntl, "F_OFD_SETLK"):
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, _WHOLE_FILE)
    else:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _opened(path: str) -> int:
    """Like Terraform, it makes the file that is to be locked; an empty one is no state."""
    with while_trying_to(f"open the state {path}"):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
