# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collects what the audited backends of a run are like."""

from __future__ import annotations

DOCUMENTATION = r"""
name: audits
author: envforge.terraform authors (@envforge)
version_added: 1.0.0
short_description: What the audited backends of a run are like
description:
  - One entry for each backend, from the variables C(backend_audit_result) and C(tf_refused) of its stacks.
positional: _input, hostvars
options:
  _input:
    description: Names of stacks.
    type: list
    elements: str
    required: true
  hostvars:
    description: The variable C(hostvars).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what the backends are like
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts_all | envforge.terraform.audits(hostvars) | envforge.terraform.audit_table }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: One entry for each backend. C(msg) says why it could not be looked at, else it is empty.
  type: list
  elements: dict
  sample:
    - backend: tfstate-prod-us-east-1
      stacks: [network, ticketing]
      msg: ""
      exists: true
      steps: []
      key_rotation: true
      usage:
        bytes: 18231
        locks: 0
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.envforge.terraform.plugins.module_utils._audits import audits

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterModule:
    """What Ansible asks for filters."""

    def filters(self) -> dict[str, Callable[..., list[dict[str, Any]]]]:
        return {"audits": audits}
