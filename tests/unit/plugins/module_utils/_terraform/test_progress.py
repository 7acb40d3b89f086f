# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress: few lines, and nothing in them but addresses, actions and times."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._terraform.progress import Progress
from tests.unit.captured import FIXTURES


def hook(kind: str, action: str = "create", elapsed: float = 0, address: str = "a.b") -> dict[str, Any]:
    return {
        "type": kind,
        "@message": "planted-message",
        "hook": {
            "resource": {"addr": address},
            "action": action,
            "elapsed_seconds": elapsed,
            "id_key": "id",
            "id_value": "planted-id",
            "output": "planted-output",
        },
    }


def shown(*events: dict[str, Any], total: int | None = None) -> list[str]:
    lines: list[str] = []
    progress = Progress(lines.append, total)
    for event in events:
        progress.event(event)
    return lines


def test_a_resource_has_one_line_at_its_start_and_one_at_its_end() -> None:
    """With the time it took, and how many of all are done."""
    assert shown(hook("apply_start"), hook("apply_complete", elapsed=7), total=12) == [
        "a.b: creating",
        "a.b: created after 7s (1/12)",
    ]


def test_a_slow_resource_is_mentioned_every_thirty_seconds() -> None:
    """Terraform says it every ten."""
    ticks = [hook("apply_progress", "delete", seconds) for seconds in range(10, 100, 10)]
    assert shown(*ticks) == [f"a.b: still deleting, {seconds}s" for seconds in (30, 60, 90)]


def test_slow_resources_do_not_silence_each_other() -> None:
    """Each has its own thirty seconds."""
    assert len(shown(hook("apply_progress", elapsed=30), hook("apply_progress", elapsed=31, address="c.d"))) == 2


def test_a_failure_is_told_at_once_and_not_counted() -> None:
    """The number of completed changes is what it says."""
    failed = {"type": "diagnostic", "diagnostic": {"severity": "error", "summary": "No entry", "address": "a.b"}}
    lines = shown(hook("apply_errored", elapsed=3), failed, hook("apply_complete", address="c.d"), total=2)
    assert lines == [
        "a.b: FAILED creating after 3s",
        "ERROR No entry (a.b)",
        "c.d: created after 0s (1/2)",
    ]


def test_warnings_are_no_progress() -> None:
    """They are in the result."""
    assert shown({"type": "diagnostic", "diagnostic": {"severity": "warning", "summary": "Deprecated"}}) == []


def test_a_plan_tells_what_it_is_to_do_and_an_apply_does_not_repeat_it() -> None:
    """`apply` tells its plan again."""
    planned = {"type": "planned_change", "change": {"resource": {"addr": "a.b"}, "action": "delete"}}
    assert (shown(planned), shown(planned, total=1)) == (["a.b: to delete"], [])


def test_what_is_read_is_not_mentioned() -> None:
    """Neither that a plan has put it off nor that an apply does it."""
    planned = {"type": "planned_change", "change": {"resource": {"addr": "data.a.b"}, "action": "read"}}
    assert shown(planned, hook("apply_start", "read"), hook("apply_complete", "read")) == []


def test_nothing_but_addresses_actions_and_times_is_shown() -> None:
    """Not the message, not the id, not what a provisioner printed, not the state that is dumped."""
    kinds = [
        "apply_start",
        "apply_progress",
        "apply_complete",
        "apply_errored",
        "provision_progress",
        "refresh_complete",
    ]
    dump = {"type": "log", "@message": "planted-message", "state": {"planted": "planted-state"}}
    outputs = {"type": "outputs", "outputs": {"a": {"value": "planted-value"}}}
    assert "planted" not in repr(shown(*(hook(kind, elapsed=60) for kind in kinds), dump, outputs))


def test_the_lines_of_a_real_apply_end_with_their_total() -> None:
    """Each of thirteen changes has a start and an end."""
    events = [json.loads(line) for line in (FIXTURES / "terraform-1.11.4-apply-events.jsonl").read_text().splitlines()]
    lines = shown(*events, total=13)
    assert (len(lines), lines[-1].endswith("(13/13)")) == (26, True)


def test_actions_that_are_not_known_are_told_as_they_are() -> None:
    """A newer engine may have more of them."""
    assert shown(hook("apply_start", "open"), hook("apply_complete", "open")) == ["a.b: open", "a.b: open after 0s"]
