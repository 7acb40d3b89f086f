#!/usr/bin/python
# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of the action tf_order; there is no module to run."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tf_order
author: envforge.terraform authors (@envforge)
version_added: 1.0.0
short_description: Order the stacks of the inventory by their dependencies
description:
  - Reads C(tf_depends_on) of every stack and returns the order in which those of this run are to be worked on.
  - Refuses a name that no stack has and a cycle, anywhere in the inventory, before anything else has happened.
  - A stack outside C(--limit) is taken as applied, with a warning; the stacks it needs itself are still waited for.
  - Also says which stack is to make a backend that several stacks share. Stacks share a backend when they have the same
    C(tf_backend), C(tf_region), C(tf_account_id) and C(tf_process_environment).
  - It only reads variables, so it can be run once for all hosts.
options:
  group:
    description: The group whose hosts are stacks.
    type: str
    default: stacks
  backwards:
    description: Order for tearing down, every stack after those that need it.
    type: bool
    default: false
attributes:
  check_mode:
    description: Makes no changes, so that check mode makes no difference.
    support: full
  diff_mode:
    description: There is nothing to show.
    support: none
  action:
    description: Runs on the controller, as only that knows the variables of every host.
    support: full
seealso:
  - plugin: envforge.terraform.refusal
    plugin_type: filter
    description: Tells from the order and from what has happened so far, why a stack must not be touched.
"""

EXAMPLES = r"""
- name: Order the stacks
  envforge.terraform.tf_order:
  run_once: true
  register: tf_order

- name: Work on the stacks, wave by wave
  ansible.builtin.include_tasks: wave.yml
  loop: "{{ tf_order.waves }}"
  loop_control:
    loop_var: tf_wave
"""

RETURN = r"""
waves:
  description: Stacks that can be worked on at the same time, in the order of their turns.
  returned: success
  type: list
  elements: list
  sample: [[network], [app, jobs]]
needs:
  description:
    - For each stack the stacks of this run that must have succeeded before its turn.
    - With O(backwards) these are the stacks that need it.
  returned: success
  type: dict
  sample: {app: [network], jobs: [network], network: []}
leader:
  description: For each stack the one that makes the backend they share, possibly itself.
  returned: success
  type: dict
  sample: {app: network, jobs: network, network: network}
refused:
  description: For each stack that cannot be worked on, because its variables are incomplete, a sentence that says why.
  returned: success
  type: dict
  sample: {}
checked:
  description: Stacks of this run that define C(tf_health).
  returned: success
  type: list
  elements: str
  sample: [app]
  version_added: 1.1.0
notices:
  description: What to know about stacks outside this run. Also returned as warnings.
  returned: success
  type: list
  elements: str
  sample: ["network is not in this run and taken as applied, for app."]
"""

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    module = AnsibleModule(
        argument_spec={"group": {"type": "str", "default": "stacks"}, "backwards": {"type": "bool", "default": False}},
        supports_check_mode=True,
    )
    module.fail_json(msg="tf_order runs on the controller, as an action; this file only documents it.")


if __name__ == "__main__":
    main()
