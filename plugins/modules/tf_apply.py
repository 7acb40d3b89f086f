#!/usr/bin/python
# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_apply: applies a plan file, or plans and applies."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tf_apply
version_added: 1.0.0
short_description: Apply a Terraform stack
description:
  - Applies a plan file that M(envforge.terraform.tf_plan) made, or plans, checks the guards and applies in one.
  - A plan file made for another environment, stack, workspace, backend, root module, engine or set of variables is refused
    before any process is started.
  - A plan that has become stale in between is made again once, when this module made it. A saved one is refused.
  - After a failed apply the result says what was done and what was not. A state that Terraform could not store is moved to
    O(data_dir), and no later run goes on before it was pushed.
  - An interrupt lets Terraform finish what it is doing and save its state.
author:
  - envforge.terraform authors (@envforge)
extends_documentation_fragment:
  - envforge.terraform.stack
  - envforge.terraform.stack.variables
  - envforge.terraform.stack.plan
  - envforge.terraform.stack.attributes
options:
  plan_file:
    description:
      - Apply this plan file, and remove it afterwards.
      - O(guards), O(targets), O(replace), O(destroy) and O(refresh) have no effect then. They belong to the plan.
    type: path
  keep_plan:
    description: Leave the plan file for M(envforge.terraform.tf_outputs_to_env), which removes it.
    type: bool
    default: false
notes:
  - On one machine only one apply at a time works in a root module. Others wait.
  - The C(timeout) of a task stops Terraform cleanly only where the module runs on the controller.
seealso:
  - module: envforge.terraform.tf_plan
"""

EXAMPLES = r"""
- name: Plan, check the guards and apply
  envforge.terraform.tf_apply:
    project_path: stacks/ticketing
    data_dir: .envforge/prod/ticketing
    environment: prod
    stack: ticketing
    backend_config: "{{ backend.backend_config | combine({'key': 'prod/ticketing/terraform.tfstate'}) }}"
    var_files: [environments/prod.tfvars]
    secret_variables: [db_password]
    guards:
      max_delete: 0

- name: Apply a plan file that somebody has read
  envforge.terraform.tf_apply:
    project_path: stacks/ticketing
    data_dir: .envforge/prod/ticketing
    environment: prod
    stack: ticketing
    backend_config: "{{ backend.backend_config | combine({'key': 'prod/ticketing/terraform.tfstate'}) }}"
    plan_file: "{{ plan.plan_file }}"
"""

RETURN = r"""
applied:
  description: Addresses of the resources that were changed, in the order of their completion.
  returned: success, and after a failed apply
  type: list
  elements: str
  sample: ["terraform_data.release", "module.network.terraform_data.subnet[0]"]
not_applied:
  description: Addresses of the planned changes that were not carried out.
  returned: after a failed apply
  type: list
  elements: str
  sample: ["terraform_data.dns"]
errored_state:
  description: Where the state is that Terraform could not store.
  returned: after an apply that could not store its state, and until that is pushed
  type: str
  sample: /srv/deploy/.envforge/prod/ticketing/20260112T101112-4711-errored.tfstate
plan_file:
  description: The plan file that was kept, V(null) when there is none.
  returned: success
  type: str
  sample: null
predictable:
  description: V(false) in check mode when the stack reads a state that does not exist yet. Nothing is known then.
  returned: success
  type: bool
  sample: true
summary:
  description: How many changes of each kind the plan had. Not returned for a saved plan.
  returned: success, without O(plan_file)
  type: dict
  sample: {"create": 2, "update": 0, "replace": 1, "delete": 0, "import": 0, "move": 0, "forget": 0, "read": 0}
resource_changes:
  description: Every resource that the plan changes, with Terraform's own words for actions and reason.
  returned: success, without O(plan_file)
  type: list
  elements: dict
  sample: [{"address": "terraform_data.release", "actions": ["create"], "reason": null}]
output_changes:
  description: Every output that the plan changes, with its actions.
  returned: success, without O(plan_file)
  type: dict
  sample: {"url": ["create"]}
drift:
  description: Objects that were changed outside of Terraform.
  returned: success, without O(plan_file)
  type: list
  elements: dict
  sample: []
diagnostics:
  description: Terraform's warnings, or its errors after a failure.
  returned: always
  type: list
  elements: dict
  sample: []
terraform_calls:
  description: How many processes were started.
  returned: always
  type: int
  sample: 3
"""

from ansible_collections.envforge.terraform.plugins.module_utils._arguments import PLAN, STACK, VARIABLES
from ansible_collections.envforge.terraform.plugins.module_utils._front import run_module
from ansible_collections.envforge.terraform.plugins.module_utils._stack.applying import apply_core

ARGUMENTS = {
    "argument_spec": {
        **STACK,
        **VARIABLES,
        **PLAN,
        "plan_file": {"type": "path"},
        "keep_plan": {"type": "bool", "default": False},
    },
    "supports_check_mode": True,
}


def main() -> None:
    run_module(ARGUMENTS, apply_core)


if __name__ == "__main__":
    main()
