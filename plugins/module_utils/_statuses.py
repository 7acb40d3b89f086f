# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the stacks of a run are doing, as data and as a table. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._plans import why_not

_COLUMNS = ("stack", "workspace", "serial", "last change", "resources", "drift", "")
_NUMBERS = {"serial", "resources", "drift"}


def statuses(stacks: Iterable[str], results: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For each stack how it is doing; *results* maps stacks to what their variables hold by now.

    msg is why that is not known, else empty; drift is null where nobody looked for it. No value of any attribute is among it.
    """
    return [_status(stack, results[stack]) for stack in stacks]


def status_table(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """Lines of a table, one for each of what statuses() returned. Drift has a column when somebody looked for it."""
    looked = any(status["drift"] is not None for status in found)
    shown = [name for name in _COLUMNS if looked or name != "drift"]
    rows = [dict(zip(_COLUMNS, _COLUMNS, strict=True)), *(_row(status) for status in found)]
    widths = {name: max(len(row[name]) for row in rows) for name in shown}
    return ["  ".join(_cell(row[name], name, widths[name]) for name in shown).rstrip() for row in rows]


def _status(stack: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    state, drift = variables.get("status_result"), variables.get("drift_result")
    told: dict[str, Any] = {
        "stack": stack,
        "environment": str(variables.get("tf_environment") or ""),
        "workspace": str(variables.get("tf_workspace") or "default"),
        "drift": None,
        "drift_msg": "",
    }
    if not isinstance(state, Mapping) or state.get("failed") or "exists" not in state:
        return {**told, "msg": why_not(variables, "looked at", "status_result")}
    if isinstance(drift, Mapping):
        told.update(_drift(drift))
    managed = [found["address"] for found in state["resources"] if found["mode"] == "managed"]
    known = {name: state[name] for name in ("exists", "serial", "lineage", "terraform_version", "last_change", "locks")}
    return {**told, **known, "resources": len(managed), "msg": ""}


def _drift(found: Mapping[str, Any]) -> dict[str, Any]:
    if found.get("failed"):
        return {"drift_msg": str(found.get("msg") or "")}
    return {"drift": [each["address"] for each in found.get("drift") or ()]}


def _row(status: Mapping[str, Any]) -> dict[str, str]:
    drift = status["drift"]
    return {
        "stack": str(status["stack"]),
        "workspace": str(status["workspace"]),
        "serial": _text(status.get("serial")),
        "last change": _text(status.get("last_change")),
        "resources": _text(status.get("resources")),
        "drift": _text(None if drift is None else len(drift)),
        "": _note(status),
    }


def _note(status: Mapping[str, Any]) -> str:
    if status["msg"]:
        return f"failed: {status['msg']}"
    said = [] if status["exists"] else ["no state yet"]
    holders = {lock["id"]: lock for lock in status["locks"]}
    said += [
        f"locked by {lock['who'] or 'somebody unknown'} since {lock['created'] or 'an unknown time'}"
        for lock in holders.values()
    ]
    said += [f"drift unknown: {status['drift_msg']}"] if status["drift_msg"] else []
    return "; ".join(said)


def _text(value: Any) -> str:
    return "-" if value is None else str(value)


def _cell(text: str, name: str, width: int) -> str:
    return text.rjust(width) if name in _NUMBERS else text.ljust(width)
