# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_plan: what a plan says, what it leaves behind, what it refuses."""

from __future__ import annotations

import stat

import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.project import CHECK, Given, Project

SERVER = """
variable "image" {
  type = string
}
resource "terraform_data" "server" {
  triggers_replace = [var.image]
  LIFECYCLE
}
"""


def server(project: Project, lifecycle: str = "") -> Project:
    return project.write(SERVER.replace("LIFECYCLE", lifecycle))


@pytest.mark.core
def test_a_plan_file_is_for_its_owner_only(project: Project) -> None:
    """It holds state and variables in clear, and so does the directory it lies in."""
    planned = server(project).plan(variables={"image": "a"})
    for path in (project.plan_file, project.plan_file.with_name("plan.tfplan.binding.json")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(project.data_dir.stat().st_mode) == 0o700
    assert planned["plan_file"] == str(project.plan_file)


@pytest.mark.core
@pytest.mark.parametrize(
    ("lifecycle", "actions"),
    [
        ("", ["delete", "create"]),
        ("lifecycle {\n    create_before_destroy = true\n  }", ["create", "delete"]),
    ],
    ids=["delete first", "create first"],
)
def test_both_orders_of_replacement_are_one(project: Project, lifecycle: str, actions: list[str]) -> None:
    """A replacement is a change, a deletion for every guard, and counted once: also in check mode."""
    server(project, lifecycle).apply(variables={"image": "a"})
    for given in (Given(), CHECK):
        planned = project.plan(given, variables={"image": "b"})
        assert (planned["changed"], planned["summary"]["replace"]) == (True, 1)
        assert planned["resource_changes"][0]["actions"] == actions
    refused = project.plan(variables={"image": "b"}, guards={"max_delete": 0})
    assert "terraform_data.server (replace)" in refused.message
    assert project.apply(variables={"image": "b"})["summary"]["replace"] == 1


@pytest.mark.core
def test_a_change_of_outputs_only_is_a_change(project: Project) -> None:
    """Terraform counts nothing to add, change or destroy; it is applied all the same, then nothing is left to do."""
    project.write('output "a" {\n  value = 1\n}\n').apply()
    project.write('output "a" {\n  value = 2\n}\n')
    applied = project.apply()
    assert (applied["changed"], applied["output_changes"]) == (True, {"a": ["update"]})
    assert applied["diff"] == {"before": {"output.a": 1}, "after": {"output.a": 2}}
    assert (project.apply()["changed"], project.outputs()["outputs"]["a"]["value"]) == (False, 2)


@pytest.mark.core
def test_a_moved_resource_is_a_change(project: Project, cloud: Cloud) -> None:
    """Nothing happens to the object, but the state is written."""
    project.write('resource "terraform_data" "old" {}\n').apply()
    project.write(
        'resource "terraform_data" "new" {}\nmoved {\n  from = terraform_data.old\n  to = terraform_data.new\n}\n'
    )
    applied = project.apply()
    assert (applied["changed"], applied["summary"]["move"], applied["summary"]["create"]) == (True, 1, 0)
    assert cloud.addresses(project) == ["terraform_data.new"]
    assert project.apply()["changed"] is False


def test_a_forgotten_resource_is_a_change_but_no_deletion(project: Project, cloud: Cloud) -> None:
    """`removed` leaves the object alone, so max_delete does not mind."""
    project.write('resource "terraform_data" "a" {}\n').apply()
    project.write("removed {\n  from = terraform_data.a\n  lifecycle {\n    destroy = false\n  }\n}\n")
    applied = project.apply(guards={"max_delete": 0})
    assert (applied["changed"], applied["summary"]["forget"]) == (True, 1)
    assert cloud.addresses(project) == []


def test_an_imported_resource_is_a_change(project: Project, cloud: Cloud) -> None:
    """The plan says no-op, and the state is written."""
    project.write('resource "terraform_data" "a" {}\nimport {\n  to = terraform_data.a\n  id = "i-1"\n}\n')
    applied = project.apply()
    assert (applied["changed"], applied["summary"]["import"]) == (True, 1)
    assert cloud.addresses(project) == ["terraform_data.a"]


@pytest.mark.core
def test_a_failing_precondition_leaves_no_plan_file(project: Project) -> None:
    """Terraform writes one although it fails, and it looks complete."""
    condition = 'condition = var.image != "a"\n      error_message = "never"'
    lifecycle = f"lifecycle {{\n    precondition {{\n      {condition}\n    }}\n  }}"
    planned = server(project, lifecycle).plan(variables={"image": "a"})
    assert "stack shop in dev" in planned.message
    assert "never" in planned.message
    assert planned["diagnostics"][0]["file"] == "main.tf"
    assert list(project.data_dir.glob("plan*")) == []


@pytest.mark.core
def test_an_inherited_demolition_is_ignored(project: Project, cloud: Cloud) -> None:
    """TF_CLI_ARGS_plan=-destroy and its like do not reach Terraform."""
    server(project).apply(variables={"image": "a"})
    inherited = {"TF_CLI_ARGS_plan": "-destroy", "TF_CLI_ARGS": "-destroy", "TF_WORKSPACE": "x", "TF_LOG": "trace"}
    applied = project.apply(Given(inherited=inherited), variables={"image": "a"})
    assert (applied["changed"], cloud.addresses(project)) == (False, ["terraform_data.server"])
    assert applied.warnings == []


def test_an_order_to_demolish_in_the_inventory_is_refused(project: Project) -> None:
    """process_environment cannot set what the collection sets."""
    refused = server(project).plan(process_environment={"TF_CLI_ARGS_plan": "-destroy"}, variables={"image": "a"})
    assert "process_environment sets TF_CLI_ARGS_plan" in refused.message
    assert refused["terraform_calls"] == 0


def test_guards_name_their_rule_and_every_address(project: Project) -> None:
    """And the plan that must not be applied is gone."""
    project.write('resource "terraform_data" "a" {\n  count = 3\n}\n').apply()
    project.write("")
    refused = project.plan(guards={"max_delete": 1, "deny_delete": ["terraform_data.a[[]1]", "terraform_data.a[1]"]})
    assert "max_delete: 1 forbids terraform_data.a[0] (delete), terraform_data.a[1] (delete)" in refused.message
    assert "deny_delete: terraform_data.a[1] forbids terraform_data.a[1] (delete)" in refused.message
    assert [guard["rule"] for guard in refused["guards"]] == ["max_delete: 1", "deny_delete: terraform_data.a[1]"]
    assert not project.plan_file.exists()


def test_a_secret_in_the_diff_is_masked_at_every_depth(project: Project) -> None:
    """In the root module, in a child module, and inside of a structure."""
    project.write(
        'variable "secret" {\n  sensitive = true\n}\nresource "terraform_data" "kept" {\n  input = var.secret\n}\n',
        "../child/main.tf",
        "",
    )
    project.write(
        'variable "token" {\n  sensitive = true\n}\nmodule "child" {\n  source = "../child"\n  secret = var.token\n}\n'
        'resource "terraform_data" "a" {\n  input = { name = "shown", key = var.token }\n}\n'
        'output "token" {\n  value     = var.token\n  sensitive = true\n}\n'
    )
    secret = "correct-horse-battery"
    answers = [
        project.plan(CHECK, secret_variables=["token"], secret_values={"token": secret}),
        project.apply(secret_variables=["token"], secret_values={"token": secret}),
        project.plan(secret_variables=["token"], secret_values={"token": f"{secret}-2"}),
    ]
    for answer in answers:
        assert not answer.failed, answer.message
        assert secret not in repr((answer.result, answer.shown, answer.warnings))
    after = answers[0]["diff"]["after"]
    assert after["terraform_data.a"]["input"] == {"name": "shown", "key": "(sensitive)"}
    assert after["module.child.terraform_data.kept"]["input"] == "(sensitive)"


def test_a_read_only_plan_takes_no_lock(project: Project, cloud: Cloud) -> None:
    """For people who may look but not write."""
    server(project).apply(variables={"image": "a"})
    cloud.hold_lock(project)
    assert project.plan(variables={"image": "b"}, read_only=True)["summary"]["replace"] == 1


def test_a_read_only_plan_of_a_missing_state_is_a_prediction(project: Project, cloud: Cloud) -> None:
    """Nothing is written to the backend, and no plan file could be applied."""
    planned = server(project).plan(variables={"image": "a"}, read_only=True)
    assert (planned["plan_file"], planned["summary"]["create"], cloud.keys(project)) == (None, 1, [])
    assert "does not exist yet" in planned.warnings[0]


def test_targets_replacements_and_destruction_reach_terraform(project: Project, cloud: Cloud) -> None:
    """Each option does what it says."""
    two = 'resource "terraform_data" "a" {}\nresource "terraform_data" "b" {}\n'
    assert project.write(two).apply(targets=["terraform_data.a"])["summary"]["create"] == 1
    project.apply()
    assert project.plan(replace=["terraform_data.b"])["summary"]["replace"] == 1
    assert project.apply(destroy=True)["summary"]["delete"] == 2
    assert cloud.addresses(project) == []
