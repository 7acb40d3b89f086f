# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One apply (or init) at a time in a root module on this machine, and no errored.tfstate overwritten.

Terraform saves a state it could not store as errored.tfstate in the root module, whatever TF_DATA_DIR is, so two environments
of one root failing together would overwrite each other's.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import StateEndangered
from ansible_collections.envforge.terraform.plugins.module_utils._files import (
    locked_directory,
    make_private_directory,
    while_trying_to,
    write_atomically,
)
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Stack

ERRORED = "errored.tfstate"
_PAUSE, _NOTICE = 0.1, 30.0  # seconds


@contextmanager
def holding_root(root: str, doors: Doors) -> Iterator[int]:
    """Wait until no other apply works in *root*; yields the descriptor a command must inherit to keep the lock alive."""
    with _waiting_for(root, doors) as descriptor:
        os.set_inheritable(descriptor, True)
        yield descriptor


@contextmanager
def taking_turns(data_dir: str, doors: Doors) -> Iterator[None]:
    """Wait until no other task plans or applies with *data_dir*: both would use the same plan file. Not in check mode."""
    if doors.check_mode:
        yield
        return
    directory = os.path.join(os.path.abspath(data_dir), "terraform")
    make_private_directory(os.path.dirname(directory))
    make_private_directory(directory)
    with _waiting_for(directory, doors):
        yield


@contextmanager
def _waiting_for(directory: str, doors: Doors) -> Iterator[int]:
    with ExitStack() as held:
        told = 0.0
        while True:
            try:
                descriptor = held.enter_context(locked_directory(directory))
                break
            except BlockingIOError:
                if time.monotonic() - told > _NOTICE:
                    told = time.monotonic()
                    doors.progress(f"waiting: another run is at work in {directory}")
                time.sleep(_PAUSE)
        yield descriptor


def refuse_errored(stack: Stack) -> None:
    """Raises StateEndangered when a state that could not be stored is waiting to be pushed."""
    for path in errored_states(stack):
        whose = (
            ""
            if in_data_dir(stack, path)
            else " It may belong to another environment of this root module: its lineage is compared then."
        )
        raise StateEndangered(
            f"Working on {stack.label} was stopped: an earlier apply could not store its state and left it in {path}. Restore it "
            f"({restore_errored(stack)}), and run again.{whose}",
            errored_state=path,
        )


def restore_errored(stack: Stack) -> str:
    """The command that brings such a state to its place."""
    return f"ansible-playbook envforge.terraform.restore --limit {stack.name} -e state_errored=true"


def errored_states(stack: Stack) -> list[str]:
    """The states that could not be stored: in the stack's data directory, and in the root module."""
    kept = [os.path.join(stack.data_dir, name) for name in _names(stack.data_dir) if name.endswith(ERRORED)]
    left = os.path.join(stack.root, ERRORED)
    return [*kept, *([left] if os.path.exists(left) else [])]


def in_data_dir(stack: Stack, path: str) -> bool:
    """Whether *path* is of this stack in this environment alone, and not in the root module."""
    return os.path.dirname(path) == stack.data_dir


def refuse_unwritable(stack: Stack) -> None:
    """Raises StateEndangered when Terraform could not leave a state in the root module that it cannot store.

    It says that it did, all the same (1.11.4): the state would be lost.
    """
    if not os.access(stack.root, os.W_OK):
        raise StateEndangered(
            f"Applying {stack.label} was refused: this user may not write in the root module {stack.root}, where Terraform saves "
            "a state that the backend does not take, so it could be lost. Nothing was applied. Make that directory writable, "
            "or apply from a copy of it."
        )


def keep_errored(stack: Stack, dump: str | None) -> str | None:
    """Move what a failed apply left into the stack's data directory; its new path, None when it left nothing."""
    left = os.path.join(stack.root, ERRORED)
    kept = os.path.join(stack.data_dir, f"{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}-{ERRORED}")
    if dump is not None:  # Terraform could not write the file either
        write_atomically(kept, dump)
        return kept
    if os.path.isfile(left):
        with while_trying_to(f"move {left} to {kept}"), open(left, encoding="utf-8") as stream:
            write_atomically(kept, stream.read())
            os.unlink(left)
        return kept
    return None


def _names(directory: str) -> list[str]:
    return sorted(os.listdir(directory)) if os.path.isdir(directory) else []
