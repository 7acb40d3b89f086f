# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking for drift: real objects of the AWS provider in the emulator, changed behind Terraform's back."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from tests.contract import emulator
from tests.e2e.cloud import Cloud
from tests.e2e.project import CHECK, Project, tree_of
from tests.e2e.provider import PROVIDER, configuration, needs_provider
from tests.e2e.proxy import Proxy

SECRET = "changed-by-hand-7c1f"
PARAMETERS = """
resource "aws_ssm_parameter" "release" {
  name  = "%(name)s/release"
  type  = "String"
  value = "1"
}
resource "aws_ssm_parameter" "login" {
  name  = "%(name)s/login"
  type  = "SecureString"
  value = "set-by-terraform"
}
"""
PLAIN = 'resource "terraform_data" "disk" {\n  input = 1\n}\n'


@pytest.fixture
def parameters(aws: emulator.Emulator) -> Any:
    return boto3.Session(emulator.ACCESS_KEY, emulator.SECRET_KEY, region_name=emulator.REGION).client(
        "ssm", endpoint_url=aws.url
    )


@pytest.fixture
def applied(project: Project, aws: emulator.Emulator, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A stack with two parameters in the emulator."""
    for name, value in {**configuration(project.directory), **aws.environment}.items():
        monkeypatch.setenv(name, value)
    project.write(PROVIDER + PARAMETERS % {"name": f"/{project.directory.name}"})
    assert project.apply()["summary"]["create"] == 2
    return project


@needs_provider
def test_nothing_is_drift_right_after_an_apply(applied: Project) -> None:
    """Although the exit status says so, because of tags that are null in the state and {} in reality."""
    answer = applied.plan(CHECK, refresh_only=True)
    assert (answer["drift"], answer["changed"], answer.commands) == ([], False, ["plan", "show"])


@needs_provider
def test_what_was_changed_by_hand_is_named_and_not_shown(applied: Project, parameters: Any, proxy: Proxy) -> None:
    """Objects and attributes by name, sensitive ones too; no write request, no file, no value."""
    name = f"/{applied.directory.name}"
    parameters.put_parameter(Name=f"{name}/login", Value=SECRET, Overwrite=True)
    parameters.delete_parameter(Name=f"{name}/release")
    looking = applied.through(proxy.url)
    looking.init()
    before = tree_of(applied.directory)
    proxy.requests.clear()
    answer = looking.plan(CHECK, refresh_only=True)
    assert proxy.requests != []
    assert (proxy.writes, tree_of(applied.directory)) == ([], before)
    assert answer["changed"]
    assert answer["drift"] == [
        {"address": "aws_ssm_parameter.login", "actions": ["update"], "attributes": ["value", "version"]},
        {"address": "aws_ssm_parameter.release", "actions": ["delete"], "attributes": []},
    ]
    assert answer["summary"] == dict.fromkeys(answer["summary"], 0)
    assert SECRET not in json.dumps(answer.result) + "".join(answer.shown)


@needs_provider
def test_drift_can_be_taken_over_into_the_state(applied: Project, parameters: Any, cloud: Cloud) -> None:
    """The plan that told of it is applied: no object changes, and afterwards there is no drift."""
    name = f"/{applied.directory.name}"
    parameters.delete_parameter(Name=f"{name}/release")
    planned = applied.plan(refresh_only=True)
    assert applied.apply(plan_file=planned["plan_file"])["applied"] == []
    assert cloud.addresses(applied) == ["aws_ssm_parameter.login"]
    assert applied.plan(CHECK, refresh_only=True)["drift"] == []


@pytest.mark.core
def test_one_process_tells_that_there_is_no_drift(project: Project) -> None:
    """A plan that is refresh-only does not tell of changes in the configuration."""
    project.write(PLAIN).apply()
    project.write(PLAIN.replace("1", "2"))
    answer = project.plan(CHECK, refresh_only=True)
    assert (answer["changed"], answer["drift"], answer["resource_changes"]) == (False, [], [])
    assert answer.commands == ["plan"]


def test_a_stack_without_a_state_has_no_drift(project: Project, cloud: Cloud) -> None:
    """No process is started, and looking creates nothing."""
    project.write(PLAIN)
    for given in ({"given": CHECK}, {}):
        answer = project.plan(**given, refresh_only=True)
        assert (answer["changed"], answer["drift"], answer["terraform_calls"]) == (False, [], 0)
    assert cloud.keys(project) == []


def test_looking_for_drift_is_no_destruction(project: Project) -> None:
    """What contradicts refresh_only is refused before a process starts."""
    answer = project.write(PLAIN).plan(refresh_only=True, destroy=True, replace=["terraform_data.disk"])
    assert "destroy and replace" in answer.message
    assert answer["terraform_calls"] == 0


@pytest.mark.core
@pytest.mark.parametrize("address", ["terraform_data.dusk", "terraform_data.disk[0]", "terraform_data.d isk"])
def test_an_address_to_replace_that_does_not_exist_is_an_error(project: Project, address: str, cloud: Cloud) -> None:
    """Terraform would silently do everything else; here nothing is done, and no plan is left."""
    project.write(PLAIN).apply()
    before = cloud.state(project)
    project.write(PLAIN.replace("1", "2"))
    for answer in (project.plan(CHECK, replace=[address]), project.apply(replace=[address])):
        assert address in answer.message
    assert cloud.state(project) == before
    assert not project.plan_file.exists()


@pytest.mark.core
def test_a_named_object_is_replaced_and_nothing_beside_it(project: Project, cloud: Cloud) -> None:
    """allow_addresses stops a plan that does more than that."""
    project.write(PLAIN).apply()
    before = cloud.state(project)
    project.write(PLAIN + PLAIN.replace("disk", "other"))
    guards = {"allow_addresses": ["terraform_data.disk"]}
    refused = project.apply(replace=["terraform_data.disk"], guards=guards)
    assert "allow_addresses: terraform_data.disk forbids terraform_data.other (create)" in refused.message
    assert cloud.state(project) == before
    project.write(PLAIN)
    done = project.apply(replace=["terraform_data.disk"], guards=guards)
    assert (done["summary"]["replace"], done["applied"]) == (1, ["terraform_data.disk"] * 2)
