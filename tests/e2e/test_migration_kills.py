# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A migration that is killed at any of its requests leaves the old state or the new one, whole, and can be done again."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.killing import Victim, killed_at_change
from tests.e2e.project import OLD_ENGINE, Project
from tests.e2e.proxy import Proxy

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds
ONE = 'resource "terraform_data" "a" {}\n'
# the requests of a whole migration, as counted by the first test; each is a moment to kill at
MOMENTS = 33


def migrating(source: Project, proxy: Proxy) -> Project:
    """The stack under another key, its backend reached through the proxy; by both kinds of lock where the engine can."""
    both = {} if OLD_ENGINE else {"use_lockfile": True}
    config = {**source.backend_config, **both, "key": f"moved-{source.state_key}"}
    return replace(source.copied("moved"), backend_config=config).through(proxy.url)


def killed_at(moment: int, options: dict[str, Any], directory: Path, proxy: Proxy) -> bool:
    """Run the task in a process of its own and kill it when its request *moment* has been answered; whether it came so far."""
    path = directory / "options.json"
    path.write_text(json.dumps(options))
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.runner", "tf_workspace", str(path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "collections")])},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    reached = threading.Event()

    def kill(number: int) -> None:
        if number == moment:
            os.killpg(process.pid, signal.SIGKILL)
            reached.set()

    proxy.requests.clear()
    proxy.before_answer = kill
    process.wait(timeout=PATIENCE)
    proxy.before_answer = None
    return reached.is_set()


def unlock(project: Project, cloud: Cloud) -> None:
    """The one documented command, for each ID that is named: both locks of a side are the same run's."""
    held = project.lock_info()["locks"]
    for identity in {lock["id"] for lock in held}:
        assert project.lock(lock_id=identity)["changed"] is True


def test_the_moments_are_all_of_them(project: Project, cloud: Cloud, proxy: Proxy) -> None:
    """A migration that grows by a request is killed at that one, too."""
    project.write(ONE).apply()
    moved = migrating(project, proxy)
    assert moved.init(migrate=True, **_from(project))["migration"]["source_removed"] is True
    assert len(proxy.requests) == MOMENTS


@pytest.mark.parametrize("moment", range(2, MOMENTS, 2))
def test_a_killed_migration_can_be_done_again(project: Project, cloud: Cloud, proxy: Proxy, moment: int) -> None:
    """The state is whole at one place at least, its locks say what was being done, and release brings the stack to work."""
    project.write(ONE).apply()
    before = cloud.state(project)
    moved = migrating(project, proxy)
    options = moved.arguments(migrate=True, **_from(project))
    assert killed_at(moment, options, project.directory, proxy)
    states = [cloud.state(project), cloud.state(moved)]
    assert [state for state in states if state is not None] == [before] * (2 - states.count(None))
    assert before in states
    for side in (replace(project, backend_config={**moved.backend_config, "key": project.state_key}), moved):
        held = side.lock_info()["locks"]
        assert [lock for lock in held if "migrating" not in lock["info"]] == []
        unlock(side, cloud)
    again = moved.init(migrate=True, **_from(project))
    assert (again.failed, cloud.state(project), cloud.state(moved)) == (False, None, before)
    assert moved.apply()["changed"] is False


@pytest.mark.parametrize("number", range(3, MOMENTS, 5))
def test_a_migration_that_is_asked_to_end_can_be_done_again(
    project: Project, cloud: Cloud, proxy: Proxy, number: int
) -> None:
    """As after a kill, but no lock is left on either side."""
    project.write(ONE).apply()
    before = cloud.state(project)
    moved = migrating(project, proxy)
    victim = Victim(proxy, number, signum=signal.SIGTERM).run(
        "tf_workspace", moved, {"migrate": True, **_from(project)}
    )
    assert victim.killed_at is not None
    states = [cloud.state(project), cloud.state(moved)]
    assert [state for state in states if state is not None] == [before] * (2 - states.count(None))
    assert before in states
    old = replace(project, backend_config={**moved.backend_config, "key": project.state_key})
    assert (old.lock_info()["locks"], moved.lock_info()["locks"]) == ([], [])
    again = moved.init(migrate=True, **_from(project))
    assert (again.failed, cloud.state(project), cloud.state(moved)) == (False, None, before)
    assert moved.apply()["changed"] is False


def local_of(project: Project) -> Project:
    """The same stack before it had a backend."""
    return replace(project.write(ONE, backend=""), backend_config={}).having(backend_type="local")


def killed_at_the_request(project: Project, proxy: Proxy, moment: int) -> bool:
    options = project.through(proxy.url).arguments(migrate=True)
    return killed_at(moment, options, project.directory, proxy)


def killed_at_the_change(project: Project, proxy: Proxy, moment: int) -> bool:
    return killed_at_change("tf_workspace", project, moment, migrate=True)


@pytest.mark.parametrize(
    ("killed", "step"), [(killed_at_the_request, 2), (killed_at_the_change, 4)], ids=["request", "change"]
)
def test_a_local_state_is_not_lost_on_its_way_to_a_bucket(
    another: Callable[[], Project], cloud: Cloud, proxy: Proxy, killed: Callable[[Project, Proxy, int], bool], step: int
) -> None:
    """Killed at one moment after the other until it ends by itself: it is whole on one side, and the same task finishes it."""
    seen = set()
    for moment in itertools.count(1, step):
        project = another()
        local_of(project).apply()
        path = project.root / "terraform.tfstate"
        before = json.loads(path.read_bytes())
        project.write(ONE)
        survived = not killed(project, proxy, moment)
        states = [json.loads(path.read_bytes()) if path.exists() else None, cloud.state(project)]
        assert [state for state in states if state not in (None, before)] == [], moment
        assert before in states, moment
        seen.add(tuple(state is not None for state in states))
        held = project.lock_info()["locks"]
        assert [lock for lock in held if "migrating" not in lock["info"]] == []
        unlock(project, cloud)
        again = project.init(migrate=True)
        assert (again.failed, path.exists(), cloud.state(project)) == (False, False, before), (moment, again.result)
        assert project.apply()["changed"] is False
        if survived:
            break
    assert seen == {(True, False), (True, True), (False, True)}
    assert moment > 15


def _from(source: Project) -> dict[str, Any]:
    return {"migrate_from": {"config": {"key": source.state_key}}, "remove_source": True}
