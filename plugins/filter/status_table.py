# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a table of how the stacks of a run are doing."""

from __future__ import annotations

DOCUMENTATION = r"""
name: status_table
author: envforge.terraform authors (@envforge)
version_added: 1.1.0
short_description: A table of how the stacks of a run are doing
description:
  - One line for each stack with workspace, serial, last change, number of managed resources, drift if somebody looked for
    it, and who holds its lock.
options:
  _input:
    description: What the filter P(envforge.terraform.statuses#filter) returns.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show how the stacks are doing
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts_all | envforge.terraform.statuses(hostvars) | envforge.terraform.status_table }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
  sample:
    - "stack    workspace  serial  last change           resources"
    - "network  default        12  2026-11-21T15:30:00Z         14"
"""

from typing import TYPE_CHECKING

from ansible_collections.envforge.terraform.plugins.module_utils._statuses import status_table

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterModule:
    """What Ansible asks for filters."""

    def filters(self) -> dict[str, Callable[..., list[str]]]:
        return {"status_table": status_table}
