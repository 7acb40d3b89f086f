#!/usr/bin/python
# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_plan: a plan file and what it would do."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tf_plan
version_added: 1.0.0
short_description: Plan a Terraform stack
description:
  - Makes a plan file, says what it would do, and checks the guards.
  - The stack is initialised first if that is needed, as M(envforge.terraform.tf_workspace) does.
  - The plan file is bound to its environment, stack, workspace, backend, engine and variables by a record beside it, and
    M(envforge.terraform.tf_apply) applies it nowhere else. Both hold secrets. They have mode V(0600).
  - RV(ignore:changed) says whether there are changes, those of outputs and moved addresses included.
author:
  - envforge.terraform authors (@envforge)
extends_documentation_fragment:
  - envforge.terraform.stack
  - envforge.terraform.stack.variables
  - envforge.terraform.stack.plan
  - envforge.terraform.stack.attributes
options:
  plan_file:
    description: Where to write the plan. The default is C(plan.tfplan) in O(data_dir).
    type: path
  read_only:
    description:
      - Send no write request to the backend, not even for a lock. The plan file is written all the same.
      - When the state does not exist yet, the plan is only a prediction, and no plan file is written.
    type: bool
    default: false
  refresh_only:
    description:
      - Plan no change of any object, only look for drift. RV(ignore:changed) then says whether there is any.
      - Attributes that are null in the state and empty in reality are no drift, nor are moved addresses.
      - A stack that was never applied has no drift. One whose state is gone, while earlier versions of it list resources, is an
        error.
      - Applying such a plan takes the drift over into the state.
    type: bool
    default: false
    version_added: 1.1.0
seealso:
  - module: envforge.terraform.tf_apply
"""

EXAMPLES = r"""
- name: Plan the stack and refuse to delete a database
  envforge.terraform.tf_plan:
    project_path: stacks/ticketing
    data_dir: .envforge/prod/ticketing
    environment: prod
    stack: ticketing
    backend_config: "{{ backend.backend_config | combine({'key': 'prod/ticketing/terraform.tfstate'}) }}"
    var_files: [environments/prod.tfvars]
    secret_variables: [db_password]
    guards:
      deny_delete: ["*aws_db_instance.*"]
  register: plan

- name: Look for drift, and write nothing
  envforge.terraform.tf_plan:
    project_path: stacks/ticketing
    data_dir: .envforge/prod/ticketing
    environment: prod
    stack: ticketing
    backend_config: "{{ backend.backend_config | combine({'key': 'prod/ticketing/terraform.tfstate'}) }}"
    var_files: [environments/prod.tfvars]
    refresh_only: true
  check_mode: true
  register: looked_at
"""

RETURN = r"""
plan_file:
  description: The plan file, V(null) in check mode and for a mere prediction.
  returned: success
  type: str
  sample: /srv/deploy/.envforge/prod/ticketing/plan.tfplan
predictable:
  description: V(false) in check mode when the stack reads a state that does not exist yet. Nothing is known then.
  returned: success
  type: bool
  sample: true
summary:
  description: How many changes of each kind there are.
  returned: success
  type: dict
  sample: {"create": 2, "update": 0, "replace": 1, "delete": 0, "import": 0, "move": 0, "forget": 0, "read": 0}
resource_changes:
  description: Every resource that would change, with Terraform's own words for actions and reason.
  returned: success
  type: list
  elements: dict
  sample: [{"address": "terraform_data.release", "actions": ["delete", "create"], "reason": "replace_by_triggers"}]
output_changes:
  description: Every output that would change, with its actions.
  returned: success
  type: dict
  sample: {"url": ["update"]}
drift:
  description:
    - Objects that were changed outside of Terraform, and the names of their attributes that differ.
    - The names are missing when a plan other than one with O(refresh_only) has no changes, because it is not read then.
  returned: success
  type: list
  elements: dict
  sample: [{"address": "aws_sqs_queue.jobs", "actions": ["update"], "attributes": ["visibility_timeout_seconds"]}]
not_found:
  description: Addresses in O(replace) that name no object of the stack.
  returned: when there is one
  type: list
  elements: str
  sample: [aws_iam_access_key.ap]
diagnostics:
  description: Terraform's warnings, or its errors after a failure.
  returned: always
  type: list
  elements: dict
  sample:
    - severity: warning
      summary: Check block assertion failed
      detail: The certificate expires soon.
      file: main.tf
      line: 12
      address: null
guards:
  description: The guards that fired, with the addresses each fired on.
  returned: when a guard fired
  type: list
  elements: dict
  sample: [{"rule": "max_delete: 0", "addresses": ["aws_db_instance.main"]}]
locks:
  description: Who holds the lock of the state.
  returned: when the state is locked
  type: list
  elements: dict
  sample:
    - id: 1d2c3b4a-0000-1111-2222-333344445555
      operation: OperationTypeApply
      who: deploy@runner-7
      version: 1.11.4
      created: "2026-01-12T10:11:12Z"
      path: tfstate-prod-us-east-1/prod/ticketing/terraform.tfstate
      info: ""
      mechanism: dynamodb
terraform_calls:
  description: How many processes were started.
  returned: always
  type: int
  sample: 2
"""

from ansible_collections.envforge.terraform.plugins.module_utils._arguments import PLAN, STACK, VARIABLES
from ansible_collections.envforge.terraform.plugins.module_utils._front import run_module
from ansible_collections.envforge.terraform.plugins.module_utils._stack.planning import plan_core

ARGUMENTS = {
    "argument_spec": {
        **STACK,
        **VARIABLES,
        **PLAN,
        "plan_file": {"type": "path"},
        "read_only": {"type": "bool", "default": False},
        "refresh_only": {"type": "bool", "default": False},
    },
    "supports_check_mode": True,
}


def main() -> None:
    run_module(ARGUMENTS, plan_core)


if __name__ == "__main__":
    main()
