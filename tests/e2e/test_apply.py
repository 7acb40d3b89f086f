# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_apply: plans and applies in one, or carries out a saved plan where it was made for, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.project import CHECK, Given, Project

ONE = """
variable "size" {
  default = 1
}
resource "terraform_data" "disk" {
  input = var.size
}
output "size" {
  value = terraform_data.disk.output
}
"""


@pytest.mark.core
def test_the_second_run_changes_nothing(project: Project, cloud: Cloud) -> None:
    """Applied once, there is nothing left to do, and no plan with its secrets is left behind."""
    first = project.write(ONE).apply()
    assert (first["changed"], first["applied"], first["summary"]["create"]) == (True, ["terraform_data.disk"], 1)
    second = project.apply()
    assert (second["changed"], second["applied"]) == (False, [])
    assert list(project.data_dir.glob("plan*")) == []
    assert (cloud.addresses(project), cloud.lock(project)) == (["terraform_data.disk"], None)


@pytest.mark.core
def test_progress_has_one_line_at_the_start_and_one_at_the_end(project: Project) -> None:
    """And the number of changes, of which a replacement is two."""
    project.write('resource "terraform_data" "a" {\n  triggers_replace = 1\n}\n').apply()
    shown = project.write('resource "terraform_data" "a" {\n  triggers_replace = 2\n}\n').apply().shown
    assert [re.sub(r"\d+s", "0s", line) for line in shown] == [
        "terraform_data.a: to replace",
        "terraform_data.a: deleting",
        "terraform_data.a: deleted after 0s (1/2)",
        "terraform_data.a: creating",
        "terraform_data.a: created after 0s (2/2)",
    ]
    assert project.apply(progress=False, replace=["terraform_data.a"]).shown == []


@pytest.mark.core
def test_typed_values_arrive_as_they_are(project: Project) -> None:
    """Lists, maps, null, big numbers, quotes, dollars and newlines: nothing is a template, nothing a command line."""
    value = {
        "list": [1, "two", None],
        "odd.key": "a \"b\" ${c} %{d} $e 'f' \\g\nh\té",
        "big": 9007199254740993,
        "none": None,
        "yes": True,
    }
    project.write('variable "v" {\n  type = any\n}\noutput "v" {\n  value = var.v\n}\n')
    assert project.apply(variables={"v": value})["changed"] is True
    assert project.outputs()["outputs"]["v"]["value"] == value
    assert project.apply(variables={"v": value})["changed"] is False


@pytest.mark.core
def test_later_sources_of_variables_win(project: Project) -> None:
    """Files in their order, then tf_variables; TF_VAR_ of the environment below them all, as Terraform has it."""
    project.write(ONE).write("size = 2\n", "first.tfvars", backend="").write("size = 3\n", "second.tfvars", backend="")
    sizes = []
    for options in ({}, {"var_files": ["second.tfvars", "first.tfvars"]}, {"variables": {"size": 4}}):
        project.apply(Given(inherited={"TF_VAR_size": "5"}), **{"var_files": [], **options})
        sizes.append(project.outputs()["outputs"]["size"]["value"])
    assert [str(size) for size in sizes] == ["5", "2", "4"]


@pytest.mark.core
def test_a_saved_plan_is_applied_once(project: Project) -> None:
    """Afterwards it is gone, and so is its record."""
    planned = project.write(ONE).plan()
    assert project.apply(plan_file=planned["plan_file"])["applied"] == ["terraform_data.disk"]
    again = project.apply(plan_file=planned["plan_file"])
    assert "there is no record beside it" in again.message
    assert list(project.data_dir.glob("plan*")) == []


OTHERS: dict[str, tuple[Callable[[Project], Project], str]] = {
    "environment": (lambda p: replace(p, environment="prod"), "environment (dev, not prod)"),
    "workspace": (lambda p: replace(p, workspace="blue"), "workspace (default, not blue)"),
    "stack": (lambda p: p.having(stack="mail"), "stack (shop, not mail)"),
    "backend": (lambda p: replace(p, backend_config={**p.backend_config, "key": "other"}), "backend address"),
    "root module": (lambda p: p.copied(), "root module"),
    "variables": (lambda p: p.having(variables={"size": 7}), "set of variables"),
}


@pytest.mark.core
@pytest.mark.parametrize("part", OTHERS)
def test_a_plan_made_for_another_is_refused_before_any_process(project: Project, part: str) -> None:
    """The message names the part that differs; the plan stays for whom it was made."""
    project.write(ONE).init()
    planned = project.plan(variables={"size": 2})
    other, named = OTHERS[part]
    refused = other(project).apply(plan_file=planned["plan_file"])
    assert named in refused.message
    assert (refused["terraform_calls"], project.plan_file.exists()) == (0, True)
    applied = project.apply(plan_file=planned["plan_file"], variables={"size": 2})
    assert applied["changed"] is True, applied.result


def test_a_plan_file_that_was_tampered_with_is_refused(project: Project) -> None:
    """Its record holds the hash of what was planned."""
    planned = project.write(ONE).plan()
    with project.plan_file.open("ab") as stream:
        stream.write(b"x")
    refused = project.apply(plan_file=planned["plan_file"])
    assert "content of the plan file" in refused.message
    assert refused["terraform_calls"] == 0


def colleague_applies(project: Project) -> Callable[[], object]:
    """Somebody else changes the state of the same stack from another machine."""
    elsewhere = project.copied()

    def apply() -> None:
        assert not elsewhere.apply(variables={"size": 99}).failed

    return apply


