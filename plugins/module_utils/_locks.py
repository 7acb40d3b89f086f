# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The locks of a run's stacks, as data and as a table, and which stacks a release is about. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._plans import why_not

_HEAD = ("stack", "held by", "for", "operation", "lock ID", "by", "")
_UNITS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))
_RESULT = "lock_info"


def locks(stacks: Iterable[str], results: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For each stack its locks and digests; *results* maps stacks to what their variables hold by now.

    msg is why that is not known, else empty. A stack that left the looking to another one (all of a backend) has no entry.
    """
    found = ((stack, results[stack]) for stack in stacks)
    return [_entry(stack, variables) for stack, variables in found if not _skipped(variables)]


def locked_by(stacks: Iterable[str], results: Mapping[str, Mapping[str, Any]], lock_id: str | None) -> list[str]:
    """The stacks that a release by *lock_id* is about: those that it locks; all when there is no ID, or it locks none."""
    known = list(stacks)
    named = [stack for stack in known if lock_id and lock_id in _ids(results[stack])]
    return named or known


def lock_table(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """Lines of a table, one for each holder or wrong digest in what locks() returned."""
    rows = [list(_HEAD), *(row for entry in found for row in _rows(entry))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _entry(stack: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    found = variables.get(_RESULT)
    if not isinstance(found, Mapping) or found.get("failed") or "locks" not in found:
        return {"stack": stack, "msg": why_not(variables, "looked at", _RESULT), "locks": [], "digests": []}
    return {"stack": stack, "msg": "", "locks": list(found["locks"]), "digests": list(found["digests"])}


def _skipped(variables: Mapping[str, Any]) -> bool:
    found = variables.get(_RESULT)
    return isinstance(found, Mapping) and bool(found.get("skipped"))


def _ids(variables: Mapping[str, Any]) -> list[str]:
    found = variables.get(_RESULT)
    return [lock["id"] for lock in found.get("locks") or ()] if isinstance(found, Mapping) else []


def _rows(entry: Mapping[str, Any]) -> list[list[str]]:
    stack = str(entry["stack"])
    if entry["msg"]:
        return [[stack, *[""] * 5, f"failed: {entry['msg']}"]]
    holders: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for lock in entry["locks"]:  # a holder has the same ID by both mechanisms; one that cannot be read stands alone
        holders.setdefault((lock["path"], lock["id"], "" if lock["id"] else lock["mechanism"]), []).append(lock)
    rows = [_holder(stack, held, entry) for held in holders.values()]
    rows += [[stack, *[""] * 5, f"{wrong['problem']} digest of {wrong['path']}"] for wrong in entry["digests"]]
    return rows or [[stack, *[""] * 5, "not locked"]]


def _holder(stack: str, held: Sequence[Mapping[str, Any]], entry: Mapping[str, Any]) -> list[str]:
    first = held[0]
    said = ["cannot be read" if first["malformed"] else "", str(first.get("doing") or "")]
    if len({lock["path"] for lock in entry["locks"]}) > 1:
        said.append(first["path"])
    by = " + ".join(dict.fromkeys(lock["mechanism"] for lock in held))
    who = first["who"] or "unknown"
    return [stack, who, _age(first["age"]), first["operation"], first["id"], by, ", ".join(filter(None, said))]


def _age(seconds: int | None) -> str:
    """In the two largest units: 3h 12m."""
    if seconds is None:
        return "unknown"
    parts: list[str] = []
    rest = seconds
    for size, unit in _UNITS:
        if rest >= size or (unit == "s" and not parts):
            parts.append(f"{rest // size}{unit}")
        rest %= size
    return " ".join(parts[:2])
