# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_lock_info and tf_lock on locks of every kind, seen from the emulated backend."""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.contract import emulator
from tests.e2e.cloud import Cloud
from tests.e2e.project import CHECK, Answer, Given, Project
from tests.e2e.proxy import Proxy, Request

ID = "11111111-2222-3333-4444-555555555555"
ONE = 'resource "terraform_data" "a" {}\n'


def with_both(project: Project) -> Project:
    """The same stack, locked in the table and by a file."""
    return replace(project, backend_config={**project.backend_config, "use_lockfile": True})


def put_file(cloud: Cloud, project: Project, text: str) -> None:
    cloud.s3.put_object(Bucket=cloud.bucket, Key=f"{project.state_key}.tflock", Body=text.encode())


def has_file(cloud: Cloud, project: Project) -> bool:
    return f"{project.state_key}.tflock" in cloud.keys(project)


def put_row(cloud: Cloud, identity: str, **columns: str) -> None:
    item = {"LockID": {"S": identity}, **{name: {"S": value} for name, value in columns.items()}}
    cloud.dynamodb.put_item(TableName=cloud.bucket, Item=item)


def test_a_holder_is_told_with_both_of_its_locks(project: Project, cloud: Cloud) -> None:
    """Who, since when, for what, which ID, by which mechanism; the age of an object by the clock of S3."""
    project = with_both(project)
    cloud.hold_lock(project)
    put_file(cloud, project, json.dumps({"ID": ID, "Who": "ada@laptop", "Created": "2026-01-02T03:04:05.123456789Z"}))
    told = project.lock_info()
    assert told["locked"] is True
    row, file = told["locks"]
    assert (row["who"], row["operation"], row["mechanism"]) == ("ada@laptop", "OperationTypeApply", "dynamodb")
    assert (row["id"], file["id"], file["mechanism"], file["malformed"]) == (ID, ID, "lockfile", False)
    assert row["age"] > 60  # since Created
    assert 0 <= file["age"] < 60  # since the object was written, whatever its holder says
    assert told["digests"] == []


def test_a_state_that_nobody_holds(project: Project) -> None:
    """No lock, no state, no digest: nothing to tell, and nothing to release."""
    told = project.lock_info()
    assert (told["locked"], told["locks"], told["digests"], told["terraform_calls"]) == (False, [], [], 0)
    released = project.lock(lock_id=ID)
    assert (released["changed"], released["released"], released["repaired"]) == (False, [], None)


def test_every_lock_of_a_backend(another: Callable[[], Project], cloud: Cloud) -> None:
    """Of whichever stack and workspace; with rows of digests that have no state, and those that do not fit."""
    here, there = another(), replace(with_both(another()), workspace="blue")
    cloud.hold_lock(there)
    put_file(cloud, there, "no json")
    here.write(ONE).apply()
    put_row(cloud, f"{here.lock_id}-md5", Digest="0" * 32)
    put_row(cloud, f"{there.lock_id}-md5", Digest="1" * 32)
    put_row(cloud, "another-bucket/x.tfstate", Info="{}")
    told = here.lock_info(all=True)
    found = {(lock["path"], lock["mechanism"], lock["malformed"]) for lock in told["locks"]}
    assert {(there.lock_id, "dynamodb", False), (there.lock_id, "lockfile", True)} <= found
    assert "another-bucket/x.tfstate" not in {path for path, _, _ in found}
    problems = {each["path"]: each["problem"] for each in told["digests"]}
    assert (problems[here.lock_id], problems[there.lock_id]) == ("mismatch", "orphaned")
    cloud.release(there)


def ageless(answer: Answer) -> dict[str, Any]:
    """A result without the ages in it: the locks get older from one look to the next."""
    locks = [{name: value for name, value in lock.items() if name != "age"} for lock in answer["released"]]
    return {**answer.result, "released": locks}


