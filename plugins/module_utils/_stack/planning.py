# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The core of tf_plan, and the planning half of tf_apply: a plan, what it would do, and what speaks against it."""

from __future__ import annotations

import os
import random
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._backend.locks import Lock
from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import CommandFailed, Refused, TfError
from ansible_collections.envforge.terraform.plugins.module_utils._files import (
    make_private_directory,
    read_text,
    write_atomically,
)
from ansible_collections.envforge.terraform.plugins.module_utils._masking import SHORTEST_SECRET, without
from ansible_collections.envforge.terraform.plugins.module_utils._stack import state
from ansible_collections.envforge.terraform.plugins.module_utils._stack.prediction import NothingToRefresh, predict
from ansible_collections.envforge.terraform.plugins.module_utils._stack.readiness import make_ready
from ansible_collections.envforge.terraform.plugins.module_utils._stack.root_lock import refuse_errored, taking_turns
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Work, working_on
from ansible_collections.envforge.terraform.plugins.module_utils._terraform import binding, commands
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.cli import CHANGES, FAILED, Ended, Terraform
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.diagnostics import (
    as_data,
    errors_of,
    sentence_of,
)
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.drift import (
    Drift,
    drift_of,
    drift_of_events,
)
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.guards import (
    check_guards,
    check_replacements,
)
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.plan import Plan
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.progress import Progress

_PAUSES = (0.5, 1.0, 2.0, 2.0)  # seconds at most, between attempts to get the lock
NO_PLAN = Plan((), (), {}, {}, {}, frozenset())


@dataclass(frozen=True)
class Planned:
    """A plan that was made. plan is empty when there are no changes: reading it would cost a process.

    changed is whether applying it does anything. A refresh-only plan may have that and no drift.
    """

    ended: Ended
    plan: Plan
    changed: bool
    plan_file: str
    refresh_only: bool = False

    @property
    def drift(self) -> Drift:
        return drift_of_events(self.ended.log.drift) if self.plan is NO_PLAN else drift_of(self.plan.drift)

    def result(self, diff: bool) -> dict[str, Any]:
        """What tf_plan and tf_apply return of it, masked by Terraform's own marks."""
        told = {
            "changed": bool(self.drift) if self.refresh_only else self.changed,
            "summary": self.plan.summary(),
            "resource_changes": [change.as_data() for change in self.plan.acting],
            "output_changes": {
                n: c["actions"] for n, c in self.plan.output_changes.items() if c["actions"] != ["no-op"]
            },
            "drift": self.drift,
            "diagnostics": as_data(self.ended.log.diagnostics),
        }
        return {**told, **({"diff": self.plan.diff()} if diff else {})}


@dataclass(frozen=True)
class LockedOut(Ended):
    """A command that was refused the lock of the state, and who was seen to hold it: perhaps nobody does any more."""

    holders: tuple[Lock, ...] = ()


def plan_core(arguments: dict[str, Any], doors: Doors) -> dict[str, Any]:
    """tf_plan. Raises TfError."""
    _refuse_contradiction(arguments)
    with taking_turns(arguments["data_dir"], doors), working_on(arguments, doors) as work:
        refuse_errored(work.stack)
        if doors.check_mode:
            return predict_result(work, arguments)
        if arguments["refresh_only"] and state.exists(work.stack, doors) is False:
            return _no_drift(work)
        if arguments["read_only"] and state.exists(work.stack, doors) is False:
            doors.warn(
                f"The state of {work.stack.label} does not exist yet: this is a prediction, and no plan file was written."
            )
            return predict_result(work, arguments)
        reason = make_ready(work)
        plan_file = arguments["plan_file"] or work.stack.plan_file
        planned = make_plan(work, arguments, plan_file, reason, lock=not arguments["read_only"])
        check_or_discard(work, planned, arguments)
        return {**planned.result(doors.diff), "plan_file": plan_file, "predictable": True}


def _no_drift(work: Work) -> dict[str, Any]:
    """The answer where there is no state. Raises StateEndangered when there was one."""
    state.refuse_vanished(work, None)
    return {"changed": False, "plan_file": None, "predictable": True, **_NOTHING}


