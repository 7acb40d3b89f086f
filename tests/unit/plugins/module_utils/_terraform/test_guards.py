# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards: which plans they stop."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._errors import GuardRefused, Refused
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.guards import (
    check_guards,
    check_replacements,
)
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.plan import Change, Plan


def plan_of(*changes: tuple[str, ...], previous: str | None = None) -> Plan:
    """From an address and its actions, one tuple each."""
    made = tuple(
        Change(address, address.split(".")[0], tuple(actions), None, previous, False, None, None)
        for address, *actions in changes
    )
    return Plan(made, (), {}, {}, {}, frozenset())


def stopped(plan: Plan, **guards: Any) -> list[str]:
    """The addresses each rule names."""
    with pytest.raises(GuardRefused) as caught:
        check_guards(plan, guards, "stack shop in prod")
    found: list[dict[str, Any]] = caught.value.details["guards"]
    return [address for guard in found for address in guard["addresses"]]


DELETION, CREATION = ("a.gone", "delete"), ("a.new", "create")
DELETE_FIRST, CREATE_FIRST = ("a.x", "delete", "create"), ("a.y", "create", "delete")


def test_without_guards_everything_passes() -> None:
    """An environment sets what it wants to forbid."""
    check_guards(plan_of(DELETION, DELETE_FIRST), {"max_delete": None, "allow_only": None}, "x")


@pytest.mark.parametrize(
    "change", [DELETION, DELETE_FIRST, CREATE_FIRST], ids=["delete", "delete first", "create first"]
)
def test_both_orders_of_replacement_are_deletions(change: tuple[str, ...]) -> None:
    """The object that is there now is lost in each case."""
    assert stopped(plan_of(change), max_delete=0) == [change[0]]
    assert stopped(plan_of(change), deny_delete=["a.*"]) == [change[0]]


def test_as_many_deletions_as_allowed_pass() -> None:
    """One more does not."""
    check_guards(plan_of(DELETION), {"max_delete": 1}, "x")
    assert len(stopped(plan_of(DELETION, DELETE_FIRST), max_delete=1)) == 2


def test_a_replacement_can_be_denied_where_a_deletion_is_not() -> None:
    """deny_replace names replacements only."""
    assert stopped(plan_of(DELETION, CREATE_FIRST), deny_replace=["a.*"]) == ["a.y"]


def test_only_what_is_allowed_passes() -> None:
    """Reading and nothing are always allowed; forgetting is not."""
    plan = plan_of(CREATION, ("a.r", "read"), ("a.n", "no-op"), ("a.f", "forget"), ("a.u", "update"))
    assert stopped(plan, allow_only=["create", "update"]) == ["a.f"]
    assert stopped(plan, allow_only=[]) == ["a.new", "a.f", "a.u"]


@pytest.mark.parametrize(
    ("pattern", "address", "matches"),
    [
        ("aws_db_instance.*", "aws_db_instance.main", True),
        ("aws_db_instance.*", "module.data.aws_db_instance.main", False),
        ("*aws_db_instance.*", 'module.data["eu"].aws_db_instance.main[0]', True),
        ('a.b["x"]', 'a.b["x"]', True),
        ("a.b[0]", "a.b[0]", True),
        ("a.b[0]", "a.b0", False),
        ("a.b[*]", "a.b[12]", True),
        ("A.b", "a.b", False),
    ],
)
def test_patterns_are_matched_against_the_whole_address(pattern: str, address: str, matches: bool) -> None:
    """Brackets mean themselves: they are part of addresses."""
    plan = plan_of((address, "delete"))
    if matches:
        assert stopped(plan, deny_delete=[pattern]) == [address]
    else:
        check_guards(plan, {"deny_delete": [pattern]}, "x")


def test_the_name_before_a_move_counts_too() -> None:
    """A rename does not slip through a guard."""
    plan = plan_of(("a.renamed", "delete", "create"), previous="aws_db_instance.main")
    assert stopped(plan, deny_replace=["aws_db_instance.*"]) == ["a.renamed"]


def test_the_message_names_stack_rule_and_addresses_but_not_hundreds() -> None:
    """All addresses are in the result."""
    plan = plan_of(*((f"a.b[{number}]", "delete") for number in range(25)))
    with pytest.raises(GuardRefused, match=r"stack shop in prod.*max_delete: 3 forbids a.b\[0\] \(delete\)") as caught:
        check_guards(plan, {"max_delete": 3}, "stack shop in prod")
    assert "and 15 more" in str(caught.value)
    assert len(caught.value.details["guards"][0]["addresses"]) == 25


def test_only_named_objects_may_be_deleted() -> None:
    """A replacement deletes, too; whatever else happens is no matter."""
    check_guards(plan_of(CREATE_FIRST, CREATION), {"allow_delete": ["a.*"]}, "x")
    assert stopped(plan_of(CREATE_FIRST, CREATION, ("b.z", "delete")), allow_delete=["b.*"]) == [CREATE_FIRST[0]]
    assert stopped(plan_of(("b.z", "delete")), allow_delete=[]) == ["b.z"]


def test_only_named_objects_may_change_at_all() -> None:
    """Whatever the kind of change: a move or an import of another object is one, too."""
    check_guards(plan_of(CREATE_FIRST, ("b.z", "no-op")), {"allow_addresses": ["a.*"]}, "x")
    assert stopped(plan_of(CREATE_FIRST, CREATION), allow_addresses=["a.y"]) == ["a.new"]
    assert stopped(plan_of(("b.new", "no-op"), previous="b.old"), allow_addresses=[]) == ["b.new"]


def test_an_object_to_replace_is_replaced_or_created() -> None:
    """Created where an earlier replacement came half way."""
    check_replacements(plan_of(CREATE_FIRST, CREATION), ["a.y", "a.new"], "stack shop in prod")


@pytest.mark.parametrize(
    ("address", "hint"),
    [("a.secred", "did you mean a.secret"), ("a.gone", "terraform state list"), ("x[7]", "key included")],
)
def test_an_address_that_names_nothing_is_refused(address: str, hint: str) -> None:
    """Terraform plans the rest and exits 0; the message names the address that comes nearest."""
    with pytest.raises(Refused) as caught:
        check_replacements(plan_of(("a.secret", "no-op"), DELETION, CREATION), [address, "a.new"], "stack shop in prod")
    assert [text in str(caught.value) for text in (address, hint, "stack shop in prod")] == [True] * 3
    assert caught.value.details["not_found"] == [address]
