# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever ends the run during an apply, the state is whole and nobody is locked out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e import killing
from tests.e2e.cloud import Cloud
from tests.e2e.project import BINARY, Project

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds
SLOW = """
resource "terraform_data" "first" {}
resource "terraform_data" "slow" {
  depends_on = [terraform_data.first]
  provisioner "local-exec" {
    command = "touch STARTED; exec sleep SECONDS"
  }
}
resource "terraform_data" "last" {
  depends_on = [terraform_data.slow]
}
"""


# an engine whose init takes a while, and says when it begins and when it has ended
SLOW_INIT = """#!/bin/sh
[ "$1" = init ] || exec ENGINE "$@"
echo begun >> NOTES
DAEMON
sleep 2
ENGINE "$@"
status=$?
echo ended >> NOTES
exit $status
"""


def until(reached: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.02)


def applying(project: Project, seconds: int) -> subprocess.Popen[bytes]:
    """A process that applies the slow stack and has come to its slow resource; the head of a process group."""
    started = project.directory / "started"
    project.write(SLOW.replace("STARTED", str(started)).replace("SECONDS", str(seconds)))
    options = project.directory / "options.json"
    options.write_text(json.dumps(project.arguments()))
    path = os.pathsep.join([str(ROOT), str(ROOT / "collections")])
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.runner", "tf_apply", str(options)],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    until(lambda: started.exists() or process.poll() is not None, "the slow resource is being created")
    assert process.poll() is None, process.communicate()
    return process


@pytest.mark.core
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda signum: signum.name)
def test_a_run_that_is_asked_to_end_ends_cleanly(project: Project, cloud: Cloud, signum: signal.Signals) -> None:
    """Terraform is interrupted once, saves and unlocks; then the run ends as its sender meant it. Later all goes on."""
    process = applying(project, seconds=40)
    os.killpg(process.pid, signum)
    os.killpg(process.pid, signum)  # an impatient second one changes nothing
    process.communicate(timeout=PATIENCE)
    assert process.returncode == -signum
    assert cloud.lock(project) is None
    assert "terraform_data.first" in cloud.addresses(project)
    assert list(project.data_dir.glob("task-*")) + list(project.data_dir.glob("plan*")) == []
    project.write(SLOW.replace("touch STARTED; exec sleep SECONDS", "true"))
    assert project.apply()["changed"] is True
    assert len(cloud.addresses(project)) == 3


@pytest.mark.core
def test_terraform_finishes_alone_when_the_run_is_killed(project: Project, cloud: Cloud) -> None:
    """Nobody reads its output any more; it does not mind, and the next run finds all done."""
    process = applying(project, seconds=1)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    until(lambda: cloud.lock(project) is None, "Terraform has let go of the lock")
    assert len(cloud.addresses(project)) == 3
    assert project.apply()["changed"] is False


def test_the_root_module_stays_locked_while_terraform_finishes_alone(project: Project, cloud: Cloud) -> None:
    """Another environment of it waits, because both would write errored.tfstate into the same place."""
    process = applying(project, seconds=5)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    other = project.of("prod", f"prod-{project.backend_config['key']}")
    assert cloud.lock(project) is not None
    assert other.init()["initialised"] is True
    assert cloud.lock(project) is None


def test_an_init_that_was_left_alone_is_waited_for(project: Project) -> None:
    """The next one would work in the same data directory, and write the same dependency lock file."""
    slow, notes = slow_init(project)
    options = project.directory / "options.json"
    options.write_text(json.dumps(slow.arguments()))
    process = killing.started("tf_workspace", options)
    until(notes.exists, "init has begun")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    assert notes.read_text() == "begun\n"
    assert slow.init()["initialised"] is True
    said = notes.read_text().split()
    assert said == ["begun", "ended"] * (len(said) // 2)
    assert len(said) >= 4


def test_a_daemon_that_init_started_holds_nothing(project: Project) -> None:
    """A credential helper may leave one behind."""
    pid = project.directory / "daemon.pid"
    slow, _ = slow_init(project, f"sleep 60 > /dev/null 2>&1 & echo $! > {pid}")
    try:
        assert slow.init()["initialised"] is True
        before = time.monotonic()
        assert project.of("prod", f"prod-{project.backend_config['key']}").init()["initialised"] is True
        assert time.monotonic() - before < 50
    finally:
        os.kill(int(pid.read_text()), signal.SIGKILL)


def slow_init(project: Project, daemon: str = "") -> tuple[Project, Path]:
    """A stack with an engine of which init takes seconds, and where that notes its beginning and its end."""
    engine, notes = project.directory / "slow-terraform", project.directory / "notes"
    engine.write_text(SLOW_INIT.replace("ENGINE", BINARY).replace("NOTES", str(notes)).replace("DAEMON", daemon))
    engine.chmod(0o755)
    return project.write(SLOW.replace("touch STARTED; exec sleep SECONDS", "true")).having(binary=str(engine)), notes


def test_what_a_killed_run_left_is_removed_by_the_next(project: Project) -> None:
    """Its directory of secrets, and the plan it had made."""
    process = applying(project.having(variables={}), seconds=1)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    assert list(project.data_dir.glob("task-*")) != []
    assert project.having(lock_timeout=60).apply()["changed"] is False
    assert list(project.data_dir.glob("task-*")) + list(project.data_dir.glob("plan*")) == []


def test_a_killed_terraform_leaves_a_lock_that_the_next_run_explains(project: Project, cloud: Cloud) -> None:
    """As when a container is removed: the state before it is whole, the message says how to go on."""
    process = applying(project, seconds=40)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.killpg(int(children[0]), signal.SIGKILL)  # it has a session of its own
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    left = cloud.lock(project)
    assert left is not None
    refused = project.apply()
    assert f"envforge.terraform.unlock --limit shop -e unlock_id={json.loads(left['Info'])['ID']}" in refused.message
    assert "Only if it is dead" in refused.message
    cloud.release(project)
    project.write(SLOW.replace("touch STARTED; exec sleep SECONDS", "true"))
    assert project.apply()["changed"] is True


def test_a_daemon_that_a_provisioner_started_holds_nothing(project: Project) -> None:
    """It inherits the lock on the root module from Terraform, and outlives both."""
    pid = project.directory / "daemon.pid"
    daemon = f"sleep 60 > /dev/null 2>&1 & echo $! > {pid}"
    project.write(
        f'resource "terraform_data" "a" {{\n  provisioner "local-exec" {{\n    command = "{daemon}"\n  }}\n}}\n'
    )
    try:
        assert project.apply()["changed"] is True
        before = time.monotonic()
        assert project.apply(destroy=True)["changed"] is True
        assert time.monotonic() - before < 50
    finally:
        os.kill(int(pid.read_text()), signal.SIGKILL)
