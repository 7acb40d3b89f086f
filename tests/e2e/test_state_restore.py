# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_state: backups, and earlier states in place of the present one; refused where that could lose one."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.project import CHECK, REAL, Answer, Given, Project, run, tree_of
from tests.e2e.proxy import Proxy

ONE = """
variable "size" {
  default = 1
}
resource "terraform_data" "disk" {
  input = var.size
}
output "size" {
  value = terraform_data.disk.output
}
"""


def state(project: Project, given: Given = REAL, **options: Any) -> Answer:
    return run("tf_state", project.arguments(**options), given)


def info(project: Project, given: Given = REAL, **options: Any) -> Answer:
    return run("tf_state_info", project.arguments(**options), given)


def size(state_now: dict[str, Any] | None) -> int:
    return int((state_now or {})["outputs"]["size"]["value"])


@pytest.fixture
def twice(project: Project) -> Project:
    """A stack that was applied twice: size 1, then size 2."""
    project.write(ONE).apply()
    project.apply(variables={"size": 2})
    return project


def versions(project: Project) -> list[dict[str, Any]]:
    return list(info(project, versions=True)["versions"])


@pytest.mark.core
def test_a_version_is_restored_and_terraform_goes_on_from_there(twice: Project, cloud: Cloud) -> None:
    """Under a higher serial, its digest right, no lock left; the former state is kept where the result says."""
    before = cloud.state(twice)
    assert before is not None
    former = versions(twice)[0]["version_id"]
    wanted = versions(twice)[1]["version_id"]
    done = state(twice, restore={"version_id": wanted})
    after = cloud.state(twice)
    assert after is not None
    assert (done["changed"], size(after), after["lineage"]) == (True, 1, before["lineage"])
    assert after["serial"] == before["serial"] + 1 == done["serial"]
    assert done["backup"] == f"s3://{cloud.bucket}/{twice.state_key}?versionId={former}"
    assert cloud.lock(twice) is None
    assert twice.apply()["changed"] is False  # the digest was right, too: else it would fail
    again = state(twice, restore={"version_id": wanted})
    assert (again["changed"], again.warnings) == (False, [])


def test_a_lock_that_a_killed_restore_left_is_told_by_the_next(twice: Project, cloud: Cloud) -> None:
    """There is nothing to do any more, and yet everybody else would wait."""
    wanted = versions(twice)[0]["version_id"]
    cloud.hold_lock(twice)
    again = state(twice, restore={"version_id": wanted})
    assert again["changed"] is False
    assert [text in again.warnings[0] for text in ("ada@laptop", "unlock_id=11111111")] == [True, True]


def test_check_mode_tells_the_same_and_writes_nothing(twice: Project, cloud: Cloud, proxy: Proxy) -> None:
    """Serial, backup, addresses and which attributes differ; not one write request, not one file."""
    wanted = {"version_id": versions(twice)[1]["version_id"]}
    before, files = cloud.state(twice), tree_of(twice.directory)
    through = twice.through(proxy.url)
    told = state(through, CHECK, restore=wanted)
    assert (proxy.writes, cloud.state(twice), tree_of(twice.directory)) == ([], before, files)
    done = state(through, restore=wanted)
    assert {name: done[name] for name in told.result if name != "terraform_calls"} == {
        name: value for name, value in told.result.items() if name != "terraform_calls"
    }
    assert done["diff"]["after"]["attributes_that_differ"] == {"terraform_data.disk": ["input", "output"]}


def test_a_deleted_state_is_restored(twice: Project, cloud: Cloud) -> None:
    """Its versions outlive it. Without a digest row as well as with one."""
    wanted = versions(twice)[0]["version_id"]
    for with_digest in (True, False):
        before = cloud.state(twice)
        cloud.delete_state(twice, with_digest=with_digest)
        done = state(twice, restore={"version_id": wanted})
        after = cloud.state(twice)
        assert (done["changed"], size(after), done["backup"]) == (True, 2, None)
        assert after is not None
        assert before is not None
        assert after["serial"] > before["serial"]
        assert twice.apply(variables={"size": 2})["changed"] is False


