# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bare checkout under ansible-runner, as AWX runs a job: an inventory script, no terminal, a project of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import ansible_runner
import pytest

_DEADLINE = 180  # seconds


@dataclass(frozen=True)
class Job:
    """A private data directory, as AWX makes one for each job."""

    place: Path

    def run(self, playbook: str, ident: str, **variables: str) -> dict[str, Any]:
        """The statistics of a successful run: what happened how often on which host."""
        ran = self.start(playbook, ident, extravars=variables)
        assert ran.status == "successful", ran.stdout.read()
        return dict(ran.stats)

    def start(self, playbook: str, ident: str, **options: Any) -> ansible_runner.Runner:
        """A run that has ended in any way; one that waits for somebody who types ends with the status timeout."""
        return ansible_runner.run(
            private_data_dir=str(self.place), playbook=playbook, ident=ident, quiet=True, timeout=_DEADLINE, **options
        )

    def playbook(self, name: str) -> str:
        """A playbook of the collection as a project has it: a file of its own, as AWX lists only files."""
        path = self.place / "project" / f"{name}.yml"
        path.write_text(f"- import_playbook: envforge.terraform.{name}\n")
        return path.name


def exported(checkout: Path) -> str:
    """An inventory as AWX imports it: all variables in one document, no file beside it."""
    command = ["ansible-inventory", "-i", "inventories/sandbox", "--list", "--export"]
    return subprocess.run(command, cwd=checkout, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def job(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Job]:
    """The checkout as a project, its sandbox inventory as the script that AWX writes."""
    for name in [name for name in os.environ if name.startswith("ANSIBLE_")]:
        monkeypatch.delenv(name)
    script = checkout.parent / "inventory" / "hosts"
    script.parent.mkdir()
    script.write_text(f"#!/usr/bin/env python3\nprint({json.dumps(exported(checkout))})\n")
    script.chmod(0o755)
    made = Job(checkout.parent)
    yield made
    made.run("site.yml", "clean", sandbox_state="absent")


def test_the_main_job_runs_from_a_bare_checkout(job: Job) -> None:
    """Names resolve through the committed link, paths start at the project, and the second job changes nothing."""
    first = job.run("site.yml", "first")
    second = job.run("site.yml", "second")
    assert first["changed"]
    assert list((job.place / "project").rglob(".env"))
    assert second["changed"] == {}
    assert second["failures"] == {}


@pytest.mark.parametrize("environment", [{}, {"JOB_ID": "7"}], ids=["runner", "AWX"])
def test_nobody_is_asked_before_a_protected_stack_is_destroyed(job: Job, environment: dict[str, str]) -> None:
    """The pty of the runner has nobody who types: the job ends with what to do, and everything is still there."""
    job.run("site.yml", "first")
    options = {"extravars": {"tf_protected": True}, "envvars": environment}
    ended = job.start(job.playbook("destroy"), "destroy", **options)
    assert ended.status == "failed", ended.stdout.read()
    said = {event["event_data"]["host"]: event["event_data"]["res"]["msg"] for event in of_kind(ended, "failed")}
    assert set(said) == {"app", "network"}
    for host, message in said.items():
        assert f"{host} was not touched: the environment sandbox is protected." in message
        assert message.endswith("run this again with -e tf_confirm=sandbox.")
    assert job.run("site.yml", "second")["changed"] == {}


def test_drift_of_one_stack_is_written_down(job: Job) -> None:
    """With a limit, the report that CI reads is in the project, and is of no other stack."""
    job.run("site.yml", "first")
    ended = job.start(job.playbook("drift"), "drift", limit="app", extravars={"drift_junit": "reports.xml"})
    assert ended.status == "successful", ended.stdout.read()
    assert ended.stats["changed"] == {}
    (suite,) = ET.parse(job.place / "project" / "reports.xml").getroot()
    assert [(case.get("name"), list(case)) for case in suite] == [("app", [])]


def of_kind(ended: ansible_runner.Runner, kind: str) -> list[dict[str, Any]]:
    return [event for event in ended.events if event["event"] == f"runner_on_{kind}"]
