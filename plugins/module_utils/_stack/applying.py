# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The core of tf_apply: carries out a saved plan, or plans, checks the guards and applies in one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._backend import locks
from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import (
    CommandFailed,
    PlanRefused,
    StateLocked,
    TfError,
)
from ansible_collections.envforge.terraform.plugins.module_utils._stack import state
from ansible_collections.envforge.terraform.plugins.module_utils._stack.errored import owner_of, restore_command
from ansible_collections.envforge.terraform.plugins.module_utils._stack.planning import (
    NO_PLAN,
    Planned,
    again_when_let_go,
    binding_key,
    check_or_discard,
    failure,
    hide,
    identity,
    make_plan,
    predict_result,
    shown,
)
from ansible_collections.envforge.terraform.plugins.module_utils._stack.readiness import make_ready
from ansible_collections.envforge.terraform.plugins.module_utils._stack.root_lock import (
    holding_root,
    keep_errored,
    refuse_errored,
    refuse_unwritable,
    taking_turns,
)
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Work, working_on
from ansible_collections.envforge.terraform.plugins.module_utils._terraform import binding
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.cli import Ended
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.commands import Apply
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.diagnostics import as_data
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.plan import Plan


class _Stale(Exception):
    """The state changed between plan and apply; nothing was applied."""


def apply_core(arguments: dict[str, Any], doors: Doors) -> dict[str, Any]:
    """tf_apply. Raises TfError; after a failed apply its details say what was done and what was not."""
    with taking_turns(arguments["data_dir"], doors), working_on(arguments, doors) as work:
        refuse_errored(work.stack)
        if arguments["plan_file"]:
            return _apply_saved(work, arguments, arguments["plan_file"])
        if doors.check_mode:
            return {**predict_result(work, arguments), "applied": []}
        return _plan_and_apply(work, arguments)


def _plan_and_apply(work: Work, arguments: Mapping[str, Any]) -> dict[str, Any]:
    reason = make_ready(work)
    planned = make_plan(work, arguments, work.stack.plan_file, reason)
    try:
        return _carry_out(work, arguments, planned)
    except _Stale:
        work.doors.progress("the state changed since the plan was made: planning again")
        planned = make_plan(work, arguments, work.stack.plan_file, reason)
    try:
        return _carry_out(work, arguments, planned)
    except _Stale as error:
        raise _stale(work.stack.plan_file) from error


def _carry_out(work: Work, arguments: Mapping[str, Any], planned: Planned) -> dict[str, Any]:
    keep = False
    try:
        check_or_discard(work, planned, arguments)
        result = {**planned.result(work.doors.diff), "applied": [], "predictable": True}
        if planned.changed:
            result.update(_apply(work, arguments, planned.plan_file, planned.plan))
        keep = arguments["keep_plan"]
        return {**result, "plan_file": planned.plan_file if keep else None}
    finally:
        if not keep:
            binding.discard(planned.plan_file)


def _apply_saved(work: Work, arguments: Mapping[str, Any], plan_file: str) -> dict[str, Any]:
    found = binding.load(plan_file)
    wanted = {**identity(work), "plan_hash": binding.hash_of(plan_file)}
    if work.variables.given:
        wanted["variables"] = work.variables.digest(binding_key(work))
    binding.demand_equal(found, wanted, plan_file)
    result: dict[str, Any] = {"changed": found.changed, "applied": [], "predictable": True, "plan_file": plan_file}
    if work.doors.check_mode:
        return result
    try:
        if found.changed:
            result.update(_apply(work, arguments, plan_file, NO_PLAN))
    except _Stale as error:
        raise _stale(plan_file) from error
    finally:
        if not arguments["keep_plan"]:
            binding.discard(plan_file)
    return {**result, "plan_file": plan_file if arguments["keep_plan"] else None}


def _stale(plan_file: str) -> PlanRefused:
    return PlanRefused(
        f"Applying {plan_file} was refused: the state changed since that plan was made. Nothing was applied; make a new plan."
    )


