# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drift, told from what Terraform 1.11.4 and the AWS provider 5.100.0 said of objects that somebody had changed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._terraform.drift import (
    changed_attributes,
    drift_of,
    drift_of_events,
)
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.events import EventLog
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.plan import Plan
from tests.unit.captured import FIXTURES

DOCUMENT = json.loads((FIXTURES / "terraform-1.11.4-plan-refresh-only.json").read_text())
EVENTS = (FIXTURES / "terraform-1.11.4-plan-refresh-only-events.jsonl").read_text().splitlines()
NOTHING: tuple[Any, ...] = (None, "", {}, [], {"a": None}, {"a": {"b": []}})


def drifted(**before_and_after: Any) -> list[dict[str, Any]]:
    """The drift of a plan in which one object differs in these attributes: (before, after) each."""
    change = {
        "actions": ["update"],
        "before": {name: pair[0] for name, pair in before_and_after.items()},
        "after": {name: pair[1] for name, pair in before_and_after.items()},
    }
    return drift_of(Plan.from_json({"resource_drift": [{"address": "a.b", "change": change}]}).drift)


def test_changed_and_deleted_objects_are_drift() -> None:
    """With the names of what differs: also of a sensitive attribute, whose value nobody sees."""
    assert drift_of(Plan.from_json(DOCUMENT).drift) == [
        {
            "address": "aws_sqs_queue.jobs",
            "actions": ["update"],
            "attributes": ["tags", "tags_all", "visibility_timeout_seconds"],
        },
        {"address": "aws_ssm_parameter.gone", "actions": ["delete"], "attributes": []},
        {"address": "aws_ssm_parameter.release", "actions": ["update"], "attributes": ["value", "version"]},
    ]
    assert "another-secret-value" in json.dumps(DOCUMENT)  # it was there to be shown


@pytest.mark.parametrize("after", NOTHING, ids=repr)
@pytest.mark.parametrize("before", NOTHING, ids=repr)
def test_null_and_empty_are_the_same(before: Any, after: Any) -> None:
    """Terraform reports tags that are null in the state and {} in reality after every first apply."""
    assert drifted(tags=(before, after)) == []


@pytest.mark.parametrize(
    ("before", "after"), [(None, False), (0, None), ([], [None, 1]), ("a", ""), ({"a": [1]}, {"a": []})], ids=repr
)
def test_what_is_not_empty_differs(before: Any, after: Any) -> None:
    """False and 0 are values."""
    assert drifted(tags=(before, after), same=(1, 1)) == [
        {"address": "a.b", "actions": ["update"], "attributes": ["tags"]}
    ]


def test_a_moved_address_is_no_drift() -> None:
    """It is written in the configuration, and nothing outside of Terraform has changed."""
    moved = {
        "address": "a.new",
        "previous_address": "a.old",
        "change": {"actions": ["no-op"], "before": {}, "after": {}},
    }
    assert drift_of(Plan.from_json({"resource_drift": [moved]}).drift) == []
    assert drift_of_events([{"address": "a.new", "action": "move"}, {"address": "a.b", "action": "noop"}]) == []


def test_the_events_name_the_objects_only() -> None:
    """They are what is known of a plan without changes, which is not read."""
    log = EventLog()
    for line in EVENTS:
        log.line(line)
    assert [(found["address"], found["actions"], found["attributes"]) for found in drift_of_events(log.drift)] == [
        ("aws_sqs_queue.jobs", ["update"], []),
        ("aws_ssm_parameter.gone", ["delete"], []),
        ("aws_ssm_parameter.release", ["update"], []),
    ]


def test_an_unknown_attribute_will_differ() -> None:
    """In the changes of a plan, a value that is known after apply is a change; of a map, if any part of it is."""
    assert changed_attributes({"id": "1", "m": {}}, {"m": {}}, {"id": True, "m": {"k": [True]}}) == ("id", "m")
    assert changed_attributes({"m": {}}, {"m": {}}, {"m": {"k": [False]}}) == ()
    assert changed_attributes(None, {"id": "1"}) == ()
