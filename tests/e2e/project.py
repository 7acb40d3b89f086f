# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack under test: a root module in a directory of its own, and the cores run on it with real doors."""

from __future__ import annotations

import copy
import importlib
import json
import os
import shutil
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.envforge.terraform.plugins.module_utils._doors import Core, Doors, real_doors
from ansible_collections.envforge.terraform.plugins.module_utils._front import run_core
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.process import Completed, Processes

BINARY = os.environ.get("ENVFORGE_TEST_BINARY") or shutil.which("terraform") or "terraform"
BACKEND = 'terraform {\n  backend "s3" {}\n}\n'
# the release decides what a test may expect: 1.5.7 needs a second init, ephemeral variables came with 1.10
OLD_SPELLING = "1.5." in BINARY
OLD_ENGINE = OLD_SPELLING or "1.6." in BINARY
_PLUGINS = "ansible_collections.envforge.terraform.plugins"
_CORES = {
    "tf_apply": "_stack.applying.apply_core",
    "tf_import": "_state.importing.import_core",
    "tf_health": "_stack.health.health_core",
    "tf_lock": "_state.releasing.lock_core",
    "tf_lock_info": "_state.lock_info.lock_info_core",
    "tf_output_info": "_stack.outputs.output_info_core",
    "tf_outputs_to_env": "_stack.dotenv.outputs_to_env_core",
    "tf_plan": "_stack.planning.plan_core",
    "tf_state": "_state.state.state_core",
    "tf_state_info": "_state.info.state_info_core",
    "tf_validate": "_stack.validating.validate_core",
    "tf_workspace": "_stack.workspace.workspace_core",
}


@dataclass(frozen=True)
class Given:
    """How a task is run. before maps a subcommand of Terraform to what happens just before its first run."""

    check_mode: bool = False
    inherited: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, Callable[[], object]] = field(default_factory=dict)


REAL, CHECK = Given(), Given(check_mode=True)


@dataclass(frozen=True)
class Answer:
    """What a task returned, showed and warned of; commands are the subcommands it ran, in order."""

    result: dict[str, Any]
    shown: list[str]
    warnings: list[str]
    commands: list[str]

    def __getitem__(self, name: str) -> Any:
        return self.result[name]

    @property
    def failed(self) -> bool:
        return bool(self.result.get("failed"))

    @property
    def message(self) -> str:
        assert self.failed, self.result
        return str(self.result["msg"])


def run(module: str, options: Mapping[str, Any], given: Given = REAL) -> Answer:
    """Run the core of *module* as its fronts do."""
    specification, core = _front(module)
    outcome = ArgumentSpecValidator(copy.deepcopy(specification)).validate(dict(options))
    assert not outcome.error_messages, outcome.error_messages
    processes, answer = Processes(), Answer({}, [], [], [])
    doors = real_doors(
        processes,
        check_mode=given.check_mode,
        diff=True,
        progress=answer.shown.append,
        warn=answer.warnings.append,
        environment={**os.environ, **given.inherited},
    )
    doors = replace(doors, run=_noting(doors, answer.commands, dict(given.before)))
    answer.result.update(run_core(module, core, outcome.validated_parameters, doors, processes))
    json.dumps(answer.result)  # what a task returns is JSON
    return answer


def _front(module: str) -> tuple[dict[str, Any], Core]:
    front = importlib.import_module(f"{_PLUGINS}.modules.{module}")
    file, _, function = _CORES[module].rpartition(".")
    core: Core = getattr(importlib.import_module(f"{_PLUGINS}.module_utils.{file}"), function)
    return front.ARGUMENTS["argument_spec"], core


def _noting(doors: Doors, commands: list[str], before: dict[str, Callable[[], object]]) -> Callable[..., Completed]:
    def noted(argv: list[str], *rest: Any) -> Completed:
        commands.append(argv[1])
        before.pop(argv[1], lambda: None)()
        return doors.run(argv, *rest)

    return noted


