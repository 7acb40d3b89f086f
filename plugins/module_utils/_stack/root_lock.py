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
from ansible_collections.envforge.terraform.plugins.module_utils._stack.errored import (
    ERRORED,
    errored_states,
    is_broken,
    note_owner,
    what_to_do,
)
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Stack

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
    """Raises StateEndangered when a state that could not be stored is waiting to be pushed, in whichever workspace."""
    waiting = sorted(errored_states(stack), key=is_broken)  # what can be restored first
    if waiting:
        path = waiting[0].path
        raise StateEndangered(
            f"Working on {stack.label} was stopped: an earlier apply could not store its state and left it in {path}. "
            f"{what_to_do(stack, waiting[0])}",
            errored_state=path,
        )


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
        note_owner(stack, kept)
        return kept
    if os.path.isfile(left):
        note_owner(stack, kept)  # first: whoever kills us in between leaves no state that may be anybody's
        with while_trying_to(f"move {left} to {kept}"), open(left, encoding="utf-8") as stream:
            write_atomically(kept, stream.read())
            os.unlink(left)
        return kept
    return None
