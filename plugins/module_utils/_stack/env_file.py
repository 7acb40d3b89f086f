# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The .env file before it is written: where it really is, what it holds, and whether it may be touched at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import EngineError, FileError
from ansible_collections.envforge.terraform.plugins.module_utils._files import read_text, while_trying_to

_TRACKED, _UNTRACKED = 0, 1  # `git ls-files --error-unmatch`


@dataclass(frozen=True)
class Target:
    """The file to write: path is the real one, behind any link; text, owner and mode are those it has now."""

    path: str
    text: str | None
    owner: tuple[int, int] | None
    mode: int | None


def find_target(wanted: Mapping[str, Any], doors: Doors) -> Target:
    """From the option dotenv. Raises FileError for what must not or cannot be written, before anything is."""
    path = os.path.realpath(wanted["path"])
    if os.path.isdir(path):
        raise FileError(
            f"Writing {path} failed: it is a directory. Set tf_dotenv.path to a file in it, such as {path}/.env."
        )
    if not wanted["allow_tracked"]:
        _refuse_tracked(doors, path)
    if os.path.islink(wanted["path"]):
        doors.warn(f"{wanted['path']} is a link; the file it leads to, {path}, is the one that is written.")
    try:
        with while_trying_to(f"read {path}"):
            status = os.stat(path)
    except FileError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            _refuse_unwritable(_existing(os.path.dirname(path)), path)
            return Target(path, None, None, None)
        raise
    if not stat.S_ISREG(status.st_mode):
        raise FileError(f"Writing {path} failed: it is no ordinary file. Set tf_dotenv.path to one.")
    _refuse_unwritable(path, path)
    _refuse_unwritable(os.path.dirname(path), path)
    return Target(path, read_text(path, newline=""), (status.st_uid, status.st_gid), stat.S_IMODE(status.st_mode))


def _refuse_unwritable(place: str, path: str) -> None:
    if not os.access(place, os.W_OK):
        raise FileError(
            f"Writing {path} failed: this user may not write {place}. Give it the permission, or set another tf_dotenv.path."
        )


def _refuse_tracked(doors: Doors, path: str) -> None:
    """Raises FileError for a file that git tracks: the next commit would publish its secrets."""
    directory = _existing(os.path.dirname(path))
    if not _in_repository(directory):
        return
    environment = {name: value for name, value in doors.environment.items() if not name.startswith("GIT_")}
    try:
        asked = doors.look(["git", "-C", directory, "ls-files", "--error-unmatch", "--", path], "/", environment)
    except EngineError:
        return  # no git here: nobody commits from this machine
    if asked.status == _TRACKED:
        raise FileError(
            f"Writing {path} failed: git tracks it, and the next commit would publish its values. Run git rm --cached on it "
            "and add it to .gitignore, or set tf_dotenv.allow_tracked."
        )
    if asked.status != _UNTRACKED:
        doors.warn(f"Whether git tracks {path} could not be found out (git ls-files exited with {asked.status}).")


def _existing(directory: str) -> str:
    while not os.path.isdir(directory):
        directory = os.path.dirname(directory)
    return directory


def _in_repository(directory: str) -> bool:
    while directory != os.path.dirname(directory):
        if os.path.exists(os.path.join(directory, ".git")):
            return True
        directory = os.path.dirname(directory)
    return False
