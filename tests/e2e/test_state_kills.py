# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task that is killed at any moment: the state is an old or a new one, whole, and one task goes on from there.

That is a restore, a move, an import and an apply; migrations are in test_migration_kills.py.
"""

from __future__ import annotations

import itertools
import json
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.killing import Victim, killed_at_change
from tests.e2e.project import CHECK, OLD_ENGINE, REAL, Project, run
from tests.e2e.proxy import Proxy

pytestmark = pytest.mark.timeout(600)
ONE = """
variable "size" {
  default = 1
}
resource "terraform_data" "disk" {
  input = var.size
}
"""


FOUND = 'resource "terraform_data" "found" {}\n'


def content(state: dict[str, Any] | None) -> str:
    assert state is not None
    return json.dumps({**state, "serial": 0, "terraform_version": ""}, sort_keys=True)


def brought_back(project: Project, cloud: Cloud, doing: str) -> bool:
    """Whether a lock was left; if so, it says what was being done, and one task releases it and finishes."""
    locks = run("tf_lock_info", project.arguments())["locks"]
    if locks:
        assert doing in (locks[0]["info"] or locks[0]["operation"])
        released = run("tf_lock", project.arguments(lock_id=locks[0]["id"]))
        assert not released.failed, released.result
    assert cloud.lock(project) is None
    looked = run("tf_output_info", project.arguments())  # Terraform reads the state, digest and all
    assert not looked.failed, looked.result
    return bool(locks)


@pytest.fixture
def versions(project: Project) -> dict[int, str]:
    """A stack that was applied twice, and the versions of both sizes."""
    project.write(ONE).apply()
    project.apply(variables={"size": 2})
    newest, oldest = run("tf_state_info", project.arguments(versions=True))["versions"]
    return {1: oldest["version_id"], 2: newest["version_id"]}


def size(cloud: Cloud, project: Project) -> int:
    """Which of both states is there; it is one of them, whole."""
    state = cloud.state(project) or {}
    assert set(state) >= {"version", "serial", "lineage", "outputs", "resources"}
    (resource,) = state["resources"]
    return int(resource["instances"][0]["attributes"]["output"]["value"])


def test_a_restore_killed_at_any_write(project: Project, cloud: Cloud, proxy: Proxy, versions: dict[int, str]) -> None:
    """Before it arrives and after: lock, state, digest, lock again. Both versions in turn."""
    at, left = [], 0
    for number, arrives in ((number, arrives) for number in range(1, 6) for arrives in (False, True)):
        now = size(cloud, project)
        victim = Victim(proxy, number, arrives=arrives, writes=True)
        victim.run("tf_state", project, {"restore": {"version_id": versions[3 - now]}})
        assert size(cloud, project) in (1, 2)
        left += brought_back(project, cloud, "Restoring the state of stack shop in dev from version")
        at.append((victim.killed_at or "end").split(" ")[0])
    assert at == [each for each in ("PutItem", "PutObject", "PutItem", "DeleteItem", "end") for _ in range(2)]
    assert left == 6


def test_a_restore_killed_before_its_digest_is_locked_in_check_mode_too(
    project: Project, cloud: Cloud, proxy: Proxy, versions: dict[int, str]
) -> None:
    """The wanted state is there already, its digest is not, and the dead run's lock keeps everybody from writing it."""
    wanted = {"restore": {"version_id": versions[1]}}
    Victim(proxy, 3, writes=True).run("tf_state", project, wanted)  # after lock and state
    assert (size(cloud, project), cloud.lock(project) is None) == (1, False)
    for given in (CHECK, REAL):
        refused = run("tf_state", project.arguments(**wanted), given)
        assert "lock" in refused.message, given
        assert len(refused["locks"]) == 1
    brought_back(project, cloud, "Restoring")
    assert run("tf_state", project.arguments(**wanted))["changed"] is False


