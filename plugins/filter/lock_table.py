# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a table of the locks of a run's stacks."""

from __future__ import annotations

DOCUMENTATION = r"""
name: lock_table
author: envforge.terraform authors (@envforge)
version_added: 1.1.0
short_description: A table of the locks of a run
description:
  - One line for each holder of a lock, and for each digest in the lock table that does not belong to its state.
options:
  _input:
    description: What the filter P(envforge.terraform.locks#filter) returns.
    type: list
    elements: dict
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
  description: The lines.
  type: list
  elements: str
  sample:
    - "stack    held by     for     operation           lock ID                               by"
    - "app      ada@laptop  2h 15m  OperationTypeApply  5e3a8a1c-9a3d-2b56-5a1b-1d5f8a3f7c10  dynamodb"
    - "network                                                                                          not locked"
"""

from typing import TYPE_CHECKING

from ansible_collections.envforge.terraform.plugins.module_utils._locks import lock_table

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterModule:
    """What Ansible asks for filters."""

    def filters(self) -> dict[str, Callable[..., list[str]]]:
        return {"lock_table": lock_table}
