# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subcommands: what they are run with, and what is made of their answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._errors import CommandFailed, UnreadableOutput
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.cli import Terraform
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.commands import Apply, Init, Plan
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.engine import Engine
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.process import Completed


@dataclass
class Door:
    """Stands for the door to processes: it notes what it was asked for, and answers."""

    status: int = 0
    stdout: str = ""
    stderr: str = ""
    calls: list[tuple[list[str], str, Mapping[str, str], tuple[int, ...]]] = field(default_factory=list)

    def __call__(
        self,
        argv: list[str],
        directory: str,
        environment: Mapping[str, str],
        on_line: Callable[[str], None] | None = None,
        held: tuple[int, ...] = (),
    ) -> Completed:
        self.calls.append((argv, directory, environment, held))
        for line in self.stdout.splitlines() if on_line else ():
            on_line(line) if on_line else None
        return Completed(tuple(argv), self.status, "" if on_line else self.stdout, self.stderr)


def terraform(door: Door) -> Terraform:
    return Terraform(
        door, Engine("/bin/terraform"), "/root", "/data", "blue", {"TF_WORKSPACE": "x"}, "stack shop in dev"
    )


def test_every_command_runs_in_the_root_module_with_its_own_environment() -> None:
    """All but init in the workspace, and only what writes into the root module holds the lock on it."""
    door = Door(stdout="{}")
    one = terraform(door)
    one.init(Init(), held=(7,))
    one.plan(Plan("/p"), lambda event: None)
    one.apply(Apply("/p"), lambda event: None, (7,))
    one.show("/p")
    one.output()
    one.state_pull()
    assert [call[0][:2] for call in door.calls] == [
        ["/bin/terraform", name] for name in ("init", "plan", "apply", "show", "output", "state")
    ]
    assert {call[1] for call in door.calls} == {"/root"}
    assert [call[2].get("TF_WORKSPACE") for call in door.calls] == [None, *["blue"] * 5]
    assert [call[3] for call in door.calls] == [(7,), (), (7,), (), (), ()]


def test_init_of_a_cloud_backend_gets_the_workspace() -> None:
    """One that chooses by tags would ask for it."""
    door = Door()
    terraform(door).init(Init(), with_workspace=True)
    assert door.calls[0][2]["TF_WORKSPACE"] == "blue"


def test_the_status_comes_before_the_answer() -> None:
    """JSON of a failed command is not looked at."""
    failing = terraform(Door(status=1, stdout='{"a": 1}', stderr="Error: No state\n"))
    for command in (failing.output, failing.state_pull, lambda: failing.show("/p")):
        with pytest.raises(CommandFailed, match="of stack shop in dev failed: No state") as caught:
            command()
        assert caught.value.details["rc"] == 1
        assert caught.value.details["diagnostics"][0]["summary"] == "No state"


@pytest.mark.parametrize("text", ["", "No outputs found", "[]", '"x"'])
def test_an_answer_in_another_form_is_refused(text: str) -> None:
    """The command and the stack are named."""
    with pytest.raises(UnreadableOutput, match=r"outputs of stack shop in dev.*output did not print JSON"):
        terraform(Door(stdout=text)).output()


def test_only_the_first_json_value_is_read() -> None:
    """Terraform 1.15.0 prints a deprecation after it."""
    assert terraform(Door(stdout='\n{"a": {"value": 1}}\nWarning: x {"b": 2}')).output() == {"a": {"value": 1}}


def test_there_may_be_no_state() -> None:
    """`state pull` prints nothing then."""
    assert terraform(Door(stdout="\n")).state_pull() == {}


def test_a_reason_in_bare_words_is_told() -> None:
    """Without `Error:` before it, as `state pull` tells that the bucket did not answer."""
    door = Door(status=1, stderr="Failed to refresh state: operation error S3: GetObject,\nhttps response error\n")
    said = "of stack shop in dev failed: Failed to refresh state: operation error S3: GetObject, https response error"
    with pytest.raises(CommandFailed, match=said) as caught:
        terraform(door).state_pull()
    assert caught.value.details["diagnostics"][0]["severity"] == "error"


def test_a_failure_before_the_first_event_is_told_from_standard_error() -> None:
    """Terraform did not know yet that it was to print JSON."""
    ended = terraform(
        Door(status=1, stderr="Error: Failed to read variables file\n\nGiven file does not exist.\n")
    ).plan(Plan("/p"), lambda event: None)
    assert (ended.status, ended.log.diagnostics[0].summary) == (1, "Failed to read variables file")


def test_a_warning_on_standard_error_is_no_diagnostic_of_a_success() -> None:
    """A stray TF_CLI_CONFIG_FILE warns on every call."""
    ended = terraform(Door(stderr="Warning: Unable to open CLI configuration file\n")).plan(
        Plan("/p"), lambda event: None
    )
    assert (ended.status, ended.log.diagnostics) == (0, [])
