# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The events of `plan -json` and `apply -json`, read line by line.

Only addresses, actions and elapsed times are taken for showing: `@message`, `id_value`, provisioner output and the
emergency dump of a state can hold anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._terraform.diagnostics import Diagnostic

Event = dict[str, Any]
_WORK = frozenset({"refresh_start", "planned_change", "resource_drift", "apply_start", "change_summary"})


@dataclass
class EventLog:
    """What one command told. began: it got past reading its configuration and state; dump: an emergency state, if any."""

    on_event: Callable[[Event], None] = lambda event: None
    diagnostics: list[Diagnostic] = field(default_factory=list)
    drift: list[dict[str, str]] = field(default_factory=list)
    started: list[str] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)
    errored: list[str] = field(default_factory=list)
    began: bool = False
    dump: str | None = None

    def line(self, text: str) -> None:
        """Take one line of output; anything that is no event is ignored."""
        try:
            event = json.loads(text)
        except ValueError:
            return
        if isinstance(event, dict):
            self._take(event)

    def _take(self, event: Event) -> None:
        kind = str(event.get("type", ""))
        self.began = self.began or kind in _WORK
        if "state" in event and kind in {"log", ""}:
            self.dump = _dumped(event["state"])
        elif kind == "diagnostic":
            self.diagnostics.append(Diagnostic.from_json(event.get("diagnostic") or {}))
        elif kind == "resource_drift":
            self.drift.append(change_of(event))
        elif kind in {"apply_start", "apply_complete", "apply_errored"} and not reads(event):
            self._record(kind, address_of(event))
        self.on_event(event)

    def _record(self, kind: str, address: str) -> None:
        if kind == "apply_start":
            self.started.append(address)
        else:
            (self.completed if kind == "apply_complete" else self.errored).append(address)


def address_of(event: Event) -> str:
    """The address of the resource that an event is about."""
    holder = event.get("hook") or event.get("change") or {}
    return str((holder.get("resource") or {}).get("addr", ""))


def reads(event: Event) -> bool:
    """Whether it is about a data source, which an apply may read too: that is no change."""
    return "read" in {(event.get(holder) or {}).get("action") for holder in ("hook", "change")}


def change_of(event: Event) -> dict[str, str]:
    return {"address": address_of(event), "action": str((event.get("change") or {}).get("action", ""))}


def _dumped(state: Any) -> str:
    return state if isinstance(state, str) else json.dumps(state)