@dataclass(frozen=True)
class Project:
    """A stack; each of its verbs runs one task on it."""

    directory: Path
    backend_config: dict[str, Any]
    environment: str = "dev"
    workspace: str = "default"
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        return self.directory / "root"

    @property
    def data_dir(self) -> Path:
        return self.directory / "data" / self.environment / self.workspace

    @property
    def plan_file(self) -> Path:
        return self.data_dir / "plan.tfplan"

    @property
    def state_key(self) -> str:
        """Where its state lies in the bucket."""
        key = str(self.backend_config["key"])
        return key if self.workspace == "default" else f"env:/{self.workspace}/{key}"

    @property
    def lock_id(self) -> str:
        return f"{self.backend_config['bucket']}/{self.state_key}"

    def write(self, main: str, name: str = "main.tf", backend: str = BACKEND) -> Project:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(backend + main)
        return self

    def having(self, **options: Any) -> Project:
        """The same stack with other options in every task."""
        return replace(self, options={**self.options, **options})

    def of(self, environment: str, key: str) -> Project:
        """The same root module in another environment."""
        return replace(self, environment=environment, backend_config={**self.backend_config, "key": key})

    def through(self, url: str) -> Project:
        """The same stack, its backend reached at another address."""
        endpoints = dict.fromkeys(self.backend_config["endpoints"], url)
        return replace(self, backend_config={**self.backend_config, "endpoints": endpoints})

    def copied(self, name: str = "clone") -> Project:
        """A fresh clone of the same stack, as on somebody else's machine."""
        elsewhere = self.directory.with_name(f"{self.directory.name}-{name}")
        shutil.copytree(self.root, elsewhere / "root", ignore=shutil.ignore_patterns(".terraform*", "*.tfstate"))
        return replace(self, directory=elsewhere)

    def arguments(self, **options: Any) -> dict[str, Any]:
        return {
            "project_path": str(self.root),
            "data_dir": str(self.data_dir),
            "environment": self.environment,
            "stack": "shop",
            "workspace": self.workspace,
            "backend_config": self.backend_config,
            "binary": BINARY,
            "lock_timeout": 0,
            **self.options,
            **options,
        }

    def init(self, given: Given = REAL, **options: Any) -> Answer:
        return run("tf_workspace", self.arguments(**options), given)

    def plan(self, given: Given = REAL, **options: Any) -> Answer:
        return run("tf_plan", self.arguments(**options), given)

    def apply(self, given: Given = REAL, **options: Any) -> Answer:
        return run("tf_apply", self.arguments(**options), given)

    def outputs(self, given: Given = REAL, **options: Any) -> Answer:
        return run("tf_output_info", self.arguments(**options), given)

    def health(self, given: Given = REAL, **options: Any) -> Answer:
        return run("tf_health", self.arguments(**options), given)

    def dotenv(self, given: Given = REAL, **options: Any) -> Answer:
        return run("tf_outputs_to_env", self.arguments(**options), given)

    def import_(self, imports: Mapping[str, str], given: Given = REAL, **options: Any) -> Answer:
        """*imports* maps addresses to ids."""
        items = [{"to": address, "id": identity} for address, identity in imports.items()]
        return run("tf_import", self.arguments(imports=items, **options), given)

    def lock(self, given: Given = REAL, **options: Any) -> Answer:
        return run("tf_lock", self.arguments(**options), given)

    def lock_info(self, given: Given = REAL, **options: Any) -> Answer:
        return run("tf_lock_info", self.arguments(**options), given)


def tree_of(*directories: Path) -> dict[str, tuple[int, int, bytes]]:
    """All files below, with mode, time and content: equal before and after means nothing was written."""
    found = {}
    for path in sorted(inner for directory in directories for inner in directory.rglob("*")):
        status = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
        found[str(path)] = (status.st_mode, status.st_mtime_ns, content)
    return found
