# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans, read from what Terraform 1.11.4 really said."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._errors import UnreadableOutput
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.plan import Plan
from tests.unit.captured import FIXTURES

DOCUMENT = json.loads((FIXTURES / "terraform-1.11.4-plan.json").read_text())
OUTPUTS_ONLY = json.loads((FIXTURES / "terraform-1.11.4-plan-outputs-only.json").read_text())
SECRETS = ("correct-horse-1", "correct-horse-2")


@pytest.fixture
def plan() -> Plan:
    return Plan.from_json(DOCUMENT)


def kinds(plan: Plan) -> dict[str, str]:
    return {change.address: change.kind for change in plan.changes}


def test_every_kind_of_change_is_told_apart(plan: Plan) -> None:
    """In the root module and in nested ones."""
    assert kinds(plan) == {
        'module.shop["eu"].module.inner.terraform_data.login': "update",
        'module.shop["us"].module.inner.terraform_data.login': "update",
        'module.shop["eu"].terraform_data.create_first': "replace",
        'module.shop["us"].terraform_data.create_first': "replace",
        'module.shop["eu"].terraform_data.delete_first': "replace",
        'module.shop["us"].terraform_data.delete_first': "replace",
        "terraform_data.changed": "update",
        "terraform_data.created": "create",
        "terraform_data.forgotten": "forget",
        "terraform_data.gone": "delete",
        "terraform_data.imported": "no-op",
        "terraform_data.new_name": "no-op",
    }


def test_both_orders_of_replacement_are_deletions(plan: Plan) -> None:
    """What is there now will be gone, whatever comes first."""
    orders = {change.actions for change in plan.changes if change.kind == "replace"}
    assert orders == {("delete", "create"), ("create", "delete")}
    assert sorted(change.address.rpartition(".")[2] for change in plan.changes if change.deletes) == [
        "create_first",
        "create_first",
        "delete_first",
        "delete_first",
        "gone",
    ]


def test_the_summary_counts_each_kind(plan: Plan) -> None:
    """Imports and moves too, which Terraform calls no-op."""
    assert plan.summary() == {
        "create": 1,
        "update": 3,
        "replace": 4,
        "delete": 1,
        "import": 1,
        "move": 1,
        "forget": 1,
        "read": 0,
    }


def test_a_replacement_ends_twice(plan: Plan) -> None:
    """The total of the progress lines is what apply really told."""
    events = [json.loads(line) for line in (FIXTURES / "terraform-1.11.4-apply-events.jsonl").read_text().splitlines()]
    assert plan.total == sum(event["type"] == "apply_complete" for event in events) == 13


def test_what_only_the_state_records_is_acted_on(plan: Plan) -> None:
    """Forgetting, importing and moving are no no-op for who reads the plan."""
    assert {"terraform_data.forgotten", "terraform_data.imported", "terraform_data.new_name"} <= {
        change.address for change in plan.acting
    }


def test_sensitive_values_are_masked_at_every_depth(plan: Plan) -> None:
    """Two modules down, inside of a list, and where a computed attribute repeats one without a mark."""
    told = plan.diff()
    assert not any(secret in json.dumps(told) for secret in SECRETS)
    login = 'module.shop["eu"].module.inner.terraform_data.login'
    assert told["before"][login]["input"] == {
        "user": "app",
        "password": "(sensitive)",
        "hosts": ["a", "(sensitive)"],
    }
    assert told["before"][login]["output"]["password"] == "(sensitive)"


def test_every_secret_is_known_for_masking(plan: Plan) -> None:
    """Old and new values, and those of sensitive variables."""
    assert set(SECRETS) <= plan.sensitive


def test_unknown_values_are_said_to_be_unknown(plan: Plan) -> None:
    """As a whole, and inside of a list whose other elements are known."""
    after = plan.diff()["after"]
    assert after["terraform_data.created"]["id"] == "(known after apply)"
    assert after["output.added"] == "(known after apply)"
    assert after["terraform_data.created"]["input"] == ["(known after apply)", "known"]


def test_a_moved_resource_stands_under_both_names(plan: Plan) -> None:
    """Before under the old one, after under the new one."""
    told = plan.diff()
    assert ("terraform_data.old_name" in told["before"], "terraform_data.new_name" in told["after"]) == (True, True)


def test_created_and_deleted_outputs_have_one_side(plan: Plan) -> None:
    """A diff that names both would say that null was there."""
    told = plan.diff()
    assert ("output.added" in told["before"], "output.added" in told["after"]) == (False, True)
    assert ("output.dropped" in told["before"], "output.dropped" in told["after"]) == (True, False)
    assert (told["before"]["output.password"], told["after"]["output.password"]) == ("(sensitive)", "(sensitive)")


def test_outputs_alone_can_change() -> None:
    """No resource changes, and there is a difference to show."""
    plan = Plan.from_json(OUTPUTS_ONLY)
    assert (plan.acting, plan.total) == ([], 0)
    assert plan.diff() == {"before": {"output.generation": 3}, "after": {"output.generation": 4}}


def test_an_engine_that_forgets_instead_of_deleting_replaces() -> None:
    """["create", "forget"] leaves the old object alone: a replacement without a deletion."""
    document = copy.deepcopy(OUTPUTS_ONLY)
    document["resource_changes"] = [{"address": "a.b", "change": {"actions": ["create", "forget"]}}]
    (change,) = Plan.from_json(document).changes
    assert (change.kind, change.deletes) == ("replace", False)


@pytest.mark.parametrize(
    "document",
    [{"resource_changes": [{"address": "a.b"}]}, {"resource_changes": ["a.b"]}, {"variables": {"a": 1}}],
    ids=["no change", "no object", "odd variable"],
)
def test_an_unknown_form_is_refused(document: dict[str, Any]) -> None:
    """Rather than judged by what is missing from it."""
    with pytest.raises(UnreadableOutput, match="unknown form"):
        Plan.from_json(document)
