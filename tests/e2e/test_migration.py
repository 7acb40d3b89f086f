# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_workspace with migrate: a state comes along from elsewhere, whole, and onto nothing that it would overwrite."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.contract import emulator
from tests.e2e.cloud import Cloud
from tests.e2e.project import CHECK, OLD_ENGINE, REAL, Project, tree_of
from tests.e2e.proxy import Proxy

SECRET = "planted-secret-51c9"
ONE = """
variable "size" {
  default = 1
}
resource "terraform_data" "a" {
  input = var.size
}
output "size" {
  value = terraform_data.a.output
}
output "token" {
  value     = "planted-secret-51c9"
  sensitive = true
}
"""


def local_of(project: Project) -> Project:
    """The same stack before it had a backend."""
    return replace(project.write(ONE, backend=""), backend_config={}).having(backend_type="local")


def moved_of(project: Project) -> Project:
    """The same stack under another key, on another machine: nothing here says where the state was."""
    return replace(
        project.copied("moved"), backend_config={**project.backend_config, "key": f"moved-{project.state_key}"}
    )


def body(cloud: Cloud, project: Project) -> bytes:
    found: bytes = cloud.s3.get_object(Bucket=project.backend_config["bucket"], Key=project.state_key)["Body"].read()
    return found


@pytest.mark.core
def test_a_local_state_moves_to_a_bucket(project: Project, cloud: Cloud) -> None:
    """Without a word about where it was; afterwards nothing changes, and a second time there is nothing to do."""
    local_of(project).apply()
    path = project.root / "terraform.tfstate"
    before = path.read_bytes()
    project.write(ONE)
    assert "envforge.terraform.migrate" in project.apply().message
    moved = project.init(migrate=True)
    assert (moved["changed"], moved["initialised"], body(cloud, project)) == (True, True, before)
    assert (moved["migration"]["resources"], moved["migration"]["outputs"]) == (["terraform_data.a"], ["size", "token"])
    assert (path.exists(), Path(moved["migration"]["backup"]).read_bytes()) == (False, before)
    assert cloud.lock(project) is None
    assert (project.apply()["changed"], project.init(migrate=True)["changed"]) == (False, False)
    assert SECRET not in json.dumps(moved.result)


@pytest.mark.core
def test_a_state_moves_to_another_key(project: Project, cloud: Cloud) -> None:
    """Byte for byte; the source stays until its removal is asked for, and then its version stays."""
    project.write(ONE).apply()
    before, moved = body(cloud, project), moved_of(project)
    answer = moved.init(migrate=True, migrate_from={"config": {"key": project.state_key}})
    assert (body(cloud, moved), body(cloud, project), answer["migration"]["source_removed"]) == (before, before, False)
    assert moved.apply()["changed"] is False
    again = moved.init(migrate=True, migrate_from={"config": {"key": project.state_key}}, remove_source=True)
    assert (again["changed"], again["migration"]["copied"], again["migration"]["source_removed"]) == (True, False, True)
    assert (cloud.state(project), cloud.digest(project), cloud.lock(project)) == (None, None, None)
    _, _, version = again["migration"]["backup"].partition("?versionId=")
    kept = cloud.s3.get_object(Bucket=cloud.bucket, Key=project.state_key, VersionId=version)["Body"].read()
    assert (kept, moved.apply(variables={"size": 2})["changed"]) == (before, True)


def test_a_changed_key_is_found_without_being_named(project: Project, cloud: Cloud) -> None:
    """On a machine that worked with the old one."""
    project.write(ONE).apply()
    moved = project.of("dev", f"moved-{project.state_key}")
    answer = moved.init(migrate=True)
    assert answer["migration"]["source"] == f"s3://{cloud.bucket}/{project.state_key}"
    assert (moved.apply()["changed"], moved.init(migrate=True)["changed"]) == (False, False)


def test_a_state_moves_to_another_bucket(project: Project, cloud: Cloud, aws: emulator.Emulator) -> None:
    """With a lock table of its own."""
    project.write(ONE).apply()
    aws.make_backend("elsewhere")
    moved = replace(
        project, backend_config={**project.backend_config, "bucket": "elsewhere", "dynamodb_table": "elsewhere"}
    )
    assert moved.init(migrate=True, remove_source=True)["migration"]["copied"] is True
    assert moved.apply()["changed"] is False
    assert (cloud.state(project), cloud.digest(project)) == (None, None)


