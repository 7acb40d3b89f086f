# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_workspace with state absent: a workspace goes with its state and digest, and nothing goes that is still needed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.project import CHECK, REAL, Project, tree_of
from tests.e2e.proxy import Proxy

ONE = 'resource "terraform_data" "a" {}\n'


def blue_of(project: Project) -> Project:
    return replace(project, workspace="blue")


@pytest.mark.core
def test_an_empty_workspace_is_removed_once(project: Project, cloud: Cloud) -> None:
    """Its state and digest are gone, the other workspace is as it was; the second time there is nothing to do."""
    project.write(ONE).apply()
    blue = blue_of(project)
    blue.apply()
    blue.apply(destroy=True)
    removed = blue.init(state="absent")
    assert (removed["changed"], removed["terraform_calls"]) == (True, 0)
    assert (cloud.state(blue), cloud.digest(blue), cloud.lock(blue)) == (None, None, None)
    assert cloud.addresses(project) == ["terraform_data.a"]
    again = blue.init(state="absent")
    assert (again["changed"], again["removed"]["backup"], again["diff"]) == (False, None, {"before": {}, "after": {}})
    assert blue.apply()["summary"]["create"] == 1


def test_the_backup_is_the_state_that_was_removed(project: Project, cloud: Cloud) -> None:
    """It is a version of the object, named in the result."""
    blue = blue_of(project.write(ONE))
    blue.apply()
    before = cloud.state(blue)
    removed = blue.init(state="absent", force=True)["removed"]
    address, _, version = removed["backup"].partition("?versionId=")
    assert (address, removed["resources"]) == (f"s3://{cloud.bucket}/{blue.state_key}", ["terraform_data.a"])
    kept = cloud.s3.get_object(Bucket=cloud.bucket, Key=blue.state_key, VersionId=version)["Body"].read()
    assert json.loads(kept) == before


@pytest.mark.parametrize("given", [REAL, CHECK], ids=["real", "check"])
def test_a_workspace_with_resources_stays(project: Project, cloud: Cloud, given: object) -> None:
    """They are named, in check mode too; so is the way out."""
    blue = blue_of(project.write(ONE))
    blue.apply()
    refused = blue.init(given, state="absent")  # type: ignore[arg-type]  # parametrised
    assert [part for part in ("terraform_data.a", "force: true", blue.state_key) if part not in refused.message] == []
    assert (refused["resources"], cloud.addresses(blue)) == (["terraform_data.a"], ["terraform_data.a"])


def test_check_mode_tells_what_would_go_and_writes_nothing(project: Project, proxy: Proxy) -> None:
    """The same result as the real run, and no write request."""
    blue = blue_of(project.write(ONE)).through(proxy.url)
    blue.apply()
    proxy.requests.clear()
    before = tree_of(project.directory)
    told = blue.init(CHECK, state="absent", force=True)
    assert (proxy.requests != [], proxy.writes, tree_of(project.directory)) == (True, [], before)
    assert blue.init(state="absent", force=True).result == told.result


def test_the_default_workspace_is_refused(project: Project) -> None:
    """Every backend has it."""
    refused = project.write(ONE).init(state="absent", force=True)
    assert "default" in refused.message


def test_a_workspace_that_somebody_works_in_stays(project: Project, cloud: Cloud) -> None:
    """Its lock is Terraform's own, and names its holder."""
    blue = blue_of(project.write(ONE))
    blue.apply()
    cloud.hold_lock(blue)
    assert "ada@laptop" in blue.init(state="absent", force=True).message
    assert cloud.addresses(blue) == ["terraform_data.a"]


@pytest.mark.core
def test_a_local_workspace_is_removed_with_its_directory(project: Project) -> None:
    """Terraform takes every directory there for a workspace; the backup is a private file."""
    local = replace(project.write(ONE, backend=""), backend_config={}).having(backend_type="local")
    blue = blue_of(local)
    blue.apply()
    path = project.root / "terraform.tfstate.d" / "blue" / "terraform.tfstate"
    before = path.read_bytes()
    backup = Path(blue.init(state="absent", force=True)["removed"]["backup"])
    assert (backup.read_bytes(), backup.stat().st_mode & 0o777) == (before, 0o600)
    assert not path.parent.exists()
    assert blue.init(state="absent")["changed"] is False


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"state": "absent", "migrate": True}, "either migrated or removed"),
        ({"remove_source": True}, "belong to migrate"),
        ({"migrate_from": {"type": "local"}}, "belong to migrate"),
    ],
    ids=["both", "remove_source", "migrate_from"],
)
def test_options_that_contradict_each_other_are_refused(project: Project, options: dict[str, Any], said: str) -> None:
    """Nothing is started then."""
    assert said in project.write(ONE).init(**options).message
