# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a table of the plans of a run."""

from __future__ import annotations

DOCUMENTATION = r"""
name: plan_table
author: envforge.terraform authors (@envforge)
version_added: 1.0.0
short_description: A table of the plans of a run
description:
  - One line for each stack with the number of changes of each kind, and a line of totals.
options:
  _input:
    description: What the filter P(envforge.terraform.plans#filter) returns.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Sum up the plans
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts_all | envforge.terraform.plans(hostvars) | envforge.terraform.plan_table }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
  sample:
    - "stack    create  update  replace  delete"
    - "network       5       0        0       0"
    - "total         5       0        0       0"
"""

from typing import TYPE_CHECKING

from ansible_collections.envforge.terraform.plugins.module_utils._plans import plan_table

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterModule:
    """What Ansible asks for filters."""

    def filters(self) -> dict[str, Callable[..., list[str]]]:
        return {"plan_table": plan_table}
