# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_state and tf_state_info: what is in a state is listed, moved and forgotten, all at once or not at all."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.project import CHECK, REAL, Answer, Given, Project, run, tree_of
from tests.e2e.proxy import Proxy

SECRET = "planted-secret-5b1e"
CHILD = """
variable "token" {
  sensitive = true
}
resource "terraform_data" "vault" {
  for_each = toset(["a b"])
  input    = { deep = [var.token, { again = "x-${var.token}" }] }
}
"""
TOP = """
resource "terraform_data" "top" {
  depends_on = [terraform_data.disk]
}
"""
MAIN = """
variable "token" {
  default   = "SECRET"
  sensitive = true
}
resource "terraform_data" "disk" {
  count = 2
  input = count.index
}
TOPmodule "safe" {
  source = "./safe"
  token  = var.token
}
output "token" {
  value     = var.token
  sensitive = true
}
""".replace("SECRET", SECRET).replace("TOP", TOP)
DISKS = ["terraform_data.disk[0]", "terraform_data.disk[1]"]
VAULT = 'module.safe.terraform_data.vault["a b"]'


def state(project: Project, given: Given = REAL, **options: Any) -> Answer:
    return run("tf_state", project.arguments(**options), given)


def info(project: Project, given: Given = REAL, **options: Any) -> Answer:
    return run("tf_state_info", project.arguments(**options), given)


def addresses(project: Project) -> list[str]:
    return [found["address"] for found in info(project)["resources"]]


@pytest.fixture
def stack(project: Project) -> Project:
    project.write(CHILD, "safe/main.tf", backend="").write(MAIN).apply()
    return project


@pytest.mark.core
def test_resources_are_listed_without_a_process_and_without_values(stack: Project, proxy: Proxy) -> None:
    """Addresses are spelt as Terraform spells them; one request, and no secret."""
    told = info(stack.through(proxy.url))
    assert (told["terraform_calls"], proxy.operations) == (0, ["GetObject"])
    assert {found["address"] for found in told["resources"]} == {*DISKS, "terraform_data.top", VAULT}
    (top,) = (found for found in told["resources"] if found["name"] == "top")
    assert (top["depends_on"], top["module"], top["index"]) == (["terraform_data.disk"], None, None)
    (vault,) = (found for found in told["resources"] if found["name"] == "vault")
    assert (vault["module"], vault["index"], vault["type"]) == ("module.safe", "a b", "terraform_data")
    assert SECRET not in json.dumps(told.result)


@pytest.mark.core
@pytest.mark.parametrize("given", [REAL, CHECK], ids=["real", "check"])
def test_values_are_masked_at_every_depth(stack: Project, given: Given) -> None:
    """Also where a computed attribute repeats a secret without a mark, and inside a longer text."""
    told = info(stack, given, values=True)
    values = {found["address"]: found["values"] for found in told["resources"]}
    assert values["terraform_data.disk[1]"]["input"] == 1
    assert values[VAULT]["input"]["deep"][0] == "(sensitive)"
    assert told["outputs"]["token"] == {"value": "(sensitive)", "sensitive": True, "type": "string"}
    assert SECRET not in json.dumps([told.result, told.shown, told.warnings])


def test_an_id_is_told_although_an_output_hides_it(project: Project) -> None:
    """Terraform prints it with every change, and a person needs it to find the object."""
    project.write(
        'resource "terraform_data" "key" {}\noutput "key" {\n  value = terraform_data.key.id\n  sensitive = true\n}\n'
    ).apply()
    told = info(project, values=True)
    (key,) = told["resources"]
    assert len(key["values"]["id"]) == 36
    assert told["outputs"]["key"]["value"] == "(sensitive)"


@pytest.mark.core
def test_a_stack_without_a_state_is_empty_and_stays_so(project: Project, cloud: Cloud, proxy: Proxy) -> None:
    """Also in a workspace that does not exist, and when values are asked for. No write request."""
    project = project.write(MAIN).write(CHILD, "safe/main.tf", backend="").through(proxy.url)
    for each in (project, replace(project, workspace="none")):
        told = info(each, values=True, versions=True, full=True, backups=True, locks=True)
        assert (told["exists"], told["serial"], told["resources"]) == (False, None, [])
        assert (told["versions"], told["backups"], told["locks"]) == ([], [], [])
        assert state(each, backup={})["changed"] is False
    assert proxy.writes == []


def read_ranges(proxy: Proxy) -> list[str | None]:
    """Which part was asked for whenever a version was read, None for all of it; then forgotten."""
    reads = [request for request in proxy.requests if "versionId=" in request.path]
    proxy.requests.clear()
    return [request.headers.get("range") for request in reads]


