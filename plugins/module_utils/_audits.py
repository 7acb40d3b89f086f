# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the audited backends of a run are like, as data and as a table. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_FACTS = ("exists", "steps", "found", "wanted", "usage", "settings_not_read", "states")
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def audits(stacks: Iterable[str], results: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One entry for each backend, with the stacks that share it; *results* maps stacks to what their variables hold by now.

    msg is why a backend could not be looked at, else empty.
    """
    stacks = list(stacks)
    leaders = {stack: _leader(stack, results[stack]) for stack in stacks}
    return [
        _audit(leader, [stack for stack in stacks if leaders[stack] == leader], results[leader])
        for leader in dict.fromkeys(leaders.values())
        if leader in results
    ]


def _leader(stack: str, variables: Mapping[str, Any]) -> str:
    """As tf_order found it; one that was refused has none, and speaks for itself."""
    ordered = variables.get("tf_order")
    leaders = ordered.get("leader") if isinstance(ordered, Mapping) else None
    return str((leaders or {}).get(stack, stack))


def _audit(leader: str, sharing: list[str], variables: Mapping[str, Any]) -> dict[str, Any]:
    found = [variables.get(name) for name in ("tf_refused", "backend_audit_result")]
    results = [result for result in found if isinstance(result, Mapping) and not result.get("skipped")]
    failed = [str(result.get("msg", "")) for result in results if result.get("failed")]
    if failed or not results:
        return {"backend": leader, "stacks": sharing, "msg": failed[0] if failed else "It was not looked at."}
    return {
        "backend": _name(results[0]) or leader,
        "stacks": sharing,
        "msg": "",
        "type": results[0].get("backend_type"),
        **{name: results[0].get(name) for name in _FACTS},
        "key_rotation": ((results[0].get("found") or {}).get("kms_key") or {}).get("rotation"),
    }


def _name(result: Mapping[str, Any]) -> str:
    return str((result.get("backend_config") or {}).get("bucket") or result.get("backend_type") or "")


def audit_table(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """Lines for a terminal: a head for each backend, and below it what is wrong, what it holds, and who holds it up."""
    return [line for audit in found for line in _lines(audit)]


def _lines(audit: Mapping[str, Any]) -> list[str]:
    head = f"{audit['backend']} ({', '.join(audit['stacks'])}): {_verdict(audit)}"
    if audit["msg"] or audit["type"] != "s3":
        return [head]
    steps = [f"  {step['object']}: {step['action']}" for step in audit["steps"]]
    unread = [f"  {name} could not be read: {reason}" for name, reason in (audit["settings_not_read"] or {}).items()]
    return [head, *steps, *unread, *_usage(audit)]


def _verdict(audit: Mapping[str, Any]) -> str:
    if audit["msg"]:
        return f"failed: {audit['msg']}"
    if audit["type"] != "s3":
        return "is not made by this collection"
    if not audit["exists"]:
        return "does not exist"
    count = len(audit["steps"])
    return "as wanted" if not count else f"{count} {'setting is' if count == 1 else 'settings are'} not as wanted"


def _usage(audit: Mapping[str, Any]) -> list[str]:
    usage = audit["usage"]
    rotation = {True: "on", False: "off"}.get(audit["key_rotation"], "no key of its own")
    if not usage:
        return []
    stored = f"{_size(usage['bytes'])} in {usage['versions']} versions of {usage['objects']} objects"
    return [
        f"  stored: {stored}, {_size(usage['noncurrent_bytes'])} of it no longer current",
        f"  key rotation: {rotation}",
        f"  locks: {_locks(usage)}",
    ]


def _locks(usage: Mapping[str, Any]) -> str:
    oldest = usage["oldest_lock"]
    if not oldest:
        return "none"
    age = "for an unknown time" if oldest["age"] is None else f"for {_duration(oldest['age'])}"
    return f"{usage['locks']}, the oldest on {oldest['path']} by {oldest['who'] or 'somebody unknown'} {age}"


def _duration(seconds: int) -> str:
    for unit, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * unit:
            return f"{seconds // unit} {name}"
    return f"{seconds} seconds"


def _size(count: float) -> str:
    for unit in _UNITS[:-1]:
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} {_UNITS[-1]}"
