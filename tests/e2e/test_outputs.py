# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_output_info: the outputs of a stack, sensitive ones hidden unless asked for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.project import Project

MAIN = """
output "plain" {
  value = ["a", 1, null]
}
output "hidden" {
  value     = "correct-horse-battery"
  sensitive = true
}
output "nothing" {
  value = null
}
"""


def values(outputs: dict[str, Any]) -> dict[str, Any]:
    return {name: found["value"] for name, found in outputs.items()}


@pytest.mark.core
def test_sensitive_outputs_are_hidden(project: Project) -> None:
    """Their names and types are told."""
    project.write(MAIN).apply()
    found = project.outputs()
    assert values(found["outputs"])["plain"] == ["a", 1, None]
    assert found["outputs"]["hidden"] == {"value": "(sensitive)", "sensitive": True, "type": "string"}
    assert (found["changed"], found.commands) == (False, ["output"])


@pytest.mark.core
def test_sensitive_outputs_are_shown_to_who_asks(project: Project) -> None:
    """The task that asks carries no_log."""
    project.write(MAIN).apply()
    assert values(project.outputs(show_sensitive=True)["outputs"])["hidden"] == "correct-horse-battery"


def test_single_outputs_can_be_chosen(project: Project) -> None:
    """All others are left out."""
    project.write(MAIN).apply()
    assert list(project.outputs(names=["plain"])["outputs"]) == ["plain"]


def test_an_output_that_is_not_there_is_named(project: Project) -> None:
    """With those that are."""
    project.write(MAIN).apply()
    refused = project.outputs(names=["plain", "plane"])
    assert "stack shop in dev failed: it has no output plane" in refused.message
    assert "hidden" in refused.message


@pytest.mark.core
def test_a_stack_that_was_never_applied_has_none(project: Project) -> None:
    """And asking does not write an empty state."""
    assert project.write(MAIN).outputs()["outputs"] == {}
