# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox's emulator: found again, started once, stopped alone, and clear about what stands in its way."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.contract import emulator as suite
from tests.e2e.site import REPOSITORY, Site

SCRIPT = REPOSITORY / "roles" / "sandbox" / "files" / "emulator.py"


@dataclass(frozen=True)
class Sandbox:
    """A directory with at most one emulator."""

    directory: Path

    def run(self, action: str, *options: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(SCRIPT), action, f"--directory={self.directory}", *options]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def start(self, *options: str) -> dict[str, Any]:
        return answer(self.run("start", *options))

    def stop(self, *options: str) -> dict[str, Any]:
        return answer(self.run("stop", *options))

    def kill(self) -> None:
        """End the emulator as a reboot or an impatient user does."""
        pid = json.loads((self.directory / "record.json").read_text())["pid"]
        os.kill(pid, signal.SIGKILL)
        with suppress(OSError):  # it vanishes as soon as somebody has waited for the process
            while Path(f"/proc/{pid}/cmdline").read_bytes():
                time.sleep(0.02)


def answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    stdout, _ = process.communicate(timeout=90)
    found: dict[str, Any] = json.loads(stdout)
    assert ("msg" in found) == (process.returncode != 0)
    return found


def answers(endpoint: str) -> bool:
    try:
        with urllib.request.urlopen(f"{endpoint}/moto-api/", timeout=10) as page:
            return bool(page.status == 200)
    except OSError:
        return False


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    made = Sandbox(tmp_path / "emulator")
    yield made
    made.stop()


def test_it_is_found_again_and_stopped_alone(sandbox: Sandbox, aws: suite.Emulator) -> None:
    """A second start changes nothing; stopping it leaves another emulator of this machine alone."""
    first = sandbox.start()
    again = sandbox.start()
    assert (first["changed"], again["changed"], again["endpoint"]) == (True, False, first["endpoint"])
    assert sandbox.stop("--check=true")["changed"]
    assert answers(first["endpoint"])
    assert (sandbox.stop()["changed"], sandbox.stop()["changed"]) == (True, False)
    assert (answers(first["endpoint"]), answers(aws.url)) == (False, True)


def test_two_starts_at_once_give_one_emulator(sandbox: Sandbox) -> None:
    """Whoever comes second waits, and finds it."""
    starts = [answer(process) for process in [sandbox.run("start"), sandbox.run("start")]]
    assert sorted(start["changed"] for start in starts) == [False, True]
    assert len({(start["endpoint"], start["pid"]) for start in starts}) == 1


def test_a_port_in_use_is_named(sandbox: Sandbox) -> None:
    """With the way out; and the port of a running one is not changed by asking."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        message = sandbox.start(f"--port={port}")["msg"]
    assert [text in message for text in (f"port {port}", "in use", "sandbox_port")] == [True] * 3
    assert list(sandbox.directory.glob("record.json")) == []
    running = sandbox.start()
    message = sandbox.start(f"--port={port}")["msg"]
    assert [
        text in message for text in (f"port {port}", running["endpoint"].rpartition(":")[2], "sandbox_state=absent")
    ] == [True] * 3


def test_what_its_starter_exported_does_not_reach_it(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile or endpoint of the user's would send its requests to AWS; who works with it gets one of its own."""
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("MOTO_PORT", "1")
    started = sandbox.start()
    inherited = Path(f"/proc/{started['pid']}/environ")
    if not inherited.exists():
        pytest.skip("this system shows no environment of a process")
    assert b"AWS_PROFILE" not in inherited.read_bytes()
    assert b"MOTO_PORT" not in inherited.read_bytes()
    assert started["environment"]["AWS_PROFILE"] == "sandbox"
    assert started["environment"]["AWS_ENDPOINT_URL"] == started["endpoint"]


def test_a_damaged_record_is_named(sandbox: Sandbox) -> None:
    """Of an emulator that runs, so nothing is started beside it and no stranger is ended."""
    sandbox.start()
    record = sandbox.directory / "record.json"
    content = record.read_text()
    record.write_text("{")
    try:
        assert [str(record) in sandbox.start()["msg"], str(record) in sandbox.stop()["msg"]] == [True, True]
    finally:
        record.write_text(content)


def test_the_playbook_says_when_it_had_died_and_cleans_up(sandbox: Sandbox, tmp_path: Path) -> None:
    """All it held is gone then, which explains what the run is about to make again. absent ends the run at the emulator."""
    site = Site(tmp_path / "site")
    (site.directory / "stacks").mkdir(parents=True)
    site.inventory({"app": {}}, sandbox_state="present", sandbox_directory=str(sandbox.directory))
    first = sandbox.start()
    sandbox.kill()
    played = site.play("sandbox").succeeded()
    assert [text in played.stdout for text in ("an earlier run had ended", "emulator.log.1")] == [True, True]
    assert played.changed == {"app": 1}
    endpoint = played.of("Start or stop")["app"]["stdout"]
    assert json.loads(endpoint)["pid"] != first["pid"]
    stopped = site.play("site", "-e", "sandbox_state=absent").succeeded()
    assert stopped.changed == {"app": 1}
    assert stopped.of("Order the stacks") == {}
    assert not answers(json.loads(endpoint)["endpoint"])
