# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the stacks that a lock is about."""

from __future__ import annotations

DOCUMENTATION = r"""
name: locked_by
author: envforge.terraform authors (@envforge)
version_added: 1.1.0
short_description: The stacks that a lock ID locks
description:
  - The stacks whose state is locked by this ID, as M(envforge.terraform.tf_lock_info) has seen it (registered as
    C(lock_info)).
  - All of them when there is no ID, or when it locks none, so that each of them says by what it is locked.
positional: _input, hostvars, lock_id
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
  lock_id:
    description: The ID.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Say whose lock that is
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts_all | envforge.terraform.locked_by(hostvars, '5e3a8a1c-9a3d-2b56-5a1b-1d5f8a3f7c10') }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: Names of stacks.
  type: list
  elements: str
  sample: [app]
"""

from typing import TYPE_CHECKING

from ansible_collections.envforge.terraform.plugins.module_utils._locks import locked_by

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterModule:
    """What Ansible asks for filters."""

    def filters(self) -> dict[str, Callable[..., list[str]]]:
        return {"locked_by": locked_by}
