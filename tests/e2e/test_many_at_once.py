# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Twenty runs against one stack at once: each succeeds or says who holds the lock, and nobody's lock or state is lost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.contract import emulator
from tests.e2e.cloud import Cloud
from tests.e2e.project import Answer, Project
from tests.e2e.site import Site
from tests.e2e.test_parallel import at_once
from tests.e2e.test_playbooks import in_a_bucket

MANY = 20
MODULE = """
resource "terraform_data" "a" {
  input = 1
}
output "token" {
  value     = "${terraform_data.a.id}-token"
  sensitive = true
}
"""
pytestmark = pytest.mark.timeout(400)  # Terraform waits up to 16 seconds between two attempts to get a lock


def all_ended_well(answers: Sequence[Answer]) -> None:
    """One of them did it; the others found it done, or say who was at work."""
    done = [answer for answer in answers if not answer.failed]
    assert [answer["changed"] for answer in done].count(True) == 1
    refused = [answer.result for answer in answers if answer.failed]
    assert [result["msg"] for result in refused if not result.get("locks")] == []
    assert len(done) > MANY / 2


def all_is_whole(project: Project, cloud: Cloud) -> None:
    state = cloud.state(project)
    assert state is not None
    assert (state["serial"], len(state["resources"])) == (1, 1)
    assert (cloud.lock(project), project.lock_info()["digests"]) == (None, [])
    assert project.plan()["changed"] is False


def test_twenty_runs_on_as_many_machines(project: Project, cloud: Cloud) -> None:
    """The lock in the table is all they have in common."""
    project = project.write(MODULE).having(lock_timeout=40)
    clones = [project.copied(f"clone-{number}") for number in range(MANY)]
    all_ended_well(at_once([clone.apply for clone in clones]))
    all_is_whole(project, cloud)


def test_twenty_runs_in_one_checkout(project: Project, cloud: Cloud) -> None:
    """They share the data directory and the plan file as well, and take turns."""
    project = project.write(MODULE).having(lock_timeout=40)
    all_ended_well(at_once([project.apply] * MANY))
    assert list(project.data_dir.glob("task-*")) + list(project.data_dir.glob("plan*")) == []
    all_is_whole(project, cloud)


def test_twenty_site_runs(tmp_path: Path, aws: emulator.Emulator) -> None:
    """Whole playbooks in one checkout, from the backend to the .env file."""
    site = Site(tmp_path / "site", deadline=360.0)
    root = site.directory / "stacks" / "part"
    root.mkdir(parents=True)
    (root / "main.tf").write_text(f'terraform {{\n  backend "s3" {{}}\n}}\n{MODULE}')
    dotenv = {"path": "app.env", "variables": {"TOKEN": "${token}"}}
    site.inventory({"app": {"tf_dotenv": dotenv}}, **in_a_bucket(aws.url, aws, "twenty"))
    site.play("bootstrap").succeeded()
    played = [run.ended() for run in [site.start("site") for _ in range(MANY)]]
    assert [one.failures for one in played] == [{}] * MANY
    assert (site.directory / "app.env").read_text().count("TOKEN=") == 1
    assert sorted(path.name for path in (site.directory / ".envforge" / "test" / "app").glob("plan*")) == []
    assert site.play("site").succeeded().changed["app"] == 0