def test_a_version_that_was_copied_over_by_hand_can_be_read_again(twice: Project, cloud: Cloud) -> None:
    """The state is what was wanted and its digest is not, so that Terraform refuses it: restoring puts that right."""
    wanted = versions(twice)[1]["version_id"]
    source = {"Bucket": cloud.bucket, "Key": twice.state_key, "VersionId": wanted}
    cloud.s3.copy_object(Bucket=cloud.bucket, Key=twice.state_key, CopySource=source)
    by_hand = cloud.digest(twice)
    for given in (CHECK, REAL):
        assert cloud.digest(twice) == by_hand
        assert state(twice, given, restore={"version_id": wanted})["changed"] is True
    assert twice.lock_info()["digests"] == []
    assert state(twice, restore={"version_id": wanted})["changed"] is False
    assert twice.apply()["changed"] is False


def test_the_backups_of_a_longer_key_are_another_stacks(twice: Project, cloud: Cloud) -> None:
    """A stack whose key begins with all of this one's has its copies below ours."""
    own = state(twice, backup={})["backup"]
    there = f"backups/{twice.state_key}/peering/00000009-0123456789ab.tfstate"
    cloud.s3.put_object(Bucket=cloud.bucket, Key=there, Body=json.dumps(cloud.state(twice)))
    assert [each["address"] for each in info(twice, backups=True)["backups"]] == [own]


def test_the_state_at_a_time_is_restored(twice: Project, cloud: Cloud) -> None:
    """A time before its first version, or after its deletion, has none."""
    early = state(twice, restore={"at": "2020-01-01T00:00:00Z"})
    assert "there was no state then" in early.message
    assert len(early["versions"]) == 2
    assert state(twice, restore={"at": "2099-01-01"})["changed"] is False
    assert "ISO 8601" in state(twice, restore={"at": "yesterday"}).message
    cloud.delete_state(twice)
    assert "there was no state then" in state(twice, restore={"at": "2099-01-01"}).message


def test_backups_are_made_once_and_restored_by_name(twice: Project, cloud: Cloud) -> None:
    """To a private file or to the bucket, never below a prefix that Terraform takes for workspaces."""
    to_file, to_bucket = state(twice, backup={"to": "file"}), state(twice, backup={})
    for again, given in (({"to": "file"}, REAL), ({"to": "bucket"}, REAL), ({}, CHECK)):
        assert state(twice, given, backup=again)["changed"] is False
    path = Path(to_file["backup"])
    assert (path.parent.parent, stat.S_IMODE(path.stat().st_mode)) == (twice.data_dir, 0o600)
    key = to_bucket["backup"].removeprefix(f"s3://{cloud.bucket}/")
    assert key.startswith(f"backups/{twice.state_key}/")
    listed = info(twice, backups=True)["backups"]
    assert {(each["file"], each["key"]) for each in listed} == {(str(path), None), (None, key)}
    assert {each["serial"] for each in listed} == {to_file["serial"]}
    twice.apply(variables={"size": 3})
    assert state(twice, restore={"path": str(path)})["changed"] is True
    assert size(cloud.state(twice)) == 2
    twice.apply(variables={"size": 3})
    assert state(twice, restore={"key": key})["changed"] is True
    assert size(cloud.state(twice)) == 2


def test_a_backup_in_check_mode_is_not_made(twice: Project, proxy: Proxy) -> None:
    """It says where it would be."""
    told = {to: state(twice.through(proxy.url), CHECK, backup={"to": to}) for to in ("file", "bucket")}
    assert (proxy.writes, (twice.data_dir / "backups").exists()) == ([], False)
    for to, answer in told.items():
        assert (answer["changed"], answer["backup"]) == (True, state(twice, backup={"to": to})["backup"])


def test_a_backup_overwrites_nothing(twice: Project, cloud: Cloud, tmp_path: Path) -> None:
    """Neither a file nor an object that holds something else."""
    path = tmp_path / "mine"
    path.write_text("precious")
    assert "backups are not overwritten" in state(twice, backup={"path": str(path)}).message
    assert path.read_text() == "precious"
    cloud.s3.put_object(Bucket=cloud.bucket, Key="precious", Body=b"precious")
    assert "backups are not overwritten" in state(twice, backup={"to": "bucket", "key": "precious"}).message
    assert cloud.s3.get_object(Bucket=cloud.bucket, Key="precious")["Body"].read() == b"precious"


def test_another_stacks_state_is_refused_unless_forced(
    twice: Project, another: Callable[[], Project], cloud: Cloud
) -> None:
    """By lineage, from a file; nothing was written. Forced, the former state is still kept."""
    other = another()
    other.write(ONE).apply()
    foreign = state(other, backup={"to": "file"})["backup"]
    before = cloud.state(twice)
    for given in (CHECK, REAL):
        refused = state(twice, given, restore={"path": foreign})
        assert "it is another stack's" in refused.message
        assert (cloud.state(twice), cloud.lock(twice)) == (before, None)
    forced = state(twice, restore={"path": foreign, "force": True})
    assert forced["changed"] is True
    assert forced["lineage"] == (cloud.state(other) or {})["lineage"]
    assert "versionId=" in forced["backup"]


