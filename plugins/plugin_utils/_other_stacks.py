# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a lookup can know about another stack of the inventory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleLookupError

_ADDRESS = ("tf_backend", "tf_region", "tf_account_id")


def variables_of(name: str, known: Mapping[str, Any]) -> Any:
    """The variables of the stack *name*. Raises AnsibleLookupError when the inventory has none."""
    hosts = known["hostvars"]
    if name not in hosts:
        raise AnsibleLookupError(f"There is no stack {name} in the inventory whose state could be read.")
    return hosts[name]


def backend_of(name: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """The result of tf_backend for the stack *name*; empty when nobody in this run has looked at its backend."""
    results = (known["hostvars"][maker].get("backend_result") for maker in _makers(name, known))
    return next((dict(found) for found in results if found and "backend_config" in found), {})


def _makers(name: str, known: Mapping[str, Any]) -> list[str]:
    """The stacks that may have made the backend of *name*: its leader, or ours when *name* is not in this run."""
    leaders = (known.get("tf_order") or {}).get("leader", {})
    me = known["inventory_hostname"]
    if name in leaders:
        return [leaders[name]]
    here, there = known["hostvars"][me], known["hostvars"][name]
    same = all(here.get(variable) == there.get(variable) for variable in _ADDRESS)
    return [name, *([leaders.get(me, me)] if same else [])]
