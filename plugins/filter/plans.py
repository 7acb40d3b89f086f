# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gathers what the plans of a run say."""

from __future__ import annotations

DOCUMENTATION = r"""
name: plans
author: envforge.terraform authors (@envforge)
version_added: 1.0.0
short_description: What the plans of a run say
description:
  - Gathers the registered variable C(stack_plan) of every stack; for a stack without one, why it has none.
  - Nothing in it is the value of an attribute.
positional: _input, hostvars, planned_only
options:
  _input:
    description: Names of stacks.
    type: list
    elements: str
    required: true
  hostvars:
    description: Ansible's C(hostvars).
    type: dict
    required: true
  planned_only:
    description: Leave out stacks that were not to be planned, which have no result at all.
    type: bool
    default: false
seealso:
  - plugin: envforge.terraform.plan_table
    plugin_type: filter
    description: Makes a table of it.
"""

EXAMPLES = r"""
- name: Write the plans down
  ansible.builtin.copy:
    content: "{{ ansible_play_hosts_all | envforge.terraform.plans(hostvars) | to_nice_json }}"
    dest: plans.json
    mode: "0600"
  run_once: true
"""

RETURN = r"""
_value:
  description:
    - For each stack its name as C(stack), why it has no plan as C(msg), and of a plan C(changed), C(predictable),
      C(plan_file), C(summary), C(resource_changes), C(output_changes) and C(drift).
  type: list
  elements: dict
  sample:
    - stack: app
      msg: "app was not touched: its backend could not be made, see network."
"""

from typing import TYPE_CHECKING

from ansible_collections.envforge.terraform.plugins.module_utils._plans import plans

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class FilterModule:
    """What Ansible asks for filters."""

    def filters(self) -> dict[str, Callable[..., list[dict[str, Any]]]]:
        return {"plans": plans}
