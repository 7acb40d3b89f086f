# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook destroy: confirmed by a word at a terminal, states kept, nothing left behind but what was not asked for."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.contract import emulator
from tests.contract.terminal import at_terminal
from tests.e2e.cloud import Cloud
from tests.e2e.site import Played, Site

UPSTREAM = """
resource "terraform_data" "net" {
  input = "10.0.0.0/16"
}
output "cidr" {
  value = terraform_data.net.output
}
"""
DOWNSTREAM = """
variable "network" {
  type = any
}
data "terraform_remote_state" "network" {
  backend   = "s3"
  workspace = terraform.workspace
  config    = var.network
}
resource "terraform_data" "app" {
  input = data.terraform_remote_state.network.outputs.cidr
}
"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Two stacks, one of which reads an output of the other."""
    made = Site(tmp_path / "site")
    for name, main in {"network": UPSTREAM, "app": DOWNSTREAM}.items():
        root = made.directory / "stacks" / name
        root.mkdir(parents=True)
        (root / "main.tf").write_text(f'terraform {{\n  backend "s3" {{}}\n}}\n{main}')
    return made


def inventory(site: Site, aws: emulator.Emulator, bucket: str, **more: Any) -> None:
    remote = {"network": "{{ lookup('envforge.terraform.tf_remote_state', 'network') }}"}
    hosts = {"app": {"tf_depends_on": ["network"], "tf_variables": remote}, "network": {}}
    site.inventory(
        hosts,
        tf_path="stacks/{{ inventory_hostname }}",
        tf_backend={"type": "s3", "bucket": bucket, "encryption": "aes256", "lock_table": bucket},
        tf_backend_key="{{ inventory_hostname }}.tfstate",
        tf_process_environment=aws.environment,
        **more,
    )


def keys(cloud: Cloud, bucket: str) -> list[str]:
    return sorted(item["Key"] for item in cloud.s3.list_objects_v2(Bucket=bucket).get("Contents", []))


def managed(cloud: Cloud, bucket: str, key: str) -> int:
    body = cloud.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    return len([one for one in json.loads(body)["resources"] if one["mode"] == "managed"])


def backups(played: Played) -> dict[str, str]:
    """Where the states were kept, by stack."""
    return {host: str(result["msg"]).rpartition(": ")[2] for host, result in played.of("Say where it is").items()}


def test_a_destroyed_stack_is_kept_and_can_be_planned_again(site: Site, aws: emulator.Emulator, cloud: Cloud) -> None:
    """State and lock are clean, the state as it was is told; `site --check` says what cannot be predicted, and site works."""
    inventory(site, aws, "torn-down")
    site.play("site").succeeded()
    destroyed = site.play("destroy").succeeded()
    kept = backups(destroyed)
    assert list(kept) == ["app", "network"]
    assert [managed(cloud, "torn-down", address.removeprefix("s3://torn-down/")) for address in kept.values()] == [1, 1]
    assert [managed(cloud, "torn-down", f"{stack}.tfstate") for stack in kept] == [0, 0]
    rows = cloud.dynamodb.scan(TableName="torn-down")["Items"]
    assert [row["LockID"]["S"] for row in rows if not row["LockID"]["S"].endswith("-md5")] == []

    checked = site.play("site", "--check").succeeded()
    assert checked.of("guards, apply")["app"]["predictable"] is False
    assert "cannot be predicted yet: it reads outputs" in checked.stdout + checked.stderr
    assert checked.of("guards, apply")["network"]["summary"]["create"] == 1
    site.play("site").succeeded()
    assert [managed(cloud, "torn-down", f"{stack}.tfstate") for stack in kept] == [1, 1]
    again = site.play("destroy").succeeded()
    assert set(backups(again)) == {"app", "network"}
    assert backups(site.play("destroy").succeeded()) == {}


def test_workspace_and_backend_go_only_when_asked_for(site: Site, aws: emulator.Emulator, cloud: Cloud) -> None:
    """The workspace with its state; the backend after the last stack. Check mode says so and removes nothing."""
    inventory(site, aws, "taken-away", tf_workspace="blue")
    site.play("site").succeeded()
    every = ["-e", "destroy_workspace=true destroy_backend=true"]
    before = keys(cloud, "taken-away")
    assert before == ["env:/blue/app.tfstate", "env:/blue/network.tfstate"]
    checked = site.play("destroy", "--check", *every).succeeded()
    assert "the workspace and the backend would be removed" in checked.stdout
    assert keys(cloud, "taken-away") == before
    site.play("destroy", "-e", "destroy_workspace=true").succeeded()
    assert [key for key in keys(cloud, "taken-away") if key in before] == []
    inventory(site, aws, "taken-too", tf_workspace="blue")
    site.play("site").succeeded()
    site.play("destroy", *every).succeeded()
    assert "taken-too" not in [bucket["Name"] for bucket in cloud.s3.list_buckets()["Buckets"]]
    assert "taken-too" not in cloud.dynamodb.list_tables()["TableNames"]


@pytest.mark.parametrize(("word", "left"), [("destroy", 0), ("yes", 1)])
def test_the_word_destroy_is_typed_at_a_terminal(
    site: Site, aws: emulator.Emulator, cloud: Cloud, word: str, left: int
) -> None:
    """Asked once for the environment, after it was shown; any other word is no."""
    bucket = f"typed-{word}"
    inventory(site, aws, bucket, tf_protected=True)
    site.play("site").succeeded()
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "envforge.terraform.destroy"]
    status, shown = at_terminal(command, site.variables(), site.directory, {"type destroy": word})
    assert status == (2 if left else 0), shown
    assert shown.count("type destroy") == 1
    assert shown.index("total") < shown.index("type destroy")
    assert [managed(cloud, bucket, f"{stack}.tfstate") for stack in ("app", "network")] == [left, left]


@pytest.mark.parametrize("variable", ["AWX_ISOLATED_DATA_DIR", "JOB_ID"])
def test_nobody_is_asked_at_the_terminal_of_a_job(
    site: Site, aws: emulator.Emulator, cloud: Cloud, variable: str
) -> None:
    """AWX and ansible-runner set these, and run playbooks at a terminal on which nobody types."""
    bucket = f"unattended-{variable.lower().replace('_', '-')}"
    inventory(site, aws, bucket, tf_protected=True)
    site.play("site").succeeded()
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "envforge.terraform.destroy"]
    environment = {**site.variables(), variable: "7"}
    status, shown = at_terminal(command, environment, site.directory, {"type destroy": "destroy"})
    assert (status, shown.count("type destroy")) == (2, 0), shown
    assert "-e tf_confirm=test" in shown
    assert [managed(cloud, bucket, f"{stack}.tfstate") for stack in ("app", "network")] == [1, 1]
