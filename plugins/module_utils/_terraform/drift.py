# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drift: what was changed outside of Terraform, told from what only looks like it. Pure.

Terraform reports more than that: moved addresses, and attributes that are null in the state and empty in the answer of a
provider, as tags are after a first apply. The exit status of a refresh-only plan counts them as well
(https://github.com/hashicorp/terraform/issues/36403), so it says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ansible_collections.envforge.terraform.plugins.module_utils._terraform.plan import Change

Drift = list[dict[str, Any]]
_NO_DRIFT = frozenset({"noop", "no-op", "move", "read"})  # actions in events and in plans


def changed_attributes(before: Any, after: Any, unknown: Any = None) -> tuple[str, ...]:
    """Names of the attributes that differ; null and empty do not, at any depth. Empty unless both are there."""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return ()
    names = {*before, *after, *(unknown if isinstance(unknown, Mapping) else ())}
    return tuple(sorted(name for name in names if _differs(name, before, after, unknown)))


def drift_of(changes: Iterable[Change]) -> Drift:
    """From the resource_drift of a plan."""
    return [
        {"address": change.address, "actions": list(change.actions), "attributes": list(change.attributes)}
        for change in changes
        if not _NO_DRIFT.issuperset(change.actions) and (change.deletes or change.attributes)
    ]


def drift_of_events(found: Iterable[Mapping[str, str]]) -> Drift:
    """From the events of a plan that nobody read: they name no attributes."""
    return [
        {"address": event["address"], "actions": [event["action"]], "attributes": []}
        for event in found
        if event["action"] not in _NO_DRIFT
    ]


def _differs(name: str, before: Mapping[str, Any], after: Mapping[str, Any], unknown: Any) -> bool:
    if isinstance(unknown, Mapping) and _any_unknown(unknown.get(name)):
        return True
    return bool(_without_empty(before.get(name)) != _without_empty(after.get(name)))


def _any_unknown(marks: Any) -> bool:
    if isinstance(marks, Mapping):
        return any(map(_any_unknown, marks.values()))
    return any(map(_any_unknown, marks)) if isinstance(marks, list) else bool(marks)


def _without_empty(value: Any) -> Any:
    """*value* with everything empty as None: many providers cannot tell one from the other."""
    if isinstance(value, Mapping):
        kept = {name: _without_empty(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if inner is not None} or None
    if isinstance(value, list):
        return [_without_empty(inner) for inner in value] or None
    return None if value == "" else value
