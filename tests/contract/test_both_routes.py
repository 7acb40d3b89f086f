# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every case ends as it must, on both routes alike: in the worker, and as a module on another connection."""

from __future__ import annotations

import getpass
import re
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.cases import arguments, backend, dotenv, imports, keywords, locks, stack, states, validation
from tests.contract.cases.case import Case
from tests.contract.cases.values import IN_FILE, SECRETS, VAULT_PASSWORD
from tests.contract.comparison import comparable, differences
from tests.contract.controller import BIN, HERE, Project
from tests.contract.emulator import SECRET_KEY, Emulator

STACK_CASES = [
    *stack.CASES,
    *arguments.CASES,
    *keywords.CASES,
    *dotenv.CASES,
    *imports.CASES,
    *locks.CASES,
    *states.CASES,
]
BACKEND_CASES = [*backend.CASES, *validation.CASES]
CASES = [*BACKEND_CASES, *STACK_CASES]
BACKEND = "contract"
pytestmark = pytest.mark.timeout(1800)  # the first test waits for all cases, and a busy machine takes its time
Rows = dict[str, dict[str, list[tuple[str, dict[str, Any]]]]]


@pytest.fixture(scope="session")
def project(new_project: Callable[..., Project]) -> Project:
    made = new_project("routes", ANSIBLE_PIPELINING="true")  # three processes fewer per task
    (made.directory / "stacks" / "empty").mkdir()
    made.write("vault-password", VAULT_PASSWORD)
    made.write("vaulted.yml", (HERE / "vaulted.yml").read_text())
    made.write("secrets.json", {"in_file": IN_FILE})
    made.write("wrapper", f'#!/bin/sh\nexec {sys.executable} "$@"\n').chmod(0o700)
    return made


@pytest.fixture(scope="session")
def rows(project: Project, aws: Emulator) -> Rows:
    """What was recorded of each case on each host: kinds and results, in order."""
    aws.make_backend(BACKEND)
    options = ["-e", "@secrets.json", "--vault-password-file", "vault-password", "-vvv", "--forks", "2"]
    options = [option.replace("@", f"@{project.directory}/") for option in options]
    options[3] = str(project.directory / "vault-password")
    ended = project.play([backend_play(aws), stack_play(aws, project)], *options)
    project.write("output.log", ended.stdout + ended.stderr)
    found: Rows = {}
    for row in project.recorded():
        found.setdefault(row["task"], {}).setdefault(row["host"], []).append((row["kind"], row["result"]))
    return found


def backend_play(aws: Emulator) -> dict[str, Any]:
    return {
        "name": "Backends",
        "hosts": "all",
        "gather_facts": False,
        "module_defaults": {"group/envforge.terraform.terraform": {"process_environment": aws.environment}},
        "tasks": [case.task() for case in BACKEND_CASES],
    }


def stack_play(aws: Emulator, project: Project) -> dict[str, Any]:
    defaults = {
        "project_path": "stacks/plain",
        "data_dir": ".envforge/{{ own }}",
        "environment": "contract",
        "stack": "{{ own }}",
        # no lock table: each route has a state of its own, and locks have tests of their own
        "backend_config": {**aws.backend_config(BACKEND, "{{ own }}/terraform.tfstate"), "dynamodb_table": None},
        "process_environment": "{{ reach_aws | combine(more) }}",
    }
    return {
        "name": "Stacks",
        "hosts": "all",
        "gather_facts": False,
        "vars_files": ["vaulted.yml"],
        "vars": {
            "reach_aws": aws.environment,
            "lockfile_backend": {**aws.backend_config(BACKEND, ""), "dynamodb_table": None, "use_lockfile": True},
            "more": {},
            "me": getpass.getuser(),
            "same_python": str(BIN / "python3"),
            "wrapper": str(project.directory / "wrapper"),
        },
        "module_defaults": {
            "group/envforge.terraform.terraform": defaults,
            "envforge.terraform.tf_plan": {"lock_timeout": 7},
        },
        "tasks": [case.task() for case in STACK_CASES],
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_routes_give_the_same_result(case: Case, rows: Rows) -> None:
    """The same keys, values, types, masking and failure text, for every event of the task."""
    here, far = ([list(row) for row in rows[case.name][host]] for host in ("here", "far"))
    assert list(differences(comparable(here), comparable(far))) == []


@pytest.mark.parametrize("host", ["here", "far"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_ends_as_it_must(case: Case, host: str, rows: Rows) -> None:
    """Two routes that agree could both be wrong: what the case itself demands holds as well."""
    kind, result = rows[case.name][host][-1]
    assert kind == case.ends, result
    assert re.search(case.says, str(comparable(result.get("msg", "")))), result
    assert case.changed in (None, result["changed"]), result
    assert case.shows(result), result


@pytest.mark.parametrize("secret", [*SECRETS, SECRET_KEY])
def test_no_result_shows_a_secret(secret: str, rows: Rows, project: Project) -> None:
    """What a callback gets, invocation included, and what a person sees at -vvv."""
    assert rows
    assert secret not in project.record.read_text()
    # Ansible itself shows `environment:` on the command line of a module; what is secret has no place there
    shown = (line for line in (project.directory / "output.log").read_text().splitlines() if "> EXEC " not in line)
    assert [line for line in shown if secret in line] == []


def test_the_routes_were_those_that_were_meant(rows: Rows, project: Project) -> None:
    """The far host ran modules; the near one did so only where a task demanded it."""
    log = (project.directory / "output.log").read_text()
    here = re.findall(r"<here> (\S+) runs as a module, because (.*)", log)
    far = re.findall(r"<far> (\S+) runs as a module, because (.*)", log)
    assert len(far) > len(CASES) * 0.8
    other = f"ansible_python_interpreter is {project.directory / 'wrapper'}"
    assert {reason for _, reason in here} == {"the connection is faraway", "of become", "of async", other}
