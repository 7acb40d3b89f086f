#!/usr/bin/python
# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_output_info: the outputs of a stack as data."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tf_output_info
version_added: 1.0.0
short_description: Read the outputs of a Terraform stack
description:
  - Reads the outputs from the state of a stack. Sensitive ones are masked unless they are asked for.
  - A stack that has no state yet has no outputs. Nothing is created by asking.
author:
  - envforge.terraform authors (@envforge)
extends_documentation_fragment:
  - envforge.terraform.stack
attributes:
  check_mode:
    support: full
    description: Only reads.
  diff_mode:
    support: none
    description: Only reads.
options:
  names:
    description: The outputs to read. The default is all of them.
    type: list
    elements: str
    default: []
  show_sensitive:
    description:
      - Return sensitive values in clear.
      - Set C(no_log) on the task then, or they stand in its result.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Read one output
  envforge.terraform.tf_output_info:
    project_path: stacks/ticketing
    data_dir: .envforge/prod/ticketing
    environment: prod
    stack: ticketing
    backend_config: "{{ backend.backend_config | combine({'key': 'prod/ticketing/terraform.tfstate'}) }}"
    names: [alb_url]
  register: ticketing
"""

RETURN = r"""
outputs:
  description: The outputs by name.
  returned: success
  type: dict
  sample:
    alb_url:
      value: https://tickets.example.com
      sensitive: false
      type: string
    db_password:
      value: (sensitive)
      sensitive: true
      type: string
terraform_calls:
  description: How many processes were started.
  returned: always
  type: int
  sample: 1
"""

from ansible_collections.envforge.terraform.plugins.module_utils._arguments import STACK
from ansible_collections.envforge.terraform.plugins.module_utils._front import run_module
from ansible_collections.envforge.terraform.plugins.module_utils._stack.outputs import output_info_core

ARGUMENTS = {
    "argument_spec": {
        **STACK,
        "names": {"type": "list", "elements": "str", "default": []},
        "show_sensitive": {"type": "bool", "default": False},
    },
    "supports_check_mode": True,
}


def main() -> None:
    run_module(ARGUMENTS, output_info_core)


if __name__ == "__main__":
    main()
