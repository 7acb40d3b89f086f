# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Events: what is taken from them, and that nothing else is."""

from __future__ import annotations

import json

from ansible_collections.envforge.terraform.plugins.module_utils._terraform.events import EventLog
from tests.unit.captured import FIXTURES


def log_of(name: str) -> EventLog:
    log = EventLog()
    for line in (FIXTURES / name).read_text().splitlines():
        log.line(line)
    return log


def test_an_apply_is_followed_from_start_to_end() -> None:
    """Every resource that was started is completed."""
    log = log_of("terraform-1.11.4-apply-events.jsonl")
    assert sorted(log.started) == sorted(log.completed)
    assert (len(log.completed), log.errored, log.began, log.dump) == (13, [], True, None)


def test_a_plan_has_begun_but_started_nothing() -> None:
    """It got past its configuration and its state."""
    log = log_of("terraform-1.11.4-plan-events.jsonl")
    assert (log.began, log.started) == (True, [])


def test_a_command_that_only_told_its_version_has_not_begun() -> None:
    """An error right after it may be cured by an init."""
    log = EventLog()
    log.line('{"type": "version", "terraform": "1.11.4"}')
    log.line('{"type": "diagnostic", "diagnostic": {"severity": "error", "summary": "Module not installed"}}')
    assert (log.began, log.diagnostics[0].summary) == (False, "Module not installed")


def test_drift_and_failures_are_kept_by_address() -> None:
    """What changed outside, and what went wrong."""
    log = EventLog()
    resource = {"resource": {"addr": "a.b"}, "action": "update"}
    log.line(json.dumps({"type": "resource_drift", "change": resource}))
    log.line(json.dumps({"type": "apply_start", "hook": resource}))
    log.line(json.dumps({"type": "apply_errored", "hook": resource}))
    assert (log.drift, log.started, log.errored) == ([{"address": "a.b", "action": "update"}], ["a.b"], ["a.b"])


def test_what_an_apply_reads_is_no_change() -> None:
    """Data sources that had to wait for a resource are read by apply, which tells it as it tells a creation."""
    log = EventLog()
    resource = {"resource": {"addr": "data.a.b"}, "action": "read"}
    for kind in ("apply_start", "apply_complete"):
        log.line(json.dumps({"type": kind, "hook": resource}))
    assert (log.started, log.completed) == ([], [])


def test_the_emergency_dump_is_captured_whatever_its_form() -> None:
    """As text or as an object; it is the only copy of the state there is."""
    for state in ({"version": 4}, '{"version": 4}'):
        log = EventLog()
        log.line(json.dumps({"@level": "info", "type": "log", "state": state}))
        assert json.loads(log.dump or "") == {"version": 4}


def test_what_is_no_event_is_ignored() -> None:
    """Warnings of the command line, broken lines, other JSON."""
    log = EventLog()
    for line in ("", "Warning: x", "[1]", '"text"', "null", '{"type": ', "{}", '{"type": "new_in_2.0", "hook": null}'):
        log.line(line)
    assert log == EventLog(log.on_event)
