# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Predictions for check mode: nothing is written anywhere, neither in the backend nor in the user's directories."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress

from ansible_collections.envforge.terraform.plugins.module_utils._errors import CommandFailed
from ansible_collections.envforge.terraform.plugins.module_utils._files import make_private_directory
from ansible_collections.envforge.terraform.plugins.module_utils._stack import state
from ansible_collections.envforge.terraform.plugins.module_utils._stack.readiness import initialise, why_not_ready
from ansible_collections.envforge.terraform.plugins.module_utils._stack.shadow import make_shadow
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Work
from ansible_collections.envforge.terraform.plugins.module_utils._terraform import commands
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.cli import FAILED, Ended, Terraform
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.diagnostics import (
    Diagnostic,
    as_data,
    errors_of,
    sentence_of,
)
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.events import Event
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.progress import Progress

_OTHER_STATE = "data.terraform_remote_state."


class NothingToRefresh(Exception):
    """There is no state, and only that was asked for which differs from it."""


def predict(
    work: Work, options: Callable[[str], commands.Plan], progress: Progress
) -> tuple[Terraform, Ended, str] | None:
    """A plan as it would be made now; None when it depends on a state that does not exist yet.

    Raises CommandFailed, NothingToRefresh.
    """
    plan_file = os.path.join(work.directory, "plan.tfplan")
    wanted = options(plan_file)
    errors: list[Event] = []  # not told at once: what waits for another stack is none

    def planned(ready: Work) -> Ended:
        errors.clear()
        return ready.terraform.plan(
            wanted, lambda event: errors.append(event) if _told_later(event) else progress.event(event)
        )

    ready = work
    ended = planned(work) if _may_plan_at_once(work) else None
    if ended is None or ended.status == FAILED:
        ready = _better_place(work, wanted, tried=ended is not None)
        ended = planned(ready) if ended is None or ready is not work else ended
    if ended.status != FAILED:
        return ready.terraform, ended, plan_file
    if _waits_for_another(ended.log.diagnostics):
        return None
    for event in errors:
        progress.event(event)
    raise _failure(work, ended)


def _failure(work: Work, ended: Ended) -> CommandFailed:
    found = ended.log.diagnostics
    return CommandFailed(
        f"Planning {work.stack.label} failed: {sentence_of(found)}.", diagnostics=as_data(found), rc=ended.status
    )


def _better_place(work: Work, wanted: commands.Plan, *, tried: bool) -> Work:
    """Where to plan; *work* itself when that was tried, and its state is there: then something else is the reason."""
    if state.exists(work.stack, work.doors) is False:
        if wanted.refresh_only:
            raise NothingToRefresh
        return in_shadow(work)
    return work if tried else without_writing(work)


def _may_plan_at_once(work: Work) -> bool:
    """Whether a plan in the stack's own data directory writes nothing, be its state there or not.

    That needs no look at the backend, which costs more than the rest of a worker's own time.
    """
    return why_not_ready(work) is None and not state.created_by_reading(work.stack)


def _told_later(event: Event) -> bool:
    return event.get("type") == "diagnostic"


def _waits_for_another(found: Sequence[Diagnostic]) -> bool:
    """A state that is read is missing, or it has not the outputs that are read: it was never applied, or was destroyed."""
    errors = errors_of(found)
    missing = any(_OTHER_STATE in (error.address or "") for error in errors)
    return missing or (bool(errors) and all(_reads_another(error) for error in errors))


def _reads_another(error: Diagnostic) -> bool:
    return any(_OTHER_STATE in reference for reference in error.reads)


def without_writing(work: Work) -> Work:
    """The same work with a data directory that may be read: the stack's own when it is ready, else a scratch one."""
    if why_not_ready(work) is None:
        return work
    ready = work.elsewhere(data_dir=_scratch_data_dir(work))
    if os.path.exists(os.path.join(work.stack.root, ".terraform.lock.hcl")):
        with suppress(CommandFailed):  # also when the lock file is not up to date, which a real init would put right
            initialise(ready, lockfile_readonly=True)
            return ready
    # init would write the lock file into the root module
    ready = ready.elsewhere(root=make_shadow(work.stack.root, work.directory, local_backend=False))
    initialise(ready)
    return ready


def in_shadow(work: Work) -> Work:
    """The same work on an empty state: reading the missing one would create it."""
    root = make_shadow(work.stack.root, work.directory, local_backend=True)
    ready = work.elsewhere(root=root, data_dir=_scratch_data_dir(work))
    initialise(ready, backend=False)
    return ready


def _scratch_data_dir(work: Work) -> str:
    path = os.path.join(work.directory, "terraform")
    make_private_directory(path)
    return path
