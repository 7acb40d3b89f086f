# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gathers how the stacks of a run are doing."""

from __future__ import annotations

DOCUMENTATION = r"""
name: statuses
author: envforge.terraform authors (@envforge)
version_added: 1.1.0
short_description: How the stacks of a run are doing
description:
  - Gathers the registered variables C(status_result) and C(drift_result) of every stack; for a stack without, why.
  - Nothing in it is the value of an attribute.
positional: _input, hostvars
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
seealso:
  - plugin: envforge.terraform.status_table
    plugin_type: filter
    description: Makes a table of it.
"""

EXAMPLES = r"""
- name: Write down how the stacks are doing
  ansible.builtin.copy:
    content: "{{ ansible_play_hosts_all | envforge.terraform.statuses(hostvars) | to_nice_json }}"
    dest: status.json
    mode: "0644"
  run_once: true
"""

RETURN = r"""
_value:
  description:
    - For each stack its name as C(stack), its C(environment) and C(workspace), and why it could not be looked at as C(msg).
    - Of its state C(exists), C(serial), C(lineage), C(terraform_version), C(last_change), the number of managed
      C(resources), and C(locks).
    - Where drift was looked for, the addresses as C(drift), or why that failed as C(drift_msg).
  type: list
  elements: dict
  sample:
    - stack: app
      environment: prod
      workspace: default
      exists: true
      serial: 12
      lineage: aa012de6-c2ef-e014-4e6f-448a370be800
      terraform_version: 1.11.4
      last_change: "2026-11-21T15:30:00Z"
      resources: 14
      locks: []
      drift: null
      drift_msg: ""
      msg: ""
"""

from typing import TYPE_CHECKING

from ansible_collections.envforge.terraform.plugins.module_utils._statuses import statuses

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class FilterModule:
    """What Ansible asks for filters."""

    def filters(self) -> dict[str, Callable[..., list[dict[str, Any]]]]:
        return {"statuses": statuses}
