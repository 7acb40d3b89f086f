# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks rotate and update: what is replaced or updated, what stops them, and the way back."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract import emulator
from tests.e2e import service as services
from tests.e2e.cloud import Cloud
from tests.e2e.proxy import Fault, Proxy, Request
from tests.e2e.service import Service
from tests.e2e.site import Played, Site

SECRET = "planted-secret-9c4e"
KEYS = """
variable "token" {
  default   = "none"
  sensitive = true
}
variable "address" {
  default = ""
}
variable "size" {
  default = 1
}
resource "terraform_data" "key" {
  input = var.token
}
resource "terraform_data" "user" {
  input = var.size
}
output "key_id" {
  value = terraform_data.key.id
}
output "address" {
  value = var.address
}
output "size" {
  value = terraform_data.user.output
}
"""
ROLLBACK = ("-e", "update_rollback=true update_previous=HEAD")
HEALTH = [{"url": "${address}/health?size=${size}", "retries": 0, "timeout": 5}]


@pytest.fixture
def service() -> Iterator[Service]:
    with services.running() as started:
        yield started


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A repository with one root module, its state in the emulated bucket."""
    made = Site(tmp_path / "site")
    root = made.directory / "stacks" / "part"
    root.mkdir(parents=True)
    (root / "main.tf").write_text(f'terraform {{\n  backend "s3" {{}}\n}}\n{KEYS}')
    return made


def variables(aws: emulator.Emulator, bucket: str, **more: Any) -> dict[str, Any]:
    return {
        "tf_path": "stacks/part",
        "tf_backend": {"type": "s3", "bucket": bucket, "encryption": "aes256", "lock_table": bucket},
        "tf_backend_key": "{{ inventory_hostname }}.tfstate",
        "tf_process_environment": aws.environment,
        "tf_dotenv": {
            "path": "apps/{{ inventory_hostname }}/.env",
            "variables": {"KEY": "${key_id}", "SIZE": "${size}"},
        },
        "tf_secret_variables": ["token"],
        "token": SECRET,
        **more,
    }


def state(cloud: Cloud, bucket: str, stack: str) -> dict[str, Any]:
    body = cloud.s3.get_object(Bucket=bucket, Key=f"{stack}.tfstate")["Body"].read()
    found: dict[str, Any] = json.loads(body)
    return found


def key_id(cloud: Cloud, bucket: str, stack: str) -> str:
    return str(state(cloud, bucket, stack)["outputs"]["key_id"]["value"])


def size(cloud: Cloud, bucket: str, stack: str) -> int:
    return int(state(cloud, bucket, stack)["outputs"]["size"]["value"])


def env_file(site: Site, stack: str) -> str:
    return (site.directory / "apps" / stack / ".env").read_text()


def printed(played: Played) -> str:
    return played.stdout + played.stderr + json.dumps(played.results)


def told(played: Played, task: str) -> str:
    return json.dumps([result["msg"] for result in played.of(task).values()])


def rotating(*addresses: str, **more: Any) -> list[str]:
    return ["-e", json.dumps({"rotate_addresses": addresses, **more})]


def test_a_named_resource_is_replaced_and_its_user_told(site: Site, aws: emulator.Emulator, cloud: Cloud) -> None:
    """Shown first, state backed up, .env rewritten, old and new ids told, no secret; nothing without the confirmation."""
    site.inventory({"app": {}, "other": {}}, **variables(aws, "rotated", tf_protected=True))
    site.play("site").succeeded()
    old, other = key_id(cloud, "rotated", "app"), state(cloud, "rotated", "other")
    refused = site.play("rotate", "--limit", "app", *rotating("terraform_data.key"))
    assert "test is protected" in refused.failures.get("app", ""), printed(refused)
    assert next(iter(refused.of("Sum up the plans").values()))["msg"][-1].split() == ["total", "0", "0", "1", "0"]
    predicted = site.play("rotate", "--check", "--limit", "app", *rotating("terraform_data.key")).succeeded()
    assert predicted.of("guards, apply")["app"]["summary"]["replace"] == 1
    assert key_id(cloud, "rotated", "app") == old

    done = site.play("rotate", "-e", "tf_confirm=test", "--limit", "app", *rotating("terraform_data.key")).succeeded()
    new = key_id(cloud, "rotated", "app")
    assert new != old
    (report,) = (result["msg"] for result in done.of("Tell old and new ids").values())
    assert report == [{"address": "terraform_data.key", "old_id": old, "new_id": new}]
    assert new in env_file(site, "app")
    assert "s3://rotated/" in told(done, "Say where it is")
    assert state(cloud, "rotated", "other") == other
    assert [SECRET in printed(played) for played in (refused, predicted, done)] == [False] * 3


@pytest.mark.parametrize(
    ("changed", "options", "reason"),
    [
        ({}, rotating("terraform_data.kye"), "terraform_data.kye failed"),
        ({"tf_variables": {"size": 2}}, rotating("terraform_data.key"), "allow_addresses"),
        ({"tf_guards": {"deny_replace": ["*.key"]}}, rotating("terraform_data.key"), "deny_replace"),
        ({"tf_guards": {"max_delete": 0}}, rotating("terraform_data.key"), "max_delete"),
    ],
    ids=["missing address", "other changes", "deny_replace", "max_delete"],
)
def test_a_rotation_does_only_what_it_may(
    site: Site, aws: emulator.Emulator, cloud: Cloud, changed: dict[str, Any], options: list[str], reason: str
) -> None:
    """No address that is not there, no other pending change, nothing that a guard forbids."""
    site.inventory({"app": {}}, **variables(aws, "refused-rotation"))
    site.play("site").succeeded()
    before = state(cloud, "refused-rotation", "app")
    site.inventory({"app": {}}, **variables(aws, "refused-rotation", **changed))
    assert reason in site.play("rotate", *options).failures["app"]
    assert state(cloud, "refused-rotation", "app") == before


def test_other_changes_come_along_when_asked_for(
    site: Site, aws: emulator.Emulator, cloud: Cloud, service: Service
) -> None:
    """Such as those of objects that hold the new key; addresses from the inventory, health checked, other stacks left alone."""
    site.inventory({"app": {}, "other": {}}, **variables(aws, "along"))
    site.play("site").succeeded()
    app = {
        "tf_rotate": ["terraform_data.key"],
        "tf_variables": {"size": 2, "address": service.url},
        "tf_health": HEALTH,
    }
    hosts: dict[str, Any] = {"app": app, "other": {}}
    site.inventory(hosts, **variables(aws, "along"))
    before = key_id(cloud, "along", "app"), state(cloud, "along", "other")
    done = site.play("rotate", *["-e", json.dumps({"rotate_allow_other_changes": True})]).succeeded()
    assert (key_id(cloud, "along", "app") != before[0], size(cloud, "along", "app")) == (True, 2)
    assert state(cloud, "along", "other") == before[1]
    assert list(done.of("Tell old and new ids")) == ["app"]
    assert [path for _, path, _ in service.asked] == ["/health?size=2"]


def stores(proxy: Proxy, bucket: str) -> list[Request]:
    """The requests so far that stored a state."""
    place = f"/{bucket}/app.tfstate"
    return [each for each in proxy.requests if each.operation == "PutObject" and each.path.partition("?")[0] == place]


def committed(site: Site) -> None:
    """The site's files are a commit, as what worked is."""
    for command in (["init", "-q"], ["add", "stacks"], ["commit", "-q", "-m", "what worked"]):
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *command], cwd=site.directory, check=True)