def test_a_restore_of_a_lost_state_killed_under_its_lock(project: Project, cloud: Cloud, proxy: Proxy) -> None:
    """A digest without a state is left with the lock: it does not keep that lock, which would keep the next restore away."""
    project.write(ONE).apply()
    (kept,) = run("tf_state_info", project.arguments(versions=True))["versions"]
    cloud.delete_state(project, with_digest=False)
    wanted = {"restore": {"version_id": kept["version_id"]}}
    victim = Victim(proxy, 2, writes=True).run("tf_state", project, wanted)
    assert (victim.killed_at or "").startswith("PutObject")
    (lock,) = run("tf_lock_info", project.arguments())["locks"]
    released = run("tf_lock", project.arguments(lock_id=lock["id"]))
    assert (released["changed"], released["repaired"]) == (True, None)
    assert "Restore a version of it" in str(released.warnings)
    assert run("tf_state", project.arguments(**wanted))["changed"] is True
    assert project.apply()["changed"] is False


@pytest.mark.parametrize("number", range(1, 15, 3))
def test_a_restore_killed_at_any_request(
    project: Project, cloud: Cloud, proxy: Proxy, versions: dict[int, str], number: int
) -> None:
    """Reads included: those before the lock, under it, and those of the Terraform that is asked what it sees."""
    victim = Victim(proxy, number).run("tf_state", project, {"restore": {"version_id": versions[1]}})
    assert victim.killed_at is not None
    assert size(cloud, project) in (1, 2)
    brought_back(project, cloud, "Restoring the state of stack shop in dev from version")
    assert run("tf_state", project.arguments(restore={"version_id": versions[1]})).failed is False
    assert size(cloud, project) == 1


def test_a_restore_of_a_local_state_killed_at_any_change(project: Project) -> None:
    """Its lock dies with it, so the same restore again goes through; a note of it that stays is released as any lock.

    Both states in turn, until it ends by itself; what it had half written is gone then, for it holds secrets.
    """
    local = replace(project.write(ONE, backend=""), backend_config={}).having(backend_type="local")
    path, copies = local.root / "terraform.tfstate", {}
    for wanted in (1, 2):
        local.apply(variables={"size": wanted})
        copies[wanted] = run("tf_state", local.arguments(backup={}))["backup"]
    found = set()
    for number in itertools.count(1):
        now = size_in(path)
        restore = {"path": copies[3 - now]}
        if not killed_at_change("tf_state", local, number, restore=restore):
            break
        found.add("new" if size_in(path) != now else "old")
        looked = run("tf_output_info", local.arguments())
        assert not looked.failed, (number, looked.result)
        again = run("tf_state", local.arguments(restore=restore))
        assert (again.failed, size_in(path)) == (False, 3 - now), (number, again.result)
        for lock in local.lock_info()["locks"]:
            assert (again["changed"], lock["id"] in again.warnings[0]) == (False, True)
            assert local.lock(lock_id=lock["id"])["changed"] is True
    assert (number > 15, found) == (True, {"old", "new"})
    assert sorted(each.name for each in local.root.glob(".*")) == []


def size_in(path: Path) -> int:
    """Of a whole state in a file."""
    state = json.loads(path.read_text())
    assert set(state) >= {"version", "serial", "lineage", "outputs", "resources"}
    return int(state["resources"][0]["instances"][0]["attributes"]["output"]["value"])


@pytest.mark.skipif(OLD_ENGINE, reason="lock files in S3 came with Terraform 1.10")
def test_a_move_killed_at_any_write(project: Project, cloud: Cloud, proxy: Proxy) -> None:
    """With both locks, and a plan demanded that has changes: written, planned, written back, and killed in between."""
    both = replace(project.write(ONE), backend_config={**project.backend_config, "use_lockfile": True})
    both.apply()
    old = content(cloud.state(both))
    there = {"move": [{"from": "terraform_data.disk", "to": "terraform_data.drive"}]}
    back = {"move": [{"from": "terraform_data.drive", "to": "terraform_data.disk"}]}
    assert run("tf_state", both.arguments(**there))["changed"] is True
    new = content(cloud.state(both))
    run("tf_state", both.arguments(**back))
    options, left = {**there, "require_no_changes": True}, 0
    assert run("tf_state", both.through(proxy.url).arguments(**options)).failed
    for number, arrives in ((number, arrives) for number in range(1, 9) for arrives in (False, True)):
        victim = Victim(proxy, number, arrives=arrives, writes=True).run("tf_state", both, options)
        assert victim.killed_at is not None
        found = content(cloud.state(both))
        assert found in (old, new), victim.killed_at
        left += brought_back(both, cloud, "Moving resources in the state of stack shop in dev")
        if found == new:
            run("tf_state", both.arguments(**back))
    assert left == 14  # once the last lock has gone, nothing is left to be done
    assert not [key for key in cloud.keys(both) if key.endswith(".tflock")]


