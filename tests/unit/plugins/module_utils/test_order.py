# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of stacks."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused
from ansible_collections.envforge.terraform.plugins.module_utils._order import Order, Stack, order, refusal

NETWORK = Stack("network")
DATABASE = Stack("database", ("network",))
APP = Stack("app", ("database", "cache"))
CACHE = Stack("cache", ("network",))
ALL = [APP, CACHE, DATABASE, NETWORK]
NAMES = {stack.name for stack in ALL}


def ordered(*stacks: Stack, limit: set[str] | None = None, backwards: bool = False) -> Order:
    return order(stacks, limit or {stack.name for stack in stacks}, backwards=backwards)


def test_a_wave_holds_all_that_can_go_at_the_same_time() -> None:
    """Stacks that need nothing of each other share a wave."""
    assert ordered(*ALL).waves == [["network"], ["cache", "database"], ["app"]]


def test_independent_stacks_make_one_wave() -> None:
    """Without dependencies nobody waits."""
    assert ordered(Stack("one"), Stack("two")).waves == [["one", "two"]]


def test_backwards_every_stack_goes_after_those_that_need_it() -> None:
    """Tearing down is the mirror image, needs included."""
    found = ordered(*ALL, backwards=True)
    assert found.waves == [["app"], ["cache", "database"], ["network"]]
    assert found.needs == {"app": [], "cache": ["app"], "database": ["app"], "network": ["cache", "database"]}


def test_a_stack_outside_the_run_passes_its_needs_on() -> None:
    """With the middle outside --limit the ends still go one after the other."""
    found = ordered(*ALL, limit={"app", "network"})
    assert found.waves == [["network"], ["app"]]
    assert found.needs == {"app": ["network"], "network": []}


def test_a_stack_outside_the_run_is_taken_as_applied_with_a_notice() -> None:
    """Nobody waits for it, and the user is told."""
    found = ordered(NETWORK, DATABASE, CACHE, limit={"database", "cache"})
    assert found.needs == {"database": [], "cache": []}
    assert found.notices == ["network is not in this run and taken as applied, for database and cache."]


def test_tearing_down_tells_of_stacks_that_stay() -> None:
    """A stack outside the run that needs one of the run is named."""
    found = ordered(NETWORK, DATABASE, limit={"network"}, backwards=True)
    assert found.notices == ["database needs network, but is not in this run: it stays."]


def test_an_unknown_name_is_refused_with_the_name_that_was_meant() -> None:
    """A typing error names the stack, the wrong name and the nearest right one."""
    with pytest.raises(Refused, match=r"tf_depends_on of app names databse, .*\. Did you mean database\?"):
        ordered(DATABASE, NETWORK, Stack("app", ("databse",)))


def test_an_unknown_name_is_refused_with_all_names_when_none_is_near() -> None:
    """Where nothing is near, the stacks there are."""
    with pytest.raises(Refused, match=r"names queue, which is no stack\. The stacks are app, network\."):
        ordered(NETWORK, Stack("app", ("queue",)))


def test_an_unknown_name_is_refused_outside_the_run_too() -> None:
    """The whole inventory is checked, so that the error does not depend on --limit."""
    with pytest.raises(Refused, match="tf_depends_on of app"):
        ordered(NETWORK, Stack("app", ("queue",)), limit={"network"})


def test_a_cycle_is_refused_step_by_step() -> None:
    """Every step is an entry that stands in some tf_depends_on."""
    edges = {"app": ("database",), "database": ("network",), "network": ("app",)}
    with pytest.raises(Refused, match="round in a circle") as caught:
        ordered(*(Stack(name, depends_on) for name, depends_on in edges.items()))
    steps = str(caught.value).split("because ")[1].split(". Remove")[0].split(", ")
    assert sorted(steps) == ["app needs database", "database needs network", "network needs app"]


def test_a_stack_that_needs_itself_is_a_cycle() -> None:
    """The shortest cycle there is."""
    with pytest.raises(Refused, match=r"because app needs app\. Remove"):
        ordered(Stack("app", ("app",)))


def test_one_leader_for_each_backend_the_first_of_the_inventory() -> None:
    """Stacks with the same backend share a leader; others have their own."""
    found = ordered(Stack("one", backend="x"), Stack("two", backend="y"), Stack("three", backend="x"))
    assert found.leader == {"one": "one", "two": "two", "three": "one"}


def test_the_leader_is_of_this_run() -> None:
    """The first stack of the inventory leads nobody when --limit leaves it out."""
    found = ordered(Stack("one", backend="x"), Stack("two", backend="x"), limit={"two"})
    assert found.leader == {"two": "two"}


