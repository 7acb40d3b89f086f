# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS in trouble at any request: retries that end, then a sentence that names call and resource, and nothing lost.

The bounds. A call of this collection is tried three times, each for at most 5 s to connect and 30 s to be answered, with
pauses of at most 3 s in all. Terraform tries as often as max_retries of its backend says (5 times by default, 2 to 14 s); it
knows no limit for an answer that never comes, so a task that must not wait has the keyword timeout.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._aws import session
from tests.contract import emulator
from tests.e2e import proxy as proxies
from tests.e2e.cloud import Cloud
from tests.e2e.conftest import new_project
from tests.e2e.project import Answer, Project, run
from tests.e2e.proxy import TROUBLES, Proxy

MODULE = """
variable "size" {
  default = 1
}
resource "terraform_data" "a" {
  input = var.size
}
resource "terraform_data" "wanted" {
  count = var.size > 100 ? 1 : 0
}
"""
BOUND = 45.0  # seconds; far less than the sum of all bounds, the silence here is short
SILENCE = 1  # seconds until a call of ours gives up waiting; 30 in production
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

    @property
    def rough(self) -> Project:
        through = self.calm.through(self.proxy.url)
        return replace(through, backend_config={**through.backend_config, "max_retries": self.tries})

    def states(self) -> list[dict[str, Any]]:
        """Every version that was ever stored, the present one first."""
        found = self.cloud.s3.list_object_versions(Bucket=self.cloud.bucket, Prefix=self.calm.state_key)["Versions"]
        mine = [version for version in found if version["Key"] == self.calm.state_key]
        return [json.loads(self._body(version["VersionId"])) for version in mine]

    def _body(self, version: str) -> bytes:
        got = self.cloud.s3.get_object(Bucket=self.cloud.bucket, Key=self.calm.state_key, VersionId=version)
        body: bytes = got["Body"].read()
        return body


@pytest.fixture(scope="module")
def scene(aws: emulator.Emulator, cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One for all: what a test leaves is what the next one finds."""
    calm = new_project(aws, cloud, tmp_path_factory.mktemp("faults")).write(MODULE)
    with proxies.running(aws.url) as proxy, pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "_READ_SECONDS", SILENCE)
        made = Scene(calm, proxy, cloud)
        made.rough.apply()
        yield made


def applied(scene: Scene) -> Task:
    size = next(_numbers)
    return lambda: scene.rough.apply(variables={"size": size}), [scene.calm]


def planned(scene: Scene) -> Task:
    return scene.rough.plan, [scene.calm]


def restored(scene: Scene) -> Task:
    """Each time the version before the present one."""
    scene.calm.apply(variables={"size": next(_numbers)})
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
    scene.calm.apply(variables={"size": 1})
    what = {"imports": [{"to": "terraform_data.wanted[0]", "id": f"id-{next(_numbers)}"}], "variables": {"size": 101}}
    return lambda: run("tf_import", scene.rough.arguments(**what)), [scene.calm]


TASKS = {
    "plan": planned,
    "apply": applied,
    "restore": restored,
    "unlock": unlocked,
    "migrate": migrated,
    "import": imported,
}
# so many moments of each task; which trouble comes at which goes round
MOMENTS = 4


@pytest.fixture(scope="module")
def lengths(scene: Scene) -> dict[str, int]:
    """How many requests each task sends when all goes well."""
    found = {}
    for name, prepare in TASKS.items():
        task, _stacks = prepare(scene)
        scene.proxy.requests.clear()
        answer = task()
        assert not answer.failed, answer.result
        found[name] = len(scene.proxy.requests)
    return found


def brought_back(stacks: list[Project], failed: Answer) -> None:
    """What the message says is done: a state that could not be stored is restored, a lock that was left released."""
    if "errored.tfstate" in failed.message:
        assert run("tf_state", stacks[0].arguments(restore={"errored": True})).failed is False
    for stack in stacks:
        if stack.lock_info()["digests"]:
            assert "envforge.terraform.unlock" in failed.message
            assert stack.lock()["repaired"] is not None
        for lock in stack.lock_info()["locks"]:
            said = (lock["id"], stack.state_key)
            assert lock["who"] == COLLEAGUE or any(text in failed.message for text in said), (lock, failed.message)
            assert lock["who"] == COLLEAGUE or stack.lock(lock_id=lock["id"])["changed"] is True


@pytest.mark.parametrize("moment", range(MOMENTS))
@pytest.mark.parametrize("name", TASKS)
def test_trouble_that_lasts_is_told_and_costs_nothing(
    scene: Scene, lengths: dict[str, int], name: str, moment: int
) -> None:
    """The same request fails for ever: the task ends in time, says what failed; when AWS is well again, so is the stack."""
    trouble = list(TROUBLES)[(moment + list(TASKS).index(name)) % len(TROUBLES)]
    (task, stacks), before = TASKS[name](scene), scene.states()
    scene.proxy.requests.clear()
    scene.proxy.trouble(moment * lengths[name] // MOMENTS, TROUBLES[trouble])
    began = time.monotonic()
    answer = task()
    took = time.monotonic() - began
    scene.proxy.heal()
    assert took < BOUND
    after = scene.states()
    assert after[-len(before) :] == before  # nothing that was stored is gone
    assert all({"lineage", "serial", "resources"} <= set(state) for state in after)
    if answer.failed:
        assert "has a bug" not in answer.message
        assert any(part in answer.message for part in (scene.cloud.bucket, "stack shop")), answer.message
        brought_back(stacks, answer)
    again = task()
    assert not again.failed, (answer.result, again.result)
    assert scene.calm.plan().failed is False


@pytest.mark.parametrize("trouble", [name for name in TROUBLES if name != "AccessDenied"])
@pytest.mark.parametrize("name", ["unlock", "migrate"])
def test_trouble_that_passes_is_not_noticed(scene: Scene, lengths: dict[str, int], name: str, trouble: str) -> None:
    """A request that fails once is sent again."""
    task, _stacks = TASKS[name](replace(scene, tries=2))
    scene.proxy.requests.clear()
    scene.proxy.trouble(lengths[name] // 2, TROUBLES[trouble], times=1)
    answer = task()
    scene.proxy.heal()
    assert not answer.failed, answer.result
    assert len(scene.proxy.requests) > lengths[name] - 3
