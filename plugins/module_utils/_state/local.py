# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A state file of the `local` backend: read, replaced in one step, and locked as Terraform locks it.

Terraform holds a POSIX record lock on the state file and says who it is in .NAME.lock.info beside it
(https://github.com/hashicorp/terraform/blob/main/internal/states/statemgr/filesystem.go). It opens the state before it locks
it, and keeps that file while it waits: a file that we take away from the path is spoilt before its lock goes, else the one
who waits would work on a state that nobody sees any more.
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
from ansible_collections.envforge.terraform.plugins.module_utils._errors import FileError, StateEndangered, StateLocked
from ansible_collections.envforge.terraform.plugins.module_utils._files import (
    give_owner_and_mode,
    read_text,
    remove,
    replacing,
    while_trying_to,
    write_atomically,
)

_FLOCK = "hhqqi"  # struct flock of Linux, fcntl(2)
_WHOLE_FILE = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
_ATTEMPTS = 10  # at a file that others keep replacing
_held: dict[str, list[int]] = {}  # the descriptors that carry the locks of this process, by the real path of the state
# no engine reads a state of such a version, and each shows it to the person who waited
_SPOILT = (
    b'{"version": 4, "terraform_version": "none: another run has replaced or removed this state while this one waited for its '
    b'lock. Nothing was changed, so run again"}'
)


def info_path(path: str) -> str:
    """Where the holder of the lock says who it is."""
    directory, name = os.path.split(path)
    return os.path.join(directory, f".{name}.lock.info")


def read(path: str) -> bytes | None:
    """The state as stored; None when there is none, or only the empty file that locking makes."""
    text = read_text(path, newline="")
    if text and text.startswith(_SPOILT.decode()):  # it was opened just before another one took its place
        text = read_text(path, newline="")
    return text.encode() if text else None


def changed_at(path: str) -> str:
    """When the file was last written, in ISO 8601."""
    with while_trying_to(f"look at {path}"):
        return datetime.fromtimestamp(os.stat(path).st_mtime, UTC).isoformat()


def write(path: str, body: bytes) -> None:
    """Replace the state; who holds its lock holds that of the new file then.

    Where the path is a link, the state it leads to is replaced, for all who share it. Owner and mode stay.
    """
    path = os.path.realpath(path)
    with while_trying_to(f"create the directory of {path}"):
        os.makedirs(os.path.dirname(path), exist_ok=True)
    with replacing(path, body) as coming:
        if path in _held:  # before anybody else can see it, and lock it
            _held[path].append(_opened(coming))
            _lock(_held[path][-1])
        if os.path.exists(path):
            give_owner_and_mode(coming, os.stat(path))
    _spoil(path)


def delete(path: str) -> None:
    """Remove the state; where the path is a link, that is the state it leads to."""
    path = os.path.realpath(path)
    remove(path)
    _spoil(path)


def holder(path: str) -> str | None:
    """What the holder of the lock says of itself, or said before it died; None when there is nothing."""
    return read_text(info_path(path))


def is_locked(path: str) -> bool:
    """Whether a living process holds the lock. Whoever may read the state may ask."""
    with while_trying_to(f"see whether the state {path} is locked"):
        for _attempt in range(_ATTEMPTS):
            try:
                descriptor = os.open(path, os.O_RDONLY)
            except FileNotFoundError:
                return False
            try:
                taken = _is_taken(descriptor)
                if taken or _is_at(path, descriptor):
                    return taken
            finally:
                os.close(descriptor)
    return True  # by all who keep replacing it


@contextmanager
def locked(path: str, operation: str, info: str) -> Iterator[None]:
    """Hold the lock of a state file. Raises StateLocked when another process does."""
    real = os.path.realpath(path)
    descriptors = [_taken(path)]
    try:
        for each in dict.fromkeys((path, real)):
            _remove_abandoned(each)
        write_atomically(info_path(path), locks.claim(path, operation, info))
        _held[real] = descriptors
        try:
            yield
        finally:
            remove(info_path(path))
            if os.path.exists(real) and os.path.getsize(real) == 0:
                delete(real)
    finally:
        _held.pop(real, None)
        for descriptor in descriptors:
            os.close(descriptor)


def _taken(path: str) -> int:
    """A descriptor that carries the lock of the file at *path*: while that is opened and locked, another may take its place."""
    for _attempt in range(_ATTEMPTS):
        descriptor = _opened(path)
        try:
            _lock_or_tell(descriptor, path)
            if _is_at(path, descriptor):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
    raise StateLocked(
        f"The state {path} could not be locked: others have replaced it each time. Wait for those runs to end."
    )


def _lock_or_tell(descriptor: int, path: str) -> None:
    """Raises StateLocked when another process holds the lock."""
    try:
        with while_trying_to(f"lock the state {path}"):
            _lock(descriptor)
    except FileError as error:
        if not isinstance(error.__cause__, BlockingIOError | PermissionError):  # fcntl(2): EAGAIN or EACCES
            raise
        held = locks.lock_of(holder(path) or "", path, locks.LOCAL)
        raise StateLocked(f"The state {held.sentence()}: wait for that run to end.", locks=[held.told()]) from error


def _is_taken(descriptor: int) -> bool:
    """Whether locking would fail. Asked, where the system can be: Terraform gives up at once when it meets even a short lock."""
    if hasattr(fcntl, "F_OFD_GETLK"):
        answer = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, _WHOLE_FILE)
        return bool(struct.unpack(_FLOCK, answer)[0] != fcntl.F_UNLCK)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)  # an exclusive one wants a file that is open for writing
    except (BlockingIOError, PermissionError):
        return True
    return False


def _is_at(path: str, descriptor: int) -> bool:
    """Whether this is the file at the path now: a lock of one that was replaced keeps nobody away."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _spoil(path: str) -> None:
    """Make the files that we have taken away from *path* unreadable, for whoever has opened one and waits for its lock.

    A file that has another name somewhere is left alone: it is somebody's copy.
    """
    for descriptor in _held.get(path, []):
        if os.fstat(descriptor).st_nlink == 0:
            try:
                os.pwrite(descriptor, _SPOILT, 0)
                os.ftruncate(descriptor, len(_SPOILT))  # last: an empty file would be read as no state
            except OSError as error:
                raise StateEndangered(
                    f"The state {path} was replaced or removed, but what it was could not be made unreadable ({error.strerror}): "
                    "end every run that waits for its lock, its result would be lost."
                ) from error


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
