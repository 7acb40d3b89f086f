# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A secret that is set nowhere is asked for, where somebody can answer; nowhere else is anything waited for."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ansible_runner
import pytest

from tests.contract.controller import INVENTORY, Project
from tests.contract.emulator import Emulator
from tests.contract.terminal import at_terminal

ANSWERS = {"[own-here] password: ": "typed-for-here-Bv8", "[own-far] password: ": "typed-for-far-Cx6"}
BACKEND = "prompts"


@pytest.fixture(scope="module")
def play(aws: Emulator) -> dict[str, Any]:
    """Plan and apply are two tasks that need the same secret."""
    aws.make_backend(BACKEND)
    options = {
        "project_path": "stacks/plain",
        "data_dir": ".envforge/{{ own }}",
        "environment": "contract",
        "stack": "{{ own }}",
        "backend_config": {**aws.backend_config(BACKEND, "{{ own }}.tfstate"), "dynamodb_table": None},
        "process_environment": aws.environment,
        "secret_variables": ["password"],
    }
    return {
        "name": "Ask",
        "hosts": "all",
        "gather_facts": False,
        "tasks": [
            {"name": "Plan", "envforge.terraform.tf_plan": options},
            {
                "name": "Apply",
                "envforge.terraform.tf_apply": {**options, "plan_file": ".envforge/{{ own }}/plan.tfplan"},
            },
            {"name": "Plan again", "envforge.terraform.tf_plan": options},
        ],
    }


def test_a_person_is_asked_once_for_each_stack(new_project: Callable[..., Project], play: dict[str, Any]) -> None:
    """One prompt per stack and run on either route, nothing echoed, and the answer is what all tasks use."""
    project = new_project("asked")
    command = project.command(project.write("play.yml", [play]), "-vvv")
    status, shown = at_terminal(command, project.variables(), project.home, ANSWERS)
    assert status == 0, shown
    assert [shown.count(prompt) for prompt in ANSWERS] == [1, 1]
    assert [answer for answer in ANSWERS.values() if answer in shown + project.record.read_text()] == []
    last = [row["result"]["changed"] for row in project.recorded() if row["task"] == "Plan again"]
    assert last == [False, False]


def test_nobody_is_asked_without_a_terminal(new_project: Callable[..., Project], play: dict[str, Any]) -> None:
    """The error names the variable and every way to set it."""
    project = new_project("unasked")
    ended = project.play([play])
    assert ended.returncode == 2
    messages = [row["result"]["msg"] for row in project.recorded()]
    assert len(messages) == 2
    for message in messages:
        assert re.search(r"password has no value.*vault.*-e @file.*survey.*TF_VAR_password", message)


def test_nobody_is_asked_under_ansible_runner(new_project: Callable[..., Project], play: dict[str, Any]) -> None:
    """It runs us at a terminal on which nobody types: a prompt would hang for ever."""
    project = new_project("runner")
    ended = under_runner(project, [play])
    assert ended.status == "failed"
    events = [event["event_data"]["res"]["msg"] for event in ended.events if event["event"] == "runner_on_failed"]
    assert len(events) == 2
    assert all("password has no value" in message for message in events)


def under_runner(project: Project, plays: list[dict[str, Any]], **more: Any) -> ansible_runner.Runner:
    """What AWX does: the playbook in a directory of its own, events read from files."""
    directory = project.directory / "runner"
    (directory / "project").mkdir(parents=True)
    Path(directory / "project" / "stacks").symlink_to(project.directory / "stacks")
    variables = {name: value for name, value in project.variables().items() if name != "ANSIBLE_CALLBACKS_ENABLED"}
    return ansible_runner.run(
        private_data_dir=str(directory),
        playbook=str(project.write("runner/project/play.yml", plays)),
        inventory=INVENTORY,
        envvars=variables,
        quiet=True,
        timeout=300,
        **more,
    )