def test_a_refused_stack_leads_nobody() -> None:
    """Its variables are incomplete, so the next one makes the backend."""
    found = ordered(Stack("one", refused="no tf_path"), Stack("two"))
    assert (found.leader, found.refused) == ({"two": "two"}, {"one": "no tf_path"})


MADE: dict[str, Any] = {"backend_result": {"changed": False}}
APPLIED: dict[str, Any] = {**MADE, "stack_result": {"changed": True}}


def refusal_of(stack: str, **results: dict[str, Any]) -> str:
    stacks = [Stack("network", backend="x"), Stack("app", ("network",), backend="x")]
    return refusal(stack, ordered(*stacks).as_result(), results)


def test_a_stack_whose_needs_succeeded_is_not_refused() -> None:
    """The ordinary case says nothing."""
    assert refusal_of("app", network=APPLIED) == ""
    assert refusal_of("app", network=APPLIED | {"health_result": {"changed": False}}) == ""
    assert refusal_of("app", network=APPLIED | {"health_result": {"skipped": True}}) == ""
    assert refusal_of("network", network=MADE) == ""


UNREACHABLE = {"stack_result": {"unreachable": True, "changed": False}}
UNHEALTHY = {"stack_result": {"changed": True}, "health_result": {"failed": True}}


@pytest.mark.parametrize(
    "result", [{"stack_result": {"failed": True}}, {"stack_result": {"skipped": True}}, {}, UNREACHABLE, UNHEALTHY]
)
def test_a_stack_is_refused_unless_what_it_needs_succeeded(result: dict[str, Any]) -> None:
    """Failed, skipped, unreachable and never begun are all no success, and applied is none for a stack that is not healthy."""
    reason = "network did not succeed in this run, see there"
    assert refusal_of("app", network=MADE | result) == f"app was not touched: {reason}."


@pytest.mark.parametrize("result", [{"backend_result": {"failed": True}}, {}])
def test_a_stack_is_refused_without_its_backend(result: dict[str, Any]) -> None:
    """The leader's failure is the failure of all that share the backend."""
    reason = "its backend could not be made, see network"
    assert refusal_of("network", network=result) == f"network was not touched: {reason}."


def test_the_stack_that_makes_a_backend_says_itself_why_it_could_not() -> None:
    """It would send its reader to itself."""
    result = {"backend_result": {"failed": True, "msg": "The account is another one."}}
    assert refusal_of("network", network=result) == "The account is another one."
    assert refusal_of("app", network=result).startswith(
        "app was not touched: its backend could not be made, see network"
    )


def test_a_stack_alone_waits_for_nobody_but_its_backend() -> None:
    """A plan changes nothing that another stack could need."""
    ordered_both = ordered(Stack("network", backend="x"), Stack("app", ("network",), backend="x")).as_result()
    assert refusal("app", ordered_both, {"network": MADE}, alone=True) == ""
    assert "its backend" in refusal("app", ordered_both, {"network": {}}, alone=True)


@pytest.mark.parametrize(
    "step",
    ["update_previous_result", "stack_plan", "stack_result", "health_result", "update_result", "tf_refused"],
)
def test_stacks_that_go_together_stop_together(step: str) -> None:
    """Whatever failed, and although nothing needs it."""
    both = ordered(Stack("network", backend="x"), Stack("app", backend="x")).as_result()
    results = {"network": MADE, "app": {"stack_result": {"changed": True}, step: {"failed": True}}}
    leader = {name: results[name] | MADE for name in results}
    assert refusal("network", both, leader) == ""
    assert "app did not succeed" in refusal("network", both, leader, together=True)
    assert refusal("network", both, {"network": MADE, "app": MADE}, together=True) == ""


def test_a_failed_backend_stops_those_that_go_together() -> None:
    """Also a stack that has another backend, and needs nothing of the one that failed."""
    both = ordered(Stack("network", backend="x"), Stack("app", backend="y")).as_result()
    results = {"network": MADE, "app": {"backend_result": {"failed": True}}}
    assert refusal("network", both, results) == ""
    assert "app did not succeed" in refusal("network", both, results, together=True)


def test_a_stack_with_incomplete_variables_is_refused_with_its_own_reason() -> None:
    """It has no leader, so nothing else can be said of it."""
    found = ordered(Stack("app", refused="app was not touched: no tf_path.")).as_result()
    assert refusal("app", found, {}) == "app was not touched: no tf_path."