def test_versions_are_read_by_their_first_bytes_and_counted_when_asked(
    stack: Project, cloud: Cloud, proxy: Proxy
) -> None:
    """Newest first, a delete marker among them, of which there is nothing to read."""
    stack.apply(destroy=True)
    cloud.delete_state(stack)
    stack = stack.through(proxy.url)
    told = info(stack, versions=True)["versions"]
    assert read_ranges(proxy) == ["bytes=0-511"] * (len(told) - 1)
    assert (told[0]["deleted"], told[0]["current"], told[0]["resources"]) == (True, True, None)
    serials = [each["serial"] for each in told[1:]]
    assert serials == sorted(serials, reverse=True)
    counted = info(stack, versions=True, full=True)["versions"]
    assert read_ranges(proxy) == [None] * (len(counted) - 1)
    assert [each["resources"] for each in counted][1] == 0
    assert [each["resources"] for each in counted][-1] == 4
    assert [each["size"] > 0 for each in counted[1:]] == [True] * (len(counted) - 1)


def test_the_lock_is_told(stack: Project, cloud: Cloud) -> None:
    """Who, and by which mechanism."""
    cloud.hold_lock(stack)
    (lock,) = info(stack, locks=True)["locks"]
    assert (lock["who"], lock["mechanism"]) == ("ada@laptop", "dynamodb")
    cloud.release(stack)


def test_a_state_of_another_backend_is_read_by_terraform(project: Project) -> None:
    """As far as it can be: what is stored besides the state only that backend knows."""
    other = replace(project.having(backend_type="inmem"), backend_config={})
    other.write("", backend='terraform {\n  backend "inmem" {}\n}\n')
    assert info(other)["exists"] is False
    assert "keeps them to itself" in info(other, versions=True).message
    assert "Use terraform state" in state(other, backup={}).message


@pytest.mark.core
def test_resources_and_modules_are_moved_in_one_write(stack: Project, cloud: Cloud, proxy: Proxy) -> None:
    """With a higher serial and a right digest; a second time there is nothing to do."""
    moves = [
        {"from": "terraform_data.top", "to": "terraform_data.summit"},
        {"from": "module.safe", "to": "module.vaults[0]"},
        {"from": DISKS[1], "to": 'module.x.terraform_data.disk["k"]'},
    ]
    before = cloud.state(stack) or {}
    done = state(stack.through(proxy.url), move=moves)
    after = cloud.state(stack) or {}
    assert [write for write in proxy.writes if stack.state_key in write and "PutObject" in write] == [
        f"PutObject /{cloud.bucket}/{stack.state_key}"
    ]
    assert (done["changed"], done["moved"], after["serial"]) == (True, moves, before["serial"] + 1)
    assert after["lineage"] == before["lineage"]
    assert set(addresses(stack)) == {
        DISKS[0],
        'module.x.terraform_data.disk["k"]',
        "terraform_data.summit",
        'module.vaults[0].terraform_data.vault["a b"]',
    }
    again = state(stack, move=moves)
    assert (again["changed"], again["moved"], again["backup"]) == (False, [], None)
    assert stack.plan().failed is False
    assert cloud.lock(stack) is None


def test_addresses_are_forgotten(stack: Project, cloud: Cloud) -> None:
    """A resource with all its instances; a second time only when that is no error."""
    removed = state(stack, remove=["terraform_data.disk", VAULT])
    assert (removed["changed"], removed["removed"]) == (True, [*DISKS, VAULT])
    assert addresses(stack) == ["terraform_data.top"]
    assert "terraform_data.disk is not in the state" in state(stack, remove=["terraform_data.disk"]).message
    again = state(stack, remove=["terraform_data.disk"], ignore_missing=True)
    assert (again["changed"], again["removed"]) == (False, [])
    assert stack.plan()["summary"]["create"] == 3


@pytest.mark.parametrize(
    ("work", "says"),
    [
        ({"remove": ["terraform_data.dsk"]}, "terraform_data.dsk is not in the state. Is it terraform_data.disk"),
        ({"remove": ["not an address"]}, "is not in the state"),
        ({"move": [{"from": "terraform_data.a", "to": "terraform_data.b"}]}, "terraform_data.a is not in the state"),
        ({"move": [{"from": DISKS[0], "to": DISKS[1]}]}, f"Moving {DISKS[0]} to {DISKS[1]} in a copy"),
        ({"move": [{"from": DISKS[0], "to": "no address"}]}, "to no address in a copy"),
    ],
)
def test_an_address_that_is_none_is_a_clear_error(
    stack: Project, cloud: Cloud, work: dict[str, Any], says: str
) -> None:
    """Nothing is written, not even what came before it in the list."""
    before = cloud.state(stack)
    if "move" in work:
        work = {"move": [{"from": "terraform_data.top", "to": "terraform_data.summit"}, *work["move"]]}
    for given in (CHECK, REAL):
        assert says in state(stack, given, **work).message
    assert (cloud.state(stack), cloud.lock(stack)) == (before, None)


@pytest.mark.parametrize(
    "work", [{"remove": [VAULT]}, {"move": [{"from": "terraform_data.top", "to": "terraform_data.b"}]}]
)
def test_what_a_failed_apply_left_goes_first(stack: Project, cloud: Cloud, work: dict[str, Any]) -> None:
    """With a higher serial the state would be the newer one, and what the apply has made forgotten."""
    before = cloud.state(stack) or {}
    (stack.root / "errored.tfstate").write_text(json.dumps({**before, "serial": before["serial"] + 1}))
    assert "-e state_errored=true" in state(stack, **work).message
    assert cloud.state(stack) == before
    state(stack, restore={"errored": True})
    assert state(stack, **work)["changed"] is True


