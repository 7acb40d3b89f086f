# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_import with Terraform's built-in resource, which can be imported by any id."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import Any

import pytest

from tests.contract import emulator
from tests.e2e.cloud import Cloud
from tests.e2e.project import CHECK, REAL, Given, Project, run, tree_of
from tests.e2e.provider import PROVIDER, configuration, needs_provider
from tests.e2e.proxy import Fault, Proxy

SECRET = "planted-secret-9d2c"
CONFIGURATION = """
variable "size" {
  default = 1
}
variable "token" {
  default   = ""
  sensitive = true
}
resource "terraform_data" "disk" {
  input = var.size
}
resource "terraform_data" "found" {}
resource "terraform_data" "each" {
  for_each = toset(["a b", "c"])
}
output "found" {
  value = terraform_data.found.id
}
"""
APPLIED = CONFIGURATION.split('resource "terraform_data" "found"', maxsplit=1)[0]
ALL = {"terraform_data.found": "id-1", 'terraform_data.each["a b"]': "id-2", 'terraform_data.each["c"]': "id-3"}


def ids(cloud: Cloud, project: Project) -> dict[str, list[str]]:
    """The ids in the state by the names of resources."""
    state = cloud.state(project) or {"resources": []}
    return {r["name"]: [i["attributes"]["id"] for i in r["instances"]] for r in state["resources"]}


@pytest.mark.core
def test_objects_are_imported_in_one_write(project: Project, cloud: Cloud) -> None:
    """What else is pending stays so; the plan afterwards and the former state are told; again, nothing is to be done."""
    project.write(APPLIED).apply()
    before = cloud.state(project)
    assert before is not None
    project.write(CONFIGURATION)
    imported = project.import_(ALL, variables={"size": 2})
    assert (imported["changed"], len(imported["imported"])) == (True, 3)
    state = cloud.state(project)
    assert state is not None
    assert (state["serial"], state["lineage"]) == (before["serial"] + 1, before["lineage"])
    found = ids(cloud, project)
    assert (found["found"], found["each"]) == (["id-1"], ["id-2", "id-3"])
    assert found["disk"] == [before["resources"][0]["instances"][0]["attributes"]["id"]]
    assert [change["address"] for change in imported["resource_changes"]] == ["terraform_data.disk"]
    assert imported["summary"]["update"] == 1
    assert imported["outputs"] == ["found"]
    assert "?versionId=" in imported["backup"]
    assert (cloud.lock(project), project.lock()["changed"]) == (None, False)
    again = project.import_(ALL, variables={"size": 2})
    assert (again["changed"], again["imported"], len(again["present"])) == (False, [], 3)
    assert cloud.state(project) == state


@pytest.mark.core
def test_check_mode_imports_only_into_a_copy(project: Project, cloud: Cloud) -> None:
    """The same result, and nothing written: neither state, nor lock, nor a file of the user's."""
    project.write(APPLIED).apply()
    project.write(CONFIGURATION)
    before, files = cloud.state(project), tree_of(project.root, project.data_dir)
    predicted = project.import_(ALL, CHECK)
    assert cloud.state(project) == before
    assert tree_of(project.root, project.data_dir) == files
    real = project.import_(ALL)
    for name in (
        "changed",
        "imported",
        "present",
        "backup",
        "serial",
        "outputs",
        "summary",
        "resource_changes",
        "diff",
    ):
        assert predicted[name] == real[name], name
    assert set(real["diff"]["after"]["resources"]) - set(real["diff"]["before"]["resources"]) == set(ALL)


@pytest.mark.core
def test_a_state_begins_with_an_import(project: Project, cloud: Cloud) -> None:
    """In a workspace that does not exist yet, too."""
    project = replace(project.write(CONFIGURATION), workspace="blue")
    predicted = project.import_({"terraform_data.found": "id-1"}, CHECK)
    assert (predicted["changed"], cloud.keys(project)) == (True, [])
    imported = project.import_({"terraform_data.found": "id-1"})
    assert (imported["backup"], ids(cloud, project)) == (None, {"found": ["id-1"]})
    assert project.plan()["summary"]["create"] == 3


def test_an_address_that_manages_another_object_is_refused(project: Project, cloud: Cloud) -> None:
    """An import block would be ignored without a word."""
    project.write(CONFIGURATION).import_({"terraform_data.found": "id-1"})
    before = cloud.state(project)
    refused = project.import_({"terraform_data.found": "id-9", 'terraform_data.each["c"]': "id-3"})
    assert "manages another object already (its id is id-1, that of the one to import is id-9)" in refused.message
    assert (cloud.state(project), cloud.lock(project)) == (before, None)


