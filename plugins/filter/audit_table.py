# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes lines for a terminal of audited backends."""

from __future__ import annotations

DOCUMENTATION = r"""
name: audit_table
author: envforge.terraform authors (@envforge)
version_added: 1.0.0
short_description: Lines about the audited backends of a run
description:
  - For each backend whether it is as wanted, what is not, how much it stores, and the oldest lock in it.
options:
  _input:
    description: What the filter P(envforge.terraform.audits#filter) returns.
    type: list
    elements: dict
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
  description: The lines.
  type: list
  elements: str
  sample:
    - "tfstate-prod-us-east-1 (network, ticketing): 1 setting is not as wanted"
    - "  bucket tfstate-prod-us-east-1: turn on versioning"
    - "  stored: 18.2 kB in 4 versions of 2 objects, 8.1 kB of it no longer current"
    - "  key rotation: on"
    - "  locks: none"
"""

from typing import TYPE_CHECKING

from ansible_collections.envforge.terraform.plugins.module_utils._audits import audit_table

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterModule:
    """What Ansible asks for filters."""

    def filters(self) -> dict[str, Callable[..., list[str]]]:
        return {"audit_table": audit_table}
