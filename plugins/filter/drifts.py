# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gathers what looking for drift has found."""

from __future__ import annotations

DOCUMENTATION = r"""
name: drifts
author: envforge.terraform authors (@envforge)
version_added: 1.1.0
short_description: What looking for drift has found in the stacks of a run
description:
  - Gathers the registered variable C(drift_result) of every stack; for a stack without one, why it has none.
  - Nothing in it is the value of an attribute.
positional: _input, hostvars, order
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
  order:
    description:
      - The result of M(envforge.terraform.tf_order). With it, a stack that was not touched says why.
      - An empty one is the same as none.
    type: dict
seealso:
  - plugin: envforge.terraform.drift_report
    plugin_type: filter
    description: Makes a report of it.
"""

EXAMPLES = r"""
- name: Write down which stacks have drifted
  ansible.builtin.copy:
    content: "{{ ansible_play_hosts_all | envforge.terraform.drifts(hostvars) | to_nice_json }}"
    dest: drift.json
    mode: "0644"
  run_once: true
"""

RETURN = r"""
_value:
  description:
    - C(summary), how many stacks are C(clean), C(drifted) and C(failed).
    - C(stacks), for each its name as C(stack), its C(environment), its C(status), its C(drift) as
      RV(envforge.terraform.tf_plan#module:drift) has it, and why it could not be looked at as C(msg).
  type: dict
  sample:
    summary: {clean: 0, drifted: 1, failed: 0}
    stacks:
      - stack: app
        environment: prod
        status: drifted
        drift: [{address: aws_sqs_queue.jobs, actions: [update], attributes: [visibility_timeout_seconds]}]
        msg: ""
"""

from typing import TYPE_CHECKING

from ansible_collections.envforge.terraform.plugins.module_utils._drifts import drifts

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class FilterModule:
    """What Ansible asks for filters."""

    def filters(self) -> dict[str, Callable[..., dict[str, Any]]]:
        return {"drifts": drifts}
