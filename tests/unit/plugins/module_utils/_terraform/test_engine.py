# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine: which executable, which version."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._errors import EngineError, UnreadableOutput
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.engine import (
    Engine,
    Version,
    find_engine,
    read_version,
)
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.process import Completed


def executable(path: Path) -> Path:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def version_of(answer: str, path: str = "/bin/terraform") -> Version:
    return read_version(lambda argv, directory, environment: Completed(tuple(argv), 0, answer, ""), Engine(path), {})


def test_terraform_comes_before_tofu(tmp_path: Path) -> None:
    """Where both are on PATH; tofu is taken where it is alone."""
    tofu = executable(tmp_path / "tofu")
    assert find_engine(None, {"PATH": str(tmp_path)}).path == str(tofu)
    terraform = executable(tmp_path / "terraform")
    assert find_engine(None, {"PATH": str(tmp_path)}).path == str(terraform)


def test_an_engine_can_be_named_by_name_or_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the PATH that Terraform itself will have."""
    path = executable(tmp_path / "terraform-1.5")
    monkeypatch.setenv("HOME", str(tmp_path))
    for binary in ("terraform-1.5", str(path), "~/terraform-1.5"):
        assert find_engine(binary, {"PATH": str(tmp_path)}).path == str(path)


def test_a_missing_engine_is_named(tmp_path: Path) -> None:
    """With the way to get one."""
    with pytest.raises(EngineError, match=r"neither terraform nor tofu.*terraform_cli.*tf_binary"):
        find_engine(None, {"PATH": str(tmp_path)})
    with pytest.raises(EngineError, match=r"/nowhere/tofu \(tf_binary\)"):
        find_engine("/nowhere/tofu", {"PATH": str(tmp_path)})


def test_a_replaced_engine_is_another_one(tmp_path: Path) -> None:
    """The path alone does not tell, nor does a link."""
    path = executable(tmp_path / "terraform")
    link = tmp_path / "link"
    link.symlink_to(path)
    before = Engine(str(link)).identity
    os.utime(path, ns=(1, 1))
    assert Engine(str(link)).identity != before
    assert before["path"] == str(path)


def test_the_version_is_read_from_the_first_json_value() -> None:
    """Terraform may print a notice after it, and a release may be no final one."""
    assert version_of('{"terraform_version": "1.5.7", "terraform_outdated": true}').number == (1, 5, 7)
    assert version_of('{"terraform_version": "1.15.0-beta1"}\nDeprecated: x').number == (1, 15, 0)


def test_the_oldest_supported_versions() -> None:
    """Terraform 1.5 and OpenTofu 1.6."""
    answers = {
        ("terraform", "1.4.7"): False,
        ("terraform", "1.5.0"): True,
        ("tofu", "1.6.0"): True,
        ("terraform", "1.10.1"): True,
    }
    for (name, number), supported in answers.items():
        assert version_of(f'{{"terraform_version": "{number}"}}', f"/bin/{name}").supported is supported


def test_each_product_is_called_by_its_name() -> None:
    """In messages."""
    answer = '{"terraform_version": "1.6.3"}'
    assert (str(version_of(answer, "/bin/tofu")), str(version_of(answer))) == ("OpenTofu 1.6.3", "Terraform 1.6.3")


@pytest.mark.parametrize("answer", ["", "Terraform v1.5.7", "{}", '{"terraform_version": null}', "[]"])
def test_an_executable_that_is_something_else_is_named(answer: str) -> None:
    """It does not answer as an engine does."""
    with pytest.raises(UnreadableOutput, match=r"/bin/terraform for its version.*tf_binary"):
        version_of(answer)
