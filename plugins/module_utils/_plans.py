# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the plans of a run add up to, as data and as a table. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_COUNTS = ("create", "update", "replace", "delete", "import", "move", "forget")
_FACTS = ("changed", "predictable", "plan_file", "summary", "resource_changes", "output_changes", "drift")
# Registered on the way to a plan; the first that failed is why there is none.
_PLANNED = ("planned", "stack_plan")
_REASONS = ("workspace_result", "tf_refused", "backend_result")


def plans(
    stacks: Iterable[str], results: Mapping[str, Mapping[str, Any]], planned_only: bool = False
) -> list[dict[str, Any]]:
    """For each stack what its plan says; *results* maps stacks to what their variables hold by now.

    msg is why there is no plan, else empty. No value of any attribute is among it. *planned_only* leaves out stacks that
    were not to be planned at all: those without any result.
    """
    told = [_plan(stack, results[stack]) for stack in stacks]
    return [plan for plan in told if not (planned_only and plan["msg"] == why_not({}, *_PLANNED))]


def _plan(stack: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    plan = _result(variables, "stack_plan")
    if plan and not plan.get("failed"):
        return {"stack": stack, "msg": "", **{name: plan.get(name) for name in _FACTS}}
    return {"stack": stack, "msg": why_not(variables, *_PLANNED)}


def why_not(variables: Mapping[str, Any], done: str, name: str) -> str:
    """Why a stack was not *done* (looked at, planned) as its variable *name* would tell."""
    failed = [result for result in (_result(variables, each) for each in (name, *_REASONS)) if result.get("failed")]
    reason = str(failed[0].get("msg", "")) if failed else ""
    return reason or f"It was not {done}, because the run ended before its turn."


def _result(variables: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = variables.get(name)
    return found if isinstance(found, Mapping) else {}


def plan_table(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """Lines of a table, one for each of what plans() returned, with a line of totals."""
    counted = [plan for plan in found if not plan["msg"]]
    total = {name: sum(int(plan["summary"][name]) for plan in counted) for name in _COUNTS}
    shown = [name for name in _COUNTS if total[name] or name in {"create", "update", "replace", "delete"}]
    rows = [["stack", *shown, ""]]
    rows += [[plan["stack"], *_cells(plan, shown), _note(plan)] for plan in found]
    rows += [["total", *(str(total[name]) for name in shown), ""]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(shown) + 1)]
    return [_line(row, widths) for row in rows]


def _cells(plan: Mapping[str, Any], shown: Sequence[str]) -> list[str]:
    known = not plan["msg"] and plan["predictable"]
    return [str(plan["summary"][name]) if known else "-" for name in shown]


def _note(plan: Mapping[str, Any]) -> str:
    if plan["msg"]:
        return f"failed: {plan['msg']}"
    if not plan["predictable"]:
        return "not predictable yet"
    if not plan["changed"]:
        return "no changes"
    if not any(plan["summary"][name] for name in _COUNTS):
        return "outputs only"
    return ""


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    name, *counts, note = row
    cells = [name.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(counts, widths[1:], strict=True)), note]
    return "  ".join(cells).rstrip()
