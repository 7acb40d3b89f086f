# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validating root modules: no backend, no credentials, nothing written but the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.e2e.project import BINARY, CHECK, OLD_SPELLING, Answer, Given, Project, run, tree_of
from tests.e2e.site import Site

GOOD = """
variable "size" {
  default = 1
}

resource "terraform_data" "disk" {
  input = var.size
}
"""
TESTS = """
run "small" {
  command = plan
  assert {
    condition     = terraform_data.disk.input == 1
    error_message = "not one"
  }
}

run "large" {
  command = plan
  assert {
    condition     = terraform_data.disk.input == %d
    error_message = "not large"
  }
}
"""


def validated(project: Project, given: Given = CHECK, **options: Any) -> Answer:
    return run("tf_validate", {"project_path": str(project.root), "binary": BINARY, **options}, given)


def suite(path: Path) -> list[tuple[str, str, list[str]]]:
    cases = ET.parse(path).getroot()[0]
    return [(str(case.get("classname")), str(case.get("name")), [child.tag for child in case]) for case in cases]


@pytest.mark.core
def test_a_good_module_is_valid_without_a_backend(project: Project, tmp_path: Path) -> None:
    """Nothing is written into it, and the report says what was looked at."""
    project.write(GOOD, backend='terraform {\n  backend "s3" {}\n}\n')
    before = tree_of(project.directory)
    answer = validated(project, Given(), junit=str(tmp_path / "reports" / "part.xml"), stack="part")
    assert not answer.failed, answer.result
    assert (answer["valid"], answer["unformatted"], answer["tests"], answer["changed"]) == (True, [], [], False)
    assert answer.commands == ["fmt", "init", "validate"]
    assert tree_of(project.directory) == before
    assert suite(tmp_path / "reports" / "part.xml") == [("validate.part", "validate", []), ("validate.part", "fmt", [])]


@pytest.mark.core
def test_an_invalid_module_is_told_with_file_and_line(project: Project) -> None:
    """As data, and in one sentence."""
    project.write(GOOD.replace("var.size", "var.sise"))
    answer = validated(project, stack="part")
    assert "Validating stack part failed: " in answer.message
    assert "main.tf line 10" in answer.message
    assert answer["valid"] is False
    assert [(one["file"], one["line"]) for one in answer["diagnostics"]] == [("main.tf", 10)]


def test_a_file_that_cannot_be_read_is_told_once(project: Project) -> None:
    """fmt, init and validate would all complain of it."""
    project.write('resource "terraform_data" {\n', name="broken.tf", backend="")
    answer = validated(project)
    assert "broken.tf line 1" in answer.message
    assert answer["valid"] is False


@pytest.mark.core
def test_unformatted_files_are_named_and_shown(project: Project, tmp_path: Path) -> None:
    """Below the root module, too; the files stay as they are. That alone is a finding, unless it is not asked for."""
    project.write(GOOD).write("locals {\n    odd=1\n}\n", name="child/main.tf", backend="")
    answer = validated(project, Given(), junit=str(tmp_path / "r.xml"))
    assert "child/main.tf not formatted" in answer.message
    assert (answer["unformatted"], answer["valid"]) == (["child/main.tf"], True)
    assert "-    odd=1\n+  odd = 1\n" in answer["diff"]["prepared"]
    assert suite(tmp_path / "r.xml")[1] == ("validate.root", "fmt", ["failure"])
    assert "odd=1" in (project.root / "child" / "main.tf").read_text()
    assert not validated(project, fmt=False).failed


def test_the_lines_of_unformatted_values_are_nowhere(project: Project, tmp_path: Path) -> None:
    """Not in the result, not in the report that everybody may read; nor those of a file that cannot be read."""
    project.write(GOOD)
    for name in ("terraform.tfvars", "secret.auto.tfvars", "environments/prod.tfvars"):
        project.write('user = "hunter1"\npassword="hunter2"', name=name, backend="")
    for broken in (False, True):
        if broken:
            project.write('password = "hunter2', name="terraform.tfvars", backend="")
        answer = validated(project, Given(), junit=str(tmp_path / "r.xml"))
        assert "terraform.tfvars" in answer.message
        assert "hunter" not in f"{answer} {(tmp_path / 'r.xml').read_text()}"
        expected = [] if broken else ["environments/prod.tfvars", "secret.auto.tfvars", "terraform.tfvars"]
        assert sorted(answer["unformatted"]) == expected


