# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a task in a process of its own and kills it at a chosen request to the backend, which then arrives or does not.

Where there is no backend to ask, at a chosen change to a file.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.e2e.project import Project
from tests.e2e.proxy import Fault, Proxy, Request

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 60.0  # seconds


class Victim:
    """A task that dies at its request *number*, or its *number*th write; when it comes to no such request, it ends by itself.

    With *engine*, its Terraform dies with it, as in a loss of power; else it is given the time to end alone. Asked to end by
    another signal than SIGKILL, the task itself has that time, and the request arrives.
    """

    def __init__(
        self,
        proxy: Proxy,
        number: int,
        *,
        arrives: bool = False,
        writes: bool = False,
        engine: bool = False,
        signum: signal.Signals = signal.SIGKILL,
    ) -> None:
        self._proxy, self._number, self._arrives, self._writes, self._engine = proxy, number, arrives, writes, engine
        self._signum = signum
        self._process: subprocess.Popen[bytes] | None = None
        self._children: list[int] = []
        self.killed_at: str | None = None

    def run(self, module: str, project: Project, options: dict[str, Any]) -> Victim:
        path = project.directory / "victim.json"
        path.write_text(json.dumps(project.through(self._proxy.url).arguments(**options)))
        self._proxy.requests.clear()
        self._proxy.faults[:] = [Fault(self._kills, 500)]
        self._process = started(module, path)
        said, complaint = self._process.communicate(timeout=_PATIENCE)
        time.sleep(0.3)  # a request that was on its way gets there, also where the processor is busy with others
        while any(is_alive(child) for child in self._children):
            time.sleep(0.05)
        self._proxy.heal()
        if self.killed_at is None:
            assert not json.loads(said).get("failed"), (said, complaint)
        return self

    def _kills(self, request: Request) -> bool:
        counted = [each for each in self._proxy.requests if each.writes or not self._writes]
        if self.killed_at is not None or len(counted) < self._number or request is not counted[self._number - 1]:
            return False
        self.killed_at = f"{request.operation} {request.path}"
        while self._process is None:
            time.sleep(0.01)
        if self._signum != signal.SIGKILL:
            self._process.send_signal(self._signum)
            return False
        self._children = descendants(self._process.pid)
        self._process.kill()
        self._process.wait()
        for child in self._children if self._engine else ():
            os.kill(child, signal.SIGKILL)
        return not self._arrives


def started(module: str, options: Path, *moment: str) -> subprocess.Popen[bytes]:
    """A task in a process of its own, which tests.e2e.runner describes."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.runner", module, str(options), *moment],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "collections")])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def killed_at_change(module: str, project: Project, number: int, **options: Any) -> bool:
    """Kill the task just before its *number*th change to a file of the stack, or start of a command; whether it came so far."""
    path = project.directory.with_name(f"{project.directory.name}-victim.json")
    path.write_text(json.dumps(project.arguments(**options)))
    process = started(module, path, str(project.directory), str(number))
    said, complaint = process.communicate(timeout=_PATIENCE)
    if process.returncode == 0:
        assert not json.loads(said).get("failed"), (said, complaint)
        return False
    assert process.returncode == -signal.SIGKILL, complaint
    return True


def descendants(pid: int) -> list[int]:
    """The processes that a process has started, and those that these have."""
    children = [
        int(number)
        for thread in Path(f"/proc/{pid}/task").iterdir()
        for number in (thread / "children").read_text().split()
    ]
    return [found for child in children for found in (*descendants(child), child)]


def is_alive(pid: int) -> bool:
    """Whether it still runs; a dead child that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
