# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack: one root module in one environment, and everything a task needs to work on it."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused
from ansible_collections.envforge.terraform.plugins.module_utils._files import (
    make_private_directory,
    task_directory,
    while_trying_to,
)
from ansible_collections.envforge.terraform.plugins.module_utils._masking import SENSITIVE, leaves
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.cli import Terraform
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.configuration import (
    Configuration,
    read_configuration,
    require_backend,
)
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.engine import Engine, find_engine
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.environment import refuse_owned
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.variables import (
    Variables,
    check_variables,
    variables_of,
)

# Terraform takes a name that equals its own URL path escape (internal/command/workspace_command.go).
_WORKSPACE = re.compile(r"[A-Za-z0-9_.~$&+=:@-]+")


@dataclass(frozen=True)
class Stack:
    """Where a stack lives. root and data_dir are absolute; backend_config is in the user's (modern) spelling."""

    name: str
    environment: str
    root: str
    data_dir: str
    workspace: str
    backend_type: str
    backend_config: Mapping[str, Any]
    lock_timeout: int
    engine: Engine

    @property
    def label(self) -> str:
        return f"stack {self.name} in {self.environment}"

    @property
    def terraform_dir(self) -> str:
        """TF_DATA_DIR."""
        return os.path.join(self.data_dir, "terraform")

    @property
    def stamp_file(self) -> str:
        return os.path.join(self.data_dir, "initialised.json")

    @property
    def plan_file(self) -> str:
        return os.path.join(self.data_dir, "plan.tfplan")

    @property
    def terraform_workspace(self) -> str | None:
        """TF_WORKSPACE; a `cloud` block names its workspace itself unless the inventory chooses one."""
        return None if self.backend_type == "cloud" and self.workspace == "default" else self.workspace


@dataclass(frozen=True)
class Work:
    """One task on one stack. directory is 0700 and gone when the task ends."""

    stack: Stack
    terraform: Terraform
    configuration: Configuration
    variables: Variables
    doors: Doors
    directory: str

    def elsewhere(self, *, root: str | None = None, data_dir: str | None = None) -> Work:
        """The same work in another root or data directory, for predictions."""
        terraform = replace(
            self.terraform, root=root or self.terraform.root, data_dir=data_dir or self.terraform.data_dir
        )
        return replace(self, terraform=terraform)


def stack_of(arguments: Mapping[str, Any], doors: Doors) -> Stack:
    """From a task's arguments. Raises Refused for an invalid workspace name or process_environment, EngineError."""
    refuse_owned(arguments["process_environment"])
    workspace = arguments["workspace"]
    if not _WORKSPACE.fullmatch(workspace):
        raise Refused(
            f"Selecting the workspace {workspace!r} failed: a name consists of letters, digits and any of _ - . ~ only. "
            "Set tf_workspace to such a name."
        )
    _refuse_masked(arguments)
    return Stack(
        name=arguments["stack"],
        environment=arguments["environment"],
        root=os.path.realpath(arguments["project_path"]),
        data_dir=os.path.abspath(arguments["data_dir"]),
        workspace=workspace,
        backend_type=arguments["backend_type"],
        backend_config={name: value for name, value in arguments["backend_config"].items() if value is not None},
        lock_timeout=arguments["lock_timeout"],
        engine=find_engine(arguments["binary"], doors.environment),
    )


def _refuse_masked(arguments: Mapping[str, Any]) -> None:
    """The result of tf_backend arrives here as it was shown."""
    for name, value in arguments["backend_config"].items():
        if any(SENSITIVE in each for each in leaves(value)):
            raise Refused(
                f"Working on stack {arguments['stack']} in {arguments['environment']} failed: {name} of its backend holds a "
                "value of tf_process_environment; those are taken for secrets and masked in every result, so nothing is left "
                "that could be found. Set what is no secret in another way (tf_vars, or the keyword environment of a play)."
            )


@contextmanager
def working_on(arguments: Mapping[str, Any], doors: Doors) -> Iterator[Work]:
    """Everything checked that can be checked without a process. Raises Refused and its kinds, FileError."""
    stack = stack_of(arguments, doors)
    configuration = read_configuration(stack.root)
    require_backend(configuration, stack.backend_type, stack.root)
    variables = variables_of({**_NO_VARIABLES, **arguments}, doors.environment)
    check_variables(variables, configuration, stack.root)
    with ExitStack() as cleanup:
        directory = cleanup.enter_context(_scratch() if doors.check_mode else task_directory(stack.data_dir))
        terraform = Terraform(
            run=doors.run,
            engine=stack.engine,
            root=stack.root,
            data_dir=stack.terraform_dir,
            workspace=stack.terraform_workspace,
            inherited=doors.environment,
            label=stack.label,
        )
        yield Work(stack, terraform, configuration, variables, doors, directory)


_NO_VARIABLES: dict[str, Any] = {"var_files": [], "variables": {}, "secret_variables": [], "secret_values": {}}


@contextmanager
def _scratch() -> Iterator[str]:
    """Check mode writes nothing where the user would see it."""
    with while_trying_to("create a temporary directory"):
        temporary = tempfile.TemporaryDirectory(prefix="envforge-", ignore_cleanup_errors=True)  # 0700
    with temporary as path:
        make_private_directory(path)
        yield path
