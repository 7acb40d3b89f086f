# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook backend_audit and the usage it reads: what is stored, who holds a lock; nothing is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract import emulator
from tests.e2e.cloud import Cloud
from tests.e2e.proxy import Proxy
from tests.e2e.site import Site
from tests.e2e.test_playbooks import in_a_bucket

MODULE = 'resource "terraform_data" "disk" {}\n'


@pytest.fixture
def make_site(tmp_path: Path) -> Callable[[str], Site]:
    """Makes a site whose stacks have one root module, with a backend of this type."""

    def made(backend: str) -> Site:
        site = Site(tmp_path / "site")
        root = site.directory / "stacks" / "part"
        root.mkdir(parents=True)
        (root / "main.tf").write_text(f'terraform {{\n  backend "{backend}" {{}}\n}}\n{MODULE}')
        return site

    return made


def test_an_audit_tells_what_somebody_changed_by_hand(
    make_site: Callable[[str], Site], aws: emulator.Emulator, cloud: Cloud, proxy: Proxy
) -> None:
    """What is not as wanted, how much is stored, the oldest lock; the report also as JSON, and no write request."""
    site = make_site("s3")
    site.inventory({"app": {}, "network": {}}, **in_a_bucket(proxy.url, aws, "audited"))
    site.play("site").succeeded()
    cloud.s3.put_bucket_versioning(Bucket="audited", VersioningConfiguration={"Status": "Suspended"})
    held = {"ID": "1234", "Who": "ada@laptop", "Created": "2026-01-02T03:04:05Z", "Operation": "OperationTypeApply"}
    row = {"LockID": {"S": "audited/app.tfstate"}, "Info": {"S": json.dumps(held)}}
    cloud.dynamodb.put_item(TableName="audited", Item=row)
    proxy.requests.clear()
    played = site.play("backend_audit", "-e", "audit_json=audit.json").succeeded()
    assert (proxy.requests != [], proxy.writes) == (True, [])
    (shown,) = played.of("Show what the backends are like").values()
    assert shown["msg"][0] == "audited (app, network): 1 setting is not as wanted"
    assert "turn on versioning" in shown["msg"][1]
    assert "ada@laptop for" in shown["msg"][-1]
    (audit,) = json.loads((site.directory / "audit.json").read_text())
    assert (audit["usage"]["objects"], audit["usage"]["locks"], audit["usage"]["oldest_lock"]["id"]) == (2, 1, "1234")
    assert (len(audit["states"]), audit["usage"]["bytes"] > 0, audit["usage"]["oldest_lock"]["age"] > 0) == (
        2,
        True,
        True,
    )
    assert set(played.changed.values()) <= {0, 1}


def test_an_audit_of_what_is_not_there_says_so(
    make_site: Callable[[str], Site], aws: emulator.Emulator, proxy: Proxy
) -> None:
    """A table that is missing is to be created; with a bucket that is missing there is nothing stored."""
    site = make_site("s3")
    site.inventory({"app": {}}, **in_a_bucket(proxy.url, aws, "never-made"))
    played = site.play("backend_audit").succeeded()
    (shown,) = played.of("Show what the backends are like").values()
    assert shown["msg"][0] == "never-made (app): does not exist"
    assert any("create" in line and "table" in line for line in shown["msg"])
    assert proxy.writes == []


def test_what_may_not_be_listed_is_told(make_site: Callable[[str], Site], aws: emulator.Emulator, proxy: Proxy) -> None:
    """The settings are audited all the same."""
    site = make_site("s3")
    site.inventory({"app": {}}, **in_a_bucket(proxy.url, aws, "half-blind"))
    site.play("bootstrap").succeeded()
    proxy.refuse("GetBucketVersions")
    played = site.play("backend_audit").succeeded()
    (shown,) = played.of("Show what the backends are like").values()
    assert shown["msg"][0] == "half-blind (app): as wanted"
    assert "usage could not be read: Could not list the versions" in shown["msg"][1]
