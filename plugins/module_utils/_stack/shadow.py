# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A shadow of a root module: a tree of links to it, for predictions that must not write where the user would see it.

Every command that reads the state of a missing workspace would lock and write it, with -lock=false as well. The shadow has an
empty local backend instead. Relative module sources keep working, because the tree above the root is mirrored too. path.cwd and
abspath() differ in it, so no plan from a shadow is ever applied.
"""

from __future__ import annotations

import os
import shutil

from ansible_collections.envforge.terraform.plugins.module_utils._files import (
    make_private_directory,
    while_trying_to,
    write_atomically,
)

_OVERRIDE = "envforge_shadow_override.tf"
_LOCAL_BACKEND = 'terraform {\n  backend "local" {}\n}\n'
_NOT_MIRRORED = frozenset(
    {".terraform", "terraform.tfstate", "terraform.tfstate.backup", "terraform.tfstate.d", "errored.tfstate"}
)
_LEVELS = 6  # above the root, where no repository says where to stop


def make_shadow(root: str, directory: str, *, local_backend: bool) -> str:
    """Mirror *root* below *directory*; the path that stands for the root module there."""
    top = _top(root)
    here = os.path.join(directory, "shadow")
    with while_trying_to(f"mirror {root} into {directory}"):
        make_private_directory(here)
        place = top
        for part in os.path.relpath(root, top).split(os.sep):
            if part == ".":
                break
            _link(place, here, leave_out=part)
            place, here = os.path.join(place, part), os.path.join(here, part)
            make_private_directory(here)
        _link(place, here, leave_out=None)
    if local_backend:
        write_atomically(os.path.join(here, _OVERRIDE), _LOCAL_BACKEND)
    return here


def _top(root: str) -> str:
    """The top of the repository that *root* is in, else a few directories up."""
    place = root
    for _level in range(_LEVELS):
        if os.path.exists(os.path.join(place, ".git")):
            return place
        place = os.path.dirname(place)
    return place


def _link(source: str, target: str, leave_out: str | None) -> None:
    for name in os.listdir(source):
        if name == leave_out or name in _NOT_MIRRORED:
            continue
        path = os.path.join(source, name)
        if name == ".terraform.lock.hcl":
            shutil.copyfile(path, os.path.join(target, name))  # init would write through a link
        else:
            os.symlink(path, os.path.join(target, name))
