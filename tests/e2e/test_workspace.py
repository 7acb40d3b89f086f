# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_workspace: a stack that is initialised against its backend, in its workspace."""

from __future__ import annotations

import json
import stat
from dataclasses import replace

import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.project import BINARY, OLD_SPELLING, Project

ONE = 'resource "terraform_data" "a" {}\n'


@pytest.mark.core
def test_a_second_run_starts_no_process(project: Project) -> None:
    """What is initialised stays so; the result says why it was not before."""
    first = project.write(ONE).init()
    assert (first["initialised"], first["reason"]) == (True, "it was not initialised here yet")
    second = project.init()
    assert (second["initialised"], second["reason"], second["terraform_calls"]) == (False, None, 0)


@pytest.mark.core
def test_a_new_workspace_on_a_fresh_clone_where_two_exist(project: Project, cloud: Cloud) -> None:
    """init refuses to choose between two when TF_WORKSPACE names a third: so it does not get to know it."""
    project.write(ONE)
    for workspace in ("blue", "green"):
        replace(project, workspace=workspace).apply()
    fresh = replace(project.copied(), workspace="red")
    assert fresh.init()["initialised"] is True
    assert fresh.apply()["summary"]["create"] == 1
    assert len(cloud.keys(project)) == 3
    assert cloud.addresses(fresh) == ["terraform_data.a"]


@pytest.mark.core
def test_workspaces_do_not_see_each_other(project: Project) -> None:
    """One root module, two workspaces, one machine: nothing has to be initialised again in between."""
    blue, green = (replace(project.write(ONE), workspace=name) for name in ("blue", "green"))
    blue.apply()
    green.apply()
    blue.apply(destroy=True)
    assert (green.apply().commands, green.apply()["changed"]) == (["plan"], False)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda p: (p.root / ".terraform.lock.hcl").write_text("# new\n"), "the dependency lock file changed"),
        (lambda p: (p.data_dir / "initialised.json").write_text("{"), "it was not initialised here yet"),
        (lambda p: (p.data_dir / "terraform/terraform.tfstate").unlink(), "was initialised for another backend"),
        (lambda p: (p.data_dir / "terraform/modules/modules.json").unlink(), "its modules are not installed"),
    ],
    ids=["lock file", "stamp", "record of the backend", "modules"],
)
def test_what_changed_is_initialised_again(project: Project, change: object, reason: str) -> None:
    """And the result names the reason."""
    project.write(ONE, "../part/main.tf", "").write('module "part" {\n  source = "../part"\n}\n').init()
    assert callable(change)
    change(project)
    answer = project.init()
    assert reason in answer["reason"]
    assert answer.commands == ["init"]


@pytest.mark.core
def test_another_key_of_an_empty_stack_is_initialised_again(project: Project) -> None:
    """Nothing can be left behind where nothing was applied yet."""
    project.write(ONE).init()
    assert project.of("dev", "moved/terraform.tfstate").init()["reason"] == "the backend's configuration changed"


@pytest.mark.core
def test_a_state_is_not_left_behind_at_its_old_address(project: Project, cloud: Cloud) -> None:
    """A changed key would create everything a second time."""
    project.write(ONE).apply()
    moved = project.of("dev", f"moved-{project.backend_config['key']}")
    refused = moved.apply()
    assert project.state_key in refused.message
    assert moved.state_key in refused.message
    assert "envforge.terraform.migrate" in refused.message
    assert (refused["terraform_calls"], cloud.keys(moved)) == (0, [])
    assert project.apply()["changed"] is False


def test_a_local_state_is_not_left_behind_either(project: Project) -> None:
    """Before the backend block was added, the state was a file in the root module."""
    project.write(ONE, backend="")
    replace(project, backend_config={}).having(backend_type="local").apply()
    refused = project.write(ONE).having(data_dir=str(project.directory / "new")).apply()
    assert str(project.root / "terraform.tfstate") in refused.message
    assert (refused["terraform_calls"], (project.root / "terraform.tfstate").exists()) == (0, True)


def test_a_stale_stamp_is_found_out_by_the_plan(project: Project) -> None:
    """A module was added and its files were not fetched: the plan fails at once, is initialised and made again."""
    project.write(ONE, "../part/main.tf", "").write('module "part" {\n  source = "../part"\n}\n').apply()
    project.write(ONE, "../more/main.tf", "").write('module "more" {\n  source = "../more"\n}\n', "more.tf", "")
    assert project.apply().commands == ["plan", "init", "plan", "show", "apply"]


def test_the_backend_is_named_in_a_private_directory_only(project: Project) -> None:
    """Its options are in no command line, and what Terraform records of them is for the owner."""
    project.write(ONE).init()
    for path in (project.data_dir, project.data_dir / "terraform"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 or path != project.data_dir
    assert list((project.root).glob(".terraform*")) in ([], [project.root / ".terraform.lock.hcl"])
    assert list(project.data_dir.glob("task-*")) == []


@pytest.mark.skipif(OLD_SPELLING, reason="Terraform before 1.6 knows no nested backend options")
def test_nested_options_of_the_backend_reach_terraform(project: Project) -> None:
    """A mapping in a mapping stays one: the endpoints of every test here are the proof, and a list too."""
    config = {**project.backend_config, "skip_requesting_account_id": False, "allowed_account_ids": ["123456789012"]}
    project = replace(project.write(ONE), backend_config=config)
    assert project.apply()["changed"] is True
    recorded = json.loads((project.data_dir / "terraform/terraform.tfstate").read_text())["backend"]["config"]
    assert recorded["endpoints"]["s3"] == project.backend_config["endpoints"]["s3"]
    assert project.init()["terraform_calls"] == 0


@pytest.mark.core
def test_a_local_backend_is_initialised_once(project: Project) -> None:
    """Without a backend block there is nothing that Terraform records."""
    local = replace(project.write(ONE, backend=""), backend_config={}).having(backend_type="local")
    assert local.apply()["changed"] is True
    assert (local.init()["initialised"], local.apply()["changed"]) == (False, False)


def test_an_upgraded_engine_is_initialised_again(project: Project) -> None:
    """Another executable in its place may be another version."""
    link = project.directory / "terraform"
    link.symlink_to(BINARY)
    project.write(ONE).having(binary=str(link)).init()
    link.unlink()
    link.write_text(f'#!/bin/sh\nexec {BINARY} "$@"\n')
    link.chmod(0o755)
    assert project.having(binary=str(link)).init()["reason"] == "the terraform executable changed"
