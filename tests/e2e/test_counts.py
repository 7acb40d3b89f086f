# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers the collection promises: Terraform processes of a run, requests of a run without changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.project import BINARY, CHECK, OLD_SPELLING, Project
from tests.e2e.proxy import Proxy

MAIN = """
resource "terraform_data" "site" {
  input = "https://example.net"
}
output "url" {
  value = terraform_data.site.output
}
"""


def counted(directory: Path) -> tuple[str, Path]:
    """A script around the engine that notes each subcommand, and the file it notes them in."""
    log, script = directory / "calls.log", directory / Path(BINARY).name
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >> {log}\nexec {BINARY} "$@"\n')
    script.chmod(0o755)
    log.touch()
    return str(script), log


def whole_job(project: Project) -> list[bool]:
    """What site.yml does on one stack with a .env: whether each step changed something."""
    dotenv = {"path": str(project.directory / ".env"), "variables": {"URL": "${url}"}}
    kept = str(project.plan_file)
    steps = [project.init(), project.apply(keep_plan=True), project.dotenv(dotenv=dotenv, plan_file=kept)]
    assert [step.result for step in steps if step.failed] == []
    return [step["changed"] for step in steps]


@pytest.mark.core
def test_the_whole_job_takes_five_processes_and_two_when_nothing_changes(project: Project, tmp_path: Path) -> None:
    """First init, plan, show, apply, output; then plan and show. An engine before 1.6 is asked for its version once."""
    binary, log = counted(tmp_path)
    project = project.write(MAIN).having(binary=binary)
    assert whole_job(project) == [False, True, True]
    inits = ["init", "version", "init"] if OLD_SPELLING else ["init"]
    assert log.read_text().split() == [*inits, "plan", "show", "apply", "output"]
    log.write_text("")
    assert whole_job(project) == [False, False, False]
    assert log.read_text().split() == ["plan", "show"]
    assert (project.directory / ".env").read_text().splitlines()[-1] == "URL=https://example.net"


@pytest.mark.core
def test_a_run_in_a_fresh_container_initialises_once(project: Project) -> None:
    """The data directory is empty there, the state is not: one init, then the plan finds nothing to do."""
    project.write(MAIN).apply()
    fresh = project.copied()
    assert fresh.apply()["changed"] is False
    again = fresh.apply()
    assert (again["changed"], again.commands) == (False, ["plan"])


@pytest.mark.core
def test_a_plan_without_changes_and_its_outputs_send_few_requests(project: Project, proxy: Proxy) -> None:
    """At most twelve for plan and show, what we ask the backend ourselves included."""
    project = project.write(MAIN).through(proxy.url)
    assert whole_job(project) == [False, True, True]
    proxy.requests.clear()
    assert whole_job(project) == [False, False, False]
    assert len(proxy.requests) <= 12, proxy.operations


def test_checking_a_stack_whose_state_is_there_starts_one_process(project: Project) -> None:
    """Nothing to do: a plan, and no more."""
    project.write(MAIN).apply()
    assert project.apply(CHECK).commands == ["plan"]


def test_a_saved_plan_without_changes_starts_nothing(project: Project) -> None:
    """Its record says that there is nothing to apply."""
    project.write(MAIN).apply()
    planned = project.plan()
    applied = project.apply(plan_file=planned["plan_file"])
    assert (applied["changed"], applied["terraform_calls"]) == (False, 0)


def test_a_saved_plan_takes_one_process(project: Project) -> None:
    """What it does was read when it was made."""
    planned = project.write(MAIN).plan()
    applied = project.apply(plan_file=planned["plan_file"])
    assert (applied["changed"], applied.commands) == (True, ["apply"])


def test_the_result_says_how_many_processes_there_were(project: Project, tmp_path: Path) -> None:
    """terraform_calls is what a wrapper around the executable counts."""
    binary, log = counted(tmp_path)
    applied = project.write(MAIN).having(binary=binary).apply()
    assert applied["terraform_calls"] == len(log.read_text().split()) == len(applied.commands)
    assert json.loads(json.dumps(applied.result)) == applied.result