def test_all_are_imported_or_none(project: Project, cloud: Cloud) -> None:
    """The second address has no configuration."""
    project.write(CONFIGURATION).apply(targets=["terraform_data.disk"])
    before = cloud.state(project)
    refused = project.import_({"terraform_data.found": "id-1", "terraform_data.nowhere": "id-2"})
    assert "Importing id-2 as terraform_data.nowhere into stack shop in dev failed" in refused.message
    assert "does not exist in the configuration" in refused.message
    assert cloud.state(project) == before


def test_an_import_that_leaves_changes_is_undone(project: Project, cloud: Cloud) -> None:
    """The state is the former one under a higher serial, and the message says what is in the way."""
    project.write(APPLIED).apply()
    before = cloud.state(project)
    assert before is not None
    project.write(CONFIGURATION)
    wanted: dict[str, Any] = {"variables": {"size": 2}, "require_no_changes": True}
    for given in (CHECK, Given()):
        refused = project.import_(ALL, given, **wanted)
        assert "update terraform_data.disk" in refused.message
        assert refused["summary"]["update"] == 1
    after = cloud.state(project)
    assert after is not None
    assert after["serial"] > before["serial"]
    assert {**after, "serial": 0} == {**before, "serial": 0}
    assert cloud.lock(project) is None
    assert project.import_(ALL, require_no_changes=True)["summary"]["update"] == 0
    assert project.plan()["changed"] is False


def test_a_first_import_that_leaves_changes_leaves_no_state(project: Project, cloud: Cloud) -> None:
    """There was none before, and there is no digest of one either."""
    project.write(CONFIGURATION)
    assert "create" in project.import_({"terraform_data.found": "id-1"}, require_no_changes=True).message
    assert (cloud.keys(project), cloud.digest(project), cloud.lock(project)) == ([], None, None)


@pytest.mark.core
def test_configuration_is_generated_where_there_is_none(project: Project, cloud: Cloud) -> None:
    """Check mode shows it; a file that is there is not overwritten; with what is there nothing is generated."""
    project.write(CONFIGURATION).apply()
    wanted = {"terraform_data.new": "id-${7}"}
    predicted = project.import_(wanted, CHECK, generate_config="generated.tf")
    assert 'resource "terraform_data" "new"' in predicted["diff"]["after"]["generated_config"]
    assert not (project.root / "generated.tf").exists()
    assert project.import_(wanted, generate_config="generated.tf")["generated_config"] == str(
        project.root / "generated.tf"
    )
    assert 'resource "terraform_data" "new"' in (project.root / "generated.tf").read_text()
    assert ids(cloud, project)["new"] == ["id-${7}"]
    assert project.plan()["changed"] is False
    second = {"terraform_data.other": "id-8"}
    assert "that file exists" in project.import_(second, generate_config="generated.tf").message
    assert "ending in .tf in the root module" in project.import_(second, generate_config="sub/x.tf").message
    known = project.write(CONFIGURATION + 'resource "terraform_data" "other" {}\n')
    assert known.import_(second, generate_config="more.tf")["generated_config"] is None


def test_generated_configuration_goes_with_an_import_that_is_undone(project: Project) -> None:
    """Else the next plan would create what could not be imported."""
    project.write(CONFIGURATION).apply()
    options: dict[str, Any] = {"generate_config": "generated.tf", "require_no_changes": True, "variables": {"size": 2}}
    assert "update terraform_data.disk" in project.import_({"terraform_data.new": "id-7"}, **options).message
    assert not (project.root / "generated.tf").exists()


@pytest.mark.parametrize("demanded", [False, True])
def test_configuration_and_objects_go_together_where_a_digest_cannot_be_written(
    project: Project, cloud: Cloud, proxy: Proxy, demanded: bool
) -> None:
    """The state is the former one again, under the digest that it has: Terraform reads it, and plans nothing."""
    project.write(CONFIGURATION).apply()
    former = cloud.state(project)
    proxy.refuse("PutItem", f"{project.state_key}-md5")
    options: dict[str, Any] = {"generate_config": "generated.tf", "require_no_changes": demanded}
    failed = project.through(proxy.url).import_({"terraform_data.new": "id-7"}, **options)
    assert "its digest was not, and Terraform does not read it so" in failed.message
    assert "unlock" not in failed.message
    assert failed.message.endswith("; the former state was put back.")
    assert (cloud.state(project), cloud.lock(project)) == (former, None)
    assert not (project.root / "generated.tf").exists()
    assert project.plan()["changed"] is False