@pytest.mark.parametrize("remove_source", [False, True])
def test_a_state_moves_back_to_a_file(project: Project, cloud: Cloud, remove_source: bool) -> None:
    """The other way round, from a bucket to the local backend."""
    project.write(ONE).apply()
    before = body(cloud, project)
    local = local_of(project)
    former = {"type": "s3", "config": project.backend_config}
    moved = local.init(migrate=True, migrate_from=former, remove_source=remove_source)["migration"]
    assert (moved["copied"], moved["source_removed"]) == (True, remove_source)
    assert (project.root / "terraform.tfstate").read_bytes() == before
    assert (cloud.state(project) is None) is remove_source
    assert local.apply()["changed"] is False


def test_one_workspace_moves_at_a_time(project: Project, cloud: Cloud) -> None:
    """The others stay where they are; while they do, Terraform cannot be initialised, and that is told."""
    local = local_of(project)
    for workspace in ("default", "blue"):
        replace(local, workspace=workspace).apply()
    project.write(ONE)
    blue = replace(project, workspace="blue")
    first = project.init(migrate=True)
    assert (first["changed"], first["initialised"]) == (True, False)
    assert "blue" in first.warnings[0]
    assert (cloud.keys(project), cloud.keys(blue)) == ([project.state_key], [project.state_key])
    assert blue.init(migrate=True)["initialised"] is True
    assert not (project.root / "terraform.tfstate.d" / "blue").exists()
    assert (project.apply()["changed"], blue.apply()["changed"]) == (False, False)


def test_a_workspace_is_renamed(project: Project, cloud: Cloud) -> None:
    """Which is a migration within one key."""
    blue = replace(project.write(ONE), workspace="blue")
    blue.apply()
    green = replace(project, workspace="green")
    assert green.init(migrate=True, migrate_from={"workspace": "blue"}, remove_source=True)["changed"] is True
    assert (green.apply()["changed"], cloud.state(blue)) == (False, None)


@pytest.mark.core
def test_another_state_is_not_overwritten(project: Project, cloud: Cloud) -> None:
    """Terraform's own -migrate-state -force-copy does that silently."""
    project.write(ONE).apply()
    moved = moved_of(project)
    moved.apply()
    before = body(cloud, moved)
    for given in (CHECK,):
        assert "holds another state" in moved.init(given, migrate=True, migrate_from=_key(project)).message
    refused = moved.init(migrate=True, migrate_from=_key(project), remove_source=True)
    assert [
        part for part in ("holds another state", moved.state_key, project.state_key) if part not in refused.message
    ] == []
    assert (body(cloud, moved), cloud.addresses(project)) == (before, ["terraform_data.a"])


def _key(project: Project) -> dict[str, Any]:
    return {"config": {"key": project.state_key}}


def test_the_empty_state_of_a_look_is_no_other_state(project: Project, cloud: Cloud) -> None:
    """Terraform writes one whenever it looks into a workspace that is missing."""
    project.write(ONE).apply()
    moved = moved_of(project)
    empty = {"version": 4, "terraform_version": "1.5.7", "serial": 0, "lineage": "x", "outputs": {}, "resources": []}
    cloud.s3.put_object(Bucket=cloud.bucket, Key=moved.state_key, Body=json.dumps(empty).encode())
    assert moved.init(migrate=True, migrate_from=_key(project))["changed"] is True
    assert moved.apply()["changed"] is False


def test_a_copy_that_has_gone_on_is_not_copied_again(project: Project, cloud: Cloud) -> None:
    """It is the state now; its former place is kept, because the two cannot be compared any more."""
    project.write(ONE).apply()
    moved = moved_of(project)
    moved.init(migrate=True, migrate_from=_key(project))
    moved.apply(variables={"size": 2})
    answer = moved.init(migrate=True, migrate_from=_key(project), remove_source=True)
    assert (answer["changed"], cloud.addresses(project)) == (False, ["terraform_data.a"])
    assert "was kept" in answer.warnings[0]