def test_an_import_killed_at_any_write(project: Project, cloud: Cloud, proxy: Proxy) -> None:
    """The state has the object or not; the import is done again, or finds it done."""
    project.write(ONE + FOUND).apply(targets=["terraform_data.disk"])
    options, old, left = {"imports": [{"to": "terraform_data.found", "id": "id-1"}]}, content(cloud.state(project)), 0
    for number, arrives in ((number, arrives) for number in range(1, 6) for arrives in (False, True)):
        victim = Victim(proxy, number, arrives=arrives, writes=True).run("tf_import", project, options)
        found = content(cloud.state(project))
        assert found == old or {each["name"] for each in json.loads(found)["resources"]} == {"disk", "found"}
        left += brought_back(project, cloud, "Importing terraform_data.found into stack shop in dev")
        assert run("tf_import", project.arguments(**options))["changed"] is (found == old), victim.killed_at
        assert run("tf_state", project.arguments(remove=["terraform_data.found"]))["changed"] is True
        old = content(cloud.state(project))
    assert left == 6


def test_an_import_killed_with_its_configuration_generated(project: Project, cloud: Cloud, proxy: Proxy) -> None:
    """Configuration without its object in the state would make that a second time: it is never there without a lock."""
    project.write(ONE).apply()
    generated = project.root / "found.tf"
    options = {"imports": [{"to": "terraform_data.found", "id": "id-1"}], "generate_config": generated.name}
    seen = set()
    for number, arrives in ((number, arrives) for number in range(1, 5) for arrives in (False, True)):
        victim = Victim(proxy, number, arrives=arrives, writes=True).run("tf_import", project, options)
        assert victim.killed_at is not None
        imported = "terraform_data.found" in cloud.addresses(project)
        seen.add((generated.exists(), imported))
        assert imported or not generated.exists() or cloud.lock(project) is not None, victim.killed_at
        brought_back(project, cloud, "Importing terraform_data.found into stack shop in dev")
        assert run("tf_import", project.arguments(**options)).failed is False
        assert project.apply()["changed"] is False
        assert run("tf_state", project.arguments(remove=["terraform_data.found"]))["changed"] is True
        generated.unlink()
    assert seen == {(False, False), (True, False), (True, True)}


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM], ids=lambda signum: signum.name)
@pytest.mark.parametrize("demanded", [False, True])
def test_an_import_that_is_asked_to_end_at_any_request(
    project: Project, cloud: Cloud, proxy: Proxy, signum: signal.Signals, demanded: bool
) -> None:
    """All or nothing, also here: the object is in the state and its configuration in the root module, or neither is.

    One without the other would destroy what was imported, or make it a second time. No lock is left.
    """
    project.write(ONE).apply()
    generated = project.root / "found.tf"
    options = {"imports": [{"to": "terraform_data.found", "id": "id-1"}], "generate_config": generated.name}
    seen, last = set(), 0
    for number in itertools.count(2, 3):
        victim = Victim(proxy, number, signum=signum).run(
            "tf_import", project, {**options, "require_no_changes": demanded}
        )
        imported = "terraform_data.found" in cloud.addresses(project)
        assert (cloud.lock(project), generated.exists()) == (None, imported), victim.killed_at
        assert project.plan()["changed"] is False, victim.killed_at  # the digest is right, too
        seen.add(imported)
        if victim.killed_at is None:
            break
        last = number
        if imported:
            assert run("tf_state", project.arguments(remove=["terraform_data.found"]))["changed"] is True
            generated.unlink()
    assert (seen, last > 8) == ({False, True}, True)


