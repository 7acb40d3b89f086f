# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policies of an applied stack, statement by statement; before the apply most of them are not known."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.stacks.plans import Copy, Plan

_HOLDERS = ("policy", "assume_role_policy")


@dataclass(frozen=True)
class Statement:
    """A statement and where it stands."""

    address: str
    content: Mapping[str, Any]

    @property
    def allows(self) -> bool:
        return bool(self.content["Effect"] == "Allow")

    @property
    def actions(self) -> list[str]:
        return _listed(self.content["Action"])

    @property
    def resources(self) -> list[str]:
        return _listed(self.content.get("Resource", []))

    @property
    def principals(self) -> list[str]:
        """Whom it speaks of; none in the policy of a role or user."""
        found = self.content.get("Principal", {})
        return [found] if isinstance(found, str) else [one for kind in found.values() for one in _listed(kind)]

    @property
    def conditions(self) -> dict[str, Any]:
        """By operator and key."""
        found: dict[str, Any] = self.content.get("Condition", {})
        return found


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def state_of(copy: Copy, *var_files: str, variables: Mapping[str, Any], workspace: str = "default") -> Plan:
    """Apply a copy and read its state in the form of a plan: every value is known then."""
    copy.planned(*var_files, variables=variables, workspace=workspace)
    applied = copy.terraform("apply", "-input=false", "-no-color", "plan", TF_WORKSPACE=workspace)
    assert applied.returncode == 0, applied.stdout + applied.stderr
    return Plan(
        {"planned_values": json.loads(copy.terraform("show", "-json", TF_WORKSPACE=workspace).stdout)["values"]}
    )


def statements(state: Plan) -> Iterator[Statement]:
    """Every statement of every policy of identities and resources.

    What a topic itself says is what AWS put there when it was made, for the account only.
    """
    for address, values in state.resources.items():
        if "aws_sns_topic." in address:
            continue
        for holder in _HOLDERS:
            if values.get(holder):
                for content in json.loads(values[holder])["Statement"]:
                    yield Statement(address, content)


def too_much(state: Plan, everywhere: frozenset[str]) -> list[Statement]:
    """What breaks least privilege.

    Nothing allows all actions of a service, or anything to everybody. Only the actions in *everywhere*, which know no
    resource, may name all. Exempt is the account's own statement in the policy of a key: it is what makes IAM count.
    """
    allowed = [found for found in statements(state) if found.allows and "aws_kms_key" not in found.address]
    of_keys = [found for found in statements(state) if found.allows and "aws_kms_key" in found.address]
    owners = [found for found in of_keys if all(one.endswith(":root") for one in found.principals)]
    return [
        *(found for found in allowed if any("*" in action for action in found.actions)),
        *(found for found in allowed if "*" in found.resources and not everywhere.issuperset(found.actions)),
        *(found for found in of_keys if found not in owners and any("*" in action for action in found.actions)),
        *(found for found in [*allowed, *of_keys] if "*" in found.principals and not _within_the_account(found)),
    ]


def _within_the_account(statement: Statement) -> bool:
    """Everybody of this account: IAM still decides what each may do."""
    return "aws:PrincipalAccount" in statement.conditions.get("StringEquals", {})


def demanding_tls(state: Plan) -> set[str]:
    """The addresses of the policies that deny everybody everything but TLS."""
    return {
        found.address
        for found in statements(state)
        if not found.allows
        and found.principals == ["*"]
        and found.conditions == {"Bool": {"aws:SecureTransport": "false"}}
    }
