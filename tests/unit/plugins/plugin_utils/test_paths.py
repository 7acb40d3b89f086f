# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a relative path starts, and which options are paths."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible import context
from ansible.utils.context_objects import CLIArgs

from ansible_collections.envforge.terraform.plugins.plugin_utils import _paths
from tests.unit.plugins.plugin_utils.plain import Templar

OPTIONS = {
    "file": {"type": "path"},
    "name": {"type": "str"},
    "dotenv": {"type": "dict", "options": {"path": {"type": "path"}, "prefix": {"type": "str"}}},
}
VARIABLES = {"tf_root": "/srv/deploy"}


def absolute(given: dict[str, Any], variables: dict[str, Any] | None = None) -> dict[str, Any]:
    return _paths.absolute_paths(
        given, OPTIONS, VARIABLES if variables is None else variables, Templar(base="/elsewhere")
    )


def test_a_relative_path_starts_at_tf_root() -> None:
    """Text options stay as they are, whatever they look like."""
    given = {"file": "../x/./y", "name": "x/../y"}
    assert absolute(given) == {"file": "/srv/x/y", "name": "x/../y"}
    assert given["file"] == "../x/./y"


def test_tf_root_may_be_a_template() -> None:
    """It is an ordinary variable of the inventory."""
    assert absolute({"file": "x"}, {"tf_root": "{{ base }}"}) == {"file": "/elsewhere/x"}


def test_an_absolute_path_stays() -> None:
    """Only what depends on a directory is changed."""
    assert absolute({"file": "/x/y"}) == {"file": "/x/y"}


def test_home_and_variables_are_those_of_the_controller(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another machine may have another home: both routes are to mean the same file."""
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("PLACE", "sub")
    assert absolute({"file": "~/$PLACE/x"}) == {"file": "/home/ada/sub/x"}


@pytest.mark.parametrize("dotenv", [{"path": ".env", "prefix": "a/b"}, '{"path": ".env", "prefix": "a/b"}'])
def test_paths_inside_of_mappings_are_found(dotenv: object) -> None:
    """Also where the mapping came as text, as in key=value."""
    assert absolute({"dotenv": dotenv}) == {"dotenv": {"path": "/srv/deploy/.env", "prefix": "a/b"}}


@pytest.mark.parametrize("value", [None, "", 5, ["x"]])
def test_what_is_no_path_is_left_to_the_validation(value: object) -> None:
    """It says so on either route, in the same words."""
    assert absolute({"file": value, "dotenv": value}) == {"file": value, "dotenv": value}


def test_without_tf_root_it_is_the_directory_of_the_named_playbook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a run from another directory does the same."""
    playbook = tmp_path / "site.yml"
    playbook.touch()
    monkeypatch.setattr(context, "CLIARGS", CLIArgs({"args": (str(playbook),)}))
    assert absolute({"file": "x"}, {}) == {"file": str(tmp_path / "x")}


def test_for_a_playbook_of_a_collection_it_is_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own directory is inside of the installed collection."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(context, "CLIARGS", CLIArgs({"args": ("envforge.terraform.site",)}))
    assert _paths.root() == str(tmp_path)
