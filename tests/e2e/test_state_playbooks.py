# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks about states: status, backup, restore, recovery_drill."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.contract import emulator
from tests.e2e.cloud import Cloud
from tests.e2e.proxy import Proxy
from tests.e2e.site import Played, Site

SECRET = "planted-secret-2c9d"
MODULE = """
terraform {
  backend "s3" {}
}
variable "size" {
  default = 1
}
variable "token" {
  default   = ""
  sensitive = true
}
resource "terraform_data" "disk" {
  input = [var.size, var.token]
}
"""
RESTORE = "Restore the state"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path / "site")
    root = made.directory / "stacks" / "part"
    root.mkdir(parents=True)
    (root / "main.tf").write_text(MODULE)
    return made


def variables(url: str, aws: emulator.Emulator, bucket: str, **more: Any) -> dict[str, Any]:
    return {
        "tf_path": "stacks/part",
        "tf_account_id": "123456789012",
        "tf_backend": {"type": "s3", "bucket": bucket, "encryption": "aes256", "lock_table": bucket},
        "tf_backend_key": "{{ inventory_hostname }}.tfstate",
        "tf_process_environment": {**aws.environment, "AWS_ENDPOINT_URL": url},
        "tf_secret_variables": ["token"],
        "token": SECRET,
        **more,
    }


def sizes(cloud: Cloud, bucket: str, stack: str) -> int:
    body = cloud.s3.get_object(Bucket=bucket, Key=f"{stack}.tfstate")["Body"].read()
    return int(json.loads(body)["resources"][0]["instances"][0]["attributes"]["input"]["value"][0])


def lines(played: Played, task: str) -> list[str]:
    """What a task that shows something showed, on one host."""
    said = next(iter(played.of(task).values()))["msg"]
    return list(said) if isinstance(said, list) else [str(said)]


def printed(played: Played) -> str:
    return played.stdout + played.stderr + json.dumps(played.results)


def test_the_status_of_an_environment(site: Site, aws: emulator.Emulator, cloud: Cloud, proxy: Proxy) -> None:
    """A table and JSON: also of a stack without a state, a locked one and one that fails. Not one write request."""
    hosts: dict[str, Any] = {"app": {}, "network": {}, "new": {}, "broken": {}}
    site.inventory(hosts, **variables(proxy.url, aws, "status"))
    site.play("site", "--limit", "app,network").succeeded()
    info = {"ID": "an-id", "Who": "ada@laptop", "Created": "2026-01-02T03:04:05Z", "Operation": "OperationTypeApply"}
    row = {"LockID": {"S": "status/network.tfstate"}, "Info": {"S": json.dumps(info)}}
    cloud.dynamodb.put_item(TableName="status", Item=row)
    cloud.s3.put_object(Bucket="status", Key="broken.tfstate", Body=b"garbage")
    proxy.requests.clear()
    played = site.play("status", "-e", "status_json=status.json")
    assert (played.status, set(played.failures)) == (2, {"broken"})
    assert proxy.requests != []
    assert proxy.writes == []
    table = {line.split()[0]: line for line in lines(played, "Show the status")}
    assert table["stack"].split() == ["stack", "workspace", "serial", "last", "change", "resources"]
    assert table["app"].split()[1] == "default"
    assert table["app"].split()[-1] == "1"
    assert "locked by ada@laptop since 2026-01-02T03:04:05Z" in table["network"]
    assert table["new"].endswith("no state yet")
    assert "failed: " in table["broken"]
    told = {each["stack"]: each for each in json.loads((site.directory / "status.json").read_text())}
    assert (told["app"]["resources"], told["app"]["drift"], told["new"]["exists"]) == (1, None, False)
    assert [lock["id"] for lock in told["network"]["locks"]] == ["an-id"]
    drift = site.play("status", "--limit", "app,network", "-e", "status_drift=true").succeeded()
    assert {line.split()[0]: line.split()[5] for line in lines(drift, "Show the status")[1:]} == {
        "app": "0",
        "network": "0",
    }
    assert SECRET not in printed(played) + printed(drift)


def test_backups_and_the_drill_that_tries_them(site: Site, aws: emulator.Emulator, cloud: Cloud) -> None:
    """Made once, tried without touching anything, refused when a plan would not be empty; nothing secret is shown."""
    site.inventory({"app": {}, "network": {}}, **variables(aws.url, aws, "drills"))
    site.play("site").succeeded()
    refused = site.play("recovery_drill")
    assert refused.status == 2
    assert "it has no backup" in refused.failures["app"]
    predicted = site.play("backup", "--check").succeeded()
    assert (predicted.changed, cloud.s3.list_objects_v2(Bucket="drills")["KeyCount"]) == ({"app": 1, "network": 1}, 2)
    backup = site.play("backup").succeeded()
    assert backup.changed == {"app": 1, "network": 1}
    assert "s3://drills/backups/app.tfstate/" in str(backup.of("Say where the backup is")["app"]["msg"])
    assert site.play("backup").succeeded().changed == {"app": 0, "network": 0}
    before = cloud.s3.get_object(Bucket="drills", Key="app.tfstate")["VersionId"]
    drill = site.play("recovery_drill").succeeded()
    assert "can be recovered: with s3://drills/backups/" in str(lines(drill, "Say what was proved"))
    site.inventory({"app": {"tf_variables": {"size": 2}}, "network": {}}, **variables(aws.url, aws, "drills"))
    failed = site.play("recovery_drill")
    assert set(failed.failures) == {"app"}
    assert "the plan would update terraform_data.disk" in failed.failures["app"]
    assert cloud.s3.get_object(Bucket="drills", Key="app.tfstate")["VersionId"] == before
    assert SECRET not in printed(backup) + printed(drill) + printed(failed)


