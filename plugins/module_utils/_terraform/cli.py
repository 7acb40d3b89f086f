# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One engine, one root module, one data directory, one workspace: runs its subcommands and reads their answers once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._doors import Run
from ansible_collections.envforge.terraform.plugins.module_utils._errors import CommandFailed, UnreadableOutput
from ansible_collections.envforge.terraform.plugins.module_utils._terraform import commands
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.diagnostics import (
    as_data,
    from_plain_text,
    from_text,
    sentence_of,
)
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.engine import Engine
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.environment import terraform_environment
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.events import Event, EventLog
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.process import Completed

NO_CHANGES, FAILED, CHANGES = 0, 1, 2  # `plan -detailed-exitcode`


@dataclass(frozen=True)
class Ended:
    """A command with events that has ended."""

    status: int
    log: EventLog


@dataclass(frozen=True)
class Terraform:
    """Each method is one process. Errors name *label*, the stack."""

    run: Run
    engine: Engine
    root: str
    data_dir: str
    workspace: str | None
    inherited: Mapping[str, str]
    label: str

    def init(self, options: commands.Init, with_workspace: bool = False, held: tuple[int, ...] = ()) -> Completed:
        """`init`, any status: without TF_WORKSPACE unless a `cloud` block chooses its workspace by tags."""
        return self._run(options.argv(), held=held, with_workspace=with_workspace)

    def plan(self, options: commands.Plan, on_event: Callable[[Event], None]) -> Ended:
        return self._events(options.argv(), on_event)

    def apply(self, options: commands.Apply, on_event: Callable[[Event], None], held: tuple[int, ...]) -> Ended:
        return self._events(options.argv(), on_event, held)

    def show(self, plan_file: str) -> dict[str, Any]:
        """The plan as JSON, nothing redacted."""
        return self._json(commands.show(plan_file), f"Reading the plan of {self.label}")

    def fmt(self) -> Completed:
        """`fmt -check -diff`, any status."""
        return self._run(commands.fmt())

    def validate(self) -> dict[str, Any]:
        """What `validate` found: its status only says whether there are errors among it."""
        done = self._run(commands.validate())
        try:
            return _first_json(done.stdout)
        except ValueError as error:
            raise self.failed(f"Validating {self.label}", done) from error

    def test(self, on_line: Callable[[str], None]) -> Completed:
        """`test`, any status."""
        return self._run(commands.test(), on_line)

    def output(self) -> dict[str, Any]:
        """All outputs: {name: {value, type, sensitive}}, nothing redacted."""
        return self._json(commands.output(), f"Reading the outputs of {self.label}")

    def import_object(self, options: commands.Import) -> None:
        done = self._run(options.argv())
        self._demand_success(done, f"Importing {options.id} as {options.address} into {self.label}")

    def state_pull(self) -> dict[str, Any]:
        """The whole state; empty when there is none."""
        done = self._run(commands.state_pull())
        self._demand_success(done, f"Reading the state of {self.label}")
        return _first_json(done.stdout) if done.stdout.strip() else {}

    def show_state(self) -> dict[str, Any]:
        """The state as JSON, nothing redacted; without `values` when it is empty."""
        return self._json(commands.show_state(), f"Reading the state of {self.label}")

    def state_move(self, state_file: str, source: str, destination: str) -> None:
        """Move within a state file; nothing else is touched."""
        done = self._run(commands.state_move(state_file, source, destination))
        self._demand_success(done, f"Moving {source} to {destination} in a copy of the state of {self.label}")

    def state_remove(self, state_file: str, addresses: Sequence[str]) -> None:
        """Forget objects in a state file; nothing else is touched."""
        done = self._run(commands.state_remove(state_file, addresses))
        self._demand_success(done, f"Removing {', '.join(addresses)} from a copy of the state of {self.label}")

    def failed(self, doing: str, done: Completed) -> CommandFailed:
        """The error for a command without events."""
        found = from_text(f"{done.stdout}\n{done.stderr}") or from_plain_text(done.stderr)
        return CommandFailed(f"{doing} failed: {sentence_of(found)}.", diagnostics=as_data(found), rc=done.status)

    def _events(self, arguments: list[str], on_event: Callable[[Event], None], held: tuple[int, ...] = ()) -> Ended:
        log = EventLog(on_event)
        done = self._run(arguments, log.line, held)
        if done.status != 0 and not log.diagnostics:  # it failed before it knew that it was to print JSON
            log.diagnostics += from_text(done.stderr)
        return Ended(done.status, log)

    def _json(self, arguments: list[str], doing: str) -> dict[str, Any]:
        done = self._run(arguments)
        self._demand_success(done, doing)
        try:
            return _first_json(done.stdout)
        except ValueError as error:
            raise UnreadableOutput(f"{doing} failed: {self.engine.path} {arguments[0]} did not print JSON.") from error

    def _demand_success(self, done: Completed, doing: str) -> None:
        if done.status != 0:
            raise self.failed(doing, done)

    def _run(
        self,
        arguments: list[str],
        on_line: Callable[[str], None] | None = None,
        held: tuple[int, ...] = (),
        with_workspace: bool = True,
    ) -> Completed:
        environment = terraform_environment(self.inherited, self.data_dir, self.workspace if with_workspace else None)
        return self.run([self.engine.path, *arguments], self.root, environment, on_line, held)


def _first_json(text: str) -> dict[str, Any]:
    """The first JSON value: Terraform 1.15.0 prints a deprecation after it."""
    value, _end = json.JSONDecoder().raw_decode(text.lstrip())
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value