def test_an_update_applies_what_it_showed(site: Site, aws: emulator.Emulator, cloud: Cloud, service: Service) -> None:
    """States backed up, all planned, confirmed, applied in order, checked. The second time nothing changes."""
    hosts = {"app": {"tf_depends_on": ["network"]}, "network": {}}
    given = {"tf_health": HEALTH, "tf_variables": {"address": service.url}, "tf_protected": True}
    site.inventory(hosts, **variables(aws, "updated", **given))
    refused = site.play("update")
    assert {"test is protected" in message for message in refused.failures.values()} == {True}
    assert set(refused.failures) == {"app", "network"}
    assert service.asked == []
    site.play("update", "-e", "tf_confirm=test").succeeded()
    given["tf_variables"] = {"address": service.url, "size": 2}
    site.inventory(hosts, **variables(aws, "updated", **given))
    before = {stack: state(cloud, "updated", stack) for stack in hosts}
    site.play("update", "--check").succeeded()
    assert {stack: state(cloud, "updated", stack) for stack in hosts} == before
    service.asked.clear()
    done = site.play("update", "-e", "tf_confirm=test").succeeded()
    assert [size(cloud, "updated", stack) for stack in hosts] == [2, 2]
    assert [path for _, path, _ in service.asked] == ["/health?size=2"] * 2
    assert list(done.of("guards, apply")) == ["network", "app"]
    assert "s3://updated/" in told(done, "Say where it is")
    again = site.play("update", "-e", "tf_confirm=test").succeeded()
    assert {result["changed"] for result in again.of("guards, apply").values()} == {False}
    assert SECRET not in printed(done)