def test_a_demanded_plan_that_is_asked_to_end_undoes_the_move(project: Project, cloud: Cloud, proxy: Proxy) -> None:
    """Nobody has seen yet whether it had changes: the next run would make them."""
    project.write(ONE).apply()
    old, found = content(cloud.state(project)), []
    options = {"move": [{"from": "terraform_data.disk", "to": "terraform_data.drive"}], "require_no_changes": True}
    for number in range(1, 7):
        victim = Victim(proxy, number, writes=True, signum=signal.SIGTERM).run("tf_state", project, options)
        found.append((victim.killed_at or "end").split(" ")[0])
        assert (content(cloud.state(project)), cloud.lock(project)) == (old, None), victim.killed_at
        assert project.plan()["changed"] is False
    assert found == ["PutItem", "PutObject", "PutItem", "PutObject", "PutItem", "DeleteItem"]


@pytest.mark.skipif(OLD_ENGINE, reason="lock files in S3 came with Terraform 1.10")
@pytest.mark.parametrize("number", range(1, 6))
def test_a_change_of_the_lock_that_is_asked_to_end_leaves_none(
    project: Project, cloud: Cloud, proxy: Proxy, number: int
) -> None:
    """The file and the row, the digest, the row and the file again: the digest is the old one or the right one."""
    project.write(ONE).apply()
    by_file = replace(project, backend_config={**project.backend_config, "dynamodb_table": None, "use_lockfile": True})
    by_file.apply(variables={"size": 2})  # the digest is that of the former state
    former = {"config": {"use_lockfile": True, "dynamodb_table": None}}
    back = project.copied("back")
    victim = Victim(proxy, number, writes=True, signum=signal.SIGTERM)
    victim.run("tf_workspace", back, {"migrate": True, "migrate_from": former})
    assert victim.killed_at is not None
    both = replace(project, backend_config={**project.backend_config, "use_lockfile": True})
    assert both.lock_info()["locks"] == [], victim.killed_at
    assert back.init(migrate=True, migrate_from=former).failed is False
    assert back.apply(variables={"size": 2})["changed"] is False


@pytest.mark.parametrize("number", range(1, 4))
def test_a_repair_that_is_asked_to_end_leaves_no_lock(
    project: Project, cloud: Cloud, proxy: Proxy, number: int
) -> None:
    """The lock is taken, the digest written, the lock given back."""
    project.write(ONE).apply()
    row = {"LockID": {"S": f"{project.lock_id}-md5"}, "Digest": {"S": "0" * 32}}
    cloud.dynamodb.put_item(TableName=cloud.bucket, Item=row)
    victim = Victim(proxy, number, writes=True, signum=signal.SIGTERM).run("tf_lock", project, {})
    assert victim.killed_at is not None
    assert cloud.lock(project) is None, victim.killed_at
    assert project.plan()["changed"] is False


@pytest.mark.parametrize("engine", [False, True], ids=["terraform ends alone", "all at once"])
def test_an_apply_killed_at_any_write(project: Project, cloud: Cloud, proxy: Proxy, engine: bool) -> None:
    """The locks of plan and apply, the state, its digest. A Terraform that was left alone needs nobody's help."""
    project.write(ONE).apply()
    at, left = [], 0
    for number, arrives in ((number, arrives) for number in range(1, 7) for arrives in (False, True)):
        before, wanted = size(cloud, project), 10 * number + arrives
        victim = Victim(proxy, number, arrives=arrives, writes=True, engine=engine)
        victim.run("tf_apply", project, {"variables": {"size": wanted}})
        assert size(cloud, project) in (before, wanted)
        left += brought_back(project, cloud, "OperationType")
        at.append((victim.killed_at or "end").split(" ")[0])
        assert project.apply(variables={"size": wanted}).failed is False
        assert size(cloud, project) == wanted
    writes = ("PutItem", "DeleteItem", "PutItem", "PutObject", "PutItem", "DeleteItem")  # of plan, then of apply
    assert at == [each for each in writes for _ in range(2)]
    assert left == (8 if engine else 0)