@pytest.mark.core
def test_a_lock_is_released_by_its_id(project: Project, cloud: Cloud) -> None:
    """Check mode and diff tell exactly which; the second time there is nothing left to do."""
    project.write(ONE).apply()
    cloud.hold_lock(project)
    predicted = project.lock(CHECK, lock_id=ID)
    assert cloud.lock(project) is not None
    released = project.lock(lock_id=ID)
    assert ageless(predicted) == ageless(released)
    assert released["changed"] is True
    assert [lock["id"] for lock in released["released"]] == [ID]
    assert ID in released["diff"]["before"]
    assert released["diff"]["after"] == ""
    assert cloud.lock(project) is None
    assert project.lock(lock_id=ID)["changed"] is False
    assert project.apply()["changed"] is False


def test_both_mechanisms_are_released_together(project: Project, cloud: Cloud) -> None:
    """A killed Terraform leaves both, and its force-unlock would do."""
    project = with_both(project)
    cloud.hold_lock(project)
    put_file(cloud, project, json.dumps({"ID": ID}))
    assert len(project.lock(lock_id=ID)["released"]) == 2
    assert (cloud.lock(project), has_file(cloud, project)) == (None, False)


@pytest.mark.parametrize("part", ["row", "file"])
def test_half_a_lock_is_released(project: Project, cloud: Cloud, part: str) -> None:
    """A release that was killed between the two, where Terraform's force-unlock exits 1."""
    project = with_both(project)
    if part == "row":
        cloud.hold_lock(project)
    else:
        put_file(cloud, project, json.dumps({"ID": ID}))
    assert len(project.lock(lock_id=ID)["released"]) == 1
    assert (cloud.lock(project), has_file(cloud, project)) == (None, False)


def test_an_id_that_is_not_the_present_one_is_refused(project: Project, cloud: Cloud) -> None:
    """The present one is named, and stays."""
    cloud.hold_lock(project)
    refused = project.lock(lock_id="99999999-0000-0000-0000-000000000000")
    assert "none of its locks has the ID 99999999" in refused.message
    assert ID in refused.message
    assert refused["locks"][0]["id"] == ID
    assert cloud.lock(project) is not None


def test_the_lock_of_another_holder_is_left_and_told(project: Project, cloud: Cloud) -> None:
    """Each mechanism is held by somebody else: only the one asked for goes."""
    project = with_both(project)
    cloud.hold_lock(project)
    put_file(cloud, project, json.dumps({"ID": "another", "Who": "bob@desk"}))
    released = project.lock(lock_id=ID)
    assert [lock["mechanism"] for lock in released["released"]] == ["dynamodb"]
    assert [lock["who"] for lock in released["locks"]] == ["bob@desk"]
    assert any("bob@desk" in warning for warning in released.warnings)
    assert has_file(cloud, project)


def test_without_a_choice_nothing_is_released(project: Project, cloud: Cloud) -> None:
    """Who holds it, and how to say which is meant."""
    cloud.hold_lock(project)
    assert "name the one to release by its ID (lock_id)" in project.lock().message
    assert cloud.lock(project) is not None


def test_a_young_lock_is_refused_and_an_old_one_released(project: Project, cloud: Cloud) -> None:
    """By S3's clock for a file, whatever its holder's clock said."""
    config = {name: value for name, value in project.backend_config.items() if name != "dynamodb_table"}
    project = replace(project, backend_config={**config, "use_lockfile": True})
    put_file(cloud, project, json.dumps({"ID": ID, "Created": "2020-01-01T00:00:00Z"}))
    refused = project.lock(older_than="1h")
    assert "seconds old, and was to be at least 3600" in refused.message
    assert has_file(cloud, project)
    assert project.lock(older_than="0s")["changed"] is True
    assert not has_file(cloud, project)


def test_both_conditions_must_hold(project: Project, cloud: Cloud) -> None:
    """The ID is right, the age is not; force is stronger than both."""
    cloud.hold_lock(project)
    assert "at least" in project.lock(lock_id=ID, older_than="9999d").message
    assert project.lock(lock_id="another", older_than="9999d", force=True)["changed"] is True
    assert cloud.lock(project) is None


@pytest.mark.parametrize("columns", [{}, {"Info": ""}, {"Info": "no json"}, {"Info": "[1]"}, {"Info": "{}"}])
def test_a_lock_that_cannot_be_read_needs_force(project: Project, cloud: Cloud, columns: dict[str, str]) -> None:
    """Nobody can say how old it is, or name it; a row without any text is one too."""
    put_row(cloud, project.lock_id, **columns)
    assert project.lock_info()["locks"][0]["malformed"] is True
    assert "nobody can say how old it is" in project.lock(older_than="0s").message
    assert cloud.lock(project) is not None
    assert project.lock(force=True)["changed"] is True
    assert cloud.lock(project) is None