def test_check_mode_shows_the_addresses_and_writes_nothing(stack: Project, cloud: Cloud, proxy: Proxy) -> None:
    """The result is that of the real run."""
    moves = [{"from": "terraform_data.top", "to": "terraform_data.summit"}]
    before, files = cloud.state(stack), tree_of(stack.directory)
    told = state(stack.through(proxy.url), CHECK, move=moves)
    assert (proxy.writes, cloud.state(stack), tree_of(stack.directory)) == ([], before, files)
    done = state(stack, move=moves)
    assert told.result == {**done.result, "terraform_calls": told["terraform_calls"]}
    assert "terraform_data.top" in told["diff"]["before"]["resources"]
    assert "terraform_data.summit" in told["diff"]["after"]["resources"]
    assert SECRET not in json.dumps(told.result)


def test_a_move_that_would_not_leave_the_plan_empty_is_undone(stack: Project, cloud: Cloud) -> None:
    """Predicted in check mode; really undone, under a higher serial. With a configuration that fits, it stays."""
    options: dict[str, Any] = {
        "move": [{"from": "terraform_data.top", "to": "terraform_data.summit"}],
        "require_no_changes": True,
    }
    before = cloud.state(stack) or {}
    for given in (CHECK, REAL):
        refused = state(stack, given, **options)
        assert "create terraform_data.summit" in json.dumps(refused["resource_changes"]) or (
            {"create", "delete"} == {each["actions"][0] for each in refused["resource_changes"]}
        )
        assert "was refused: the plan would" in refused.message
    after = cloud.state(stack) or {}
    assert {**after, "serial": 0} == {**before, "serial": 0}
    assert (after["serial"] > before["serial"], cloud.lock(stack)) == (True, None)
    stack.write(MAIN.replace('"top"', '"summit"'))
    assert state(stack, CHECK, **options)["changed"] is True
    done = state(stack, **options)
    assert (done["changed"], done["resource_changes"]) == (True, [])
    assert stack.apply()["changed"] is False


@pytest.mark.core
def test_a_removal_that_would_not_leave_the_plan_empty_is_undone(stack: Project, cloud: Cloud) -> None:
    """What the configuration still has would be made a second time. Where it is gone from there, too, it stays forgotten."""
    options: dict[str, Any] = {"remove": ["terraform_data.top"], "require_no_changes": True}
    before, files = cloud.state(stack) or {}, tree_of(stack.root)
    for given in (CHECK, REAL):
        refused = state(stack, given, **options)
        assert "was refused: the plan would create terraform_data.top" in refused.message
        assert [each["actions"] for each in refused["resource_changes"]] == [["create"]]
    after = cloud.state(stack) or {}
    assert {**after, "serial": 0} == {**before, "serial": 0}
    assert (after["serial"] > before["serial"], cloud.lock(stack)) == (True, None)
    assert (stack.plan()["changed"], tree_of(stack.root)) == (False, files)
    stack.write(MAIN.replace(TOP, ""))
    assert state(stack, CHECK, **options)["changed"] is True
    done = state(stack, **options)
    assert (done["changed"], done["removed"], done["resource_changes"]) == (True, ["terraform_data.top"], [])
    assert stack.apply()["changed"] is False


def test_a_failed_plan_undoes_the_move_as_well(stack: Project, cloud: Cloud) -> None:
    """Nobody knows then what it would have done."""
    before = cloud.state(stack) or {}
    stack.write(
        MAIN + 'resource "terraform_data" "bad" {\n  lifecycle {\n    precondition {\n'
        '      condition = terraform_data.top.id == ""\n      error_message = "Not so."\n    }\n  }\n}\n'
    )
    moved = [{"from": DISKS[0], "to": "terraform_data.other"}]
    refused = state(stack, move=moved, require_no_changes=True)
    assert "Resource precondition failed" in refused.message
    assert "the former state was put back" in refused.message
    assert {**(cloud.state(stack) or {}), "serial": 0} == {**before, "serial": 0}


def test_a_state_that_changes_meanwhile_is_not_overwritten(stack: Project, cloud: Cloud) -> None:
    """Somebody applied between our reading and our lock: nothing of theirs is lost."""
    given = Given(before={"state": lambda: stack.copied().apply(variables={"token": "another-secret"})})
    refused = state(stack, given, move=[{"from": "terraform_data.top", "to": "terraform_data.summit"}])
    assert "another run has changed it in the meantime" in refused.message
    assert "terraform_data.top" in addresses(stack)
    assert cloud.lock(stack) is None


def test_a_state_left_behind_in_a_bucket_is_named_whatever_the_new_backend(stack: Project, cloud: Cloud) -> None:
    """Whether the new backend holds one cannot be told, so nothing is initialised over it."""
    stack.write("", backend='terraform {\n  backend "inmem" {}\n}\n')
    refused = replace(stack.having(backend_type="inmem"), backend_config={}).init()
    assert f"s3://{cloud.bucket}/{stack.state_key}" in refused.message
    assert "the backend inmem" in refused.message
