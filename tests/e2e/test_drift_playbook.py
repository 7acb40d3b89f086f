# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook drift: clean, drifted and failed stacks told apart, nothing written but the reports."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import boto3
import pytest

from tests.contract import emulator
from tests.e2e.cloud import Cloud
from tests.e2e.provider import PROVIDER, configuration, needs_provider
from tests.e2e.proxy import Proxy
from tests.e2e.site import Site

REPORTS = ["-e", "drift_json=drift.json drift_markdown=drift.md drift_junit=drift.xml"]
DATA = 'resource "terraform_data" "disk" {\n  input = 1\n}\n'
SECRET = "changed-by-hand-5d2e"


def site_in(directory: Path, hosts: dict[str, Any], configurations: dict[str, str], **variables: Any) -> Site:
    """A site whose stacks have these root modules and states in an emulated bucket."""
    site = Site(directory / "site")
    for name, main in configurations.items():
        root = site.directory / "stacks" / name
        root.mkdir(parents=True)
        (root / "main.tf").write_text(f'terraform {{\n  backend "s3" {{}}\n}}\n{main}')
    site.inventory(hosts, tf_path="stacks/{{ inventory_hostname }}", **variables)
    return site


def in_a_bucket(aws: emulator.Emulator, url: str, bucket: str, **environment: str) -> dict[str, Any]:
    return {
        "tf_backend": {"type": "s3", "bucket": bucket, "encryption": "aes256", "lock_table": bucket},
        "tf_backend_key": "{{ inventory_hostname }}.tfstate",
        "tf_process_environment": {**aws.environment, "AWS_ENDPOINT_URL": url, **environment},
    }


def written(site: Site) -> dict[Path, bytes]:
    """All files but the reports and what Ansible itself leaves."""
    kept = (path for path in site.directory.rglob("*") if path.is_file() and not path.name.startswith("drift."))
    return {path: path.read_bytes() for path in kept}


def test_clean_and_failed_stacks_are_told_apart(tmp_path: Path, aws: emulator.Emulator, proxy: Proxy) -> None:
    """No write request, no file but the reports; a failed stack does not hide the others, and --limit is respected."""
    variables = in_a_bucket(aws, proxy.url, "drift-clean")
    site = site_in(tmp_path, {"app": {}, "new": {}}, {"app": DATA, "new": DATA}, **variables)
    site.play("site", "--limit", "app").succeeded()
    site.inventory({"app": {}, "new": {}, "broken": {}}, tf_path="stacks/{{ inventory_hostname }}", **variables)
    before = written(site)
    proxy.requests.clear()
    played = site.play("drift", *REPORTS)
    assert proxy.requests != []
    assert (proxy.writes, written(site)) == ([], before)
    assert (played.status, set(played.failures)) == (2, {"broken"})
    found = json.loads((site.directory / "drift.json").read_text())
    assert found["summary"] == {"clean": 2, "drifted": 0, "failed": 1}
    assert {one["stack"]: one["status"] for one in found["stacks"]} == {
        "app": "clean",
        "new": "clean",
        "broken": "failed",
    }
    assert "stacks/broken" in next(one["msg"] for one in found["stacks"] if one["stack"] == "broken")
    suite = ET.parse(site.directory / "drift.xml").getroot()[0]
    assert [suite.get(kind) for kind in ("tests", "failures", "errors")] == ["3", "0", "1"]
    assert stat.S_IMODE((site.directory / "drift.json").stat().st_mode) == 0o644

    limited = site.play("drift", "--limit", "app", "-e", "drift_fail=true", *REPORTS).succeeded()
    assert set(limited.changed.values()) == {0}
    assert json.loads((site.directory / "drift.json").read_text())["summary"] == {"clean": 1, "drifted": 0, "failed": 0}


READING = """
variable "upstream" {
  type = any
}
data "terraform_remote_state" "upstream" {
  backend = "s3"
  config  = var.upstream
}
resource "terraform_data" "disk" {
  input = data.terraform_remote_state.upstream.outputs.size
}
"""


