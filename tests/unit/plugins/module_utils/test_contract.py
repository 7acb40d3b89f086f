# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the variables of an inventory to the options of modules."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._contract import incomplete, options, remote_state
from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused

INVENTORY: dict[str, Any] = {
    "tf_environment": "prod",
    "tf_path": "stacks/app",
    "tf_backend": {"bucket": "states"},
    "tf_backend_key": "prod/app/terraform.tfstate",
}
BACKEND = {"backend_type": "s3", "backend_config": {"bucket": "states", "region": "us-east-1"}}


def options_with(*parts: str, **variables: object) -> dict[str, Any]:
    return options("app", (INVENTORY | variables).get, "/srv", BACKEND, list(parts))


def test_variables_that_must_be_set_are_enough() -> None:
    """All else is left to the modules' own defaults."""
    assert options_with() == {
        "project_path": "/srv/stacks/app",
        "data_dir": "/srv/.envforge/prod/app",
        "environment": "prod",
        "stack": "app",
        "backend_type": "s3",
        "backend_config": {"bucket": "states", "region": "us-east-1", "key": "prod/app/terraform.tfstate"},
        "process_environment": {},
    }


def test_every_other_variable_has_its_option() -> None:
    """Those of a stack always; those of its variables and of plans when they are asked for."""
    assert options_with(
        tf_workspace="blue", tf_binary="tofu", tf_lock_timeout=9, tf_process_environment={"A": "b"}
    ) == {
        **options_with(),
        "workspace": "blue",
        "binary": "tofu",
        "lock_timeout": 9,
        "process_environment": {"A": "b"},
    }
    given = {"tf_variables": {"x": 1}, "tf_var_files": ["a"], "tf_secret_variables": ["b"]}
    expected = {"variables": {"x": 1}, "var_files": ["a"], "secret_variables": ["b"]}
    assert options_with("inputs", **given) == {**options_with(), **expected}
    assert options_with(**given) == options_with()


def test_the_provider_is_sent_where_the_backend_is() -> None:
    """Region, profile and endpoint of the backend, unless the inventory says otherwise for Terraform."""
    backend = {"bucket": "states", "region": "eu-west-1", "profile": "prod", "endpoint_url": "http://here"}
    expected = {"AWS_REGION": "eu-west-1", "AWS_PROFILE": "prod", "AWS_ENDPOINT_URL": "http://here"}
    assert options_with(tf_backend=backend)["process_environment"] == expected
    given = {"tf_region": "us-west-2", "tf_process_environment": {"AWS_PROFILE": "other"}}
    found = options_with(tf_backend=backend, **given)["process_environment"]
    assert found == expected | {"AWS_REGION": "us-west-2", "AWS_PROFILE": "other"}


def test_false_is_a_value_and_nothing_is_not() -> None:
    """A plan option that a role leaves empty is not handed on; false and an empty list are."""
    found = options_with("plan", stack_refresh=False, stack_targets=[], stack_parallelism=None, stack_plan_file="")
    assert found == {**options_with(), "refresh": False, "targets": []}


def test_guards_of_the_inventory_stand_in_for_those_of_the_role() -> None:
    """A play that sets its own, be they none, is not overruled."""
    assert options_with("plan", tf_guards={"max_delete": 0})["guards"] == {"max_delete": 0}
    assert options_with("plan", tf_guards={"max_delete": 0}, stack_guards={})["guards"] == {}


def test_the_env_file_is_written_from_the_plan_that_apply_kept() -> None:
    """An explicit plan goes first."""
    applied = {"plan_file": "/srv/kept", "predictable": True, "output_changes": {}}
    found = options_with("dotenv", tf_dotenv={"path": ".env"}, stack_result=applied)
    assert (found["dotenv"], found["plan_file"], found["outputs_pending"]) == ({"path": ".env"}, "/srv/kept", False)
    assert options_with("dotenv", stack_result=applied, dotenv_plan_file="/other")["plan_file"] == "/other"


@pytest.mark.parametrize("applied", [{"predictable": False}, {"output_changes": {"url": ["update"]}}])
def test_outputs_are_pending_in_check_mode_only(applied: dict[str, Any]) -> None:
    """After a real apply they are what they are."""
    assert options_with("dotenv", stack_result=applied, ansible_check_mode=True)["outputs_pending"] is True
    assert options_with("dotenv", stack_result=applied, ansible_check_mode=False)["outputs_pending"] is False


def test_an_absolute_path_stays_one() -> None:
    """tf_root is for relative paths."""
    assert options_with(tf_path="/elsewhere/app")["project_path"] == "/elsewhere/app"


def test_a_backend_without_keys_gets_none() -> None:
    """The key belongs to S3; a local backend is refused with one."""
    local = {"backend_type": "local", "backend_config": {"path": "x"}}
    variables = {**INVENTORY, "tf_backend": {"type": "local"}, "tf_backend_key": None}
    assert options("app", variables.get, "/srv", local, [])["backend_config"] == {"path": "x"}


@pytest.mark.parametrize("name", ["tf_environment", "tf_path", "tf_backend", "tf_backend_key"])
def test_a_missing_variable_is_named_with_an_example(name: str) -> None:
    """The stack, the variable, and what it should look like."""
    variables = {**INVENTORY, name: None}
    with pytest.raises(Refused, match=f"app was not touched: the inventory does not set {name} for it, .* such as "):
        options("app", variables.get, "/srv", BACKEND, [])


def test_a_backend_that_is_not_s3_needs_no_key() -> None:
    """Nothing is missing then."""
    assert incomplete("app", {**INVENTORY, "tf_backend": {"type": "http"}, "tf_backend_key": None}.get) == ""


def test_a_tf_backend_that_is_no_mapping_is_refused() -> None:
    """The name of a bucket alone is an easy mistake."""
    assert "tf_backend of app is no mapping" in incomplete("app", {**INVENTORY, "tf_backend": "states"}.get)


def test_remote_state_takes_no_lock_and_is_spelled_for_the_engine() -> None:
    """Before Terraform 1.6 endpoints were options of their own."""
    config = {"bucket": "states", "dynamodb_table": "locks", "endpoints": {"s3": "http://here"}}
    key = {"bucket": "states", "key": "prod/app/terraform.tfstate"}
    assert remote_state(INVENTORY.get, config, True) == {**key, "endpoints": {"s3": "http://here"}}
    assert remote_state(INVENTORY.get, config, False) == {**key, "endpoint": "http://here"}
