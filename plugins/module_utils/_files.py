# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door to files: private directories, atomic writes, and locks that end with the process."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._errors import FileError

PRIVATE_FILE, PRIVATE_DIRECTORY = 0o600, 0o700


@contextlib.contextmanager
def while_trying_to(action: str) -> Iterator[None]:
    """Turn an OSError into a FileError that names what was being done."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileError(f"Could not {action}: {reason}.{_next_step(error)}") from error


def read_text(path: str, newline: str | None = None) -> str | None:
    """The text of a file, None when there is none; *newline* "" keeps line ends as they are. Raises FileError, also for what
    is not UTF-8.
    """
    try:
        with while_trying_to(f"read {path}"), open(path, encoding="utf-8", newline=newline) as stream:
            return stream.read()
    except FileError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return None
        raise
    except UnicodeDecodeError as error:
        raise FileError(f"Could not read {path}: it is not UTF-8 text (byte {error.start}).") from error


def read_json(path: str) -> Any:
    """The parsed content of a JSON file, None when there is no file or no JSON in it."""
    text = read_text(path)
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def make_private_directory(path: str) -> None:
    """Create *path* and what is missing above it; *path* itself is 0700."""
    with while_trying_to(f"create the directory {path}"):
        os.makedirs(path, mode=PRIVATE_DIRECTORY, exist_ok=True)
        if os.stat(path).st_mode & 0o077:
            os.chmod(path, PRIVATE_DIRECTORY)


def write_atomically(
    path: str, content: str | bytes, mode: int = PRIVATE_FILE, owner: tuple[int, int] | None = None
) -> None:
    """Replace *path* by *content* in one step: a reader sees the old or the new one, a full disk leaves the old one."""
    with replacing(path, content) as temporary:
        if owner is not None and owner != (os.geteuid(), os.getegid()):
            os.chown(temporary, *owner)
        os.chmod(temporary, mode)


@contextlib.contextmanager
def replacing(path: str, content: str | bytes) -> Iterator[str]:
    """Yields the private file that takes the place of *path* at the end, whole already: for what it must be before."""
    directory = os.path.dirname(path) or "."
    with while_trying_to(f"write {path}"):
        descriptor, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=directory)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content.encode() if isinstance(content, str) else content)
                stream.flush()
                os.fsync(stream.fileno())
            yield temporary
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise


def give_owner_and_mode(path: str, of: os.stat_result) -> None:
    """Make a file like the one it replaces, as far as this user may; a group that cannot be kept gives its rights to no other."""
    mode = stat.S_IMODE(of.st_mode)
    for owner in ((of.st_uid, of.st_gid), (-1, of.st_gid)):
        with contextlib.suppress(OSError):
            os.chown(path, *owner)
            break
    else:
        mode = (mode & ~stat.S_IRWXG) | (mode & stat.S_IRWXO) << 3  # members of the new group are anybody to the file
    os.chmod(path, mode)


def remove(path: str) -> None:
    """Remove a file that may not be there."""
    with while_trying_to(f"remove {path}"), contextlib.suppress(FileNotFoundError):
        os.unlink(path)


@contextlib.contextmanager
def task_directory(parent: str) -> Iterator[str]:
    """A 0700 directory for the secrets of one task, removed on every way out; what a killed task left is removed first."""
    make_private_directory(parent)
    with contextlib.ExitStack() as cleanup:
        with _alone_in(parent):  # else another task takes the directory for abandoned before it is locked
            _remove_abandoned(parent)
            with while_trying_to(f"create a directory in {parent}"):
                path = tempfile.mkdtemp(prefix="task-", dir=parent)
            cleanup.callback(shutil.rmtree, path, ignore_errors=True)
            cleanup.enter_context(locked_directory(path))
        yield path


@contextlib.contextmanager
def _alone_in(directory: str) -> Iterator[None]:
    """Wait for the file lock of a directory, which nobody holds for long."""
    with while_trying_to(f"open the directory {directory}"):
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def locked_directory(path: str) -> Iterator[int]:
    """Hold the file lock of a directory; yields the descriptor that carries it. Raises BlockingIOError when it is held.

    Whoever inherits the descriptor keeps the lock alive, and nothing has to be cleaned up after a kill.
    """
    with while_trying_to(f"open the directory {path}"):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            yield descriptor
        finally:  # closing alone would leave it to whatever a command has started and left running
            fcntl.flock(descriptor, fcntl.LOCK_UN)
    finally:
        os.close(descriptor)


def _remove_abandoned(parent: str) -> None:
    for entry in os.scandir(parent):
        if entry.name.startswith("task-") and entry.is_dir(follow_symlinks=False):
            with contextlib.suppress(OSError, FileError), locked_directory(entry.path):
                shutil.rmtree(entry.path, ignore_errors=True)


def _next_step(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return " Give this user the permission, or choose another place."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return " Nothing was replaced. Free some space and run again."
    return ""
