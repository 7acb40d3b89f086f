#!/usr/bin/python
# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_health: HTTP checks of what a stack brought into the world."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tf_health
version_added: 1.1.0
short_description: Check over HTTP that what a Terraform stack made works
description:
  - Sends requests to addresses that outputs of the stack name, and fails unless every answer is as wanted.
  - A check that does not succeed is tried again. The checks are made one after the other, all of them.
  - Nothing of an answer but its status is returned. Values of sensitive outputs are masked in messages.
author:
  - envforge.terraform authors (@envforge)
extends_documentation_fragment:
  - envforge.terraform.stack
attributes:
  check_mode:
    support: full
    description: Sends no request, and says which addresses would be checked.
  diff_mode:
    support: none
    description: Only reads.
options:
  checks:
    description: The checks.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What the check is called in messages. The default is its address.
        type: str
      url:
        description:
          - The address. C(${…}) stands for an expression over the outputs, as in
            O(envforge.terraform.tf_outputs_to_env#module:dotenv.variables); C($${) for a literal C(${).
          - Without an expression no process is started.
        type: str
        required: true
      status:
        description: The statuses of a good answer.
        type: list
        elements: int
        default: [200]
      contains:
        description: A text that the body must contain. The first mebibyte of it is looked at.
        type: str
      matches:
        description: A regular expression that must match somewhere in the body.
        type: str
      method:
        description: The method of the request.
        type: str
        choices: [GET, HEAD, POST]
        default: GET
      headers:
        description:
          - Headers of the request. Values may hold C(${…}), and are masked in results.
          - They are sent to the scheme, host and port of O(checks[].url) only, and no longer after a redirect to others.
        type: dict
      retries:
        description: How many more attempts there are after the first one.
        type: int
        default: 5
      delay:
        description: Seconds between two attempts.
        type: float
        default: 5
      timeout:
        description: Seconds to wait for an answer.
        type: float
        default: 10
      follow_redirects:
        description: Ask the address that a redirect names, ten of them at most, instead of taking the redirect for the answer.
        type: bool
        default: false
      validate_certs:
        description: Demand a certificate that is valid and trusted.
        type: bool
        default: true
      ca_path:
        description: A file of certificates to trust, beside those of the system.
        type: path
seealso:
  - module: envforge.terraform.tf_output_info
"""

EXAMPLES = r"""
- name: Wait until the load balancer answers
  envforge.terraform.tf_health:
    project_path: stacks/ticketing
    data_dir: .envforge/prod/ticketing
    environment: prod
    stack: ticketing
    backend_config: "{{ backend.backend_config | combine({'key': 'prod/ticketing/terraform.tfstate'}) }}"
    checks:
      - url: "${alb_url}/health"
        contains: '"status":"ok"'
        retries: 30
        delay: 10
"""

RETURN = r"""
checks:
  description:
    - Each check with the status of the last answer, V(null) without one, and the number of attempts.
    - C(reason) says why it failed, and is empty when it did not.
  returned: always
  type: list
  elements: dict
  sample:
    - name: https://tickets.example.com/health
      url: https://tickets.example.com/health
      status: 200
      attempts: 1
      reason: ""
predictable:
  description: V(false) in check mode when an output that a check needs does not exist yet.
  returned: success
  type: bool
  sample: true
terraform_calls:
  description: How many processes were started.
  returned: always
  type: int
  sample: 1
"""

from ansible_collections.envforge.terraform.plugins.module_utils._arguments import CHECK, STACK
from ansible_collections.envforge.terraform.plugins.module_utils._front import run_module
from ansible_collections.envforge.terraform.plugins.module_utils._stack.health import health_core

ARGUMENTS = {
    "argument_spec": {**STACK, "checks": {"type": "list", "elements": "dict", "required": True, "options": CHECK}},
    "supports_check_mode": True,
}


def main() -> None:
    run_module(ARGUMENTS, health_core)


if __name__ == "__main__":
    main()