BAD = {
    "an unknown version": ({"version_id": "nope"}, "there is none. It keeps 2 versions"),
    "no such file": ({"path": "/nowhere/x.tfstate"}, "no such file"),
    "no such object": ({"key": "nowhere/x.tfstate"}, "no such object"),
    "two sources": ({"key": "a", "at": "2026-01-01"}, "exclude each other"),
    "no source": ({}, "no state was named. There is: version_id "),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_source_that_is_none_is_a_clear_error(twice: Project, cloud: Cloud, bad: str) -> None:
    """What is there instead is told, and nothing was written."""
    options, says = BAD[bad]
    before = cloud.state(twice)
    assert says in state(twice, restore=options).message
    assert (cloud.state(twice), cloud.lock(twice)) == (before, None)


@pytest.mark.parametrize("text", ["hello", "[]", '{"version": 4}', '{"version": 3, "lineage": "a", "serial": 1}', ""])
def test_a_file_that_is_no_state_is_refused(twice: Project, cloud: Cloud, tmp_path: Path, text: str) -> None:
    """Also the one that `terraform state push -force` would wipe the state with."""
    path, before = tmp_path / "file", cloud.state(twice)
    path.write_text(text)
    refused = state(twice, restore={"path": str(path), "force": True})
    assert str(path) in refused.message
    assert "state" in refused.message
    assert cloud.state(twice) == before


def test_a_lock_of_somebody_else_is_respected(twice: Project, cloud: Cloud) -> None:
    """It names the holder, and both the lock and the state stay as they are."""
    wanted, before = versions(twice)[1]["version_id"], cloud.state(twice)
    cloud.hold_lock(twice)
    held = cloud.lock(twice)
    for given in (CHECK, REAL):
        refused = state(twice, given, restore={"version_id": wanted})
        assert "ada@laptop" in refused.message
    assert (cloud.state(twice), cloud.lock(twice)) == (before, held)
    cloud.release(twice)


@pytest.mark.parametrize("broken", [b"garbage", b""], ids=["garbage", "empty"])
def test_a_broken_state_is_restored_over_and_kept(twice: Project, cloud: Cloud, broken: bytes) -> None:
    """What lies there is no state any more: that is what restoring is for."""
    wanted = versions(twice)[0]["version_id"]
    cloud.s3.put_object(Bucket=cloud.bucket, Key=twice.state_key, Body=broken)
    done = state(twice, restore={"version_id": wanted})
    assert (done["changed"], size(cloud.state(twice))) == (True, 2)
    assert "versionId=" in done["backup"]
    assert twice.apply(variables={"size": 2})["changed"] is False


def test_a_state_in_a_local_file_is_restored(project: Project, cloud: Cloud) -> None:
    """Without versions, so the former state becomes a private file."""
    local = replace(project.write(ONE, backend=""), backend_config={}).having(backend_type="local")
    local.apply()
    backup = state(local, backup={})["backup"]
    local.apply(variables={"size": 2})
    done = state(local, restore={"path": backup})
    assert size(json.loads((project.root / "terraform.tfstate").read_text())) == 1
    kept = Path(done["backup"])
    assert (size(json.loads(kept.read_text())), stat.S_IMODE(kept.stat().st_mode)) == (2, 0o600)
    assert local.apply()["changed"] is False
    assert "keeps no versions" in state(local, restore={"version_id": "x"}).message
    assert "no bucket" in state(local, backup={"to": "bucket"}).message


def test_a_restore_with_a_plan_that_has_changes_is_taken_back(twice: Project, cloud: Cloud) -> None:
    """The plan is made under our own lock; in check mode on a copy, with the same answer."""
    wanted = {"version_id": versions(twice)[1]["version_id"]}
    options: dict[str, Any] = {"restore": wanted, "require_no_changes": True, "variables": {"size": 2}}
    before = cloud.state(twice) or {}
    told = state(twice, CHECK, **options)
    assert "the plan would update terraform_data.disk" in told.message
    assert cloud.state(twice) == before
    refused = state(twice, **options)
    after = cloud.state(twice) or {}
    assert "the plan would update terraform_data.disk" in refused.message
    assert "the former state was put back" in refused.message
    assert {**after, "serial": 0} == {**before, "serial": 0}
    assert after["serial"] > before["serial"]
    assert cloud.lock(twice) is None
    fits = {**options, "variables": {"size": 1}}
    assert state(twice, CHECK, **fits)["changed"] is True
    assert state(twice, **fits)["changed"] is True
    assert size(cloud.state(twice)) == 1


def test_a_restored_state_that_terraform_does_not_take_is_taken_back(
    twice: Project, cloud: Cloud, tmp_path: Path
) -> None:
    """One of a version to come: Terraform refuses to read it, and the former state is there again."""
    before = cloud.state(twice) or {}
    path = tmp_path / "newer"
    broken = {**before, "resources": [{"mode": "managed", "type": "terraform_data", "name": "x", "instances": "none"}]}
    path.write_text(json.dumps(broken))
    refused = state(twice, restore={"path": str(path)})
    assert "the former state was put back" in refused.message
    after = cloud.state(twice) or {}
    assert {**after, "serial": 0} == {**before, "serial": 0}
    assert twice.apply(variables={"size": 2})["changed"] is False


def test_what_a_failed_apply_left_is_restored_and_put_away(project: Project, cloud: Cloud, proxy: Proxy) -> None:
    """errored.tfstate: found, compared, written, moved to the backups; then the next run goes on. Without one, nothing."""
    project = project.write(ONE).through(proxy.url)
    project.apply()
    assert state(project, restore={"errored": True})["changed"] is False
    proxy.refuse("PutObject", project.state_key)
    kept = Path(project.apply(variables={"size": 2})["errored_state"])
    proxy.heal()
    stopped = project.apply(variables={"size": 2})
    assert "envforge.terraform.restore --limit shop -e state_errored=true" in stopped.message
    told = state(project, CHECK, restore={"errored": True})
    assert (told["changed"], kept.exists(), size(cloud.state(project))) == (True, True, 1)
    assert state(project, restore={"errored": True})["changed"] is True
    assert (kept.exists(), size(cloud.state(project))) == (False, 2)
    assert len(list((project.data_dir / "backups").glob("*errored.tfstate"))) == 1
    assert project.apply(variables={"size": 2})["changed"] is False
    assert state(project, restore={"errored": True})["changed"] is False


def test_a_left_state_of_another_environment_or_an_older_one_is_refused(
    twice: Project, another: Callable[[], Project], cloud: Cloud
) -> None:
    """It stays where it is."""
    left = twice.root / "errored.tfstate"
    other = another()
    other.write(ONE).apply()
    left.write_text(json.dumps(cloud.state(other)))
    assert "belongs to another environment" in state(twice, restore={"errored": True}).message
    now = cloud.state(twice) or {}
    left.write_text(json.dumps({**now, "serial": 1, "outputs": {}}))
    assert f"has gone on to {now['serial']}" in state(twice, restore={"errored": True}).message
    assert (left.exists(), cloud.state(twice)) == (True, now)


def test_before_a_first_apply_a_left_state_may_be_anybodys(project: Project) -> None:
    """The root module is that of all environments: without a state of its own only its user can say whose that file is."""
    project.write(ONE)
    left = project.root / "errored.tfstate"
    left.write_text(json.dumps({"version": 4, "serial": 3, "lineage": "of prod", "outputs": {}, "resources": []}))
    assert "its lineage is compared then" in project.apply().message
    for given in (CHECK, REAL):
        assert "no state to compare its lineage with" in state(project, given, restore={"errored": True}).message
    assert left.exists()
    assert state(project, restore={"errored": True, "force": True})["lineage"] == "of prod"
    assert not left.exists()


def test_what_a_first_apply_left_of_this_stack_is_told_from_that_of_another(
    project: Project, cloud: Cloud, proxy: Proxy
) -> None:
    """What lies in the stack's own data directory is its own, and tells which lineage that in the root module must have."""
    project = project.write(ONE).through(proxy.url)
    assert project.init()["changed"] is False
    proxy.refuse("PutObject", project.state_key)
    kept = Path(project.apply()["errored_state"])
    proxy.heal()
    left = project.root / "errored.tfstate"
    foreign = {**json.loads(kept.read_text()), "serial": 99, "lineage": "of prod"}
    left.write_text(json.dumps(foreign))
    done = state(project, restore={"errored": True})
    assert (done["changed"], done["lineage"] == "of prod", kept.exists(), left.exists()) == (True, False, False, True)


def left_behind(project: Project, proxy: Proxy) -> Path:
    """What an apply leaves whose state the backend does not take."""
    refuse = Given(before={"apply": lambda: proxy.refuse("PutObject", str(project.backend_config["key"]))})
    kept = Path(project.apply(refuse)["errored_state"])
    proxy.heal()
    return kept


def in_one_data_directory(project: Project, proxy: Proxy) -> Project:
    """As the playbooks do it: the workspaces of a stack share theirs."""
    return project.write(ONE).through(proxy.url).having(data_dir=str(project.directory / "shared"))


@pytest.mark.parametrize("other", ["workspace", "key"])
def test_what_another_workspace_or_key_left_is_restored_there(
    project: Project, cloud: Cloud, proxy: Proxy, other: str
) -> None:
    """Else this one, never applied, would own the objects of the other and destroy them with its own."""
    here = in_one_data_directory(project, proxy)
    moved = {**here.backend_config, "key": f"other-{here.state_key}"}
    there = replace(here, workspace="a") if other == "workspace" else replace(here, backend_config=moved)
    kept = left_behind(there, proxy)
    said = f"that of the workspace {there.workspace} (s3://{there.lock_id}), and not of the workspace default"
    stopped = here.apply()
    assert (said in stopped.message, stopped["terraform_calls"]) == (True, 0)
    assert ("-e tf_workspace=a" in stopped.message) == (other == "workspace")
    for given in (CHECK, REAL):
        refused = state(here, given, restore={"errored": True})
        assert (said in refused.message, "set force" in refused.message) == (True, True)
    assert (cloud.state(here), kept.exists()) == (None, True)
    assert state(there, restore={"errored": True})["changed"] is True
    assert (cloud.addresses(there), list(kept.parent.glob("*errored*"))) == (["terraform_data.disk"], [])
    assert there.apply()["changed"] is False
    if other == "workspace":  # of the other key there is a state now, that is to be migrated or left on purpose
        assert here.apply()["changed"] is True


def test_what_another_workspace_left_needs_force_even_with_the_same_lineage(
    project: Project, cloud: Cloud, proxy: Proxy
) -> None:
    """A state that was copied has the lineage of its original."""
    here = in_one_data_directory(project, proxy)
    there = replace(here, workspace="a")
    kept = left_behind(there, proxy)
    copied = {**json.loads(kept.read_text()), "serial": 1, "outputs": {}}
    cloud.s3.put_object(Bucket=cloud.bucket, Key=here.state_key, Body=json.dumps(copied).encode())
    assert "that of the workspace a" in state(here, restore={"errored": True}).message
    assert state(here, restore={"errored": True, "force": True})["changed"] is True
    assert not kept.exists()


def test_of_what_two_workspaces_left_each_restores_its_own(project: Project, cloud: Cloud, proxy: Proxy) -> None:
    """The serial of the other one is higher, and its lineage the same if it was copied: of no account."""
    here = in_one_data_directory(project, proxy)
    theirs = left_behind(replace(here, workspace="a"), proxy)
    note = theirs.with_name(f"{theirs.name}.json").read_text()
    theirs.unlink()
    kept = left_behind(here, proxy)
    theirs = kept.with_name("later-errored.tfstate")
    theirs.write_text(json.dumps({**json.loads(kept.read_text()), "serial": 99}))
    theirs.with_name(f"{theirs.name}.json").write_text(note)
    done = state(here, restore={"errored": True})
    assert (done["changed"], done["source"], done["serial"] < 99) == (True, str(kept), True)
    assert (kept.exists(), theirs.exists(), cloud.addresses(here)) == (False, True, ["terraform_data.disk"])


def test_a_state_in_the_data_directory_that_nobody_noted_may_be_any_workspaces(project: Project, proxy: Proxy) -> None:
    """Killed between the two, or left by an earlier release."""
    here = in_one_data_directory(project, proxy)
    kept = left_behind(here, proxy)
    kept.with_name(f"{kept.name}.json").unlink()
    assert "nothing says whose that one is" in state(here, restore={"errored": True}).message
    assert state(here, restore={"errored": True, "force": True})["changed"] is True


@pytest.mark.parametrize("content", [b"", b'{"version": 4, "serial": 7, "lin', b"\xff"], ids=["empty", "cut", "binary"])
def test_a_broken_left_state_does_not_keep_the_others_from_being_restored(
    project: Project, cloud: Cloud, proxy: Proxy, content: bytes
) -> None:
    """Each message says what to do next, and doing it leads to a run."""
    here = in_one_data_directory(project, proxy)
    kept = left_behind(here, proxy)
    broken = kept.with_name("20200101T000000-1-errored.tfstate")
    broken.write_bytes(content)
    done = state(here, restore={"errored": True})
    assert (done.failed, done["changed"], kept.exists(), broken.exists()) == (False, True, False, True)
    (warning,) = done.warnings
    assert (str(broken) in warning, "move it away" in warning) == (True, True)
    assert str(broken) in here.apply().message
    alone = state(here, restore={"errored": True}).message
    assert (str(broken) in alone, "move it away" in alone) == (True, True)
    broken.rename(project.directory / "looked-at")
    assert here.apply()["changed"] is False


def test_a_recovery_is_rehearsed_without_touching_the_live_state(twice: Project, cloud: Cloud, proxy: Proxy) -> None:
    """From the newest backup or a chosen version; a plan with changes fails and says which. No write request."""
    assert "it has no backup" in state(twice, restore={"rehearse": True}).message
    state(twice, backup={"to": "bucket"})
    before, files = cloud.state(twice), tree_of(twice.root)
    through = twice.through(proxy.url)
    rehearsed = state(through, restore={"rehearse": True}, variables={"size": 2})
    assert (rehearsed["changed"], rehearsed["resource_changes"]) == (False, [])
    assert "backups/" in rehearsed["source"]
    old = versions(twice)[1]["version_id"]
    failed = state(through, restore={"rehearse": True, "version_id": old}, variables={"size": 2})
    assert "the plan would update terraform_data.disk" in failed.message
    assert "live state was not touched" in failed.message
    assert state(through, restore={"rehearse": True, "version_id": old})["changed"] is False
    assert (proxy.writes, cloud.state(twice), tree_of(twice.root)) == ([], before, files)


def test_a_stack_that_was_never_applied_needs_no_backup(twice: Project, cloud: Cloud) -> None:
    """One whose state was lost does."""
    new = replace(twice, workspace="new")
    told = state(new, restore={"rehearse": True})
    assert (told["changed"], told["source"], told["terraform_calls"]) == (False, None, 0)
    cloud.delete_state(twice)
    assert "it has no backup" in state(twice, restore={"rehearse": True}).message


def test_a_workspace_is_restored_and_rehearsed(twice: Project, cloud: Cloud) -> None:
    """Its state has a key of its own, and so has its backup."""
    staging = replace(twice, workspace="staging")
    staging.apply(variables={"size": 5})
    made = state(staging, backup={"to": "bucket"})
    assert f"backups/env:/staging/{twice.state_key}/" in made["backup"]
    assert state(staging, restore={"rehearse": True}, variables={"size": 5})["resource_changes"] == []
    staging.apply(variables={"size": 6})
    assert state(staging, restore={"version_id": versions(staging)[1]["version_id"]})["changed"] is True
    assert (size(cloud.state(staging)), size(cloud.state(twice))) == (5, 2)
    keys = [key for key in cloud.keys(twice) if key.startswith("env:/")]
    assert keys == [staging.state_key]


def test_a_fresh_clone_restores_as_well(twice: Project, cloud: Cloud) -> None:
    """Nothing is initialised there, and the digest of a deleted state is still in the table."""
    wanted = versions(twice)[1]["version_id"]
    cloud.delete_state(twice, with_digest=False)
    clone = twice.copied()
    assert state(clone, CHECK, restore={"version_id": wanted})["changed"] is True
    assert not clone.data_dir.exists()
    assert state(clone, restore={"version_id": wanted})["changed"] is True
    assert size(cloud.state(clone)) == 1


def test_a_bucket_without_versions_gets_a_file_as_the_backup(project: Project, cloud: Cloud) -> None:
    """There is no other place where the former state would be found."""
    cloud.s3.create_bucket(Bucket="plain")
    plain = replace(project.write(ONE), backend_config={**project.backend_config, "bucket": "plain"})
    plain.apply()
    first = state(plain, backup={})["backup"].removeprefix("s3://plain/")
    plain.apply(variables={"size": 2})
    kept = Path(state(plain, restore={"key": first})["backup"])
    assert (size(json.loads(kept.read_text())), stat.S_IMODE(kept.stat().st_mode)) == (2, 0o600)
    assert plain.apply()["changed"] is False
    assert state(plain, restore={"path": str(kept)})["changed"] is True
    cloud.s3.put_object(Bucket="plain", Key=plain.state_key, Body=b"\xff no text")
    broken = Path(state(plain, restore={"path": str(kept)})["backup"])
    assert broken.read_bytes() == b"\xff no text"
