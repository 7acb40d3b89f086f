# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says why a stack must not be touched in this run."""

from __future__ import annotations

DOCUMENTATION = r"""
name: refusal
author: envforge.terraform authors (@envforge)
version_added: 1.0.0
short_description: Why a stack must not be touched in this run
description:
  - Empty when the backend of the stack was made and every stack it needs succeeded, both in this run.
  - A stack that was applied and whose health check then failed did not succeed.
  - It looks at the registered variables C(backend_result), C(stack_result) and C(health_result) of other hosts, never at
    facts, which may come from a cache.
positional: _input, order, hostvars
options:
  _input:
    description: Name of the stack.
    type: str
    required: true
  order:
    description: The result of M(envforge.terraform.tf_order).
    type: dict
    required: true
  hostvars:
    description: Ansible's C(hostvars).
    type: dict
    required: true
  together:
    description: Do not touch it either when any other stack of the run has failed in any step.
    type: bool
    default: false
  alone:
    description: Look at the stack and its backend only, for work that needs no other stack.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Stop a stack whose turn it is not
  ansible.builtin.fail:
    msg: "{{ inventory_hostname | envforge.terraform.refusal(tf_order, hostvars) }}"
  when: inventory_hostname | envforge.terraform.refusal(tf_order, hostvars) != ""
"""

RETURN = r"""
_value:
  description: One sentence, or nothing.
  type: str
  sample: "app was not touched: network did not succeed in this run, see there."
"""

from typing import TYPE_CHECKING

from ansible_collections.envforge.terraform.plugins.module_utils._order import refusal

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterModule:
    """What Ansible asks for filters."""

    def filters(self) -> dict[str, Callable[..., str]]:
        return {"refusal": refusal}
