# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input: an error that names the object and the way out, before anything is half done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.project import BINARY, OLD_SPELLING, Answer, Given, Project

ONE = """
variable "size" {
  default = 1
}
resource "terraform_data" "disk" {
  input = var.size
}
"""


@dataclass(frozen=True)
class Bad:
    """What is wrong with a stack, which texts the error must hold, and how many processes it may take to find out."""

    spoil: Callable[[Project], Project]
    told: tuple[str, ...]
    processes: int = 0


def script(project: Project, text: str) -> str:
    path = project.directory / "terraform"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def with_file(name: str, text: str, **options: Any) -> Callable[[Project], Project]:
    """A stack with one more file in its root module."""
    return lambda project: project.write(text, name, backend="").having(**options)


def old_engine(project: Project) -> Project:
    version = '{"terraform_version": "1.4.6"}'
    return project.having(binary=script(project, f"[ $1 = version ] && echo '{version}' && exit 0; exit 1"))


def unfit_engine(project: Project) -> Project:
    version = '{"terraform_version": "1.9.8"}'
    config = {**project.backend_config, "use_lockfile": True}
    return replace(project, backend_config=config).having(
        binary=script(project, f"[ $1 = version ] && echo '{version}' && exit 0; exit 1")
    )


def no_configuration(project: Project) -> Project:
    (project.root / "main.tf").unlink()
    return project


WHERE = "stack shop in dev"
CASES = {
    "no such binary": Bad(
        lambda p: p.having(binary="/nowhere/terraform"), ("/nowhere/terraform", "tf_binary", "not an executable file")
    ),
    "binary that is something else": Bad(
        lambda p: p.having(binary=script(p, "exit 1")), ("terraform", "for its version", "tf_binary"), 2
    ),
    "binary too old": Bad(old_engine, (WHERE, "Terraform 1.4.6 is too old", "1.5 is the oldest", "tf_binary"), 2),
    "binary too old for a lock file": Bad(
        unfit_engine, (WHERE, "lock file", "1.10", "Terraform 1.9.8", "lock: dynamodb"), 2
    ),
    "missing directory": Bad(
        lambda p: p.having(project_path=str(p.directory / "gone")), ("/gone", "tf_path", "does not exist")
    ),
    "no configuration": Bad(no_configuration, ("/root", "tf_path", "no .tf file")),
    "no backend block": Bad(lambda p: p.write(ONE, backend=""), ("/root", 'terraform {\n  backend "s3" {}\n}')),
    "another backend block": Bad(
        lambda p: p.write(ONE, backend='terraform {\n  backend "gcs" {}\n}\n'),
        ("ask for the backend gcs", "tf_backend.type", 'backend "s3" {}'),
    ),
    "unknown backend option": Bad(
        lambda p: replace(p, backend_config={**p.backend_config, "bukket": "x"}), (WHERE, "bukket"), 3
    ),
    "invalid workspace name": Bad(
        lambda p: replace(p, workspace="feature/one"), ("'feature/one'", "letters, digits", "tf_workspace")
    ),
    "missing tfvars": Bad(lambda p: p.having(var_files=["prod.tfvars"]), ("prod.tfvars", "does not exist")),
    "broken tfvars": Bad(
        with_file("prod.tfvars", "size = 1\nsize 2\n", var_files=["prod.tfvars"]), ("prod.tfvars", "line 2"), 3
    ),
    "broken JSON tfvars": Bad(
        with_file("prod.tfvars.json", '{\n  "size" 1\n}', var_files=["prod.tfvars.json"]),
        ("prod.tfvars.json", "line 2"),
    ),
    "tfvars that are no object": Bad(
        with_file("prod.tfvars.json", '"size"', var_files=["prod.tfvars.json"]), ("prod.tfvars.json", "object")
    ),
    "undeclared in the inventory": Bad(
        lambda p: p.having(variables={"sice": 1}), ("variable sice", "tf_variables", "Declared are: size")
    ),
    "undeclared in a file": Bad(
        with_file("prod.tfvars", "size = 1\nsice = 2\n", var_files=["prod.tfvars"]),
        ("variable sice", "prod.tfvars line 2", "Declared are: size"),
    ),
    "required variable missing": Bad(
        with_file("more.tf", 'variable "zone" {}\n'), (WHERE, "zone", "more.tf line 1"), 3
    ),
    "wrong type of a variable": Bad(
        with_file("more.tf", 'variable "zone" {\n  type = number\n}\n', variables={"zone": "east"}),
        (WHERE, "zone", "number"),
        3,
    ),
    "invalid HCL": Bad(with_file("more.tf", 'resource "a" {\n'), (WHERE, "more.tf line"), 2),
    "invalid reference": Bad(
        with_file("more.tf", 'output "x" {\n  value = terraform_data.disc\n}\n'), (WHERE, "more.tf line 2"), 3
    ),
    "provider that cannot be installed": Bad(
        with_file("more.tf", 'terraform {\n  required_providers {\n    x = { source = "localhost:1/a/x" }\n  }\n}\n'),
        (WHERE, "localhost:1/a/x"),
        2,
    ),
    "unusable process environment": Bad(
        lambda p: p.having(process_environment={"TF_WORKSPACE": "x"}), ("process_environment sets TF_WORKSPACE",)
    ),
}
TASKS: dict[str, Callable[[Project], Answer]] = {"plan": Project.plan, "apply": Project.apply}


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_named(project: Project, cloud: Cloud, case: str) -> None:
    """The error says what is wrong and what to do; nothing was planned, written or locked."""
    bad = CASES[case]
    spoilt = bad.spoil(project.write(ONE))
    for task in TASKS.values():
        failed = task(spoilt)
        assert [text for text in bad.told if text not in failed.message] == [], failed.message
        assert failed["terraform_calls"] <= bad.processes + 2 * OLD_SPELLING
        assert "has a bug" not in failed.message
    assert list(project.directory.rglob("*.tfplan*")) == []
    assert list(project.directory.rglob("task-*")) == []
    assert (cloud.keys(project), cloud.lock(project)) == ([], None)


