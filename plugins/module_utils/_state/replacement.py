# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One state in place of another: kept first, written under its lock, proved by Terraform, taken back when that fails."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import Any, Protocol

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
    DIGEST_WAY_OUT,
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


class Beside(Protocol):
    """Something outside of the state that belongs to the new one."""

    def write(self) -> None: ...

    def remove(self) -> None:
        """Also where it was not written."""


@dataclass(frozen=True)
class Replacement:
    """What is to be done to a state. doing completes "… failed"; after has its new serial already.

    beside is written under the lock, before the state, and removed only where the former state is there again.
    """

    doing: str
    operation: str
    before: Stored
    after: Document
    no_changes: bool = False
    beside: Beside | None = None

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

    Raises StateLocked, StateEndangered, and Interrupted when a signal came before the proof was there; the state is the former
    one then, unless the message says otherwise.
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
    with replacing(work.doors, place, wanted.before, states, operation=wanted.operation, note=note):
        way_back = wanted.before.body  # its digest fits it, while nobody has seen the new state
        try:
            if wanted.beside:
                wanted.beside.write()
            place.write(wanted.before, wanted.body)
            way_back = wanted.way_back
            return kept, _proved(work, wanted)
        except BaseException as error:  # a signal and a task's timeout, too
            if take_back(place, wanted, way_back, error, kept) and wanted.beside:
                wanted.beside.remove()
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


def take_back(
    place: Place, wanted: Replacement, way_back: bytes | None, error: BaseException, kept: str | None
) -> bool:
    """Write *way_back* over the new state, and over no other; False when the new one stays. The error says how it ended."""
    try:
        now = place.read()
        if now.body == wanted.before.body:
            return True
        if now.body != wanted.body:
            _add(error, "the state is what somebody else has written since")
            return True
        if way_back is None:
            place.remove(now)
        else:
            place.write(now, way_back)
    except TfError as failed:
        if _holds(place, way_back):
            _add(error, f"the former state was put back, but: {failed}")
            return True
        where = f"the former state is in {kept}" if kept else "there was none before"
        _add(error, f"the former state could not be put back, and {where}. {failed}")
        return False
    error.args = tuple(str(each).removesuffix(f" {DIGEST_WAY_OUT}") for each in error.args)  # its digest fits it
    _add(error, "there is no state again" if way_back is None else "the former state was put back")
    return True


def _holds(place: Place, body: bytes | None) -> bool:
    """Whether that is there now; not where it cannot be read."""
    try:
        return place.read().body == body
    except TfError:
        return False


def _add(error: BaseException, outcome: str) -> None:
    """To what is told; nobody is told of a signal."""
    if isinstance(error, TfError):
        error.args = (f"{str(error).rstrip('.')}; {outcome.rstrip('.')}.",)


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
