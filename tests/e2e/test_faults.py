# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS in trouble at any request: retries that end, then a sentence that names call and resource, and nothing lost.

The bounds. A call of this collection is tried three times, each for at most 5 s to connect and 30 s to be answered, with
pauses of at most 3 s in all. Terraform tries as often as max_retries of its backend says (5 times by default, 2 to 14 s); it
knows no limit for an answer that never comes, so a task that must not wait has the keyword timeout.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._aws import session
from ansible_collections.envforge.terraform.plugins.module_utils._stack import planning
from tests.contract import emulator
from tests.e2e import proxy as proxies
from tests.e2e.cloud import Cloud
from tests.e2e.conftest import new_project
from tests.e2e.project import CHECK, Answer, Project, run
from tests.e2e.proxy import TROUBLES, Proxy, Request

MODULE = """
variable "size" {
  default = 1
}
resource "terraform_data" "a" {
  input = var.size
}
resource "terraform_data" "wanted" {
  count = var.size > 100 ? 100 : 0
}
"""
BOUND = 45.0  # seconds; far less than the sum of all bounds, the silence here is short
SILENCE = 1  # seconds until a call of ours gives up waiting; 30 in production
PAUSE = 0.1  # seconds at most, until Terraform is asked again whether the lock is free; up to 2 in production
COLLEAGUE = "ada@laptop"  # whose lock Cloud.hold_lock takes
_numbers = itertools.count(2)
Task = tuple[Callable[[], Answer], list[Project]]  # and the stacks, past the proxy, whose locks it takes


@dataclass(frozen=True)
class Scene:
    """A stack with a state, reached through the proxy; *calm* is the same one past it."""

    calm: Project
    proxy: Proxy
    cloud: Cloud
    tries: int = 1  # of Terraform itself, whose patience is not what is looked at
    known: dict[str, dict[str, Any]] = field(
        default_factory=dict
    )  # states by version: what a version holds never changes

    @property
    def rough(self) -> Project:
        through = self.calm.through(self.proxy.url)
        return replace(through, backend_config={**through.backend_config, "max_retries": self.tries})

    def states(self) -> list[dict[str, Any]]:
        """Every version that was ever stored, the present one first."""
        found = self.cloud.s3.list_object_versions(Bucket=self.cloud.bucket, Prefix=self.calm.state_key)["Versions"]
        mine = [version for version in found if version["Key"] == self.calm.state_key]
        return [self._state(version["VersionId"]) for version in mine]

    def _state(self, version: str) -> dict[str, Any]:
        if version not in self.known:
            got = self.cloud.s3.get_object(Bucket=self.cloud.bucket, Key=self.calm.state_key, VersionId=version)
            self.known[version] = json.loads(got["Body"].read())
        return self.known[version]