def _refuse_contradiction(arguments: Mapping[str, Any]) -> None:
    if not arguments["refresh_only"]:
        return
    others = {"destroy": arguments["destroy"], "replace": arguments["replace"], "refresh": not arguments["refresh"]}
    named = [name for name, contradicts in others.items() if contradicts]
    if named:
        raise Refused(
            f"Planning was refused: refresh_only changes no object, which contradicts {' and '.join(named)}. "
            "Leave one of them out."
        )


def predict_result(work: Work, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What a plan would say, nothing written anywhere; predictable is False when a state it reads does not exist yet."""
    try:
        predicted = predict(work, lambda path: options_of(work, arguments, path, lock=False), shown(work, arguments))
    except NothingToRefresh:
        return _no_drift(work)
    if predicted is None and _refresh_only(arguments):
        raise CommandFailed(
            f"Looking for drift of {work.stack.label} failed: it reads the state of a stack that was not applied so far. Apply "
            "that one first."
        )
    if predicted is None:
        work.doors.warn(
            f"{work.stack.label} cannot be predicted yet: it reads outputs of a stack that has not got them so far."
        )
        return {"changed": True, "plan_file": None, "predictable": False, **_NOTHING}
    terraform, ended, plan_file = predicted
    planned = _read(terraform, ended, plan_file, _refresh_only(arguments))
    if planned.changed or planned.refresh_only:
        state.refuse_vanished(work, state.header_of(binding.prior_state(plan_file)))
    _check(work, planned, arguments)
    return {**planned.result(work.doors.diff), "plan_file": None, "predictable": True}


_NOTHING: dict[str, Any] = {
    "summary": NO_PLAN.summary(),
    "resource_changes": [],
    "output_changes": {},
    "drift": [],
    "diagnostics": [],
}


def make_plan(
    work: Work, arguments: Mapping[str, Any], plan_file: str, initialised: str | None, *, lock: bool = True
) -> Planned:
    """Plan into *plan_file* and bind it. Raises CommandFailed, StateLocked, StateEndangered; then no plan file is left."""
    make_private_directory(os.path.dirname(plan_file))
    try:
        options = options_of(work, arguments, plan_file, lock=lock)
        ended = _plan(work, options, shown(work, arguments), initialised)
        os.chmod(plan_file, 0o600)
        planned = _read(work.terraform, ended, plan_file, _refresh_only(arguments))
        prior = binding.prior_state(plan_file)
        if planned.changed:
            state.refuse_vanished(work, state.header_of(prior))
        _bind(work, planned, prior)
    except BaseException:
        binding.discard(plan_file)
        raise
    return planned


def check_or_discard(work: Work, planned: Planned, arguments: Mapping[str, Any]) -> None:
    """Raises GuardRefused and Refused; a plan that must not be applied is not left lying about."""
    try:
        _check(work, planned, arguments)
    except TfError:
        binding.discard(planned.plan_file)
        raise


def _check(work: Work, planned: Planned, arguments: Mapping[str, Any]) -> None:
    if not arguments["destroy"]:
        check_replacements(planned.plan, arguments["replace"], work.stack.label)
    check_guards(planned.plan, arguments["guards"], work.stack.label)


def _refresh_only(arguments: Mapping[str, Any]) -> bool:
    return bool(arguments.get("refresh_only"))  # an option of tf_plan alone


def options_of(work: Work, arguments: Mapping[str, Any], plan_file: str, *, lock: bool) -> commands.Plan:
    return commands.Plan(
        out=plan_file,
        var_files=work.variables.write(work.directory),
        destroy=arguments["destroy"],
        refresh=arguments["refresh"],
        refresh_only=_refresh_only(arguments),
        targets=tuple(arguments["targets"]),
        replace=tuple(arguments["replace"]),
        lock=lock,
        lock_timeout=work.stack.lock_timeout,
        parallelism=arguments["parallelism"],
    )


def shown(work: Work, arguments: Mapping[str, Any], total: int | None = None) -> Progress:
    return Progress(work.doors.progress if arguments["progress"] else lambda line: None, total)


def failure(work: Work, doing: str, ended: Ended) -> CommandFailed:
    """The error for a command with events, naming the holder of the lock where that was the reason."""
    told = as_data(ended.log.diagnostics)
    seen = ended.holders if isinstance(ended, LockedOut) else ()
    known = None if ended.log.began else state.explain_lock(work, doing, seen) or state.explain_digest(work, doing)
    if known is not None:
        known.details["diagnostics"] = told
        return known
    return CommandFailed(f"{doing} failed: {sentence_of(ended.log.diagnostics)}.", diagnostics=told, rc=ended.status)


def hide(error: TfError, plan: Plan) -> TfError:
    """*error* without the sensitive values of *plan*: a provider may quote one in its own words."""
    hidden = {text for text in plan.sensitive if len(text) >= SHORTEST_SECRET}
    error.args = (without(str(error), hidden),)
    for found in error.details.get("diagnostics", []):
        found.update({name: without(found[name], hidden) for name in ("summary", "detail")})
    return error


def binding_key(work: Work) -> bytes:
    """The key of this stack's keyed hashes: nothing can be guessed from a hash without it."""
    path = os.path.join(work.stack.data_dir, "binding.key")
    found = read_text(path)
    if not found:
        found = secrets.token_hex(32)
        write_atomically(path, found)
    return bytes.fromhex(found)


def identity(work: Work) -> dict[str, Any]:
    """What a plan of this stack is made for."""
    stack = work.stack
    return {
        "environment": stack.environment,
        "stack": stack.name,
        "workspace": stack.workspace,
        "backend": {"type": stack.backend_type, **stack.backend_config},
        "root": stack.root,
        "engine": stack.engine.identity,
    }


def again_when_let_go(work: Work, command: Callable[[], Ended], pointless: Callable[[], bool] = lambda: False) -> Ended:
    """*command*, repeated while it ends before it began, and that may be for a lock which somebody has just let go.

    When a holder lets go between Terraform's attempt and its look at the lock, Terraform fails at once, whatever its
    -lock-timeout, and names nobody. So does one that was never lucky within its -lock-timeout. *pointless* says whether
    something else is the reason.
    """
    deadline, pauses = time.monotonic() + work.stack.lock_timeout, list(_PAUSES)
    while True:
        ended = command()
        if ended.status != FAILED or ended.log.began or not _may_be_the_lock(ended) or pointless():
            return ended
        locked = state.locked(work.stack, work.doors)
        if locked is None or not pauses or (locked and time.monotonic() > deadline):
            return LockedOut(ended.status, ended.log, tuple(locked)) if locked else ended
        work.doors.progress("the lock of the state was changing hands: trying again")
        longest = pauses[0] if locked else pauses.pop(0)  # whoever never sees a holder may be wrong about the reason
        time.sleep(random.uniform(0, longest))  # noqa: S311 - to part those who wait, not to hide anything


def _may_be_the_lock(ended: Ended) -> bool:
    """A failure that has no place in the configuration."""
    return not any(found.file or found.address for found in errors_of(ended.log.diagnostics))


def _plan(work: Work, options: commands.Plan, progress: Progress, initialised: str | None) -> Ended:
    def once() -> Ended:
        return work.terraform.plan(options, progress.event)

    def planned() -> Ended:
        return again_when_let_go(work, once) if options.lock else once()

    ended = planned()
    if ended.status != FAILED:
        return ended
    error = failure(work, f"Planning {work.stack.label}", ended)
    if ended.log.began or initialised or not error.details.keys().isdisjoint({"locks", "digest"}):
        raise error
    # It ended before it did anything, after an init that was skipped: perhaps it should not have been.
    try:
        make_ready(work, "planning failed at once")
    except CommandFailed:
        raise error from None
    ended = planned()
    if ended.status == FAILED:
        raise failure(work, f"Planning {work.stack.label}", ended)
    return ended


def _read(terraform: Terraform, ended: Ended, plan_file: str, refresh_only: bool) -> Planned:
    changed = ended.status == CHANGES
    looked_at = changed or (refresh_only and bool(ended.log.drift))
    plan = Plan.from_json(terraform.show(plan_file)) if looked_at else NO_PLAN
    return Planned(ended, plan, changed, plan_file, refresh_only)


def _bind(work: Work, planned: Planned, prior: Mapping[str, Any]) -> None:
    binding.Binding(
        **identity(work),
        plan_hash=binding.hash_of(planned.plan_file),
        variables=work.variables.digest(binding_key(work)),
        changed=planned.changed,
        total=planned.plan.total,
        lineage=str(prior.get("lineage") or ""),
        serial=int(prior.get("serial") or 0),
    ).save(planned.plan_file)
