# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Input variables on their way to Terraform."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._errors import RootModuleError
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.configuration import Configuration, Variable
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.variables import (
    Variables,
    check_variables,
    variables_of,
)

DECLARED = Configuration("s3", {name: Variable(name) for name in ("a", "b")}, False, True)
NONE = Variables((), {}, {}, {})
KEY = b"key"


def test_paths_are_relative_to_the_root_module() -> None:
    """And the home directory is known."""
    arguments = {
        "project_path": "/stacks/shop",
        "var_files": ["environments/prod.tfvars", "../common.tfvars", "/abs.tfvars"],
        "variables": {},
        "secret_variables": [],
        "secret_values": {},
    }
    assert variables_of(arguments, {}).files == (
        "/stacks/shop/environments/prod.tfvars",
        "/stacks/common.tfvars",
        "/abs.tfvars",
    )


def test_only_the_secrets_that_are_asked_for_are_taken_from_the_environment() -> None:
    """They stay there: Terraform reads them itself."""
    arguments: dict[str, Any] = {"project_path": "/", "var_files": [], "variables": {}, "secret_values": {}}
    found = variables_of({**arguments, "secret_variables": ["a", "b"]}, {"TF_VAR_a": "x", "TF_VAR_c": "y"})
    assert dict(found.from_environment) == {"TF_VAR_a": "x"}


def test_values_are_written_literally_into_a_private_file(tmp_path: Path) -> None:
    """JSON in a variables file knows no templates."""
    values = {"a": ["${x}", "%{if}", None, 9007199254740993, 'q"', "two\nlines"], "b": {"k.e y": True}}
    files = replace(NONE, files=("/first.tfvars",), values=values, secrets={"s": "secret"}).write(str(tmp_path))
    assert files[0] == "/first.tfvars"
    written = Path(files[1])
    assert json.loads(written.read_text()) == {**values, "s": "secret"}
    assert stat.S_IMODE(written.stat().st_mode) == 0o600


def test_without_values_no_file_is_written(tmp_path: Path) -> None:
    """There is nothing to hide."""
    assert (NONE.write(str(tmp_path)), list(tmp_path.iterdir()), NONE.given) == ((), [], False)


DIFFERENT: dict[str, dict[str, Any]] = {
    "a value": {"values": {"a": 2}},
    "a type": {"values": {"a": "1"}},
    "a secret": {"secrets": {"a": 1}},
    "the environment": {"from_environment": {"TF_VAR_a": "1"}},
    "no values": {"values": {}},
}


@pytest.mark.parametrize("part", DIFFERENT)
def test_the_digest_differs_with_each_part(part: str) -> None:
    """A plan of one set of variables is not applied with another."""
    given = replace(NONE, values={"a": 1})
    assert given.digest(KEY) == replace(NONE, values={"a": 1}).digest(KEY)
    assert given.digest(KEY) != replace(given, **DIFFERENT[part]).digest(KEY)


def test_the_digest_covers_what_is_in_the_files(tmp_path: Path) -> None:
    """Not where they are."""
    path = tmp_path / "a.tfvars"
    path.write_text("a = 1\n")
    given = replace(NONE, files=(str(path),))
    before = given.digest(KEY)
    path.write_text("a = 2\n")
    assert given.digest(KEY) != before


def test_the_digest_says_nothing_without_the_key() -> None:
    """A short password could be guessed from a bare hash."""
    given = replace(NONE, secrets={"a": "1234"})
    assert given.digest(KEY) != given.digest(b"another")


def test_an_undeclared_name_is_refused_with_its_source(tmp_path: Path) -> None:
    """Terraform would only warn, or say nothing."""
    path = tmp_path / "prod.tfvars"
    path.write_text("a = 1\n\nc = 2\n")
    with pytest.raises(RootModuleError, match=r"variable c .*prod.tfvars line 3.*Declared are: a, b"):
        check_variables(replace(NONE, files=(str(path),)), DECLARED, "/root")
    with pytest.raises(RootModuleError, match=r"variable c .*tf_variables.*Declared are: a, b"):
        check_variables(replace(NONE, values={"c": 1}), DECLARED, "/root")
    with pytest.raises(RootModuleError, match="variable c"):
        check_variables(replace(NONE, secrets={"c": 1}), DECLARED, "/root")


def test_nothing_is_refused_where_the_declarations_are_not_known() -> None:
    """A file of the root module could not be read."""
    check_variables(replace(NONE, values={"c": 1}), replace(DECLARED, readable=False), "/root")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("gone.tfvars", None, r"gone.tfvars \(tf_var_files\) failed: it does not exist"),
        ("a.tfvars.json", '{\n "a" 1}', "a.tfvars.json failed: line 2"),
        ("a.tfvars.json", "[1]", "a.tfvars.json failed: it holds no JSON object"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, name: str, text: str | None, told: str) -> None:
    """Before any process is started."""
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(RootModuleError, match=told):
        check_variables(replace(NONE, files=(str(tmp_path / name),)), DECLARED, "/root")


def test_terraform_says_what_is_wrong_with_a_file_that_is_not_understood(tmp_path: Path) -> None:
    """It names the place better than we could."""
    path = tmp_path / "odd.tfvars"
    path.write_text("a = [\n")
    check_variables(replace(NONE, files=(str(path),)), DECLARED, "/root")
