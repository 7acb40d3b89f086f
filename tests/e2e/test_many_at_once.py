# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Twenty runs against one stack at once: each succeeds or says who holds the lock, and nobody's lock or state is lost."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from tests.contract import emulator
from tests.e2e.cloud import Cloud
from tests.e2e.project import Answer, Project
from tests.e2e.proxy import Proxy, Request
from tests.e2e.site import Site
from tests.e2e.test_parallel import at_once
from tests.e2e.test_playbooks import in_a_bucket

MANY = 20
MODULE = """
resource "terraform_data" "a" {
  input = 1
}
output "token" {
  value     = "${terraform_data.a.id}-token"
  sensitive = true
}
"""
pytestmark = pytest.mark.timeout(600)  # Terraform waits up to 16 seconds between two attempts to get a lock
PATIENT = 120  # seconds that a run waits for the lock: more than half of them get it, on a busy machine, too


CHECKOUTS = 4
# its change begins by saying so, and lasts until the gate is open
SLOW = """
variable "gate" {}
variable "value" {}
resource "terraform_data" "a" {
  input            = var.value
  triggers_replace = var.value
  provisioner "local-exec" {
    command = "touch ${var.gate}.begun; until [ -e ${var.gate} ]; do sleep 0.1; done; sleep 0.5"
  }
}
"""


def begun(gate: Path) -> None:
    deadline = time.monotonic() + 60
    while not gate.with_name(f"{gate.name}.begun").exists():
        assert time.monotonic() < deadline, "the first run did not come to its change"
        time.sleep(0.1)


def says_why(answer: Answer) -> bool:
    """Whether a failure has the holder of the lock with it, or was overtaken twice between its plan and its apply."""
    return bool(answer.result.get("locks")) or "the state changed since that plan was made" in answer.message


def says_who(message: str, holder: dict[str, str]) -> bool:
    """Whether a failure names the holder of the lock, and the lock by its ID."""
    return all(text in message for text in (holder["Who"], f"lock ID {holder['ID']}", "tf_lock_timeout"))


def all_ended_well(answers: Sequence[Answer]) -> None:
    """One of them did it; the others found it done, or say who was at work."""
    done = [answer for answer in answers if not answer.failed]
    assert [answer["changed"] for answer in done].count(True) == 1
    refused = [answer.result for answer in answers if answer.failed]
    assert [result["msg"] for result in refused if not result.get("locks")] == []
    assert len(done) > MANY / 2


def all_is_whole(project: Project, cloud: Cloud) -> None:
    state = cloud.state(project)
    assert state is not None
    assert (state["serial"], len(state["resources"])) == (1, 1)
    assert (cloud.lock(project), project.lock_info()["digests"]) == (None, [])
    assert project.plan()["changed"] is False


def test_twenty_runs_on_as_many_machines(project: Project, cloud: Cloud) -> None:
    """The lock in the table is all they have in common."""
    project = project.write(MODULE).having(lock_timeout=PATIENT)
    clones = [project.copied(f"clone-{number}") for number in range(MANY)]
    all_ended_well(at_once([clone.apply for clone in clones]))
    all_is_whole(project, cloud)


def test_twenty_runs_in_one_checkout(project: Project, cloud: Cloud) -> None:
    """They share the data directory and the plan file as well, and take turns."""
    project = project.write(MODULE).having(lock_timeout=PATIENT)
    all_ended_well(at_once([project.apply] * MANY))
    assert list(project.data_dir.glob("task-*")) + list(project.data_dir.glob("plan*")) == []
    all_is_whole(project, cloud)


def test_whoever_comes_during_a_change_is_told_who_is_at_work(project: Project, cloud: Cloud, tmp_path: Path) -> None:
    """Checkouts of their own, so that Terraform's lock alone keeps them apart; nobody takes it from its holder."""
    gate = tmp_path / "gate"
    project = project.write(SLOW).having(lock_timeout=1)
    clones = [project.copied(f"clone-{number}") for number in range(CHECKOUTS)]
    tasks = [partial(clone.apply, variables={"gate": str(gate), "value": clone.directory.name}) for clone in clones]
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(tasks[0])
        begun(gate)
        holder = json.loads((cloud.lock(project) or {})["Info"])
        late = at_once(tasks[1:])
        assert [answer.message for answer in late if not says_who(answer.message, holder)] == []
        assert [answer["locks"][0]["id"] for answer in late] == [holder["ID"]] * len(late)
        assert json.loads((cloud.lock(project) or {})["Info"]) == holder
        gate.touch()
        assert first.result()["changed"] is True
    assert value_of(project, cloud) == clones[0].directory.name
    again = at_once(tasks)
    done = [clone.directory.name for clone, answer in zip(clones, again, strict=True) if not answer.failed]
    assert [answer.message for answer in again if answer.failed and not says_why(answer)] == []
    assert value_of(project, cloud) in done
    assert (cloud.lock(project), project.lock_info()["digests"]) == (None, [])