def _apply(work: Work, arguments: Mapping[str, Any], plan_file: str, plan: Plan) -> dict[str, Any]:
    bound = binding.load(plan_file)
    # A plan file does not hold ephemeral variables; engines without them reject any variable beside a plan.
    files = work.variables.write(work.directory) if work.configuration.ephemeral else ()
    options = Apply(plan_file, files, work.stack.lock_timeout, arguments["parallelism"])
    progress = shown(work, arguments, bound.total)
    refuse_unwritable(work.stack)
    kept = None
    with holding_root(work.stack.root, work.doors) as held:
        refuse_errored(work.stack)  # another environment of this root module may have failed while we waited
        ended: Ended | None = None
        try:
            ended = again_when_let_go(
                work, lambda: work.terraform.apply(options, progress.event, (held,)), lambda: _is_stale(work, bound)
            )
        finally:  # also when a signal ended it
            kept = keep_errored(work.stack, None if ended is None else ended.log.dump)
    if ended.status != 0:
        raise _failed(work, ended, plan if plan is not NO_PLAN else _read_again(work, plan_file), bound, kept)
    _check_digest(work)
    return {"applied": ended.log.completed, "diagnostics": as_data(ended.log.diagnostics)}


def _read_again(work: Work, plan_file: str) -> Plan:
    """What a saved plan was to do, and which values must not be shown; nothing when it cannot be read any more."""
    try:
        return Plan.from_json(work.terraform.show(plan_file))
    except TfError:
        return NO_PLAN


def _is_stale(work: Work, bound: binding.Binding) -> bool:
    """Whether the state is not the one that the plan was made from."""
    now = state.header(work.stack, work.doors)
    return now is not None and (now.lineage, now.serial) != (bound.lineage, bound.serial)


def _failed(work: Work, ended: Ended, plan: Plan, bound: binding.Binding, kept: str | None) -> Exception:
    log = ended.log
    if not log.started and not kept and _is_stale(work, bound):
        return _Stale()
    error: TfError = failure(work, f"Applying {work.stack.label}", ended)
    done = set(log.completed)
    error.details["changed"] = bool(log.started)
    error.details["applied"] = log.completed
    error.details["not_applied"] = [change.address for change in plan.acting if change.address not in done]
    rest = "run again to go on from there" if len(log.completed) < bound.total else "what failed came after them"
    text = f"{error} Done: {len(log.completed)} of {bound.total} changes; {rest}."
    if kept:
        error.details["errored_state"] = kept
        text = (
            f"{error} Its new state could not be stored: it is safe in {kept}; "
            f"restore it before anything else ({restore_command(work.stack, owner_of(work.stack))})."
        )
    error.args = (text,)
    return hide(error, plan)


def _check_digest(work: Work) -> None:
    """A state whose digest could not be written fails the next run; the apply itself is done and says so."""
    try:
        _put_digest_right(work)
    except TfError as error:
        raise CommandFailed(
            f"{work.stack.label.capitalize()} was applied, but the digest of its state could not be checked: {error} "
            f"If it is wrong, the next run fails: {_puts_it_right(work)}.",
            changed=True,
        ) from error


def _put_digest_right(work: Work) -> None:
    """Whoever holds the lock by now writes a state and then its digest: what does not fit in between is no fault."""
    try:
        if state.repair_digest(work.stack, work.doors):
            work.doors.warn(
                f"Terraform could not write the digest of the state of {work.stack.label}; it was put right."
            )
    except StateLocked as locked:
        if not state.digest_fits(work.stack, work.doors):
            work.doors.warn(
                f"The digest of the state of {work.stack.label} does not fit as yet, and another run is at work. {locked} If it "
                f"does not fit then, the next run fails: {_puts_it_right(work)}."
            )


def _puts_it_right(work: Work) -> str:
    return f"{locks.PLAYBOOK} --limit {work.stack.name} puts it right"
