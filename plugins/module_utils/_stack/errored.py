# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""States that failed applies could not store: where they lie, whose they are, and the way to their place.

All workspaces of a stack share its data directory, and its backend may be another one by now: a note beside each state says
whose it is. In the root module, where Terraform itself leaves them, nothing does.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass

from ansible_collections.envforge.terraform.plugins.module_utils._errors import FileError
from ansible_collections.envforge.terraform.plugins.module_utils._files import read_json, write_atomically
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Stack
from ansible_collections.envforge.terraform.plugins.module_utils._stack.state import address_of

ERRORED = "errored.tfstate"


@dataclass(frozen=True)
class Owner:
    """A workspace, and where its state was to be stored."""

    workspace: str
    address: str

    def __str__(self) -> str:
        return f"the workspace {self.workspace} ({self.address})"


@dataclass(frozen=True)
class Errored:
    """The file of a state that was not stored. owner is None when nobody noted it."""

    path: str
    owner: Owner | None = None

    @property
    def note(self) -> str:
        return f"{self.path}.json"


def owner_of(stack: Stack) -> Owner:
    """Whose a state is that an apply of *stack* leaves."""
    return Owner(stack.workspace, address_of(stack))


def note_owner(stack: Stack, path: str) -> None:
    """Say beside *path* that the state there is that of *stack*."""
    write_atomically(Errored(path).note, json.dumps(asdict(owner_of(stack))))


def errored_states(stack: Stack) -> list[Errored]:
    """Those in the stack's data directory, and the one in its root module."""
    names = sorted(os.listdir(stack.data_dir)) if os.path.isdir(stack.data_dir) else []
    kept = [os.path.join(stack.data_dir, name) for name in names if name.endswith(ERRORED)]
    left = os.path.join(stack.root, ERRORED)
    return [*(Errored(path, _noted(path)) for path in kept), *([Errored(left)] if os.path.exists(left) else [])]


def is_anothers(stack: Stack, errored: Errored) -> bool:
    """Whether it is known to be that of another workspace, or of another backend."""
    return errored.owner not in (None, owner_of(stack))


def what_to_do(stack: Stack, errored: Errored) -> str:
    """The sentences that follow the news of it."""
    restore = restore_command(stack, errored.owner)
    if is_broken(errored):
        return (
            "That file is not a whole Terraform state, so it cannot be restored. Look into it, move it away, and run again; "
            "what that apply made may be in no state."
        )
    if is_anothers(stack, errored):
        return (
            f"It is that of {errored.owner}, and not of {owner_of(stack)}. Restore it there ({restore}), or move it away if it "
            "is not needed any more, and run again."
        )
    if errored.owner is None:
        other = "environment of this root module" if os.path.dirname(errored.path) == stack.root else "workspace"
        doubt = f" It may belong to another {other}: its lineage is compared then."
        return f"Restore it ({restore}), and run again.{doubt}"
    return f"Restore it ({restore}), and run again."


def restore_command(stack: Stack, owner: Owner | None) -> str:
    """The command that brings the state of *owner* to its place."""
    named = owner is not None and {owner.workspace, stack.workspace} != {"default"}
    workspace = f" -e tf_workspace={owner.workspace}" if owner and named else ""
    return f"ansible-playbook envforge.terraform.restore --limit {stack.name} -e state_errored=true{workspace}"


def is_broken(errored: Errored) -> bool:
    """Whether no state is in the file, as after a full disk."""
    with suppress(FileError):  # restoring it says why
        found = read_json(errored.path)
        return not isinstance(found, Mapping) or "lineage" not in found
    return False


def _noted(path: str) -> Owner | None:
    with suppress(FileError, TypeError):
        return Owner(**read_json(Errored(path).note))
    return None