def test_the_drill_tries_the_version_that_was_chosen(
    site: Site, aws: emulator.Emulator, cloud: Cloud, proxy: Proxy
) -> None:
    """By its id or by a time, without any backup; the live state is neither written nor locked."""
    given = variables(proxy.url, aws, "chosen")
    versions = []
    for wanted in (1, 2):
        site.inventory({"app": {"tf_variables": {"size": wanted}}, "network": {}}, **given)
        site.play("site", "--limit", "app").succeeded()
        found = cloud.s3.head_object(Bucket="chosen", Key="app.tfstate")
        versions.append((found["VersionId"], found["LastModified"].isoformat()))
        time.sleep(1.1)  # the bucket tells its times to the second
    proxy.requests.clear()
    for (version, moment), fits in zip(versions, (False, True), strict=True):
        for chosen in (f"recovery_drill_version_id={version}", f"recovery_drill_at={moment}"):
            played = site.play("recovery_drill", "--limit", "app", "-e", chosen)
            assert played.status == (0 if fits else 2), printed(played)
            if fits:
                assert f"with version {version} of s3://chosen/app.tfstate" in str(lines(played, "Say what was proved"))
            else:
                assert "the plan would update terraform_data.disk" in played.failures["app"]
            assert SECRET not in printed(played)
    unknown = site.play("recovery_drill", "--limit", "app", "-e", "recovery_drill_version_id=no-such-version")
    assert "It keeps 2 versions" in unknown.failures["app"]
    assert proxy.requests != []
    assert proxy.writes == []


def test_a_state_of_a_protected_environment_is_restored_when_that_was_confirmed(
    site: Site, aws: emulator.Emulator, cloud: Cloud
) -> None:
    """Without a version it lists what there is; then it shows, asks, restores and says where the former state is."""
    given = variables(aws.url, aws, "restores", tf_protected=True)
    site.inventory({"app": {}, "network": {}}, **given)
    site.play("site").succeeded()
    site.inventory({"app": {"tf_variables": {"size": 2}}, "network": {}}, **given)
    site.play("site").succeeded()
    listed = site.play("restore", "--limit", "app")
    assert "no state was named. There is: version_id" in listed.failures["app"]
    (row,) = (row["result"] for row in listed.results if row["kind"] == "failed")
    wanted = ("--limit", "app", "-e", f"state_version_id={row['versions'][1]['version_id']}")
    unconfirmed = site.play("restore", *wanted)
    assert "run this again with -e tf_confirm=test" in unconfirmed.failures["app"]
    assert '"terraform_data.disk"' in unconfirmed.stdout
    assert sizes(cloud, "restores", "app") == 2
    predicted = site.play("restore", *wanted, "--check").succeeded()
    assert (predicted.of(RESTORE)["app"]["changed"], sizes(cloud, "restores", "app")) == (True, 2)
    done = site.play("restore", *wanted, "-e", "tf_confirm=test").succeeded()
    assert (done.changed, sizes(cloud, "restores", "app")) == ({"app": 1}, 1)
    assert f"versionId={row['versions'][0]['version_id']}" in str(lines(done, "Say where the former state is"))
    assert site.play("restore", *wanted, "-e", "tf_confirm=test").succeeded().changed == {"app": 0}
    assert site.play("restore", *wanted).succeeded().changed == {"app": 0}  # nothing is left to be confirmed
    assert SECRET not in printed(unconfirmed) + printed(done)


def test_what_a_failed_apply_left_is_restored_by_the_command_that_it_names(
    site: Site, aws: emulator.Emulator, cloud: Cloud, proxy: Proxy
) -> None:
    """The message of the failed run, taken at its word."""
    given = variables(proxy.url, aws, "errored")
    site.inventory({"app": {}}, **given)
    site.play("site").succeeded()
    site.inventory({"app": {"tf_variables": {"size": 2}}}, **given)
    proxy.refuse("PutObject", "/errored/app.tfstate")
    failed = site.play("site").failures["app"]
    proxy.heal()
    assert "restore it before anything else (ansible-playbook envforge.terraform.restore " in failed
    command = failed.partition("(ansible-playbook envforge.terraform.")[2].partition(")")[0].split()
    site.play(*command).succeeded()
    assert sizes(cloud, "errored", "app") == 2
    assert set(site.play("site").succeeded().changed.values()) == {0}
