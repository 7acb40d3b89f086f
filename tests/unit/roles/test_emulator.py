# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator of a sandbox: started, found again and stopped, with real processes."""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[3] / "roles" / "sandbox" / "files" / "emulator.py"


class Sandbox:
    """A directory, and the script that is told about it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def tell(self, action: str, *options: str) -> dict[str, Any]:
        argv = [sys.executable, str(SCRIPT), action, f"--directory={self.directory}", *options]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=90)
        answer: dict[str, Any] = {"rc": done.returncode, **json.loads(done.stdout)}
        return answer

    def lives(self) -> bool:
        """Whether the emulator, which holds a lock as long as it lives, is there."""
        with (self.directory / "alive").open("a") as life:
            try:
                fcntl.flock(life, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    made = Sandbox(tmp_path / "emulator")
    yield made
    made.tell("stop")


def test_it_is_started_once_and_found_again(sandbox: Sandbox) -> None:
    """Eight who start it at the same time get the same one, and so does a later run; then it is stopped."""
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: sandbox.tell("start"), range(8)))
    assert len({answer["endpoint"] for answer in answers}) == 1
    assert [answer["changed"] for answer in answers].count(True) == 1
    assert sandbox.tell("start")["changed"] is False
    assert sandbox.tell("stop", "--check=true") == {"rc": 0, "changed": True}
    assert sandbox.tell("stop") == {"rc": 0, "changed": True}
    assert sandbox.tell("stop") == {"rc": 0, "changed": False}


def test_one_that_died_is_replaced_and_told_of(sandbox: Sandbox) -> None:
    """What it held is gone, and the log of its end is kept."""
    first = sandbox.tell("start")
    os.kill(first["pid"], signal.SIGKILL)
    deadline = time.monotonic() + 10
    while sandbox.lives() and time.monotonic() < deadline:
        time.sleep(0.02)
    second = sandbox.tell("start")
    assert second["changed"] is True
    assert "all that it held is gone" in second["notice"]
    assert Path(second["notice"].split()[-1].rstrip(".")).exists()


def test_a_port_of_somebody_else_is_refused(sandbox: Sandbox) -> None:
    """It is named, with the way out."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        answer = sandbox.tell("start", f"--port={port}")
    assert answer["rc"] == 1
    assert f"port {port} of 127.0.0.1 is in use" in answer["msg"]
    assert "sandbox_port" in answer["msg"]


def test_another_port_than_the_running_one_is_refused(sandbox: Sandbox) -> None:
    """Moving it would drop all that it holds."""
    running = sandbox.tell("start")
    answer = sandbox.tell("start", "--port=1")
    assert (answer["rc"], running["endpoint"].rsplit(":", 1)[1] in answer["msg"]) == (1, True)


def test_one_that_does_not_answer_in_time_is_ended(sandbox: Sandbox) -> None:
    """Nothing is left behind."""
    answer = sandbox.tell("start", "--timeout=0.01")
    assert (answer["rc"], "did not answer within 0.01 s" in answer["msg"]) == (1, True)
    assert sandbox.tell("stop")["changed"] is False


def test_one_that_is_ended_has_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes next must not find one that is still dying, and of which nobody knows where it is."""
    specification = importlib.util.spec_from_file_location("sandbox_emulator", SCRIPT)
    assert specification is not None
    assert specification.loader is not None
    script = importlib.util.module_from_spec(specification)
    monkeypatch.setitem(sys.modules, "sandbox_emulator", script)
    specification.loader.exec_module(script)
    place = script.Place(tmp_path / "emulator")
    with pytest.raises(script.EmulatorError, match="did not answer within 0 s"):
        script.start(place, 0, 0)
    assert place.running() is None


def test_a_process_that_is_not_ours_is_never_ended(sandbox: Sandbox) -> None:
    """The record may name a process that got the same number later."""
    sandbox.directory.mkdir()
    with subprocess.Popen(["sleep", "60"]) as other:
        (sandbox.directory / "record.json").write_text(json.dumps({"pid": other.pid, "port": 1}))
        assert sandbox.tell("stop") == {"rc": 0, "changed": False}
        assert other.poll() is None
        other.terminate()


def test_the_users_own_settings_do_not_reach_it(sandbox: Sandbox) -> None:
    """Every AWS setting that could lead elsewhere is overridden, the profile with one of the emulator's own."""
    answer = sandbox.tell("start")
    environment = answer["environment"]
    assert environment["AWS_ENDPOINT_URL"] == answer["endpoint"]
    assert environment["AWS_PROFILE"] == "sandbox"
    assert f"endpoint_url = {answer['endpoint']}" in Path(environment["AWS_CONFIG_FILE"]).read_text()
    assert sandbox.directory.stat().st_mode & 0o777 == 0o700
