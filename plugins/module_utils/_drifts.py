# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What looking for drift in the stacks of a run has found, as data and as reports. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._junit import Case, junit
from ansible_collections.envforge.terraform.plugins.module_utils._order import refusal
from ansible_collections.envforge.terraform.plugins.module_utils._plans import why_not

STATUSES = ("clean", "drifted", "failed")
_KINDS = {"clean": "passed", "drifted": "failure", "failed": "error"}


def drifts(
    stacks: Iterable[str], results: Mapping[str, Mapping[str, Any]], order: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Counts by status, and for each stack its status, its drift and why it could not be looked at.

    *results* maps stacks to what their variables hold by now, *order* is the run's. No value of any attribute is among it.
    """
    found = [_drift(stack, results, order) for stack in stacks]
    summary = {status: sum(one["status"] == status for one in found) for status in STATUSES}
    return {"summary": summary, "stacks": found}


def _drift(stack: str, results: Mapping[str, Mapping[str, Any]], order: Mapping[str, Any] | None) -> dict[str, Any]:
    variables = results[stack]
    looked = variables.get("drift_result")
    told = {"stack": stack, "environment": str(variables.get("tf_environment", "")), "drift": [], "msg": ""}
    if not isinstance(looked, Mapping) or looked.get("failed") or looked.get("skipped"):
        refused = refusal(stack, order, results, alone=True) if order and stack in order.get("needs", {}) else ""
        return {**told, "status": "failed", "msg": refused or why_not(variables, "looked at", "drift_result")}
    found = looked.get("drift") or []
    return {**told, "status": "drifted" if found else "clean", "drift": found}


def table(found: Mapping[str, Any]) -> list[str]:
    """Lines: one for each stack and each further object of it, and one of totals."""
    width = max([len(one["stack"]) for one in found["stacks"]] + [len("total")])
    lines = [line for one in found["stacks"] for line in _lines(one, width)]
    total = ", ".join(f"{found['summary'][status]} {status}" for status in STATUSES)
    return [*lines, f"{'total'.ljust(width)}  {total}"]


def _lines(one: Mapping[str, Any], width: int) -> list[str]:
    notes = [one["msg"]] if one["msg"] else [_object(item) for item in one["drift"]] or [""]
    heads = [f"{one['stack'].ljust(width)}  {one['status'].ljust(7)}", *[" " * (width + 9)] * (len(notes) - 1)]
    return [f"{head}  {note}".rstrip() for head, note in zip(heads, notes, strict=True)]


def _object(item: Mapping[str, Any]) -> str:
    if "delete" in item["actions"]:
        return f"{item['address']}: deleted"
    return f"{item['address']}: {', '.join(item['attributes']) or ', '.join(item['actions'])}"


def markdown(found: Mapping[str, Any]) -> str:
    """A table for a merge request or a wiki."""
    summary = found["summary"]
    rows = [f"| {_cell(one['stack'])} | {one['status']} | {_cell('; '.join(_notes(one)))} |" for one in found["stacks"]]
    head = f"{summary['drifted']} drifted, {summary['failed']} failed, {summary['clean']} clean"
    return "\n".join(["# Drift", "", head, "", "| stack | status | what |", "|---|---|---|", *rows, ""])


def _notes(one: Mapping[str, Any]) -> Sequence[str]:
    return [one["msg"]] if one["msg"] else [f"`{_object(item)}`" for item in one["drift"]]


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def as_json(found: Mapping[str, Any]) -> str:
    """The same for programs."""
    return json.dumps(found, indent=4, sort_keys=True) + "\n"


def as_junit(found: Mapping[str, Any]) -> str:
    """A test per stack: drift is a failure, a stack that could not be looked at an error."""
    return junit("drift", [_case(one) for one in found["stacks"]])


def _case(one: Mapping[str, Any]) -> Case:
    objects = [_object(item) for item in one["drift"]]
    message = one["msg"] or f"{len(objects)} drifted"
    kind = _KINDS[one["status"]]
    return Case(f"drift.{one['environment']}", one["stack"], kind, message, "\n".join(objects))