def value_of(project: Project, cloud: Cloud) -> str:
    """Of the one resource of a whole state."""
    (resource,) = (cloud.state(project) or {})["resources"]
    (instance,) = resource["instances"]
    assert "deposed" not in instance
    return str(instance["attributes"]["output"]["value"])


def test_a_lock_that_goes_before_its_holder_is_read_is_no_failure(project: Project, cloud: Cloud, proxy: Proxy) -> None:
    """Terraform fails at once then and names nobody, whatever its lock timeout; one more attempt finds the lock free."""
    project = project.write(MODULE).through(proxy.url)
    project.apply()
    cloud.hold_lock(project)

    def let_go(request: Request) -> None:
        """As soon as Terraform asks for the row of the lock that it was refused, and never again."""
        if request.kind == "GetItem" and "ada@laptop" in str(cloud.lock(project)):
            cloud.release(project)

    proxy.requests.clear()
    proxy.watch(let_go)
    planned = project.plan()
    assert (planned.failed, planned.commands) == (False, ["plan", "plan"])
    assert proxy.operations[:4].count("PutItem") == 1
    assert any("changing hands: trying again" in line for line in planned.shown)
    assert (cloud.lock(project), planned["changed"]) == (None, False)


def test_whoever_let_go_just_after_it_was_seen_is_named(project: Project, cloud: Cloud, proxy: Proxy) -> None:
    """It is read once: a second look to name it would find nobody, and the failure would not say what to do."""
    project = project.write(MODULE).through(proxy.url)
    project.apply()
    cloud.hold_lock(project)

    def let_go(request: Request) -> None:
        """Once Terraform and we have read the row of the lock, one after the other."""
        if [each.kind for each in proxy.requests].count("GetItem") > 2:
            cloud.release(project)

    proxy.requests.clear()
    proxy.watch(let_go)
    refused = project.plan()
    cloud.release(project)
    assert ("is locked by ada@laptop" in refused.message, "tf_lock_timeout" in refused.message) == (True, True)
    assert [lock["who"] for lock in refused["locks"]] == ["ada@laptop"]


def test_site_runs_in_checkouts_of_their_own(tmp_path: Path, aws: emulator.Emulator) -> None:
    """Nothing but the lock of the state is common to them: the late ones fail, and say who is at work."""
    gate = tmp_path / "gate"
    sites = [site_of(tmp_path / f"site-{number}", gate, aws) for number in range(CHECKOUTS)]
    sites[0].play("bootstrap").succeeded()
    first = sites[0].start("site")
    begun(gate)
    holder = lock_of("checkouts", aws)
    late = [run.ended() for run in [site.start("site") for site in sites[1:]]]
    assert [played.status for played in late] == [2] * len(late)
    assert [played.failures for played in late if not says_who(played.failures["app"], holder)] == []
    assert lock_of("checkouts", aws) == holder
    gate.touch()
    assert first.ended().succeeded().changed["app"] > 0
    assert lock_of("checkouts", aws) == {}


def lock_of(bucket: str, aws: emulator.Emulator) -> dict[str, str]:
    """Who holds the lock of the stack app; empty when nobody does."""
    key = {"LockID": {"S": f"{bucket}/app.tfstate"}}
    row = aws.client("dynamodb").get_item(TableName=bucket, Key=key).get("Item")
    said: dict[str, str] = json.loads(row["Info"]["S"]) if row else {}
    return said


def site_of(directory: Path, gate: Path, aws: emulator.Emulator) -> Site:
    site = Site(directory, deadline=200.0)
    root = directory / "stacks" / "part"
    root.mkdir(parents=True)
    (root / "main.tf").write_text(f'terraform {{\n  backend "s3" {{}}\n}}\n{SLOW}')
    variables = {"gate": str(gate), "value": "one"}
    site.inventory({"app": {"tf_variables": variables, "tf_lock_timeout": 1}}, **in_a_bucket(aws.url, aws, "checkouts"))
    return site


def test_twenty_site_runs(tmp_path: Path, aws: emulator.Emulator) -> None:
    """Whole playbooks in one checkout, from the backend to the .env file."""
    site = Site(tmp_path / "site", deadline=360.0)
    root = site.directory / "stacks" / "part"
    root.mkdir(parents=True)
    (root / "main.tf").write_text(f'terraform {{\n  backend "s3" {{}}\n}}\n{MODULE}')
    dotenv = {"path": "app.env", "variables": {"TOKEN": "${token}"}}
    site.inventory({"app": {"tf_dotenv": dotenv}}, **in_a_bucket(aws.url, aws, "twenty"))
    site.play("bootstrap").succeeded()
    played = [run.ended() for run in [site.start("site") for _ in range(MANY)]]
    assert [one.failures for one in played] == [{}] * MANY
    assert (site.directory / "app.env").read_text().count("TOKEN=") == 1
    assert sorted(path.name for path in (site.directory / ".envforge" / "test" / "app").glob("plan*")) == []
    assert site.play("site").succeeded().changed["app"] == 0
