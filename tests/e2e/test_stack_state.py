# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No state is lost: locks of others, refused writes, vanished states, full disks, directories nobody may write."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.project import BINARY, CHECK, OLD_ENGINE, REAL, Given, Project
from tests.e2e.proxy import Proxy, Request

ONE = """
variable "size" {
  default = 1
}
resource "terraform_data" "disk" {
  input = var.size
}
"""
HOLDER = ["ada@laptop", "2026-01-02T03:04:05Z", "OperationTypeApply", "11111111-2222-3333-4444-555555555555"]


def may_mount() -> bool:
    return subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode == 0


needs_mounts = pytest.mark.skipif(
    not shutil.which("unshare") or not may_mount(), reason="this user may not mount file systems"
)


@contextmanager
def mounted(place: Path, *options: str) -> Iterator[None]:
    subprocess.run(["mount", *options, str(place)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


# locks of others


@pytest.mark.core
def test_a_lock_in_the_table_names_its_holder(project: Project, cloud: Cloud) -> None:
    """Who, since when, which operation, which ID, and the way out."""
    project.write(ONE).apply()
    cloud.hold_lock(project)
    for task in (project.plan, project.apply):
        refused = task(variables={"size": 2})
        assert [
            part for part in [*HOLDER, "envforge.terraform.unlock", "tf_lock_timeout"] if part not in refused.message
        ] == []
        assert refused["locks"][0]["who"] == "ada@laptop"
    cloud.release(project)
    assert project.apply(variables={"size": 2})["changed"] is True


def test_a_lock_taken_between_plan_and_apply_names_its_holder(project: Project, cloud: Cloud) -> None:
    """The plan is gone then; nothing was applied."""
    project.write(ONE).apply()
    given = Given(before={"apply": lambda: cloud.hold_lock(project)})
    refused = project.apply(given, variables={"size": 2})
    assert [part for part in HOLDER if part not in refused.message] == []
    assert (refused["applied"], refused["changed"]) == ([], False)
    assert not project.plan_file.exists()


@pytest.mark.skipif(OLD_ENGINE, reason="lock files in S3 came with Terraform 1.10")
def test_a_lock_file_names_its_holder(project: Project, cloud: Cloud) -> None:
    """The lock of a backend without a table is an object beside the state."""
    config = {name: value for name, value in project.backend_config.items() if name != "dynamodb_table"}
    project = replace(project.write(ONE), backend_config={**config, "use_lockfile": True})
    assert project.apply()["changed"] is True
    info = dict(zip(("Who", "Created", "Operation", "ID"), HOLDER, strict=True))
    cloud.s3.put_object(Bucket=cloud.bucket, Key=f"{project.state_key}.tflock", Body=json.dumps(info).encode())
    refused = project.apply(variables={"size": 2})
    assert [part for part in HOLDER if part not in refused.message] == []


@pytest.mark.core
def test_a_lock_of_the_local_backend_names_its_holder(project: Project) -> None:
    """It is a file beside the state, and a lock of the operating system on the state."""
    local = replace(project.write(ONE, backend=""), backend_config={}).having(backend_type="local")
    local.apply()
    info = dict(zip(("Who", "Created", "Operation", "ID"), HOLDER, strict=True))
    (project.root / ".terraform.tfstate.lock.info").write_text(json.dumps(info))
    with (project.root / "terraform.tfstate").open("r+") as stream:
        fcntl.lockf(stream, fcntl.LOCK_EX)
        refused = local.apply(variables={"size": 2})
    assert [part for part in HOLDER if part not in refused.message] == []


# refused writes


@pytest.mark.core
def test_a_refused_digest_is_put_right(project: Project, cloud: Cloud, proxy: Proxy) -> None:
    """Terraform says nothing and exits 0; the next run would wait ten seconds and fail."""
    project = project.write(ONE).through(proxy.url)
    project.apply()
    proxy.refuse("PutItem", f"{project.state_key}-md5", times=1)
    applied = project.apply(variables={"size": 2})
    assert applied["changed"] is True
    assert any("digest" in warning and "put right" in warning for warning in applied.warnings)
    assert cloud.lock(project) is None
    assert project.apply(variables={"size": 2})["changed"] is False


@pytest.mark.parametrize("ends", [True, False], ids=["ends", "lasts"])
def test_a_digest_that_another_run_is_about_to_write_is_left_to_it(
    project: Project, cloud: Cloud, proxy: Proxy, ends: bool
) -> None:
    """Looked at between its state and its digest: nothing is wrong with this apply. Only what does not fit then is told."""
    project = project.write(ONE).through(proxy.url)
    project.apply()
    body = json.dumps({**(cloud.state(project) or {}), "serial": 50}).encode()
    released: list[Request] = []

    def another_works(request: Request) -> None:
        digest = b"-md5" in request.body
        if request.operation == "DeleteItem":
            released.append(request)
        elif len(released) == 2 and request.operation == "GetItem" and digest and cloud.lock(project) is None:
            cloud.hold_lock(project)  # the apply is done
            cloud.s3.put_object(Bucket=cloud.bucket, Key=project.state_key, Body=body)
        elif len(released) == 2 and request.operation == "PutItem" and ends:
            row = {"LockID": {"S": f"{project.lock_id}-md5"}, "Digest": {"S": hashlib.md5(body).hexdigest()}}
            cloud.dynamodb.put_item(TableName=cloud.bucket, Item=row)

    proxy.watch(another_works)
    applied = project.apply(variables={"size": 2})
    proxy.heal()
    assert (applied.failed, len(applied.result.get("applied", [])), cloud.lock(project) is None) == (False, 1, False)
    if ends:
        assert applied.warnings == []
    else:
        (warning,) = applied.warnings
        assert "ada@laptop" in warning
        assert "envforge.terraform.unlock --limit shop puts it right" in warning


def test_a_digest_that_cannot_be_put_right_is_told(project: Project, cloud: Cloud, proxy: Proxy) -> None:
    """The apply is done and says so; what is wrong is said too."""
    project = project.write(ONE).through(proxy.url)
    project.apply()
    proxy.refuse("PutItem", f"{project.state_key}-md5")
    failed = project.apply(variables={"size": 2})
    assert "was applied, but the digest of its state" in failed.message
    assert (failed["changed"], cloud.lock(project)) == (True, None)


@pytest.mark.core
def test_a_refused_unlock_after_a_complete_apply_is_told(project: Project, cloud: Cloud, proxy: Proxy) -> None:
    """Everything was applied and saved, and the lock that is left is ours: its ID is named."""
    project = project.write(ONE).through(proxy.url)
    project.apply()
    failed = project.apply(Given(before={"apply": lambda: proxy.refuse("DeleteItem")}), variables={"size": 2})
    left = cloud.lock(project)
    assert left is not None
    assert json.loads(left["Info"])["ID"] in failed.message
    assert "force-unlock" in failed.message
    assert "Done: 1 of 1 changes; what failed came after them" in failed.message
    assert (failed["changed"], failed["applied"], failed["not_applied"]) == (True, ["terraform_data.disk"], [])
    proxy.heal()
    cloud.release(project)
    assert project.apply(variables={"size": 2})["changed"] is False


def test_a_refused_unlock_after_a_plan_is_told(project: Project, cloud: Cloud, proxy: Proxy) -> None:
    """The plan looks complete; it is not kept, because nobody could apply it."""
    project = project.write(ONE).through(proxy.url)
    project.apply()
    proxy.refuse("DeleteItem")
    failed = project.plan(variables={"size": 2})
    left = cloud.lock(project)
    assert left is not None
    assert json.loads(left["Info"])["ID"] in failed.message
    assert "force-unlock" in failed.message
    assert not project.plan_file.exists()


@pytest.mark.core
def test_a_refused_state_is_kept_and_stops_the_next_run(project: Project, cloud: Cloud, proxy: Proxy) -> None:
    """errored.tfstate goes where no other environment overwrites it; pushed and removed, all goes on."""
    project = project.write(ONE).through(proxy.url)
    project.apply()
    proxy.refuse("PutObject", project.state_key)
    failed = project.apply(variables={"size": 2})
    kept = Path(failed["errored_state"])
    assert kept.parent == project.data_dir
    assert (kept.stat().st_mode & 0o777, list(project.root.glob("errored*"))) == (0o600, [])
    assert str(kept) in failed.message
    proxy.heal()
    for task in (project.plan, project.apply):
        stopped = task(variables={"size": 2})
        assert (str(kept) in stopped.message, stopped["terraform_calls"]) == (True, 0)
    push(project, kept)
    kept.unlink()
    assert project.apply(variables={"size": 2})["changed"] is False
    assert cloud.addresses(project) == ["terraform_data.disk"]


def push(project: Project, state: Path) -> None:
    """What the message tells people to do."""
    owned = {"TF_DATA_DIR": str(project.data_dir / "terraform"), "TF_WORKSPACE": project.workspace}
    command = [BINARY, f"-chdir={project.root}", "state", "push", str(state)]
    subprocess.run(command, env={**os.environ, **owned}, check=True, capture_output=True)


def test_a_state_left_by_somebody_elses_terraform_stops_the_run(project: Project) -> None:
    """It may be of another environment of this root module; the message says how to find out."""
    project.write(ONE).init()
    (project.root / "errored.tfstate").write_text('{"lineage": "l", "serial": 1}')
    stopped = project.apply()
    assert str(project.root / "errored.tfstate") in stopped.message
    assert "its lineage is compared" in stopped.message
    assert stopped["terraform_calls"] == 0


def test_a_state_that_terraform_can_only_print_is_kept(project: Project, proxy: Proxy) -> None:
    """Something is in the way of its file: it prints the whole state then, which is captured and shown nowhere."""
    project = project.write(ONE).through(proxy.url)
    project.apply()
    proxy.refuse("PutObject", project.state_key)
    blocked = project.root / "errored.tfstate"
    failed = project.apply(Given(before={"apply": blocked.mkdir}), variables={"size": "planted-value"})
    kept = Path(failed["errored_state"])
    assert (kept.parent, kept.stat().st_mode & 0o777) == (project.data_dir, 0o600)
    assert json.loads(kept.read_text())["serial"] > 0
    assert "planted-value" in kept.read_text()
    assert "planted-value" not in repr((failed.message, failed.shown, failed["diagnostics"]))


@needs_mounts
def test_nothing_is_applied_where_a_state_could_not_be_saved(project: Project, cloud: Cloud) -> None:
    """In a root module that cannot be written Terraform loses a refused state, and claims to have saved it."""
    project.write(ONE).apply()
    with mounted(project.root, "--bind", str(project.root)):
        subprocess.run(["mount", "-o", "remount,bind,ro", str(project.root)], check=True)
        assert project.apply()["changed"] is False
        refused = project.apply(variables={"size": 2})
    assert f"may not write in the root module {project.root}" in refused.message
    assert refused.commands == ["plan", "show"]
    assert project.apply(variables={"size": 2})["changed"] is True


# vanished states


@pytest.mark.core
@pytest.mark.parametrize("workspace", ["default", "blue"])
def test_a_state_that_vanished_is_no_empty_stack(project: Project, cloud: Cloud, workspace: str) -> None:
    """Its versions are there, with resources: creating everything again would be wrong, however often one tries."""
    project = replace(project.write(ONE), workspace=workspace)
    project.apply()
    cloud.delete_state(project)
    ways = [(project.plan, REAL), (project.apply, REAL), (project.apply, REAL)]
    for task, given in [*ways, (project.plan, CHECK), (project.apply, CHECK)]:
        stopped = task(given)
        assert f"s3://states/{project.state_key} is gone" in stopped.message
        assert "Restore that version" in stopped.message
        assert not project.plan_file.exists()
    assert cloud.addresses(project) == []


@pytest.mark.core
@pytest.mark.parametrize("workspace", ["default", "blue"])
def test_a_stack_that_was_destroyed_on_purpose_can_be_made_again(
    project: Project, cloud: Cloud, workspace: str
) -> None:
    """Its last version lists nothing, whether its object was deleted afterwards or not."""
    project = replace(project.write(ONE), workspace=workspace)
    project.apply()
    project.apply(destroy=True)
    assert project.apply()["summary"]["create"] == 1
    project.apply(destroy=True)
    cloud.delete_state(project)
    assert project.apply()["summary"]["create"] == 1


# disks


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A directory on a file system of 256 KiB."""
    place = tmp_path / "small"
    place.mkdir()
    with mounted(place, "-t", "tmpfs", "-o", "size=256k", "tmpfs"):
        yield place


def fill(path: Path) -> None:
    """Write until there is no space left."""
    with suppress(OSError), path.open("wb", buffering=0) as stream:
        while True:
            stream.write(b"x" * 4096)


@needs_mounts
def test_a_full_disk_stops_before_anything_is_applied(project: Project, cloud: Cloud, small_disk: Path) -> None:
    """The error names the file and the reason; with space again it goes on."""
    project = project.write(ONE).having(data_dir=str(small_disk / "data"))
    project.apply()
    filling = small_disk / "filling"
    fill(filling)
    failed = project.apply(variables={"size": 2})
    assert "No space left on device" in failed.message.replace("no space", "No space")
    assert list((small_disk / "data").glob("plan*")) == []
    filling.unlink()
    assert project.apply(variables={"size": 2})["changed"] is True