@pytest.fixture(scope="module")
def scene(aws: emulator.Emulator, cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One for all: what a test leaves is what the next one finds."""
    calm = new_project(aws, cloud, tmp_path_factory.mktemp("faults")).write(MODULE)
    with proxies.running(aws.url) as proxy, pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "_READ_SECONDS", SILENCE)
        patch.setattr(planning, "_PAUSES", [PAUSE] * len(planning._PAUSES))
        made = Scene(calm, proxy, cloud)
        made.rough.apply()
        yield made


def applied(scene: Scene) -> Task:
    size = next(_numbers)
    return lambda: scene.rough.apply(variables={"size": size}), [scene.calm]


def planned(scene: Scene) -> Task:
    return scene.rough.plan, [scene.calm]


def looked_at(scene: Scene) -> Task:
    """Drift, as the playbook asks for it: nothing is written."""
    return lambda: scene.rough.plan(CHECK, refresh_only=True), [scene.calm]


def backed_up(scene: Scene) -> Task:
    """To a new object each time."""
    number = next(_numbers)
    return lambda: run("tf_state", scene.rough.arguments(backup={"key": f"kept/{number}.tfstate"})), [scene.calm]


def renamed(scene: Scene) -> Task:
    """From whatever the last one called it; what has moved by the first try is found moved by the second."""
    (present,) = (address for address in scene.cloud.addresses(scene.calm) if address != "terraform_data.wanted")
    what = {"move": [{"from": present, "to": f"terraform_data.b{next(_numbers)}"}]}
    return lambda: run("tf_state", scene.rough.arguments(**what)), [scene.calm]


def restored(scene: Scene) -> Task:
    """Each time the version before the present one."""
    pages = scene.cloud.s3.list_object_versions(Bucket=scene.cloud.bucket, Prefix=scene.calm.state_key)
    versions = [each["VersionId"] for each in pages["Versions"] if each["Key"] == scene.calm.state_key]
    return lambda: run("tf_state", scene.rough.arguments(restore={"version_id": versions[1]})), [scene.calm]


def unlocked(scene: Scene) -> Task:
    """A lock whose run is dead."""
    scene.cloud.hold_lock(scene.calm)
    return lambda: scene.rough.lock(lock_id="11111111-2222-3333-4444-555555555555"), [scene.calm]


def migrated(scene: Scene) -> Task:
    """To a new key each time; the source stays."""
    rough = scene.rough
    config = {**rough.backend_config, "key": f"copy-{next(_numbers)}/terraform.tfstate"}
    moved = replace(rough, backend_config=config).having(data_dir=str(scene.calm.directory / config["key"]))
    former = {"config": {"key": scene.calm.state_key}}
    return lambda: moved.init(migrate=True, migrate_from=former), [scene.calm, moved.through(scene.proxy.target)]


def imported(scene: Scene) -> Task:
    """What is managed already by the first try is managed by the second."""
    number = next(_numbers)
    what = {
        "imports": [{"to": f"terraform_data.wanted[{number % 100}]", "id": f"id-{number}"}],
        "variables": {"size": 101},
    }
    return lambda: run("tf_import", scene.rough.arguments(**what)), [scene.calm]


TASKS = {
    "plan": planned,
    "drift": looked_at,
    "apply": applied,
    "backup": backed_up,
    "move": renamed,
    "restore": restored,
    "unlock": unlocked,
    "migrate": migrated,
    "import": imported,
}
# what this collection calls the operations in its sentences; Terraform uses AWS's names
OURS = {
    "GetBucketVersions": "list the versions of",
    "HeadObject": "look for",
    "GetObject": "read",
    "PutObject": "write",
    "GetItem": "read the row",
    "PutItem": "write the row",
    "DeleteItem": "delete the row",
}
Moment = tuple[str, int]  # a kind of request, and the how manieth of that kind


@pytest.fixture(scope="module")
def moments(scene: Scene) -> dict[str, list[Moment]]:
    """Of each task as many as there are troubles: its kinds of writes, and reads from its begin to its end."""
    found = {}
    for name, prepare in TASKS.items():
        task, _stacks = prepare(scene)
        scene.proxy.requests.clear()
        answer = task()
        assert not answer.failed, answer.result
        sent = scene.proxy.requests
        all_ = [
            (request.kind, [each.kind for each in sent[: at + 1]].count(request.kind))
            for at, request in enumerate(sent)
        ]
        last = {request.kind: moment for request, moment in zip(sent, all_, strict=True) if request.writes}
        reads = [moment for request, moment in zip(sent, all_, strict=True) if not request.writes]
        wanted = len(TROUBLES) - len(last)
        found[name] = [*last.values(), *(reads[number * len(reads) // wanted] for number in range(wanted))]
    return found


def names_call_and_object(message: str, request: Request) -> bool:
    """Whether a sentence says what was being done, and to which object, row or list, when *request* failed."""
    path = urlsplit(request.path).path.strip("/")
    bucket, _, key = path.partition("/")
    if not path:  # of DynamoDB: Terraform speaks of its lock where we name the row
        said = OURS[request.operation] in message and "of DynamoDB table states" in message
        return said or (f"DynamoDB: {request.operation}" in message and "state lock" in message)
    ours = request.operation in OURS and f"Could not {OURS[request.operation]} " in message and bucket in message
    theirs = f"S3: {request.operation}" in message and ("save state" in message or f'"{bucket}"' in message)
    return (ours or theirs) and (key in message or "stack shop in dev failed: Failed to save state" in message)


def brought_back(stacks: list[Project], failed: Answer) -> None:
    """What the message says is done: a state that could not be stored is restored, a lock that was left released."""
    if "errored.tfstate" in failed.message:
        assert run("tf_state", stacks[0].arguments(restore={"errored": True})).failed is False
    for stack in stacks:
        found = stack.lock_info()
        if found["digests"]:
            assert "envforge.terraform.unlock" in failed.message
            assert stack.lock()["repaired"] is not None
        for lock in found["locks"]:
            said = (lock["id"], stack.state_key)
            assert lock["who"] == COLLEAGUE or any(text in failed.message for text in said), (lock, failed.message)
            assert lock["who"] == COLLEAGUE or stack.lock(lock_id=lock["id"])["changed"] is True


def is_well(cloud: Cloud, stack: Project) -> bool:
    """Whether nobody holds the lock of a state, and no digest of another one keeps Terraform from reading it."""
    body = cloud.s3.get_object(Bucket=cloud.bucket, Key=stack.state_key)["Body"].read()
    readable = cloud.digest(stack) in (None, hashlib.md5(body, usedforsecurity=False).hexdigest())
    return readable and cloud.lock(stack) is None


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("name", TASKS)
def test_trouble_that_lasts_is_told_and_costs_nothing(
    scene: Scene, moments: dict[str, list[Moment]], name: str, trouble: str
) -> None:
    """The same request fails for ever: the task ends in time, says what failed; when AWS is well again, so is the stack.

    Every task meets every trouble, each at another of its requests; which comes at which goes round from task to task.
    """
    turn = list(TROUBLES).index(trouble) + list(TASKS).index(name) + 2  # silence comes where Terraform asks only once
    kind, number = moments[name][turn % len(TROUBLES)]
    (task, stacks), before = TASKS[name](scene), scene.states()
    scene.proxy.requests.clear()
    met = scene.proxy.trouble(kind, number, TROUBLES[trouble])
    began = time.monotonic()
    answer = task()
    took = time.monotonic() - began
    scene.proxy.heal()
    assert (met != [], took < BOUND) == (True, True)
    after = scene.states()
    assert after[-len(before) :] == before  # nothing that was stored is gone
    assert all({"lineage", "serial", "resources"} <= set(state) for state in after)
    if answer.failed:
        assert "has a bug" not in answer.message
        assert names_call_and_object(answer.message, met[0]), answer.message
        brought_back(stacks, answer)
    again = task()
    assert not again.failed, (answer.result, again.result)
    assert [stack.state_key for stack in stacks if not is_well(scene.cloud, stack)] == []


@pytest.mark.parametrize("trouble", [name for name in TROUBLES if name != "AccessDenied"])
@pytest.mark.parametrize("name", ["unlock", "migrate"])
def test_trouble_that_passes_is_not_noticed(
    scene: Scene, moments: dict[str, list[Moment]], name: str, trouble: str
) -> None:
    """A request that fails once is sent again."""
    task, _stacks = TASKS[name](replace(scene, tries=2))
    scene.proxy.requests.clear()
    met = scene.proxy.trouble(*moments[name][list(TROUBLES).index(trouble)], TROUBLES[trouble], times=1)
    answer = task()
    scene.proxy.heal()
    assert not answer.failed, answer.result
    assert len([each for each in scene.proxy.requests if each.kind == met[0].kind and each.path == met[0].path]) > 1


@pytest.mark.parametrize("name", ["backup", "move", "restore", "unlock", "migrate", "import"])
def test_an_answer_that_is_lost_is_not_noticed(scene: Scene, name: str) -> None:
    """Every write arrives, is sent again, and meets what it has just done itself: that is no other run's doing."""
    task, stacks = TASKS[name](scene)
    scene.proxy.requests.clear()
    met = scene.proxy.lose_answers()
    answer = task()
    scene.proxy.heal()
    assert (answer.failed, answer["changed"], met != []) == (False, True, True), answer.result
    assert [stack.state_key for stack in stacks if not is_well(scene.cloud, stack)] == []
