# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns events into the lines a person watches: one when a resource starts, one when it ends, few in between."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.envforge.terraform.plugins.module_utils._terraform.events import Event, address_of, reads

_EVERY = 30  # seconds between two lines about the same resource
_DOING = {"create": "creating", "update": "updating", "delete": "deleting", "read": "reading", "replace": "replacing"}
_DONE = {"create": "created", "update": "updated", "delete": "deleted", "read": "read", "replace": "replaced"}


class Progress:
    """Feed it events; *show* gets each line. *total* is the number of changes an apply makes, None for a plan."""

    def __init__(self, show: Callable[[str], None], total: int | None = None) -> None:
        self._show = show
        self._total = total
        self._ended = 0
        self._said: dict[str, float] = {}

    def event(self, event: Event) -> None:
        kind = "" if reads(event) else event.get("type")
        if kind == "planned_change" and self._total is None:  # apply tells it again
            change = event.get("change") or {}
            self._show(f"{address_of(event)}: to {change.get('action', 'change')}")
        elif kind == "apply_start":
            self._show(f"{address_of(event)}: {self._doing(event)}")
        elif kind == "apply_progress":
            self._still(event)
        elif kind in {"apply_complete", "apply_errored"}:
            self._end(event, failed=kind == "apply_errored")
        elif kind == "diagnostic":
            self._diagnostic(event.get("diagnostic") or {})

    def _still(self, event: Event) -> None:
        address, elapsed = address_of(event), _elapsed(event)
        if elapsed - self._said.get(address, 0) >= _EVERY:
            self._said[address] = elapsed
            self._show(f"{address}: still {self._doing(event)}, {elapsed:.0f}s")

    def _end(self, event: Event, failed: bool) -> None:
        self._ended += 0 if failed else 1
        count = f" ({self._ended}/{self._total})" if self._total else ""
        what = f"FAILED {self._doing(event)}" if failed else _DONE.get(_action(event), _action(event))
        self._show(f"{address_of(event)}: {what} after {_elapsed(event):.0f}s{'' if failed else count}")

    def _diagnostic(self, found: dict[str, object]) -> None:
        if found.get("severity") == "error":
            where = f" ({found['address']})" if found.get("address") else ""
            self._show(f"ERROR {found.get('summary', '')}{where}")

    @staticmethod
    def _doing(event: Event) -> str:
        return _DOING.get(_action(event), _action(event))


def _action(event: Event) -> str:
    return str((event.get("hook") or {}).get("action", "change"))


def _elapsed(event: Event) -> float:
    return float((event.get("hook") or {}).get("elapsed_seconds") or 0)
