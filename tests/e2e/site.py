# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks as a user runs them: ansible-playbook of the Python that runs the tests, in a directory of its own."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.project import BINARY

REPOSITORY = Path(__file__).resolve().parents[2]
_BIN = Path(sys.executable).parent
_CALLBACKS = REPOSITORY / "tests" / "contract" / "callback_plugins"
_FOREIGN = ("ANSIBLE_", "AWS_", "TF_", "AWX_", "JOB_ID")
_RECAP = re.compile(r"^(\S+)\s+: ok=\d+\s+changed=(\d+)\s+unreachable=\d+\s+failed=(\d+)", re.MULTILINE)
_numbers = itertools.count()


@dataclass(frozen=True)
class Played:
    """A run that has ended. results are those of all tasks, as every callback sees them, in order of arrival."""

    status: int
    stdout: str
    stderr: str
    results: list[dict[str, Any]]

    @property
    def changed(self) -> dict[str, int]:
        """How many tasks changed something, by host."""
        return {host: int(count) for host, count, _ in _RECAP.findall(self.stdout)}

    @property
    def failures(self) -> dict[str, str]:
        """Why hosts failed."""
        return {row["host"]: str(row["result"].get("msg")) for row in self.results if row["kind"] == "failed"}

    def of(self, task: str) -> dict[str, dict[str, Any]]:
        """The results of a task by host, in order of arrival; *task* is a part of its name."""
        done = [row for row in self.results if task in row["task"] and row["kind"] in {"ok", "failed"}]
        return {row["host"]: row["result"] for row in done}

    def succeeded(self) -> Played:
        assert self.status == 0, self.stdout + self.stderr
        return self


@dataclass(frozen=True)
class Run:
    """A run that may still go on."""

    process: subprocess.Popen[str]
    record: Path
    deadline: float

    def ended(self) -> Played:
        try:
            stdout, stderr = self.process.communicate(timeout=self.deadline)
        except subprocess.TimeoutExpired:
            self.process.kill()
            stdout, stderr = self.process.communicate()
            raise AssertionError(f"the playbook did not end: {stdout}{stderr}") from None
        lines = self.record.read_text().splitlines() if self.record.exists() else []
        return Played(self.process.returncode, stdout, stderr, [json.loads(line) for line in lines])


@dataclass(frozen=True)
class Site:
    """A directory to run playbooks in: tf_root, unless a run says otherwise. home is private to it, and beside it."""

    directory: Path
    collections: Path = REPOSITORY / "collections"
    environment: Mapping[str, str] = field(default_factory=dict)
    deadline: float = 180.0  # seconds

    @property
    def home(self) -> Path:
        return self.directory.with_name(f"{self.directory.name}-home")

    def run(self, *command: str, cwd: Path | None = None) -> Run:
        """Start a command of Ansible's."""
        self.home.mkdir(exist_ok=True)
        record = self.home / f"record-{next(_numbers)}.jsonl"
        process = subprocess.Popen(
            [str(_BIN / command[0]), *command[1:]],
            cwd=cwd or self.directory,
            env={**self.variables(), "CONTRACT_RECORD": str(record)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return Run(process, record, self.deadline)

    def start(self, playbook: str, *options: str, cwd: Path | None = None) -> Run:
        """Start a playbook; one of the collection's when it is no file's name."""
        name = playbook if playbook.endswith(".yml") else f"envforge.terraform.{playbook}"
        return self.run("ansible-playbook", name, *options, cwd=cwd)

    def play(self, playbook: str, *options: str, cwd: Path | None = None) -> Played:
        return self.start(playbook, *options, cwd=cwd).ended()

    def inventory(self, hosts: Mapping[str, Any], **variables: Any) -> None:
        """The inventory of this site, found without -i: *hosts* are the stacks, *variables* those of all."""
        every = {
            "tf_environment": "test",
            "tf_region": "us-east-1",
            "tf_binary": BINARY,
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            **variables,
        }
        content = {"all": {"vars": every}, "stacks": {"hosts": hosts}}
        (self.directory / "hosts.json").write_text(json.dumps(content))

    def variables(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        return {
            **kept,
            "HOME": str(self.home),
            "ANSIBLE_HOME": str(self.home / ".ansible"),
            "ANSIBLE_REMOTE_TEMP": str(self.home / ".ansible" / "tmp"),
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_INVENTORY": str(self.directory / "hosts.json"),
            "ANSIBLE_CALLBACK_PLUGINS": str(_CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": "recorder",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_NOCOLOR": "true",
            **self.environment,
        }
