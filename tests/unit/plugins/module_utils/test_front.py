# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What both routes do alike around a core."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors, real_doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import CommandFailed
from ansible_collections.envforge.terraform.plugins.module_utils._front import process_environment, run_core
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.process import Interrupted, Processes


def result_of(core: Callable[[dict[str, Any], Doors], dict[str, Any]]) -> dict[str, Any]:
    processes = Processes()
    doors = real_doors(
        processes, check_mode=False, diff=False, progress=print, warn=print, environment=dict(os.environ)
    )
    return run_core("tf_probe", core, {"option": 1}, doors, processes)


def test_a_result_says_whether_it_changed_and_what_it_cost() -> None:
    """Also where the core does not."""
    assert result_of(lambda parameters, doors: parameters) == {"option": 1, "changed": False, "terraform_calls": 0}


def test_processes_are_counted() -> None:
    """Those of a core that failed afterwards too."""

    def core(parameters: dict[str, Any], doors: Doors) -> dict[str, Any]:
        doors.run(["/bin/true"], "/", {})
        raise CommandFailed("It failed.", rc=3)

    assert result_of(core) == {"failed": True, "changed": False, "msg": "It failed.", "rc": 3, "terraform_calls": 1}


def test_a_failure_can_have_changed_something() -> None:
    """An apply that stopped half way has."""

    def core(parameters: dict[str, Any], doors: Doors) -> dict[str, Any]:
        raise CommandFailed("Half done.", changed=True)

    assert result_of(core)["changed"] is True


@pytest.mark.parametrize("attempt", range(5))
def test_overlapping_secrets_leave_nothing_of_each_other(attempt: int) -> None:
    """Ansible masks in the order of a set: had it replaced the short one first, the rest of the long one would stay."""
    secrets = {"short": f"pass{attempt}", "long": f"pass{attempt}-and-more"}
    parameters = {"secret_values": secrets, "process_environment": {}}
    processes = Processes()
    doors = real_doors(processes, check_mode=False, diff=False, progress=print, warn=print, environment={})
    result = run_core("tf_probe", lambda *given: {"said": [f"it is {secrets['long']}"]}, parameters, doors, processes)
    assert result["said"] == ["it is (sensitive)"]


def test_a_bug_is_reported_as_one() -> None:
    """With its traceback, and never raised: a raised secret would not be masked."""

    def core(parameters: dict[str, Any], doors: Doors) -> dict[str, Any]:
        raise KeyError("forgotten")

    result = result_of(core)
    assert "tf_probe has a bug: KeyError: 'forgotten'. Please report it." in result["msg"]
    assert (result["failed"], "Traceback" in result["exception"]) == (True, True)


def test_a_signal_is_not_swallowed() -> None:
    """The front has to end the process."""

    def core(parameters: dict[str, Any], doors: Doors) -> dict[str, Any]:
        raise Interrupted(15)

    with pytest.raises(Interrupted):
        result_of(core)


def test_the_process_environment_is_in_force_only_for_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers become text; afterwards everything is as before, also after an error."""
    monkeypatch.setenv("KEPT", "before")
    monkeypatch.delenv("ADDED", raising=False)
    before = dict(os.environ)
    seen: list[str] = []
    with suppress(ValueError), process_environment({"process_environment": {"KEPT": 1, "ADDED": "x"}}):
        seen += [os.environ["KEPT"], os.environ["ADDED"]]
        raise ValueError
    assert seen == ["1", "x"]
    assert dict(os.environ) == before


def test_a_module_may_have_no_process_environment() -> None:
    """Nothing changes then."""
    before = dict(os.environ)
    with process_environment({}), process_environment({"process_environment": None}):
        assert dict(os.environ) == before
