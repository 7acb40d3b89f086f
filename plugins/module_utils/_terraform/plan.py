# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `show -json PLANFILE` says, as values (https://developer.hashicorp.com/terraform/internals/json-format)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._errors import UnreadableOutput
from ansible_collections.envforge.terraform.plugins.module_utils._masking import masked, scrubbed, sensitive_leaves
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.drift import changed_attributes

UNKNOWN = "(known after apply)"
COUNTS = ("create", "update", "replace", "delete", "import", "move", "forget", "read")


@dataclass(frozen=True)
class Change:
    """One resource change. before and after are masked by Terraform's marks already, attributes are names of what differs."""

    address: str
    type: str
    actions: tuple[str, ...]
    reason: str | None
    previous_address: str | None
    importing: bool
    before: Any
    after: Any
    attributes: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """create, update, replace, delete, forget, read or no-op."""
        if len(self.actions) > 1:  # ["delete", "create"], ["create", "delete"] or ["create", "forget"]
            return "replace"
        return self.actions[0] if self.actions else "no-op"

    @property
    def deletes(self) -> bool:
        """The object that is there now is deleted: also by a replacement, in either order."""
        return "delete" in self.actions

    @property
    def counts(self) -> Iterator[str]:
        if self.kind != "no-op":
            yield self.kind
        if self.importing:
            yield "import"
        if self.previous_address and self.previous_address != self.address:
            yield "move"

    def as_data(self) -> dict[str, Any]:
        return {"address": self.address, "actions": list(self.actions), "reason": self.reason}


@dataclass(frozen=True)
class Plan:
    """A plan. outputs holds values in clear; sensitive the texts that must not be shown."""

    changes: tuple[Change, ...]
    drift: tuple[Change, ...]
    output_changes: Mapping[str, Mapping[str, Any]]
    outputs: Mapping[str, Mapping[str, Any]]
    variables: Mapping[str, Any]
    sensitive: frozenset[str]

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Plan:
        try:
            return cls(
                changes=tuple(_changes(document.get("resource_changes"))),
                drift=tuple(_changes(document.get("resource_drift"))),
                output_changes={
                    name: _output_change(change) for name, change in (document.get("output_changes") or {}).items()
                },
                outputs=(document.get("planned_values") or {}).get("outputs") or {},
                variables={name: found.get("value") for name, found in (document.get("variables") or {}).items()},
                sensitive=frozenset(_secrets(document)),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise UnreadableOutput(f"Reading the plan failed: its JSON has an unknown form ({error}).") from error

    @property
    def acting(self) -> list[Change]:
        """The changes that apply would carry out or record."""
        return [change for change in self.changes if any(count != "read" for count in change.counts)]

    @property
    def total(self) -> int:
        """How many apply_complete events an apply of it brings: a replacement brings two."""
        kinds = [change.kind for change in self.changes]
        return sum({"create": 1, "update": 1, "delete": 1, "replace": 2}.get(kind, 0) for kind in kinds)

    def summary(self) -> dict[str, int]:
        found = [count for change in self.changes for count in change.counts]
        return {name: found.count(name) for name in COUNTS}

    def diff(self) -> dict[str, Any]:
        """For diff mode: every acting resource and output, masked, before and after.

        A value that is sensitive in one place is hidden in all: a computed attribute that repeats it has no mark.
        """
        before = {c.previous_address or c.address: c.before for c in self.acting if c.before is not None}
        after = {c.address: c.after for c in self.acting if c.after is not None and c.kind != "forget"}
        for name, change in self.output_changes.items():
            if change["actions"] != ["no-op"]:
                before.update({} if change["actions"] == ["create"] else {f"output.{name}": change["before"]})
                after.update({} if change["actions"] == ["delete"] else {f"output.{name}": change["after"]})
        hidden = set(self.sensitive)
        return {"before": scrubbed(before, hidden), "after": scrubbed(after, hidden)}


def _changes(found: list[dict[str, Any]] | None) -> Iterator[Change]:
    for item in found or []:
        change = item["change"]
        yield Change(
            address=item["address"],
            type=item.get("type", ""),
            actions=tuple(change["actions"]),
            reason=item.get("action_reason"),
            previous_address=item.get("previous_address"),
            importing=bool(change.get("importing")),
            before=masked(change.get("before"), change.get("before_sensitive")),
            after=_after(change),
            attributes=changed_attributes(change.get("before"), change.get("after"), change.get("after_unknown")),
        )


def _output_change(change: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "actions": list(change["actions"]),
        "before": masked(change.get("before"), change.get("before_sensitive")),
        "after": _after(change),
    }


def _after(change: Mapping[str, Any]) -> Any:
    return masked(_with_unknown(change.get("after"), change.get("after_unknown")), change.get("after_sensitive"))


def _with_unknown(value: Any, unknown: Any) -> Any:
    if unknown is True:
        return UNKNOWN
    if isinstance(unknown, Mapping) and (isinstance(value, Mapping) or value is None):
        names = {**(value or {}), **{name: None for name, mark in unknown.items() if mark}}
        return {name: _with_unknown((value or {}).get(name), unknown.get(name)) for name in names} if names else value
    if isinstance(unknown, list) and isinstance(value, list):
        padded = [*value, *[None] * (len(unknown) - len(value))]
        marks = [*unknown, *[None] * (len(value) - len(unknown))]
        return [_with_unknown(inner, mark) for inner, mark in zip(padded, marks, strict=True)]
    return value


def _secrets(document: Mapping[str, Any]) -> Iterator[str]:
    for item in [*(document.get("resource_changes") or []), *(document.get("resource_drift") or [])]:
        yield from _secrets_of_change(item["change"])
    for change in (document.get("output_changes") or {}).values():
        yield from _secrets_of_change(change)
    declared = ((document.get("configuration") or {}).get("root_module") or {}).get("variables") or {}
    for name, found in (document.get("variables") or {}).items():
        yield from sensitive_leaves(found.get("value"), bool((declared.get(name) or {}).get("sensitive")) or None)


def _secrets_of_change(change: Mapping[str, Any]) -> Iterator[str]:
    yield from sensitive_leaves(change.get("before"), change.get("before_sensitive"))
    yield from sensitive_leaves(change.get("after"), change.get("after_sensitive"))
