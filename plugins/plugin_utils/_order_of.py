# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of an inventory's stacks, read from the variables of its hosts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError

from ansible_collections.envforge.terraform.plugins.module_utils._contract import BACKEND, incomplete
from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused
from ansible_collections.envforge.terraform.plugins.module_utils._order import Stack, order


def order_of(parameters: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """The result for the hosts of a group, from the variables of a task. Raises Refused."""
    names = variables["groups"].get(parameters["group"], [])
    if not names:
        raise Refused(f"Ordering the stacks failed: the inventory has no host in the group {parameters['group']}.")
    stacks = [_stack(str(name), variables["hostvars"][name]) for name in names]
    chosen = {str(name) for name in variables["ansible_play_hosts_all"]}
    ordered = order(stacks, chosen, backwards=parameters["backwards"])
    checked = [name for name in ordered.needs if "tf_health" in variables["hostvars"][name]]
    result = {"changed": False, **ordered.as_result(), "checked": checked}
    return {**result, "warnings": ordered.notices} if ordered.notices else result


def _stack(name: str, variables: Mapping[str, Any]) -> Stack:
    depends_on = _value(name, variables, "tf_depends_on") or []
    if not isinstance(depends_on, list):
        raise Refused(f"Ordering the stacks failed: tf_depends_on of {name} is not a list; write [{depends_on}].")
    stack = Stack(name, tuple(str(other) for other in depends_on))
    try:
        reason = incomplete(name, lambda variable: _value(name, variables, variable))
        if reason:
            raise Refused(reason)
        identity = [_value(name, variables, variable) for variable in BACKEND]
    except Refused as refused:
        return Stack(stack.name, stack.depends_on, refused=str(refused))
    return Stack(stack.name, stack.depends_on, json.dumps(identity, sort_keys=True, default=str))


def _value(stack: str, variables: Mapping[str, Any], name: str) -> object:
    try:
        return variables.get(name)
    except AnsibleError as error:
        raise Refused(f"{stack} was not touched: its variable {name} cannot be read: {error}") from error
