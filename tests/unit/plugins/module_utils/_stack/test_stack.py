# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack, from the arguments of a task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._errors import EngineError, Refused, RootModuleError
from ansible_collections.envforge.terraform.plugins.module_utils._masking import scrubbed
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import stack_of, working_on
from tests.unit.stacks import doors_of, stack_in


@pytest.fixture
def arguments(tmp_path: Path) -> dict[str, Any]:
    stack_in(tmp_path)
    (tmp_path / "root" / "main.tf").write_text('terraform {\n  backend "s3" {}\n}\nvariable "a" {}\n')
    return {
        "project_path": str(tmp_path / "root"),
        "data_dir": str(tmp_path / "data"),
        "environment": "dev",
        "stack": "shop",
        "workspace": "default",
        "backend_type": "s3",
        "backend_config": {"bucket": "b", "profile": None},
        "binary": str(tmp_path / "terraform"),
        "lock_timeout": 60,
        "process_environment": {},
    }


def test_everything_private_is_below_the_data_directory(arguments: dict[str, Any]) -> None:
    """One directory per environment and stack."""
    stack = stack_of(arguments, doors_of())
    assert all(path.startswith(stack.data_dir) for path in (stack.terraform_dir, stack.stamp_file, stack.plan_file))
    assert stack.label == "stack shop in dev"


def test_a_linked_root_module_is_the_one_it_links_to(arguments: dict[str, Any], tmp_path: Path) -> None:
    """Else a plan would be refused, or a lock not be seen."""
    (tmp_path / "link").symlink_to(tmp_path / "root")
    assert stack_of({**arguments, "project_path": str(tmp_path / "link")}, doors_of()).root == str(tmp_path / "root")


def test_unset_backend_options_are_left_out(arguments: dict[str, Any]) -> None:
    """An inventory may set one to null."""
    assert stack_of(arguments, doors_of()).backend_config == {"bucket": "b"}


@pytest.mark.parametrize("name", ["feature/one", "", "a b", "ä", "a%b", "a?b", "a#b", "a\n"])
def test_a_workspace_that_terraform_would_refuse_is_refused(arguments: dict[str, Any], name: str) -> None:
    """Before any process, with the characters that are allowed."""
    with pytest.raises(Refused, match="tf_workspace"):
        stack_of({**arguments, "workspace": name}, doors_of())


@pytest.mark.parametrize("name", ["default", "prod", "a-b_c.d~e", "1", "a@b", "A"])
def test_other_workspaces_are_fine(arguments: dict[str, Any], name: str) -> None:
    """All that stay themselves in an address."""
    assert stack_of({**arguments, "workspace": name}, doors_of()).terraform_workspace == name


def test_a_backend_whose_name_was_masked_is_refused(arguments: dict[str, Any]) -> None:
    """No request would find a bucket of that name, and AWS's answer would not say why."""
    shown = scrubbed({"bucket": "states-prod-1"}, {"prod"})
    with pytest.raises(Refused, match="bucket of its backend holds a value of tf_process_environment"):
        stack_of({**arguments, "backend_config": shown}, doors_of())


def test_a_cloud_block_names_its_workspace_itself(arguments: dict[str, Any]) -> None:
    """Unless the inventory chooses one."""
    cloud = {**arguments, "backend_type": "cloud"}
    assert stack_of(cloud, doors_of()).terraform_workspace is None
    assert stack_of({**cloud, "workspace": "blue"}, doors_of()).terraform_workspace == "blue"


def test_an_engine_is_needed(arguments: dict[str, Any], tmp_path: Path) -> None:
    """Found on the PATH of the task."""
    with pytest.raises(EngineError):
        stack_of({**arguments, "binary": None}, doors_of(environment={"PATH": str(tmp_path / "empty")}))


def test_a_task_has_a_private_directory_that_goes_with_it(arguments: dict[str, Any], tmp_path: Path) -> None:
    """In the data directory."""
    with working_on(arguments, doors_of()) as work:
        directory = Path(work.directory)
        assert (directory.parent, directory.stat().st_mode & 0o777) == (tmp_path / "data", 0o700)
        assert work.terraform.workspace == "default"
    assert not directory.exists()


def test_check_mode_has_it_elsewhere(arguments: dict[str, Any], tmp_path: Path) -> None:
    """Nothing is written where the user would see it."""
    arguments["data_dir"] = str(tmp_path / "not-made")
    with working_on(arguments, doors_of(check_mode=True)) as work:
        directory = Path(work.directory)
        assert directory.stat().st_mode & 0o777 == 0o700
        assert not (tmp_path / "not-made").exists()
    assert not directory.exists()


def test_what_can_be_checked_without_a_process_is_checked_first(arguments: dict[str, Any], tmp_path: Path) -> None:
    """Nothing is made, not even a directory."""
    arguments["data_dir"] = str(tmp_path / "not-made")
    for wrong in ({"variables": {"b": 1}}, {"backend_type": "gcs"}, {"var_files": ["gone"]}):
        with pytest.raises(RootModuleError), working_on({**arguments, **wrong}, doors_of()):
            pass
    assert not (tmp_path / "not-made").exists()