def test_without_any_engine_the_error_says_how_to_get_one(project: Project, tmp_path: Path) -> None:
    """Neither terraform nor tofu is on PATH."""
    inherited = {"PATH": str(tmp_path)}
    failed = project.write(ONE).apply(Given(inherited=inherited), binary=None)
    assert "neither terraform nor tofu is on PATH" in failed.message
    assert "terraform_cli" in failed.message


def test_a_broken_configuration_keeps_what_was_applied(project: Project, cloud: Cloud) -> None:
    """The file and the line are in the diagnostics as data."""
    project.write(ONE).apply()
    failed = project.write("resource broken {\n", "more.tf", backend="").apply()
    found = [diagnostic for diagnostic in failed["diagnostics"] if diagnostic["severity"] == "error"]
    assert found[0]["file"] == "more.tf"
    assert found[0]["line"] in {1, 2}
    assert cloud.addresses(project) == ["terraform_data.disk"]


def test_a_missing_bucket_is_named(project: Project) -> None:
    """Terraform says NoSuchBucket; the stack is named with it."""
    config = {**project.backend_config, "bucket": "never-made"}
    failed = replace(project.write(ONE), backend_config=config).apply()
    assert "stack shop in dev" in failed.message
    assert "never-made" in failed.message


def test_a_data_directory_that_is_a_file_is_named(project: Project) -> None:
    """What cannot be created is said by name."""
    place = project.directory / "data"
    place.write_text("not a directory")
    failed = project.write(ONE).apply()
    assert str(place) in failed.message


def test_an_odd_but_valid_workspace_name_works(project: Project, cloud: Cloud) -> None:
    """Terraform takes every name that needs no escape in an address."""
    assert replace(project.write(ONE), workspace="feature_1.x~y-z").apply()["changed"] is True
    assert cloud.keys(project) == [f"env:/feature_1.x~y-z/{project.backend_config['key']}"]


def test_the_binary_may_be_named_by_its_name(project: Project) -> None:
    """On PATH, or by a path that starts at the home directory."""
    inherited = {"PATH": str(Path(BINARY).parent)}
    assert project.write(ONE).apply(Given(inherited=inherited), binary=Path(BINARY).name)["changed"] is True