def test_a_stack_that_nobody_can_look_at_is_a_failed_one(tmp_path: Path, aws: emulator.Emulator, cloud: Cloud) -> None:
    """What it reads is gone: neither clean nor drifted, in the reports, the table of status and the exit status alike."""
    upstream = {"upstream": "{{ lookup('envforge.terraform.tf_remote_state', 'network') }}"}
    hosts = {"app": {"tf_depends_on": ["network"], "tf_variables": upstream}, "network": {}}
    roots = {"app": READING, "network": DATA + 'output "size" {\n  value = 1\n}\n'}
    site = site_in(tmp_path, hosts, roots, **in_a_bucket(aws, aws.url, "drift-upstream"))
    site.play("site").succeeded()
    cloud.s3.delete_object(Bucket="drift-upstream", Key="network.tfstate")
    played = site.play("drift", *REPORTS)
    assert (played.status, played.changed["app"], set(played.failures)) == (2, 0, {"app", "network"})
    assert "s3://drift-upstream/network.tfstate is gone" in played.failures["network"]
    assert "reads the state of a stack that was not applied" in played.failures["app"]
    assert json.loads((site.directory / "drift.json").read_text())["summary"] == {"clean": 0, "drifted": 0, "failed": 2}
    status = site.play("status", "-e", "status_drift=true")
    table = next(iter(status.of("Show the status").values()))["msg"]
    assert "drift unknown: Looking for drift of stack app in test failed: it reads the state" in table[1]


@pytest.mark.every_ansible
def test_a_stack_that_is_refused_is_not_clean(tmp_path: Path, aws: emulator.Emulator) -> None:
    """Its backend is known from another stack, and yet nobody has looked at it."""
    variables = in_a_bucket(aws, aws.url, "drift-refused")
    hosts = {"app": {}, "half": {"tf_path": ""}}
    site = site_in(tmp_path, hosts, {"app": DATA}, **variables)
    site.play("site", "--limit", "app").succeeded()
    played = site.play("drift", *REPORTS)
    assert (played.status, set(played.failures)) == (2, {"half"})
    assert played.failures["half"].startswith("half was not touched: the inventory does not set tf_path")
    assert json.loads((site.directory / "drift.json").read_text())["summary"] == {"clean": 1, "drifted": 0, "failed": 1}


@pytest.mark.every_ansible
def test_every_stack_says_that_it_has_no_backend(tmp_path: Path, aws: emulator.Emulator) -> None:
    """Also where one is the backend of all, and nobody but the first has looked for it."""
    variables = {**in_a_bucket(aws, aws.url, "drift-none"), "tf_account_id": "999999999999"}
    site = site_in(tmp_path, {"app": {}, "plain": {}}, {"app": DATA, "plain": DATA}, **variables)
    played = site.play("drift")
    assert played.status == 2
    assert played.failures["app"].startswith("The credentials belong to the AWS account")
    assert played.failures["plain"] == "plain was not touched: its backend could not be made, see app."


@needs_provider
def test_a_drifted_stack_is_no_failed_one(tmp_path: Path, aws: emulator.Emulator) -> None:
    """It is changed, and fails only when asked for; the reports are written before, and hold no value."""
    parameter = 'resource "aws_ssm_parameter" "login" {\n  name = "/drifting"\n  type = "String"\n  value = "1"\n}\n'
    variables = in_a_bucket(aws, aws.url, "drift-drifted", **configuration(tmp_path))
    site = site_in(tmp_path, {"app": {}, "plain": {}}, {"app": PROVIDER + parameter, "plain": DATA}, **variables)
    site.play("site").succeeded()
    session = boto3.Session(emulator.ACCESS_KEY, emulator.SECRET_KEY, region_name=emulator.REGION)
    session.client("ssm", endpoint_url=aws.url).put_parameter(Name="/drifting", Value=SECRET, Overwrite=True)
    played = site.play("drift").succeeded()
    assert played.changed == {"app": 1, "plain": 0}
    table = next(iter(played.of("Show the drift").values()))["msg"]
    assert "app    drifted  aws_ssm_parameter.login: value, version" in table

    failing = site.play("drift", "-e", "drift_fail=true", *REPORTS)
    assert failing.status == 2
    assert failing.failures == {"app": "app has drifted: aws_ssm_parameter.login."}
    found = json.loads((site.directory / "drift.json").read_text())
    assert found["summary"] == {"clean": 1, "drifted": 1, "failed": 0}
    suite = ET.parse(site.directory / "drift.xml").getroot()[0]
    assert [suite.get(kind) for kind in ("tests", "failures", "errors")] == ["2", "1", "0"]
    assert "| app | drifted |" in (site.directory / "drift.md").read_text()
    assert SECRET not in "".join((site.directory / f"drift.{kind}").read_text() for kind in ("json", "md", "xml"))
    assert SECRET not in failing.stdout + failing.stderr + json.dumps(failing.results)

    site.inventory(
        {"plain": {}, "app": {"drift_fail": True}}, tf_path="stacks/{{ inventory_hostname }}", **variables
    )  # its own wish, and not that of the first
    assert set(site.play("drift").failures) == {"app"}
