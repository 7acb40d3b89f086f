# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode: what a real run would do, told without one write, neither to the backend nor to a disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.project import CHECK, Given, Project, tree_of
from tests.e2e.proxy import Proxy

MAIN = """
resource "terraform_data" "site" {
  input = "https://example.net"
}
module "part" {
  source = "../modules/part"
}
output "url" {
  value = terraform_data.site.output
}
"""
PART = 'resource "terraform_data" "part" {}\n'
BOTH = ["module.part.terraform_data.part", "terraform_data.site"]


@dataclass(frozen=True)
class Checked:
    """A stack reached through a proxy, and everything of it on disk."""

    project: Project
    proxy: Proxy

    def without_traces(self, module: Callable[..., object]) -> None:
        """Run *module* and demand that nothing was written anywhere."""
        before = tree_of(self.project.directory)
        self.proxy.requests.clear()
        module(CHECK)
        assert self.proxy.writes == []
        assert tree_of(self.project.directory) == before


@pytest.fixture
def checked(project: Project, proxy: Proxy) -> Checked:
    project.write(MAIN).write(PART, "../modules/part/main.tf", backend="")
    return Checked(project.through(proxy.url), proxy)


def predicted(checked: Checked) -> list[str]:
    """The addresses that a task in check mode says it would create, the same by both tasks."""
    found = []

    def look(given: Given) -> None:
        for task in (checked.project.plan, checked.project.apply):
            answer = task(given)
            assert not answer.failed, answer.message
            assert answer["predictable"] is True
            found.append(sorted(change["address"] for change in answer["resource_changes"]))

    checked.without_traces(look)
    assert found[0] == found[1]
    return found[0]


@pytest.mark.core
def test_nothing_exists_yet_but_the_bucket(checked: Checked) -> None:
    """The plan is made from an empty state, and creates everything."""
    assert predicted(checked) == BOTH


@pytest.mark.core
def test_the_bucket_is_missing(checked: Checked) -> None:
    """A bootstrap that was only checked has made no bucket: the stack is predicted all the same."""
    config = {**checked.project.backend_config, "bucket": "not-made-yet", "dynamodb_table": "not-made-yet"}
    checked = replace(checked, project=replace(checked.project, backend_config=config))
    assert predicted(checked) == BOTH


@pytest.mark.core
def test_the_workspace_is_missing(checked: Checked, cloud: Cloud) -> None:
    """Reading the state of a workspace that is not there would create it."""
    checked.project.apply()
    other = replace(checked, project=replace(checked.project, workspace="blue"))
    assert predicted(other) == BOTH
    assert cloud.keys(checked.project) == [checked.project.state_key]


@pytest.mark.core
def test_the_state_is_there_and_the_data_directory_too(checked: Checked) -> None:
    """The ordinary case: planned against the state, without its lock."""
    checked.project.apply()
    checked.project.write(MAIN.replace("example.net", "example.org"))
    assert predicted(checked) == ["terraform_data.site"]


@pytest.mark.core
def test_the_state_is_there_but_the_data_directory_is_empty(checked: Checked) -> None:
    """As in a fresh container: initialised in a scratch directory."""
    checked.project.apply()
    shutil.rmtree(checked.project.data_dir)
    assert predicted(checked) == []


def test_there_is_no_dependency_lock_file(checked: Checked) -> None:
    """init would write one into the root module."""
    checked.project.apply()
    shutil.rmtree(checked.project.data_dir)
    (checked.project.root / ".terraform.lock.hcl").unlink(missing_ok=True)
    assert predicted(checked) == []


def test_there_is_a_dependency_lock_file(checked: Checked) -> None:
    """It is read and stays as it is."""
    (checked.project.root / ".terraform.lock.hcl").write_text("# kept\n")
    assert predicted(checked) == BOTH
    checked.project.apply()
    shutil.rmtree(checked.project.data_dir)
    (checked.project.root / ".terraform.lock.hcl").write_text("# kept\n")
    assert predicted(checked) == []