def test_the_lock_file_is_not_written(project: Project) -> None:
    """With one in the root module, with one that is out of date, and without any."""
    project.write(GOOD)
    for content in (None, "", 'provider "registry.terraform.io/hashicorp/nowhere" {\n  version = "1.0.0"\n}\n'):
        if content is not None:
            (project.root / ".terraform.lock.hcl").write_text(content)
        before = tree_of(project.root)
        assert not validated(project).failed
        assert tree_of(project.root) == before


@pytest.mark.core
def test_tests_are_run_where_there_are_some(project: Project, tmp_path: Path) -> None:
    """Each run by name; an engine that has no tests says so."""
    project.write(GOOD).write(TESTS % 1, name="tests/size.tftest.hcl", backend="")
    answer = validated(project)
    assert not answer.failed, answer.result
    if OLD_SPELLING:
        assert "were not run" in answer.warnings[0]
        return
    assert [(test["run"], test["status"]) for test in answer["tests"]] == [("small", "pass"), ("large", "pass")]
    project.write(TESTS % 2, name="tests/size.tftest.hcl", backend="")
    failed = validated(project, Given(), junit=str(tmp_path / "r.xml"), stack="part")
    assert "1 of 2 tests failed, large in tests/size.tftest.hcl" in failed.message
    assert "not large" in failed.message
    assert failed["valid"] is True
    assert suite(tmp_path / "r.xml")[2:] == [
        ("validate.part.tests/size.tftest.hcl", "small", []),
        ("validate.part.tests/size.tftest.hcl", "large", ["failure"]),
    ]
    assert not validated(project, tests=False).failed


@pytest.mark.skipif(OLD_SPELLING, reason="Terraform 1.5 has no tests")
def test_a_broken_test_file_is_a_finding(project: Project) -> None:
    """No run of it was started."""
    project.write(GOOD).write('run "x" {\n', name="x.tftest.hcl", backend="")
    assert "x.tftest.hcl" in validated(project).message


def test_credentials_are_kept_away_unless_asked_for(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that is not written with mocks would make real objects."""
    script = project.directory / "engine"
    script.write_text(f'#!/bin/sh\nenv > {project.directory}/$1.env\nexec {BINARY} "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a-session")
    project.write(GOOD)
    for wanted in (False, True):
        validated(project, binary=str(script), with_credentials=wanted)
        seen = (project.directory / "validate.env").read_text()
        assert ("a-session" in seen, "AWS_SHARED_CREDENTIALS_FILE=/dev/null" in seen) == (wanted, not wanted)


@pytest.mark.parametrize(
    ("options", "said"), [({"project_path": "/nowhere"}, "/nowhere"), ({"binary": "no-engine"}, "no-engine")]
)
def test_what_cannot_be_looked_at_is_told(project: Project, options: dict[str, Any], said: str) -> None:
    """A missing directory, a missing engine."""
    assert said in validated(project.write(GOOD), **options).message


def test_check_mode_of_the_module_writes_no_report(project: Project, tmp_path: Path) -> None:
    """As its documentation says; the role asks for it all the same."""
    assert not validated(project.write(GOOD), CHECK, junit=str(tmp_path / "reports" / "part.xml")).failed
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize("mode", [[], ["--check"]], ids=["real", "check"])
def test_the_playbook_validates_every_stack(tmp_path: Path, mode: list[str]) -> None:
    """No backend, no credentials; a finding in one stack does not hide the others, and each has a report.

    Check mode is the same: who asks for a report wants it, and nothing else is written.
    """
    site = Site(tmp_path / "site")
    for name, main in {"app": GOOD, "network": GOOD.replace("var.size", "var.sise")}.items():
        (site.directory / "stacks" / name).mkdir(parents=True)
        (site.directory / "stacks" / name / "main.tf").write_text(f'terraform {{\n  backend "s3" {{}}\n}}\n{main}')
    backend = {"type": "s3", "bucket": "REPLACE_WITH_BUCKET"}
    site.inventory({"app": {}, "network": {}}, tf_path="stacks/{{ inventory_hostname }}", tf_backend=backend)
    played = site.play("validate", "-e", "validate_junit=reports", *mode)
    assert set(played.failures) == {"network"}
    assert "main.tf line 10" in played.failures["network"]
    assert set(played.changed.values()) == {0}
    reports = {path.name: suite(path) for path in (site.directory / "reports").iterdir()}
    assert reports["app.xml"] == [("validate.app", "validate", []), ("validate.app", "fmt", [])]
    assert reports["network.xml"][0] == ("validate.network", "validate", ["failure"])
    assert sorted(path.name for path in (site.directory / "stacks" / "app").iterdir()) == ["main.tf"]
