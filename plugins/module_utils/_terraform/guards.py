# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards: what a plan must not do (tf_guards). Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._errors import GuardRefused, Refused
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.plan import Change, Plan

_SHOWN = 10  # addresses in a message; the result has all


def check_guards(plan: Plan, guards: Mapping[str, Any], label: str) -> None:
    """Raises GuardRefused naming every rule that fires and the addresses it fires on.

    Patterns are shell patterns over the address, where `*` stops at nothing and `[` and `]` mean themselves:
    `aws_db_instance.*` matches it in the root module, `*aws_db_instance.*` in every module.
    """
    broken = [(rule, changes) for rule, changes in _broken(plan, guards) if changes]
    if not broken:
        return
    told = "; ".join(f"{rule} forbids {_named(changes)}" for rule, changes in broken)
    raise GuardRefused(
        f"The plan of {label} was not applied: {told}. Change the configuration, or change tf_guards "
        "for a run that is meant to do this.",
        guards=[{"rule": rule, "addresses": [change.address for change in changes]} for rule, changes in broken],
    )


def check_replacements(plan: Plan, addresses: Sequence[str], label: str) -> None:
    """Raises Refused for an address that Terraform was to replace and, without a word about it, leaves alone."""
    kinds = {change.address: change.kind for change in plan.changes}
    ignored = [address for address in addresses if kinds.get(address) not in {"replace", "create"}]
    if not ignored:
        return
    close = difflib.get_close_matches(ignored[0], kinds, n=1, cutoff=0.8)
    hint = f"did you mean {close[0]}?" if close and close[0] != ignored[0] else "see terraform state list."
    raise Refused(
        f"Replacing {', '.join(ignored)} failed: {label} has no such object to replace. An address names one object, its "
        f"module and its key included, such as aws_iam_access_key.app[0]; {hint}",
        not_found=ignored,
    )


def _broken(plan: Plan, guards: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[Change]]]:
    deleted = [change for change in plan.changes if change.deletes]
    limit = guards.get("max_delete")
    if limit is not None and len(deleted) > limit:
        yield f"max_delete: {limit}", deleted
    for pattern in guards.get("deny_delete") or []:
        yield f"deny_delete: {pattern}", [change for change in deleted if _matches(change, pattern)]
    for pattern in guards.get("deny_replace") or []:
        yield f"deny_replace: {pattern}", [c for c in plan.changes if c.kind == "replace" and _matches(c, pattern)]
    may_go = guards.get("allow_delete")
    if may_go is not None:
        others = [change for change in deleted if not any(_matches(change, pattern) for pattern in may_go)]
        yield f"allow_delete: {', '.join(may_go) or 'nothing'}", others
    named = guards.get("allow_addresses")
    if named is not None:
        others = [c for c in plan.acting if not any(_matches(c, pattern) for pattern in named)]
        yield f"allow_addresses: {', '.join(named) or 'nothing'}", others
    allowed = guards.get("allow_only")
    if allowed is not None:
        yield (
            f"allow_only: {', '.join(allowed) or 'nothing'}",
            [c for c in plan.changes if c.kind not in {*allowed, "no-op", "read"}],
        )


def _matches(change: Change, pattern: str) -> bool:
    literal = pattern.replace("[", "[[]")
    return any(fnmatchcase(name, literal) for name in (change.address, change.previous_address) if name)


def _named(changes: Sequence[Change]) -> str:
    names = [f"{change.address} ({change.kind})" for change in changes]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