def test_a_source_that_has_gone_on_is_not_thrown_away(project: Project, cloud: Cloud) -> None:
    """Somebody applied to the old place after the copy was made: which of the two is true, a person has to say."""
    project.write(ONE).apply()
    moved = moved_of(project)
    moved.init(migrate=True, migrate_from=_key(project))
    project.apply(variables={"size": 2})
    refused = moved.init(migrate=True, migrate_from=_key(project), remove_source=True)
    assert "holds another state" in refused.message
    assert cloud.addresses(project) == ["terraform_data.a"]


@pytest.mark.parametrize("side", ["source", "destination"])
def test_a_state_that_somebody_works_on_is_not_moved(project: Project, cloud: Cloud, side: str) -> None:
    """Terraform's own locks are held on both sides."""
    project.write(ONE).apply()
    moved = moved_of(project)
    held = project if side == "source" else moved
    cloud.hold_lock(held)
    for given in (CHECK, REAL):
        assert "ada@laptop" in moved.init(given, migrate=True, migrate_from=_key(project)).message
    assert (cloud.state(moved), cloud.lock(project if held is moved else moved)) == (None, None)
    cloud.release(held)
    assert moved.init(migrate=True, migrate_from=_key(project))["changed"] is True


def test_check_mode_tells_what_would_move_and_writes_nothing(project: Project, proxy: Proxy) -> None:
    """The same as the real run then does."""
    project = project.write(ONE).through(proxy.url)
    project.apply()
    moved = moved_of(project)
    proxy.requests.clear()
    before = tree_of(project.directory, moved.directory)
    told = moved.init(CHECK, migrate=True, migrate_from=_key(project), remove_source=True)
    assert (proxy.requests != [], proxy.writes) == (True, [])
    assert tree_of(project.directory, moved.directory) == before
    done = moved.init(migrate=True, migrate_from=_key(project), remove_source=True)
    for name in ("changed", "migration", "diff"):
        assert (name, told[name]) == (name, done[name])


@pytest.mark.parametrize(
    ("former", "said"),
    [
        ({"config": {"key": "nowhere/at/all"}}, "there is no state in s3://states/nowhere/at/all"),
        ({"config": {"bucket": "no-such-bucket"}}, "there is no state in s3://no-such-bucket/"),
        ({"type": "local", "config": {"path": "gone.tfstate"}}, "gone.tfstate"),
    ],
    ids=["key", "bucket", "file"],
)
def test_a_missing_source_is_an_error(project: Project, former: dict[str, Any], said: str) -> None:
    """Where nothing is at the destination either: else it was migrated before."""
    refused = project.write(ONE).init(migrate=True, migrate_from=former)
    assert said in refused.message
    assert "migrate_from" in refused.message


def test_a_missing_table_is_an_error(project: Project, cloud: Cloud) -> None:
    """And nothing was copied without a lock."""
    project.write(ONE).apply()
    moved = moved_of(project)
    moved = replace(moved, backend_config={**moved.backend_config, "dynamodb_table": "no-such-table"})
    former = {"config": {"key": project.state_key, "dynamodb_table": cloud.bucket}}
    refused = moved.init(migrate=True, migrate_from=former)
    assert "table no-such-table" in refused.message
    assert (cloud.state(moved), cloud.lock(project)) == (None, None)


def test_what_is_no_state_is_not_moved(project: Project, cloud: Cloud) -> None:
    """A file that happens to lie there."""
    project.write(ONE)
    (project.root / "notes.json").write_text('{"hello": 1}')
    former = {"type": "local", "config": {"path": "notes.json"}}
    assert "is not a Terraform state" in project.init(migrate=True, migrate_from=former).message
    assert cloud.state(project) is None


def test_a_copy_that_terraform_does_not_see_keeps_its_source(
    project: Project, cloud: Cloud, aws: emulator.Emulator, tmp_path: Path
) -> None:
    """Here Terraform reaches another emulator than this collection: what it finds there is not what was copied."""
    project.write(ONE).apply()
    moved = moved_of(project)
    with emulator.running(tmp_path) as other:
        other.make_backend(cloud.bucket)
        fake = tmp_path / "terraform"
        fake.write_text(
            '#!/bin/sh\nfor a in "$@"; do case $a in -backend-config=*) '
            f"sed -i 's,{aws.url},{other.url},g' \"${{a#-backend-config=}}\";; esac; done\n"
            f'exec {shutil.which("terraform")} "$@"\n'
        )
        fake.chmod(0o755)
        refused = moved.init(migrate=True, migrate_from=_key(project), remove_source=True, binary=str(fake))
    assert "Terraform does not find the same" in refused.message
    assert (cloud.addresses(project), cloud.lock(project), cloud.lock(moved)) == (["terraform_data.a"], None, None)


