# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Terraform is doing is seen while it does it, on standard error, and nobody's parser trips over it."""

from __future__ import annotations

import json
import re
import subprocess
import threading
import time
from collections.abc import Callable
from typing import IO, Any

import pytest

from tests.contract.controller import Project
from tests.contract.emulator import Emulator
from tests.contract.test_prompts import under_runner

BACKEND = "progress"
SECONDS = 8  # so long that a line which is late on a busy machine still comes well before the end
STARTED = "[here] terraform_data.slow: creating"
ENDED = re.compile(r"\[here\] terraform_data\.slow: created after \d+s \(2/2\)")


@pytest.fixture(scope="module", autouse=True)
def _backend(aws: Emulator) -> None:
    aws.make_backend(BACKEND)


def play(aws: Emulator, key: str, **options: Any) -> dict[str, Any]:
    """One apply that takes a while, in the worker."""
    task = {
        "project_path": "stacks/slow",
        "data_dir": f".envforge/{key}",
        "environment": "contract",
        "stack": "slow",
        "backend_config": {**aws.backend_config(BACKEND, f"{key}.tfstate"), "dynamodb_table": None},
        "process_environment": aws.environment,
        "variables": {"seconds": SECONDS},
        **options,
    }
    return {
        "name": "Progress",
        "hosts": "here",
        "gather_facts": False,
        "tasks": [{"name": "Apply", "envforge.terraform.tf_apply": task}],
    }


def watched(stream: IO[str], lines: list[tuple[float, str]]) -> threading.Thread:
    """Notes each line with the time of its arrival."""

    def read() -> None:
        for line in stream:
            lines.append((time.monotonic(), line.rstrip("\n")))  # noqa: PERF401 - each at its time, not all at the end

    thread = threading.Thread(target=read)
    thread.start()
    return thread


def test_progress_is_live_and_leaves_json_whole(new_project: Callable[..., Project], aws: Emulator) -> None:
    """Standard output, parsed line by line as it comes, stays JSON; standard error shows a start long before its end."""
    project = new_project("live", ANSIBLE_STDOUT_CALLBACK="lines")
    output: list[tuple[float, str]] = []
    errors: list[tuple[float, str]] = []
    command = project.command(project.write("play.yml", [play(aws, "live")]))
    with subprocess.Popen(
        command,
        cwd=project.home,
        env=project.variables(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for reader in (watched(process.stdout, output), watched(process.stderr, errors)):
            reader.join()
    assert process.returncode == 0, errors
    assert [json.loads(line)["event"] for _, line in output] == ["task", "ok"]
    started = next(moment for moment, line in errors if line == STARTED)
    ended = next(moment for moment, line in errors if ENDED.fullmatch(line))
    assert ended - started > SECONDS * 0.7
    assert output[-1][0] >= ended


def test_each_resource_has_one_start_and_one_end(new_project: Callable[..., Project], aws: Emulator) -> None:
    """Two lines per resource in order, with a count of the whole; nothing else is told of an apply."""
    project = new_project("counted")
    shown = project.play([play(aws, "counted", variables={"seconds": 0})]).stderr.splitlines()
    assert [re.sub(r"\d+s", "0s", line) for line in shown if line.startswith("[here] ") and " to " not in line] == [
        "[here] terraform_data.quick: creating",
        "[here] terraform_data.quick: created after 0s (1/2)",
        "[here] terraform_data.slow: creating",
        "[here] terraform_data.slow: created after 0s (2/2)",
    ]


@pytest.mark.parametrize("quiet", ["progress", "no_log"])
def test_progress_can_be_switched_off(quiet: str, new_project: Callable[..., Project], aws: Emulator) -> None:
    """By the option, and by no_log, which hides everything about a task."""
    project = new_project("quiet")
    silent = play(aws, quiet, variables={"seconds": 0}, **({"progress": False} if quiet == "progress" else {}))
    silent["tasks"][0]["no_log"] = quiet == "no_log"
    ended = project.play([silent])
    assert ended.returncode == 0, ended.stdout
    assert "terraform_data" not in ended.stderr


def test_ansible_runner_gets_each_line_as_an_event(new_project: Callable[..., Project], aws: Emulator) -> None:
    """AWX shows lines as they come: the start is an event before the end, and both come before the result."""
    project = new_project("events")
    moments: list[tuple[float, str, str]] = []

    def note(event: dict[str, Any]) -> bool:
        moments.append((time.monotonic(), event["event"], event["stdout"]))
        return True

    ended = under_runner(project, [play(aws, "events")], event_handler=note)
    assert ended.status == "successful", moments
    started = next(moment for moment, _, text in moments if STARTED in text)
    finished = next(moment for moment, _, text in moments if ENDED.search(text))
    result = next(moment for moment, name, _ in moments if name == "runner_on_ok")
    assert started + SECONDS * 0.7 < finished <= result