def test_configuration_stays_with_objects_that_cannot_be_taken_back(
    project: Project, cloud: Cloud, proxy: Proxy
) -> None:
    """Without it, the next plan would destroy them."""
    project.write(CONFIGURATION).apply()
    writes = itertools.count()
    proxy.faults.append(Fault(lambda request: request.operation == "PutObject" and next(writes) > 0, 403))
    options: dict[str, Any] = {"generate_config": "generated.tf", "require_no_changes": True, "variables": {"size": 2}}
    failed = project.through(proxy.url).import_({"terraform_data.new": "id-7"}, **options)
    assert "the former state could not be put back, and the former state is in s3://" in failed.message
    assert ids(cloud, project)["new"] == ["id-7"]
    assert (project.root / "generated.tf").exists()
    assert project.plan()["changed"] is False


@pytest.mark.parametrize(
    ("imports", "reason"),
    [
        ([{"to": "terraform_data.found", "id": ""}], "one of them is empty"),
        ([{"to": "terraform_data.found", "id": "a"}, {"to": " terraform_data.found", "id": "b"}], "named 2 times"),
        ([{"to": "no address", "id": "a"}], "no address"),
        ([{"to": "terraform_data.each", "id": "a"}], "terraform_data.each"),
    ],
)
def test_what_cannot_be_imported_is_refused(
    project: Project, cloud: Cloud, imports: list[dict[str, str]], reason: str
) -> None:
    """Before anything is written."""
    project.write(CONFIGURATION)
    refused = run("tf_import", project.arguments(imports=imports))
    assert reason in refused.message
    assert cloud.keys(project) == []


@needs_provider
def test_an_id_that_aws_does_not_know_is_named(
    project: Project, cloud: Cloud, aws: emulator.Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the address it was to have; what comes before it in the list is not imported either."""
    for name, value in {**configuration(project.directory), **aws.environment}.items():
        monkeypatch.setenv(name, value)
    project.write(PROVIDER + CONFIGURATION + 'resource "aws_sqs_queue" "jobs" {}\n').apply(
        targets=["terraform_data.disk"]
    )
    before = cloud.state(project)
    unknown = f"{aws.url}/123456789012/no-such-queue"
    refused = project.import_({"terraform_data.found": "id-1", "aws_sqs_queue.jobs": unknown})
    assert [text in refused.message for text in ("aws_sqs_queue.jobs", "non-existent remote object")] == [True] * 2
    assert (cloud.state(project), cloud.lock(project)) == (before, None)


def test_a_state_that_is_locked_stays(project: Project, cloud: Cloud) -> None:
    """Who holds it is named."""
    project.write(CONFIGURATION).apply(targets=["terraform_data.disk"])
    cloud.hold_lock(project)
    for given in (CHECK, REAL):
        assert "ada@laptop" in project.import_(ALL, given).message
    cloud.release(project)
    assert project.import_(ALL)["changed"] is True


def test_a_state_that_somebody_changed_meanwhile_stays(project: Project, cloud: Cloud) -> None:
    """The copy is older than what is there now."""
    project.write(CONFIGURATION).apply(targets=["terraform_data.disk"])
    other = project.copied()
    other.init()
    given = Given(before={"show": lambda: other.apply(variables={"size": 5})})
    refused = project.import_({"terraform_data.found": "id-1"}, given)
    assert "another run has changed it" in refused.message
    assert project.import_({"terraform_data.found": "id-1"}, variables={"size": 5}).failed


def test_no_secret_is_shown_or_left(project: Project) -> None:
    """Neither one of the variables, nor one from the state in the plan afterwards."""
    project.write(CONFIGURATION.replace("input = var.size", "input = var.token"))
    secrets: dict[str, Any] = {"secret_variables": ["token"], "secret_values": {"token": SECRET}}
    project.apply(targets=["terraform_data.disk"], **secrets)
    imported = project.import_({"terraform_data.found": "id-1"}, **secrets)
    failed = project.import_({"terraform_data.nowhere": SECRET}, **secrets)
    shown = json.dumps([imported.result, failed.result, imported.shown, failed.shown])
    assert SECRET not in shown
    assert [
        path for path in project.directory.rglob("*") if path.is_file() and SECRET in path.read_text("latin-1")
    ] == []