REPLACED = """
variable "size" {}
resource "terraform_data" "disk" {
  triggers_replace = var.size
}
output "size" {
  value = var.size
}
"""


@pytest.mark.parametrize("options", [(), ROLLBACK], ids=["shows", "goes the way back"])
def test_an_update_deletes_nothing_that_it_did_not_show(
    site: Site, aws: emulator.Emulator, cloud: Cloud, options: tuple[str, ...]
) -> None:
    """A stack that reads outputs of another is planned again after that one: what is new then is shown by another run.

    The way back is none around that: the commit that worked would delete the same.
    """
    bucket = f"reading-{len(options)}"
    root = site.directory / "stacks" / "reading"
    root.mkdir()
    (root / "main.tf").write_text(f'terraform {{\n  backend "s3" {{}}\n}}\n{REPLACED}')
    committed(site)
    read = "{{ lookup('envforge.terraform.tf_output', 'size', stack='network') }}"
    app = {"tf_depends_on": ["network"], "tf_path": "stacks/reading", "tf_variables": {"size": read}}
    app |= {"tf_secret_variables": [], "tf_dotenv": {"path": "apps/app/.env", "outputs": "all"}}
    site.inventory({"app": app, "network": {}}, **variables(aws, bucket))
    site.play("site").succeeded()
    site.inventory({"app": app, "network": {"tf_variables": {"size": 2}}}, **variables(aws, bucket))
    before = state(cloud, bucket, "app")
    refused = site.play("update", *options)
    assert (state(cloud, bucket, "app"), size(cloud, bucket, "network")) == (before, 2)
    assert "allow_delete: nothing forbids terraform_data.disk (replace)" in refused.failures["app"]
    assert "there is nothing to go back from" in refused.failures["app"]
    site.play("update").succeeded()
    assert size(cloud, bucket, "app") == 2


def test_an_unhealthy_stack_stops_an_update_and_site(
    site: Site, aws: emulator.Emulator, cloud: Cloud, service: Service
) -> None:
    """What comes later is not touched, needed or not; the message shows the way back and where the state is."""
    hosts: dict[str, Any] = {"network": {"tf_health": HEALTH}, "app": {"tf_depends_on": ["network"]}, "alone": {}}
    hosts["later"] = {"tf_depends_on": ["alone"]}
    given: dict[str, Any] = {"tf_variables": {"address": service.url}}
    site.inventory(hosts, **variables(aws, "unhealthy", **given))
    site.play("site").succeeded()
    given["tf_variables"] = {"address": service.url, "size": 2}
    site.inventory(hosts, **variables(aws, "unhealthy", **given))
    service.answers = [(503, "", {})]
    played = site.play("update")
    message = played.failures["network"]
    assert [text in message for text in ("answered 503, not 200", "The way back", "s3://unhealthy/")] == [True] * 3
    assert [size(cloud, "unhealthy", stack) for stack in ("network", "alone", "app", "later")] == [2, 2, 1, 1]
    assert "network did not succeed" in played.failures["later"]

    ordinary = site.play("site")
    assert set(ordinary.failures) == {"network", "app"}
    assert size(cloud, "unhealthy", "later") == 2


