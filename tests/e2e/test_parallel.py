# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several at once: workspaces, environments and stacks of one checkout at the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.project import Answer, Project
from tests.e2e.proxy import Proxy

ONE = """
variable "name" {
  default = "nobody"
}
resource "terraform_data" "a" {
  input = var.name
}
"""


def at_once(tasks: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Run all tasks at the same time."""
    with ThreadPoolExecutor(len(tasks)) as pool:
        return [future.result() for future in [pool.submit(task) for task in tasks]]


@pytest.mark.core
def test_workspaces_of_one_root_module_are_applied_at_the_same_time(project: Project, cloud: Cloud) -> None:
    """`workspace select` would make them fight over one file."""
    project.write(ONE)
    stacks = [replace(project, workspace=name) for name in ("blue", "green", "red", "white")]
    tasks = [partial(stack.apply, variables={"name": stack.workspace}) for stack in stacks]
    assert [answer.result.get("msg") for answer in at_once(tasks)] == [None] * 4
    for stack in stacks:
        state = cloud.state(stack)
        assert state is not None
        assert state["resources"][0]["instances"][0]["attributes"]["input"]["value"] == stack.workspace


@pytest.mark.core
def test_environments_of_one_root_module_run_at_the_same_time(project: Project, cloud: Cloud) -> None:
    """One checkout, one data directory each."""
    project.write(ONE)
    stacks = [project.of(name, f"{name}-{project.backend_config['key']}") for name in ("dev", "qa", "prod")]
    answers = at_once([stack.apply for stack in stacks])
    assert [answer["changed"] for answer in answers] == [True] * 3
    assert [cloud.addresses(stack) for stack in stacks] == [["terraform_data.a"]] * 3


def test_two_that_fail_to_save_their_states_lose_neither(project: Project, proxy: Proxy) -> None:
    """Terraform calls both errored.tfstate and puts both into the root module."""
    project.write(ONE)
    names = ["qa", "prod"]
    stacks = [
        project.of(name, f"{name}-{project.backend_config['key']}").through(proxy.url).having(variables={"name": name})
        for name in names
    ]
    for stack in stacks:
        stack.plan()  # makes the empty state of the workspace, which is not the one to be refused
    proxy.refuse("PutObject", "terraform.tfstate")
    answers = at_once([stack.apply for stack in stacks])
    for name, stack, answer in zip(names, stacks, answers, strict=True):
        assert "Its new state could not be stored" in answer.message
        kept = list(stack.data_dir.glob("*errored.tfstate"))
        assert len(kept) == 1
        assert f'"value": "{name}"' in kept[0].read_text()
    assert list(project.root.glob("errored*")) == []


def test_a_second_run_of_the_same_stack_waits_for_the_lock(project: Project) -> None:
    """With a lock timeout both succeed, one after the other."""
    project.write(ONE).apply()
    stacks = [project.copied(f"clone-{number}").having(lock_timeout=60) for number in range(2)]
    for stack in stacks:
        stack.init()
    answers = at_once([partial(stack.apply, variables={"name": n}) for n, stack in enumerate(stacks)])
    assert [answer.result.get("msg") for answer in answers] == [None, None]