def test_an_empty_lock_file_is_released_by_its_age(project: Project, cloud: Cloud) -> None:
    """Its object has a time of its own."""
    project = with_both(project)
    put_file(cloud, project, "")
    assert project.lock(older_than="0s")["changed"] is True
    assert not has_file(cloud, project)


@pytest.mark.parametrize("operation", ["DeleteItem", "DeleteObject"])
def test_a_lock_that_was_taken_meanwhile_stays(project: Project, cloud: Cloud, proxy: Proxy, operation: str) -> None:
    """Between looking and deleting the holder let it go and somebody else took it."""
    project = with_both(project).through(proxy.url)
    cloud.hold_lock(project)
    put_file(cloud, project, json.dumps({"ID": ID}))

    def taken_over(request: Request) -> bool:
        if request.operation == operation == "DeleteItem":
            cloud.hold_lock(project, ID="of-bob", Who="bob@desk")
        elif request.operation == operation:
            put_file(cloud, project, json.dumps({"ID": "of-bob", "Who": "bob@desk"}))
        return False

    proxy.watch(taken_over)
    refused = project.lock(lock_id=ID)
    assert "somebody has taken it since it was looked at" in refused.message
    assert "bob@desk" in refused.message
    held = cloud.lock(project) if operation == "DeleteItem" else has_file(cloud, project)
    assert held


@pytest.mark.parametrize("duration", ["soon", "1w", "-1", "1.5h"])
def test_a_duration_that_is_none_is_refused(project: Project, duration: str) -> None:
    """Nothing is guessed about how old a lock must be."""
    assert "(older_than)" in project.lock(older_than=duration).message


def test_a_table_that_is_missing_is_an_error(project: Project) -> None:
    """No table is not the same as no lock."""
    project = replace(project, backend_config={**project.backend_config, "dynamodb_table": "no-such-table"})
    for task in (project.lock_info, project.lock):
        assert "DynamoDB table no-such-table" in task().message


# digests


def written_by_hand(cloud: Cloud, project: Project) -> str:
    """Another state, as after a copy of an old version: the digest in the table is not its own."""
    body = json.dumps({**(cloud.state(project) or {}), "serial": 50}).encode()
    cloud.s3.put_object(Bucket=cloud.bucket, Key=project.state_key, Body=body)
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


@pytest.mark.core
def test_a_digest_that_does_not_fit_is_repaired_when_nobody_is_at_work(project: Project, cloud: Cloud) -> None:
    """One command, and Terraform reads the state again."""
    project.write(ONE).apply()
    md5 = written_by_hand(cloud, project)
    assert project.lock_info()["digests"][0]["actual"] == md5
    before = cloud.digest(project)
    assert project.lock(CHECK)["repaired"]["problem"] == "mismatch"
    assert cloud.digest(project) == before
    assert project.lock()["changed"] is True
    assert (cloud.digest(project), cloud.lock(project)) == (md5, None)
    assert project.lock()["changed"] is False
    assert project.plan()["changed"] is False


def hold_for_us(cloud: Cloud, project: Project, *md5: str) -> None:
    note = {"doing": "restoring version 7", "backup": "s3://states/x?versionId=6", "md5": list(md5)}
    cloud.hold_lock(project, Info=json.dumps(note), Version="envforge.terraform")


def test_what_a_killed_run_of_ours_began_is_finished(project: Project, cloud: Cloud) -> None:
    """Killed between the state and its digest: both are put right, and the backup is named."""
    project.write(ONE).apply()
    md5 = written_by_hand(cloud, project)
    hold_for_us(cloud, project, md5)
    (held,) = project.lock_info()["locks"]
    assert (held["doing"], held["backup"]) == ("restoring version 7", "s3://states/x?versionId=6")
    finished = project.lock(lock_id=ID)
    assert finished["repaired"]["actual"] == md5
    assert finished["released"][0]["backup"] == "s3://states/x?versionId=6"
    assert (cloud.digest(project), cloud.lock(project)) == (md5, None)


