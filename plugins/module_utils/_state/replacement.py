# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One state in place of another: kept first, written under its lock, proved by Terraform, taken back when that fails."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._errors import (
    CommandFailed,
    Refused,
    StateEndangered,
    TfError,
)
from ansible_collections.envforge.terraform.plugins.module_utils._stack.readiness import make_ready
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Work
from ansible_collections.envforge.terraform.plugins.module_utils._state.document import Document
from ansible_collections.envforge.terraform.plugins.module_utils._state.keeping import keep, kept_at
from ansible_collections.envforge.terraform.plugins.module_utils._state.places import (
    Place,
    Stored,
    refuse_held,
    replacing,
)
from ansible_collections.envforge.terraform.plugins.module_utils._state.rehearsal import Rehearsal, rehearse, said
from ansible_collections.envforge.terraform.plugins.module_utils._terraform import commands
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.cli import FAILED
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.diagnostics import sentence_of
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.plan import Plan


@dataclass(frozen=True)
class Replacement:
    """What is to be done to a state. doing completes "… failed"; after has its new serial already.

    beside is entered under the lock, before anything is written, and gets to know when it fails.
    """

    doing: str
    operation: str
    before: Stored
    after: Document
    no_changes: bool = False
    beside: Callable[[], contextlib.AbstractContextManager[object]] = contextlib.nullcontext

    @property
    def body(self) -> bytes:
        return self.after.with_serial(self.after.serial)

    @property
    def way_back(self) -> bytes | None:
        """The state before, under a serial above the new one; as it was, where it is broken; None when there was none."""
        if self.before.body is None:
            return None
        found = readable(self.before)
        return found.with_serial(self.after.serial + 1) if found else self.before.body


def readable(stored: Stored) -> Document | None:
    """The document in *stored*; None when there is none, and when it is broken: that is what restoring is for."""
    with contextlib.suppress(Refused):
        return stored.document("the present state")
    return None


def carry_out(work: Work, place: Place, wanted: Replacement) -> tuple[str | None, Rehearsal | None]:
    """Do it, or in check mode find out whether it would be refused. Where the former state is kept, and the plan if any.

    Raises StateLocked, StateEndangered; the state is the former one then, unless the message says otherwise.
    """
    if work.doors.check_mode:
        refuse_held(place, wanted.doing)
        kept = kept_at(place, wanted.before, work.stack.workspace, work.stack.data_dir)
        planned = rehearse(work, wanted.body) if wanted.no_changes else None
        if planned is not None and planned.changed:
            raise _has_changes(wanted.doing, planned, "Nothing was changed.")
        return kept, planned
    kept = keep(place, wanted.before, work.stack.workspace, work.stack.data_dir)
    note = {"doing": wanted.doing, "backup": kept or ""}
    states = [wanted.body, *([wanted.way_back] if wanted.way_back is not None else [])]
    with replacing(place, wanted.before, states, operation=wanted.operation, note=note), wanted.beside():
        place.write(wanted.before, wanted.body)
        try:
            return kept, _proved(work, wanted)
        except TfError as error:
            take_back(place, wanted, error, kept)
            raise


def _proved(work: Work, wanted: Replacement) -> Rehearsal | None:
    """Raises what speaks against the new state: Terraform does not see it, or its plan has changes."""
    make_ready(work)
    seen = work.terraform.state_pull()
    if not seen or _essence(Document(seen)) != _essence(wanted.after):
        raise StateEndangered(f"{wanted.doing} failed: Terraform sees another state than the one that was written.")
    if not wanted.no_changes:
        return None
    planned = _plan(work, wanted.doing)
    if planned.changed:
        raise _has_changes(wanted.doing, planned, "")
    return planned


def _plan(work: Work, doing: str) -> Rehearsal:
    """A plan under the lock that we hold; nobody else's is taken, and no plan file stays."""
    plan_file = os.path.join(work.directory, "demanded.tfplan")
    options = commands.Plan(plan_file, work.variables.write(work.directory), lock=False)
    ended = work.terraform.plan(options, lambda event: None)
    if ended.status == FAILED:
        raise CommandFailed(
            f"{doing} failed: the plan that was to have no changes failed: {sentence_of(ended.log.diagnostics)}."
        )
    return Rehearsal.of(Plan.from_json(work.terraform.show(plan_file)), ended)


def take_back(place: Place, wanted: Replacement, error: TfError, kept: str | None) -> None:
    """Write the former state again. The error says then what the state is, also when that fails."""
    way_back, reason = wanted.way_back, str(error).rstrip(".")
    try:
        now = place.read()
        if way_back is None:
            place.remove(now)
        else:
            place.write(now, way_back)
    except TfError as failed:
        where = f"the former state is in {kept}" if kept else "there was none before"
        error.args = (f"{reason}; the former state could not be put back, and {where}. {failed}",)
        return
    former = "there is no state again" if way_back is None else "the former state was put back"
    error.args = (f"{reason}; {former}.",)


def _has_changes(doing: str, planned: Rehearsal, outcome: str) -> StateEndangered:
    return StateEndangered(
        f"{doing} was refused: {said(planned)} afterwards. "
        f"Change the configuration to fit, or do without require_no_changes. {outcome}".rstrip(),
        resource_changes=planned.resource_changes,
        summary=planned.summary,
    )


def _essence(document: Document) -> Any:
    """What Terraform keeps when it reads a state and prints it again, whatever its version."""
    return document.lineage, document.serial, document.resources, document.outputs
