# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of drift: clean, drifted and failed are three things in each of them."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

from ansible_collections.envforge.terraform.plugins.module_utils._drifts import (
    as_json,
    as_junit,
    drifts,
    markdown,
    table,
)

QUEUE = {"address": 'aws_sqs_queue.jobs["a|b"]', "actions": ["update"], "attributes": ["tags", "policy"]}
GONE = {"address": "aws_sqs_queue.dead", "actions": ["delete"], "attributes": []}
VARIABLES: dict[str, dict[str, Any]] = {
    "network": {"tf_environment": "prod", "drift_result": {"changed": False, "drift": [], "predictable": True}},
    "app": {"tf_environment": "prod", "drift_result": {"changed": True, "drift": [QUEUE, GONE], "predictable": True}},
    "broken": {"tf_environment": "prod", "drift_result": {"failed": True, "msg": "No such file."}},
    "refused": {"tf_environment": "prod", "tf_refused": {"failed": True, "msg": "refused was not touched."}},
    "skipped": {"tf_environment": "prod", "drift_result": {"skipped": True, "changed": False}},
    "never": {"tf_environment": "prod"},
}
FOUND = drifts(VARIABLES, VARIABLES)


def test_a_stack_is_clean_drifted_or_failed() -> None:
    """What could not be looked at is not clean."""
    assert FOUND["summary"] == {"clean": 1, "drifted": 1, "failed": 4}
    stacks = {one["stack"]: one for one in FOUND["stacks"]}
    assert [stacks[name]["status"] for name in VARIABLES] == ["clean", "drifted", *["failed"] * 4]
    assert stacks["app"] == {
        "stack": "app",
        "environment": "prod",
        "status": "drifted",
        "msg": "",
        "drift": [QUEUE, GONE],
    }


def test_a_failed_stack_says_why() -> None:
    """Its own failure, that it was refused, that it was skipped, or that its turn never came."""
    reasons = {one["stack"]: one["msg"] for one in FOUND["stacks"] if one["status"] == "failed"}
    assert reasons["broken"] == "No such file."
    assert reasons["refused"] == "refused was not touched."
    assert "not looked at" in reasons["skipped"]
    assert "not looked at" in reasons["never"]


def test_a_stack_without_a_backend_says_so() -> None:
    """Its own failure may be hidden behind that of the stack which makes the backend."""
    order = {"leader": {"app": "network", "network": "network"}, "refused": {}, "needs": {"app": [], "network": []}}
    found = drifts(["app"], {"app": {}, "network": {"backend_result": {"failed": True, "msg": "No."}}}, order)
    assert found["stacks"][0]["msg"] == "app was not touched: its backend could not be made, see network."


def test_stacks_that_could_not_be_ordered_are_reported_all_the_same() -> None:
    """The result of a task that failed has nothing in it."""
    assert drifts(["app"], {"app": {}}, {"failed": True, "msg": "A cycle."})["summary"]["failed"] == 1


def test_a_program_gets_all_of_it() -> None:
    """What is shown to people is made of the same."""
    assert json.loads(as_json(FOUND)) == FOUND


def test_the_table_has_a_line_for_each_object() -> None:
    """Names of attributes, never values."""
    assert table(FOUND)[:4] == [
        "network  clean",
        'app      drifted  aws_sqs_queue.jobs["a|b"]: tags, policy',
        "                  aws_sqs_queue.dead: deleted",
        "broken   failed   No such file.",
    ]
    assert table(FOUND)[-1] == "total    1 clean, 1 drifted, 4 failed"


def test_markdown_keeps_its_columns() -> None:
    """An address may hold what separates them."""
    lines = markdown(FOUND).splitlines()
    assert lines[2] == "1 drifted, 4 failed, 1 clean"
    (app,) = (line for line in lines if line.startswith("| app"))
    assert app == '| app | drifted | `aws_sqs_queue.jobs["a\\|b"]: tags, policy`; `aws_sqs_queue.dead: deleted` |'


def test_junit_tells_drift_from_failure() -> None:
    """Drift is a failure of the test, a stack that could not be looked at is an error."""
    suite = ET.fromstring(as_junit(FOUND))[0]
    assert [suite.get(name) for name in ("tests", "failures", "errors")] == ["6", "1", "4"]
    assert suite[1][0].text == 'aws_sqs_queue.jobs["a|b"]: tags, policy\naws_sqs_queue.dead: deleted'
