# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sum of the plans of a run."""

from __future__ import annotations

from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._plans import plan_table, plans

NOTHING = dict.fromkeys(("create", "update", "replace", "delete", "import", "move", "forget", "read"), 0)


def plan_of(changed: bool = True, predictable: bool = True, **summary: int) -> dict[str, Any]:
    return {"stack_plan": {"changed": changed, "predictable": predictable, "summary": NOTHING | summary}}


def test_the_table_has_a_line_for_each_stack_and_totals() -> None:
    """Counts stand under their names; the last line adds them up."""
    found = plans(["network", "app"], {"network": plan_of(create=12), "app": plan_of(create=1, replace=2)})
    assert plan_table(found) == [
        "stack    create  update  replace  delete",
        "network      12       0        0       0",
        "app           1       0        2       0",
        "total        13       0        2       0",
    ]


def test_rare_changes_have_a_column_only_when_there_are_some() -> None:
    """Moves, imports and forgotten objects are shown when a plan has them."""
    assert plan_table(plans(["app"], {"app": plan_of(move=1)}))[0].split() == [
        "stack",
        "create",
        "update",
        "replace",
        "delete",
        "move",
    ]


def test_a_plan_without_changes_says_so() -> None:
    """Zeros alone could also be changes of outputs."""
    found = plans(["same", "outputs"], {"same": plan_of(changed=False), "outputs": plan_of()})
    assert [line.split("  ")[-1] for line in plan_table(found)[1:3]] == ["no changes", "outputs only"]


def test_what_cannot_be_predicted_has_no_counts() -> None:
    """Zeros would be a lie."""
    assert plan_table(plans(["app"], {"app": plan_of(predictable=False)}))[1].split() == [
        *["app", "-", "-", "-", "-"],
        *["not", "predictable", "yet"],
    ]


def test_a_failed_plan_says_why_and_is_not_counted() -> None:
    """The first result that failed on the way is the reason."""
    results = {"app": {"backend_result": {"changed": True}, "stack_plan": {"failed": True, "msg": "No such file."}}}
    assert plans(["app"], results) == [{"stack": "app", "msg": "No such file."}]
    assert plan_table(plans(["app"], results))[1].endswith("failed: No such file.")


def test_a_refused_stack_says_why() -> None:
    """It never came to a plan."""
    found = plans(["app"], {"app": {"tf_refused": {"failed": True, "msg": "app was not touched."}}})
    assert found[0]["msg"] == "app was not touched."


def test_a_stack_that_was_never_reached_says_so() -> None:
    """The run ended before."""
    assert "before its turn" in plans(["app"], {"app": {}})[0]["msg"]


def test_no_attribute_value_is_among_the_data() -> None:
    """The diff, which is masked but long, stays out of the JSON."""
    results = {"app": {"stack_plan": {**plan_of()["stack_plan"], "diff": {"before": "x", "after": "y"}}}}
    assert "diff" not in plans(["app"], results)[0]