# locks


def locked_by(project: Project, **locks: Any) -> Project:
    kept = {name: value for name, value in project.backend_config.items() if name != "dynamodb_table"}
    return replace(project, backend_config={**kept, **locks})


@pytest.mark.skipif(OLD_ENGINE, reason="lock files in S3 came with Terraform 1.10")
def test_a_lock_table_is_left_for_a_lock_file(project: Project, cloud: Cloud) -> None:
    """Through both; the digest stays, and stops who still uses the table as soon as it is stale."""
    project.write(ONE).apply()
    by_file = locked_by(project, use_lockfile=True)
    answer = by_file.init(migrate=True)
    assert answer["lock_change"] == {
        "before": f"dynamodb {cloud.bucket}",
        "after": "lockfile",
        "digest_repaired": False,
    }
    assert (answer.commands, answer["changed"]) == (["init", "init"], False)
    assert by_file.apply(variables={"size": 2})["changed"] is True
    assert (cloud.digest(project) is None, cloud.lock(project)) == (False, None)
    late = project.copied("late").apply(variables={"size": 3})
    assert "Digest value stored in the DynamoDB table" in late.message
    assert (by_file.init(migrate=True)["changed"], by_file.apply(variables={"size": 2})["changed"]) == (False, False)


@pytest.mark.skipif(OLD_ENGINE, reason="lock files in S3 came with Terraform 1.10")
def test_the_way_back_repairs_the_digest(project: Project, cloud: Cloud) -> None:
    """On any machine: the former way of locking is named then."""
    project.write(ONE).apply()
    by_file = locked_by(project, use_lockfile=True)
    by_file.init(migrate=True)
    by_file.apply(variables={"size": 2})
    back = project.copied("back")
    former = {"config": {"use_lockfile": True, "dynamodb_table": None}}
    would = back.init(CHECK, migrate=True, migrate_from=former)
    answer = back.init(migrate=True, migrate_from=former)
    assert (would["changed"], answer["changed"], answer["lock_change"]["digest_repaired"]) == (True, True, True)
    assert back.apply(variables={"size": 2})["changed"] is False
    assert back.init(migrate=True, migrate_from=former)["changed"] is False


@pytest.mark.skipif(OLD_ENGINE, reason="lock files in S3 came with Terraform 1.10")
@pytest.mark.parametrize("back", [True, False], ids=["file to table", "table to file"])
def test_a_digest_without_a_state_is_refused_by_check_mode_too(project: Project, cloud: Cloud, back: bool) -> None:
    """Terraform would not initialise with it; it says that a state was lost, and stays."""
    project.write(ONE).apply()
    cloud.delete_state(project, with_digest=False)
    left = cloud.digest(project)
    stack = project.copied("back") if back else locked_by(project, use_lockfile=True)
    former = {"config": {"use_lockfile": True, "dynamodb_table": None}} if back else None
    for given in (CHECK, REAL):
        refused = stack.init(given, migrate=True, migrate_from=former)
        assert "the bucket has none. Restore a version of it" in refused.message, given
    assert (cloud.digest(project), cloud.lock(project)) == (left, None)


@pytest.mark.skipif(OLD_ENGINE, reason="lock files in S3 came with Terraform 1.10")
@pytest.mark.parametrize("check_mode", [False, True], ids=["real", "check"])
def test_a_lock_that_is_held_is_not_left(project: Project, cloud: Cloud, check_mode: bool) -> None:
    """Whoever holds the old one does not see the new one."""
    project.write(ONE).apply()
    cloud.hold_lock(project)
    by_file = locked_by(project, use_lockfile=True)
    refused = by_file.init(CHECK if check_mode else REAL, migrate=True)
    assert "ada@laptop" in refused.message
    assert (cloud.lock(project) is None, f"{project.state_key}.tflock" in cloud.keys(project)) == (False, False)
