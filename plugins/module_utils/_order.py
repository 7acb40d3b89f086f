# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of stacks: which go together in a wave, which wait for which, and who makes a shared backend. Pure."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused

Edges = Mapping[str, Collection[str]]

_TAKEN_AS_APPLIED = "{0} is not in this run and taken as applied, for {1}."


@dataclass(frozen=True)
class Stack:
    """What the order needs to know of one stack of the inventory.

    backend is any text that two stacks have in common exactly when one visit makes the backend of both.
    refused says why the stack cannot be worked on; it still stands where its dependencies put it.
    """

    name: str
    depends_on: tuple[str, ...] = ()
    backend: str = ""
    refused: str = ""


@dataclass(frozen=True)
class Order:
    """The stacks of one run, in order. needs holds what must have succeeded in this run before a stack's turn."""

    waves: list[list[str]] = field(default_factory=list)
    needs: dict[str, list[str]] = field(default_factory=dict)
    leader: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)

    def as_result(self) -> dict[str, Any]:
        """The same as a module's result."""
        return asdict(self)


def order(stacks: Sequence[Stack], chosen: Collection[str], *, backwards: bool = False) -> Order:
    """Order those of *stacks*, all of an inventory, that are *chosen* for this run; *backwards* is for tearing down.

    A stack outside the run is waited for by nobody, but passes its own needs on. Raises Refused for a name in
    tf_depends_on that no stack has, and for a cycle, wherever in the inventory it is.
    """
    edges = {stack.name: stack.depends_on for stack in stacks}
    _refuse_unknown_names(edges)
    _refuse_cycles(edges)
    here = [stack for stack in stacks if stack.name in chosen]
    needs = _needs_inside(edges, [stack.name for stack in here])
    return Order(
        waves=_waves(_reversed(needs) if backwards else needs),
        needs=_reversed(needs) if backwards else needs,
        leader=_leaders(here),
        refused={stack.name: stack.refused for stack in here if stack.refused},
        notices=_notices(edges, needs, backwards),
    )


def _refuse_unknown_names(edges: Edges) -> None:
    for stack, depends_on in edges.items():
        for name in sorted(set(depends_on) - set(edges)):
            close = difflib.get_close_matches(name, edges, n=1)
            hint = f"Did you mean {close[0]}?" if close else f"The stacks are {', '.join(sorted(edges))}."
            raise Refused(
                f"Ordering the stacks failed: tf_depends_on of {stack} names {name}, which is no stack. {hint}"
            )


def _refuse_cycles(edges: Edges) -> None:
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        # graphlib lists every stack before the one that needs it, the first one once more at the end
        cycle = list(reversed(error.args[1]))
        raise Refused(
            "Ordering the stacks failed: tf_depends_on goes round in a circle, because "
            + ", ".join(f"{one} needs {next_one}" for one, next_one in itertools.pairwise(cycle))
            + ". Remove one of these."
        ) from None


def _needs_inside(edges: Edges, chosen: Sequence[str]) -> dict[str, list[str]]:
    known: dict[str, set[str]] = {}

    def inside(stack: str) -> set[str]:
        if stack not in known:
            known[stack] = set()
            for name in edges[stack]:
                known[stack] |= {name} if name in chosen else inside(name)
        return known[stack]

    return {stack: sorted(inside(stack)) for stack in chosen}


def _reversed(needs: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    return {stack: sorted(other for other, wanted in needs.items() if stack in wanted) for stack in needs}


def _waves(needs: Edges) -> list[list[str]]:
    sorter = TopologicalSorter(needs)
    sorter.prepare()
    waves = []
    while sorter.is_active():
        ready = sorter.get_ready()
        waves.append(sorted(ready))
        sorter.done(*ready)
    return waves


def _leaders(stacks: Sequence[Stack]) -> dict[str, str]:
    first: dict[str, str] = {}
    return {stack.name: first.setdefault(stack.backend, stack.name) for stack in stacks if not stack.refused}


def _notices(edges: Edges, here: Edges, backwards: bool) -> list[str]:
    outside: dict[str, list[str]] = {}
    for stack, depends_on in edges.items():
        for name in depends_on:
            if backwards and name in here and stack not in here:
                outside.setdefault(stack, []).append(name)
            elif not backwards and stack in here and name not in here:
                outside.setdefault(name, []).append(stack)
    text = "{0} needs {1}, but is not in this run: it stays." if backwards else _TAKEN_AS_APPLIED
    return [text.format(name, " and ".join(others)) for name, others in outside.items()]


def refusal(
    stack: str,
    ordered: Mapping[str, Any],
    results: Mapping[str, Mapping[str, Any]],
    *,
    alone: bool = False,
    together: bool = False,
) -> str:
    """Why *stack* must not be touched, or nothing; *results* maps stacks to what their variables hold by now.

    *alone* asks for the stack and its backend only, *together* also for every other stack of the run: none may have
    failed. Only results registered in this run count: a fact may come from a cache, and be of yesterday.
    """
    if stack in ordered["refused"]:
        return str(ordered["refused"][stack])
    leader = ordered["leader"][stack]
    needs = [] if alone else ordered["needs"][stack]
    if leader == stack and _failed(results[leader], "backend_result") and results[leader]["backend_result"].get("msg"):
        return str(results[leader]["backend_result"]["msg"])
    unmade = [] if _succeeded(results[leader], "backend_result") else [leader]
    undone = [name for name in needs if not _is_done(results[name])]
    reasons = [f"its backend could not be made, see {name}" for name in unmade]
    undone += [name for name in ordered["needs"] if together and name not in undone and _has_failed(results[name])]
    reasons += [f"{name} did not succeed in this run, see there" for name in undone]
    return f"{stack} was not touched: {'; '.join(reasons)}." if reasons else ""


_STEPS = (
    "backend_result",
    "tf_refused",
    "update_previous_result",
    "update_backup_result",
    "stack_plan",
    "stack_result",
    "health_result",
    "update_result",
)


def _is_done(variables: Mapping[str, Any]) -> bool:
    """Applied; and healthy, where somebody looked."""
    return _succeeded(variables, "stack_result") and not _has_failed(variables)


def _has_failed(variables: Mapping[str, Any]) -> bool:
    return any(_failed(variables, name) for name in _STEPS)


def _failed(variables: Mapping[str, Any], name: str) -> bool:
    result = variables.get(name)
    return isinstance(result, Mapping) and bool(result.get("failed") or result.get("unreachable"))


def _succeeded(variables: Mapping[str, Any], name: str) -> bool:
    result = variables.get(name)
    return isinstance(result, Mapping) and not _failed(variables, name) and not result.get("skipped")