def test_an_update_can_go_the_way_back(site: Site, aws: emulator.Emulator, cloud: Cloud, service: Service) -> None:
    """The commit that worked is applied again, its .env written, its health checked; the stack fails, and nothing is left."""
    path = str(site.directory / "stacks" / "part")  # however the root module is named
    given = {"tf_health": HEALTH, "tf_variables": {"address": service.url}, "tf_path": path}
    site.inventory({"app": {}}, **variables(aws, "back", **given))
    committed(site)
    site.play("site").succeeded()
    main = site.directory / "stacks" / "part" / "main.tf"
    main.write_text(main.read_text().replace("input = var.size", "input = 7"))
    left = site.directory / ".envforge" / "test" / "app.previous"  # by one that was killed
    subprocess.run(["git", "worktree", "add", "--detach", left], cwd=site.directory, capture_output=True, check=True)
    service.answers = [(503, "", {}), (200, "", {})]
    service.asked.clear()
    played = site.play("update", *ROLLBACK)
    assert played.status == 2
    assert "app was put back to HEAD" in played.failures["app"]
    assert "answered 503" in played.failures["app"]
    assert [path for _, path, _ in service.asked] == ["/health?size=7", "/health?size=1"]
    assert size(cloud, "back", "app") == 1
    assert "SIZE=1" in env_file(site, "app")
    listed = subprocess.run(["git", "worktree", "list"], cwd=site.directory, capture_output=True, text=True, check=True)
    assert len(listed.stdout.splitlines()) == 1
    assert SECRET not in printed(played)


def changed_since(site: Site, more: str = "") -> None:
    """The root module is no longer what worked: it makes a size of 7."""
    main = site.directory / "stacks" / "part" / "main.tf"
    main.write_text(main.read_text().replace("input = var.size", "input = 7") + more)


FAILS_WHEN_MADE = """
resource "terraform_data" "new" {
  depends_on = [terraform_data.user]
  provisioner "local-exec" {
    command = "exit 3 # {{ nowhere }}"
  }
}
"""


def test_the_way_back_begins_at_a_half_done_apply(site: Site, aws: emulator.Emulator, cloud: Cloud) -> None:
    """What it has changed is changed back, what it has made goes; why it failed is told as it was said."""
    site.inventory({"app": {}}, **variables(aws, "half-done"))
    committed(site)
    site.play("site").succeeded()
    changed_since(site, FAILS_WHEN_MADE)
    played = site.play("update", *ROLLBACK)
    said = ("exit 3 # {{ nowhere }}", "Done: 1 of 2", "was put back to HEAD")
    assert [text in played.failures["app"] for text in said] == [True] * 3
    assert size(cloud, "half-done", "app") == 1
    assert [found["name"] for found in state(cloud, "half-done", "app")["resources"]] == ["key", "user"]


def test_an_apply_that_was_not_begun_is_not_gone_back_from(site: Site, aws: emulator.Emulator, cloud: Cloud) -> None:
    """Somebody else is at work: what they do is not to be taken back, and not waited for a second time."""
    site.inventory({"app": {"tf_lock_timeout": 0}}, **variables(aws, "not-begun"))
    committed(site)
    site.play("site").succeeded()
    changed_since(site)
    info = {"ID": "an-id", "Who": "ada@laptop", "Created": "2026-01-02T03:04:05Z", "Operation": "OperationTypeApply"}
    row = {"LockID": {"S": "not-begun/app.tfstate"}, "Info": {"S": json.dumps(info)}}
    cloud.dynamodb.put_item(TableName="not-begun", Item=row)
    played = site.play("update", *ROLLBACK)
    assert [text in played.failures["app"] for text in ("ada@laptop", "there is nothing to go back from")] == [True] * 2
    assert played.of("Check out what worked") == {}


def test_check_mode_goes_no_way_back(site: Site, aws: emulator.Emulator, cloud: Cloud) -> None:
    """What would fail is told; nothing was applied."""
    site.inventory({"app": {}}, **variables(aws, "only-checked"))
    committed(site)
    site.play("site").succeeded()
    changed_since(site)
    (site.directory / "taken").mkdir()
    dotenv = {"path": "taken", "variables": {"SIZE": "${size}"}}
    site.inventory({"app": {"tf_dotenv": dotenv}}, **variables(aws, "only-checked"))
    before = state(cloud, "only-checked", "app")
    played = site.play("update", "--check", *ROLLBACK)
    assert [text in played.failures["app"] for text in ("taken", "there is nothing to go back from")] == [True] * 2
    assert (state(cloud, "only-checked", "app"), played.of("Apply what worked")) == (before, {})


