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

import ansible_runner
import pytest


@dataclass(frozen=True)
class Job:
    """A private data directory, as AWX makes one for each job."""

    place: Path

    def run(self, playbook: str, ident: str, **variables: str) -> dict[str, Any]:
        """The statistics of a successful run: what happened how often on which host."""
        ran = ansible_runner.run(
            private_data_dir=str(self.place), playbook=playbook, ident=ident, extravars=variables, quiet=True
        )
        assert ran.status == "successful", ran.stdout.read()
        return dict(ran.stats)


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
