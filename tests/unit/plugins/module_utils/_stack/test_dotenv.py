# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The core of tf_outputs_to_env on a kept plan: which values it takes from where, and what becomes of the plan."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._errors import DotenvError, PlanRefused
from ansible_collections.envforge.terraform.plugins.module_utils._stack.dotenv import outputs_to_env_core
from ansible_collections.envforge.terraform.plugins.module_utils._stack.planning import identity
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import working_on
from ansible_collections.envforge.terraform.plugins.module_utils._terraform import binding
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.process import Completed
from tests.unit.stacks import doors_of

MAIN = 'terraform {\n  backend "s3" {}\n}\nvariable "port" {\n  type = number\n}\nvariable "zone" {}\n'
SHOWN = {
    "format_version": "1.2",
    "planned_values": {"outputs": {"host": {"value": "db.example", "sensitive": False}, "none": {"value": None}}},
    "variables": {"port": {"value": 80}, "zone": {"value": "a"}},
}
DEFINITION: dict[str, Any] = {
    "dialect": "portable", "variables": {}, "template": None, "outputs": None, "prefix": "", "prune": False,
    "required": [], "mode": "0600", "allow_tracked": False,
}  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """A stack with a plan without changes; the only process there may be shows it."""

    directory: Path

    @property
    def file(self) -> Path:
        return self.directory / ".env"

    @property
    def plan(self) -> Path:
        return self.directory / "data" / "plan.tfplan"

    def arguments(self, **different: Any) -> dict[str, Any]:
        stack = {
            "project_path": str(self.directory / "root"),
            "data_dir": str(self.directory / "data"),
            "environment": "dev",
            "stack": "shop",
            "workspace": "default",
            "backend_type": "s3",
            "backend_config": {"bucket": "b", "key": "k"},
            "binary": str(self.directory / "terraform"),
            "lock_timeout": 0,
            "process_environment": {},
        }
        inputs: dict[str, Any] = {"variables": {}, "var_files": [], "secret_variables": [], "secret_values": {}}
        return {**stack, **inputs, "plan_file": str(self.plan), "outputs_pending": False, **different}

    def write(self, *, check_mode: bool = False, **different: Any) -> dict[str, Any]:
        """Run the core; what is no argument of the task is a part of the definition."""
        definition = {**DEFINITION, "path": str(self.file)}
        definition.update(
            {name: different.pop(name) for name in list(different) if name in DEFINITION and name != "variables"}
        )
        definition["variables"] = different.pop("keys", {"HOST": "${host}"})
        doors = replace(doors_of(check_mode=check_mode), run=self._show, diff=True)
        return outputs_to_env_core(self.arguments(dotenv=definition, **different), doors)

    def _show(self, argv: list[str], *rest: Any, **more: Any) -> Completed:
        assert (argv[1], argv[-1]) == ("show", str(self.plan))
        return Completed(tuple(argv), 0, json.dumps(SHOWN), "")


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    made = Kept(tmp_path)
    for name in ("root", "data"):
        (tmp_path / name).mkdir(mode=0o700)
    (tmp_path / "root" / "main.tf").write_text(MAIN)
    (tmp_path / "terraform").touch(mode=0o755)
    made.plan.write_bytes(b"a plan")
    with working_on(made.arguments(), doors_of()) as work:
        bound = {**identity(work), "plan_hash": binding.hash_of(str(made.plan)), "variables": None}
        binding.Binding(**bound, changed=False, total=0, lineage="l", serial=1).save(str(made.plan))
    return made


def left(kept: Kept) -> list[str]:
    """Files: Terraform's own directory is what tasks take turns with."""
    return sorted(path.name for path in (kept.directory / "data").iterdir() if path.name != "terraform")


def test_a_plan_without_changes_is_all_that_is_read(kept: Kept) -> None:
    """Outputs and variables; then it is removed, with its record."""
    told = kept.write(keys={"HOST": "${host}", "PORT": "${var.port}"})
    assert (told["changed"], told["added"], told["predictable"]) == (True, ["HOST", "PORT"], True)
    assert kept.file.read_text().splitlines()[1:] == ["HOST=db.example", "PORT=80"]
    assert left(kept) == []


def test_a_given_value_is_written_as_it_was_given(kept: Kept) -> None:
    """The plan has converted it: with and without changes in the plan, the same .env is to come out."""
    kept.write(keys={"PORT": "${var.port}"}, variables={"port": "0080"})
    assert kept.file.read_text().splitlines()[1:] == ["PORT=0080"]


def test_a_null_output_is_left_out_of_all_outputs(kept: Kept) -> None:
    """There is no text for it."""
    assert kept.write(outputs="all", keys={})["added"] == ["HOST"]


def test_a_null_output_asked_for_by_name_is_an_error(kept: Kept) -> None:
    """It names the file and the key."""
    with pytest.raises(DotenvError, match=r"Writing .*\.env failed: .* NONE: .*null.* The file was left as it was\."):
        kept.write(keys={"NONE": "${none}"})
    assert (left(kept), kept.file.exists()) == ([], False)


def test_a_plan_of_something_else_is_refused_and_removed(kept: Kept) -> None:
    """Its values are secrets of whatever it was made for."""
    with pytest.raises(PlanRefused, match="another environment"):
        kept.write(environment="prod")
    assert (left(kept), kept.file.exists()) == ([], False)


def test_check_mode_removes_and_writes_nothing(kept: Kept) -> None:
    """A saved plan is still needed by the real run."""
    before = left(kept)
    told = kept.write(check_mode=True)
    assert (told["changed"], told["diff"]["after"]) == (True, "HOST=(sensitive)\n")
    assert (left(kept), kept.file.exists()) == (before, False)


def test_pending_outputs_are_a_change_whatever_is_known(kept: Kept) -> None:
    """An output that is not there yet and a required key that comes from it are no errors then."""
    told = kept.write(check_mode=True, outputs_pending=True, keys={"NEW": "${new}"}, required=["NEW"])
    assert (told["changed"], told["predictable"], told["added"]) == (True, False, [])


def test_what_happened_to_each_key_is_told_by_name(kept: Kept) -> None:
    """In the result and in the diff; removed keys stand in the diff's first half only."""
    kept.file.write_text("# managed by envforge.terraform: HOST OLD\nHOST=old\nOLD=1\n")
    told = kept.write(prune=True, keys={"HOST": "${host}", "NEW": "1"})
    assert {name: told[name] for name in ("added", "updated", "removed", "duplicates")} == {
        "added": ["NEW"],
        "updated": ["HOST"],
        "removed": ["OLD"],
        "duplicates": [],
    }
    assert told["diff"]["before"] == "HOST=(sensitive)\nOLD=(sensitive)\n"
    assert told["diff"]["after"] == "HOST=(sensitive) (new value)\nNEW=(sensitive)\n"
