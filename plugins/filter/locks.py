# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collects the locks of a run's stacks."""

from __future__ import annotations

DOCUMENTATION = r"""
name: locks
author: envforge.terraform authors (@envforge)
version_added: 1.1.0
short_description: The locks of the stacks of a run
description:
  - For each stack C(locks) and C(digests) as M(envforge.terraform.tf_lock_info) returned them, and C(msg), which is why they
    are not known, or empty.
  - It looks at the registered variable C(lock_info) of the hosts, never at facts.
positional: _input, hostvars
options:
  _input:
    description: Names of the stacks.
    type: list
    elements: str
    required: true
  hostvars:
    description: Ansible's C(hostvars).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the locks
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts_all | envforge.terraform.locks(hostvars) | envforge.terraform.lock_table }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: One mapping for each stack.
  type: list
  elements: dict
  sample:
    - stack: network
      msg: ""
      locks: []
      digests: []
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.envforge.terraform.plugins.module_utils._locks import locks

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterModule:
    """What Ansible asks for filters."""

    def filters(self) -> dict[str, Callable[..., list[dict[str, Any]]]]:
        return {"locks": locks}