@pytest.mark.parametrize("first", [0, 1], ids=["first wave", "second wave"])
@pytest.mark.parametrize("succeeds", [True, False], ids=["gone", "failed"])
def test_no_wave_follows_a_way_back(
    site: Site, aws: emulator.Emulator, cloud: Cloud, service: Service, first: int, succeeds: bool
) -> None:
    """The stacks before it keep what was applied, those after it are not touched; also where the way back fails halfway."""
    bucket = f"waves-{first}-{'gone' if succeeds else 'failed'}"
    stacks = ["network", "app", "edge"]
    hosts: dict[str, Any] = {stack: {"tf_depends_on": stacks[i - 1 : i] if i else []} for i, stack in enumerate(stacks)}
    given = {"tf_variables": {"address": service.url}}
    site.inventory(hosts, **variables(aws, bucket, **given))
    committed(site)
    site.play("site").succeeded()
    changed_since(site)
    failing = stacks[first]
    if succeeds:
        hosts[failing]["tf_health"] = HEALTH
        service.answers = [(503, "", {}), (200, "", {})]
    else:
        (site.directory / "taken").mkdir()
        hosts[failing]["tf_dotenv"] = {"path": "taken", "variables": {"SIZE": "${size}"}}
    site.inventory(hosts, **variables(aws, bucket, **given))
    played = site.play("update", *ROLLBACK)
    assert [size(cloud, bucket, stack) for stack in stacks] == [7] * first + [1] * (3 - first)
    assert set(played.failures) == set(stacks[first:])
    assert f"{failing} did not succeed in this run" in played.failures["edge"]
    end = "was put back to HEAD" if succeeds else "The way back failed"
    assert end in played.failures[failing]


@pytest.mark.parametrize(("stored", "left"), [(0, 7), (1, 1)], ids=["there", "back"])
def test_a_state_that_the_way_back_could_not_store_is_kept(
    site: Site, aws: emulator.Emulator, cloud: Cloud, proxy: Proxy, service: Service, stored: int, left: int
) -> None:
    """Neither that of the update, over which nothing is applied, nor that of the check-out, which is removed."""
    given = {"tf_health": HEALTH, "tf_variables": {"address": service.url}}
    environment = {**aws.environment, "AWS_ENDPOINT_URL": proxy.url}
    bucket = f"kept-{left}"
    site.inventory({"app": {}}, **variables(aws, bucket, **given, tf_process_environment=environment))
    committed(site)
    site.play("site").succeeded()
    main = site.directory / "stacks" / "part" / "main.tf"
    main.write_text(main.read_text().replace("input = var.size", "input = 7"))
    service.answers = [(503, "", {})]
    arrived = len(stores(proxy, bucket))
    proxy.faults.append(Fault(lambda request: request in stores(proxy, bucket)[arrived + stored :], 403))
    played = site.play("update", *ROLLBACK)
    proxy.heal()
    assert "-e state_errored=true" in played.failures["app"], played.failures
    site.play("restore", "-e", "state_errored=true").succeeded()
    assert size(cloud, bucket, "app") == left


def test_a_state_that_a_killed_way_back_left_is_kept(site: Site, aws: emulator.Emulator, service: Service) -> None:
    """It is named, and nothing is removed."""
    given = {"tf_health": HEALTH, "tf_variables": {"address": service.url}}
    site.inventory({"app": {}}, **variables(aws, "killed-back", **given))
    committed(site)
    site.play("site").succeeded()
    errored = site.directory / ".envforge" / "test" / "app.previous" / "stacks" / "part" / "errored.tfstate"
    errored.parent.mkdir(parents=True)
    errored.write_text("{}")
    service.answers = [(503, "", {})]
    played = site.play("update", *ROLLBACK)
    assert str(errored) in played.failures["app"]
    assert errored.exists()


def test_a_way_back_that_is_not_there_is_known_before(site: Site, aws: emulator.Emulator, cloud: Cloud) -> None:
    """A commit that does not exist: nothing is applied."""
    site.inventory({"app": {}}, **variables(aws, "no-way-back"))
    committed(site)
    played = site.play("update", "-e", "update_rollback=true update_previous=v0.9")
    assert played.status == 2
    assert "v0.9" in json.dumps(played.results)
    assert "Contents" not in cloud.s3.list_objects_v2(Bucket="no-way-back")