def test_a_state_that_the_killed_run_did_not_write_is_not_taken_for_its_own(project: Project, cloud: Cloud) -> None:
    """Somebody wrote it without a lock: that must be looked at, or forced."""
    project.write(ONE).apply()
    md5 = written_by_hand(cloud, project)
    hold_for_us(cloud, project, "0" * 32)
    assert "neither the one that its digest belongs to" in project.lock(lock_id=ID).message
    assert cloud.lock(project) is not None
    assert project.lock(lock_id=ID, force=True)["repaired"]["actual"] == md5


def test_a_digest_without_a_state_is_not_repaired(project: Project, cloud: Cloud) -> None:
    """It says that a state was lost."""
    project.write(ONE).apply()
    cloud.delete_state(project, with_digest=False)
    assert "the bucket has none" in project.lock().message
    assert project.lock_info()["digests"][0]["problem"] == "orphaned"


def test_the_digest_goes_before_the_lock(project: Project, cloud: Cloud, proxy: Proxy) -> None:
    """Killed in between, the lock is still there and the next release does the rest."""
    project = project.write(ONE).through(proxy.url)
    project.apply()
    written_by_hand(cloud, project)
    cloud.hold_lock(project)
    proxy.requests.clear()
    project.lock(lock_id=ID)
    assert [name for name in proxy.operations if name in {"PutItem", "DeleteItem"}] == ["PutItem", "DeleteItem"]


# states on this machine


def local_of(project: Project) -> tuple[Project, Path, Path]:
    local = replace(project.write(ONE, backend=""), backend_config={}).having(backend_type="local")
    assert local.apply()["changed"] is True
    return local, project.root / "terraform.tfstate", project.root / ".terraform.tfstate.lock.info"


def test_the_note_of_a_dead_process_is_removed(project: Project) -> None:
    """Its lock died with it, and Terraform never looks at the note again."""
    local, state, note = local_of(project)
    note.write_text(json.dumps({"ID": ID, "Who": "ada@laptop"}))
    content = state.read_bytes()
    assert local.lock_info()["locks"][0]["who"] == "ada@laptop"
    assert local.lock(CHECK, lock_id=ID)["changed"] is True
    assert note.exists()
    assert local.lock(lock_id=ID)["changed"] is True
    assert (note.exists(), state.read_bytes()) == (False, content)


def test_the_lock_of_a_living_process_is_never_taken_away(project: Project) -> None:
    """Not by force either: it ends with the process."""
    local, state, note = local_of(project)
    note.write_text(json.dumps({"ID": ID, "Who": "ada@laptop"}))
    with state.open("r+") as stream:
        fcntl.lockf(stream, fcntl.LOCK_EX)
        assert "by a process that is alive" in local.lock(lock_id=ID, force=True).message
    assert note.exists()


def test_the_locks_of_other_backends_are_left_to_terraform(project: Project) -> None:
    """And so it says."""
    project = project.having(backend_type="http")
    assert "force-unlock" in project.lock(lock_id=ID).message


# the way out that other tasks name


@pytest.mark.core
def test_the_message_about_a_lock_names_the_command(project: Project, cloud: Cloud) -> None:
    """As it can be typed; for a lock without an ID the way is another."""
    project.write(ONE).apply()
    cloud.hold_lock(project)
    command = "ansible-playbook envforge.terraform.unlock --limit shop -e unlock_id="
    assert f"{command}{ID}" in project.plan().message
    put_row(cloud, project.lock_id, Info="no json")
    assert "envforge.terraform.unlock --limit shop -e unlock_force=true" in project.plan().message
    cloud.release(project)


@pytest.mark.core
def test_the_message_about_a_digest_names_the_command(project: Project, cloud: Cloud) -> None:
    """Terraform speaks of a state it does not expect, and of what to write into the table by hand."""
    project.write(ONE).apply()
    written_by_hand(cloud, project)
    refused = project.plan(Given())
    assert "does not match its digest" in refused.message
    assert "ansible-playbook envforge.terraform.unlock --limit shop" in refused.message
    assert emulator.SECRET_KEY not in refused.message