@pytest.mark.core
def test_a_stale_plan_is_made_again_once(project: Project) -> None:
    """The state changed between plan and apply: planned anew, applied once."""
    project.write(ONE).apply()
    applied = project.apply(Given(before={"apply": colleague_applies(project)}), variables={"size": 2})
    assert applied.commands == ["plan", "show", "apply", "plan", "show", "apply"]
    assert (applied["changed"], applied["applied"]) == (True, ["terraform_data.disk"])
    assert str(project.outputs()["outputs"]["size"]["value"]) == "2"


def test_a_stale_saved_plan_is_refused(project: Project) -> None:
    """It was agreed on as it was: nobody may make another one in its place."""
    project.write(ONE).apply()
    planned = project.plan(variables={"size": 2})
    colleague_applies(project)()
    refused = project.apply(plan_file=planned["plan_file"])
    assert "the state changed since that plan was made" in refused.message
    assert str(project.outputs()["outputs"]["size"]["value"]) == "99"


HALF = """
resource "terraform_data" "first" {}
resource "terraform_data" "second" {
  depends_on = [terraform_data.first]
  provisioner "local-exec" {
    command = "SCRIPT"
  }
}
resource "terraform_data" "third" {
  depends_on = [terraform_data.second]
}
"""


@pytest.mark.core
def test_a_half_failed_apply_says_what_was_done_and_what_not(project: Project, cloud: Cloud) -> None:
    """And running again goes on from there."""
    failed = project.write(HALF.replace("SCRIPT", "exit 3")).apply()
    assert "Applying stack shop in dev failed" in failed.message
    assert "Done: 1 of 3 changes" in failed.message
    assert failed["applied"] == ["terraform_data.first"]
    assert failed["not_applied"] == ["terraform_data.second", "terraform_data.third"]
    assert (failed["changed"], failed["diagnostics"][-1]["severity"]) == (True, "error")
    assert any(line.startswith("terraform_data.second: FAILED creating") for line in failed.shown)
    assert cloud.lock(project) is None
    mended = project.write(HALF.replace("SCRIPT", "true")).apply()
    assert (mended["changed"], project.apply()["changed"]) == (True, False)


@pytest.mark.parametrize("saved", [True, False], ids=["saved plan", "in one"])
def test_a_secret_that_an_error_quotes_is_hidden(project: Project, saved: bool) -> None:
    """A provisioner may print anything; what Terraform marks as sensitive is not in our words."""
    secret = "correct-horse-battery"
    project.write(
        f'variable "password" {{\n  sensitive = true\n  default   = "{secret}"\n}}\n'
        'resource "terraform_data" "login" {\n  input = var.password\n'
        '  provisioner "local-exec" {\n    command = "echo no entry for ${self.input}; exit 1"\n  }\n}\n'
    )
    options: dict[str, Any] = {"plan_file": project.plan()["plan_file"]} if saved else {}
    failed = project.apply(**options)
    assert failed.failed
    assert secret not in repr((failed.result, failed.shown, failed.warnings))


@pytest.mark.core
def test_a_guard_stops_before_anything_is_applied(project: Project, cloud: Cloud) -> None:
    """And the plan that was refused is gone."""
    project.write(ONE).apply()
    refused = project.apply(destroy=True, guards={"deny_delete": ["terraform_data.*"]})
    assert "deny_delete: terraform_data.* forbids terraform_data.disk (delete)" in refused.message
    assert (refused.commands, cloud.addresses(project)) == (["plan", "show"], ["terraform_data.disk"])
    assert list(project.data_dir.glob("plan*")) == []


EPHEMERAL = """
variable "token" {
  ephemeral = true
}
resource "terraform_data" "a" {}
"""


@pytest.mark.parametrize("how", ["value", "environment", "file"])
def test_an_ephemeral_variable_is_given_again_to_apply(project: Project, how: str) -> None:
    """A plan file does not hold it."""
    project.write(EPHEMERAL).write('token = "once-only"\n', "token.tfvars", backend="")
    ways: dict[str, tuple[Given, dict[str, Any]]] = {
        "value": (Given(), {"secret_variables": ["token"], "secret_values": {"token": "once-only"}}),
        "environment": (Given(inherited={"TF_VAR_token": "once-only"}), {"secret_variables": ["token"]}),
        "file": (Given(), {"var_files": ["token.tfvars"]}),
    }
    given, options = ways[how]
    assert project.apply(given, **options)["applied"] == ["terraform_data.a"]
    assert project.apply(given, **options)["changed"] is False
    planned = project.plan(given, **options, destroy=True)
    assert project.apply(given, **options, plan_file=planned["plan_file"])["changed"] is True


def test_a_kept_plan_of_a_run_without_changes_can_be_read(project: Project) -> None:
    """tf_outputs_to_env reads the outputs from it."""
    project.write(ONE).apply()
    kept = project.apply(keep_plan=True)
    assert (kept["changed"], kept["plan_file"]) == (False, str(project.plan_file))
    assert project.plan_file.exists()


def test_variables_leave_no_file(project: Project) -> None:
    """They are written to a private file, and it is gone with the task, also after a failure."""
    project.write(ONE)
    project.apply(variables={"size": "planted-value"})
    project.write(ONE + "resource broken {}\n")
    project.apply(variables={"size": "planted-value"})
    kept = [path for path in project.data_dir.rglob("*") if path.is_file() and b"planted-value" in path.read_bytes()]
    assert kept == []


def test_checking_an_apply_of_a_missing_plan_is_refused(project: Project) -> None:
    """Check mode does not invent a plan."""
    refused = project.write(ONE).apply(CHECK, plan_file=str(project.plan_file))
    assert "there is no record beside it" in refused.message