def test_a_dependency_lock_file_that_is_out_of_date_is_no_obstacle(checked: Checked) -> None:
    """init would drop a provider from it that is not needed any more, and refuses to where it may not write."""
    checked.project.apply()
    shutil.rmtree(checked.project.data_dir)
    stale = 'provider "registry.terraform.io/hashicorp/null" {\n  version = "3.0.0"\n}\n'
    (checked.project.root / ".terraform.lock.hcl").write_text(stale)
    assert predicted(checked) == []


def test_the_lock_of_a_colleague_does_not_matter(checked: Checked, cloud: Cloud) -> None:
    """A prediction neither takes nor needs the lock."""
    checked.project.apply()
    cloud.hold_lock(checked.project)
    assert predicted(checked) == []


def test_a_stack_that_was_never_initialised_would_be(checked: Checked) -> None:
    """tf_workspace says so, and does nothing."""
    checked.without_traces(checked.project.init)
    answer = checked.project.init(CHECK)
    assert (answer["initialised"], answer["terraform_calls"]) == (True, 0)


def test_outputs_are_read_without_writing(checked: Checked) -> None:
    """Those of the state that is there, none of a state that is not."""
    checked.without_traces(checked.project.outputs)
    assert checked.project.outputs(CHECK)["outputs"] == {}
    checked.project.apply()
    shutil.rmtree(checked.project.data_dir)
    checked.without_traces(checked.project.outputs)
    assert checked.project.outputs(CHECK)["outputs"]["url"]["value"] == "https://example.net"


def test_a_saved_plan_is_only_looked_at(checked: Checked) -> None:
    """The plan file is still there afterwards, and would change something."""
    planned = checked.project.plan()
    checked.without_traces(lambda given: checked.project.apply(given, plan_file=planned["plan_file"]))
    assert checked.project.apply(CHECK, plan_file=planned["plan_file"])["changed"] is True


def test_a_local_state_is_neither_made_nor_locked(project: Project) -> None:
    """The local backend writes its lock beside the state."""
    local = project.write('resource "terraform_data" "a" {}\n', backend='terraform {\n  backend "local" {}\n}\n')
    local = replace(local, backend_config={}).having(backend_type="local")
    before = tree_of(local.directory)
    assert local.apply(CHECK)["summary"]["create"] == 1
    assert tree_of(local.directory) == before


def test_a_guard_speaks_in_check_mode_too(checked: Checked) -> None:
    """What would be refused is refused."""
    answer = checked.project.apply(CHECK, guards={"allow_only": ["update"]})
    assert "allow_only" in answer.message


def test_a_stack_that_reads_a_state_not_yet_made_cannot_be_predicted(
    checked: Checked, another: Callable[[], Project]
) -> None:
    """That of a stack before it in the run: said so, nothing written, and no failure."""
    upstream = another()
    checked.project.write(reading(upstream), "upstream.tf", backend="")
    answers = []
    checked.without_traces(lambda given: answers.append(checked.project.apply(given)))
    assert (answers[0]["changed"], answers[0]["predictable"]) == (True, False)
    assert "cannot be predicted yet" in answers[0].warnings[0]
    assert [line for line in answers[0].shown if "ERROR" in line] == []


def test_the_temporary_directory_is_empty_afterwards(
    checked: Checked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shadows and scratch directories hold configuration and variables."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    checked.project.apply(CHECK)
    assert list(scratch.iterdir()) == []


def reading(upstream: Project) -> str:
    """A data source for the state of another stack, in the spelling all engines share."""
    wanted = upstream.backend_config
    return f"""
data "terraform_remote_state" "upstream" {{
  backend = "s3"
  config = {{
    bucket                      = "{wanted["bucket"]}"
    key                         = "{wanted["key"]}"
    region                      = "us-east-1"
    skip_credentials_validation = true
    skip_requesting_account_id  = true
    use_path_style              = true
    endpoints                   = {{ s3 = "{wanted["endpoints"]["s3"]}" }}
  }}
}}
resource "terraform_data" "reader" {{
  input = data.terraform_remote_state.upstream.outputs
}}
"""
