# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of a stack that Terraform plans, and what the plan says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.project import BINARY
from tests.e2e.site import REPOSITORY
from tests.stacks.provider import Provider

STACKS = REPOSITORY / "stacks"
_LOCAL_BACKEND = 'terraform {\n  backend "local" {}\n}\n'


@dataclass(frozen=True)
class Plan:
    """A plan as `terraform show -json` tells it."""

    content: Mapping[str, Any]

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        """Every planned resource of every module by address; what is known only after the apply is missing or None."""
        return {found["address"]: found.get("values", {}) for found in self._found()}

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """The planned resources of one type, by address."""
        return {found["address"]: found.get("values", {}) for found in self._found() if found["type"] == kind}

    def one(self, kind: str) -> dict[str, Any]:
        """The only resource of its type."""
        (values,) = self.of(kind).values()
        return values

    @property
    def types(self) -> dict[str, int]:
        """How many resources of each type."""
        kinds = [found["type"] for found in self._found()]
        return {kind: kinds.count(kind) for kind in sorted(set(kinds))}

    @property
    def outputs(self) -> dict[str, dict[str, Any]]:
        """As planned: `sensitive`, and `value` where it is known."""
        found: dict[str, dict[str, Any]] = self.content["planned_values"].get("outputs", {})
        return found

    def _found(self) -> list[dict[str, Any]]:
        every = _in_modules(self.content["planned_values"]["root_module"])
        return [found for found in every if found["mode"] == "managed"]


def _in_modules(module: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from _in_modules(child)


@dataclass(frozen=True)
class Copy:
    """A root module in a copy of its stack, with a local backend in place of its own, and initialised."""

    root: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def terraform(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run Terraform in it; *variables* are further ones of its environment."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "AWS_"))}
        return subprocess.run(
            [BINARY, *arguments],
            cwd=self.root,
            env={**kept, **self.environment, **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    def plan(
        self, *var_files: str, variables: Mapping[str, Any] | None = None, workspace: str = "default"
    ) -> subprocess.CompletedProcess[str]:
        """Plan into the file `plan`."""
        (self.root / "given.tfvars.json").write_text(json.dumps(dict(variables or {})))
        files = [f"-var-file={name}" for name in (*var_files, "given.tfvars.json")]
        return self.terraform("plan", "-input=false", "-no-color", "-out=plan", *files, TF_WORKSPACE=workspace)

    def planned(self, *var_files: str, variables: Mapping[str, Any] | None = None, workspace: str = "default") -> Plan:
        """What a plan that succeeds says."""
        done = self.plan(*var_files, variables=variables, workspace=workspace)
        assert done.returncode == 0, done.stdout + done.stderr
        shown = self.terraform("show", "-json", "plan", TF_WORKSPACE=workspace)
        assert shown.returncode == 0, shown.stderr
        return Plan(json.loads(shown.stdout))


def copy_of(root: str, directory: Path, provider: Provider, environment: Mapping[str, str]) -> Copy:
    """A copy in *directory*; *root* is the root module's directory, relative to stacks/."""
    stack = Path(root).parts[0]
    leftovers = shutil.ignore_patterns(".terraform*", "*.tfstate*")
    shutil.copytree(STACKS / stack, directory / stack, ignore=leftovers)
    copied = Copy(directory / root, {**environment, **provider.environment})
    (copied.root / "backend_override.tf").write_text(_LOCAL_BACKEND)
    done = copied.terraform("init", "-input=false", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr
    return copied
