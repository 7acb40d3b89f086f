#!/usr/bin/python
# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_outputs_to_env: outputs of a stack as a .env file."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tf_outputs_to_env
version_added: 1.0.0
short_description: Write outputs of a Terraform stack to a .env file
description:
  - Reads the outputs itself, so that sensitive values never travel through Ansible variables.
  - Merges its keys into the file. Foreign keys, comments, order and line ends stay as they are.
  - Each value is written in the simplest spelling that the dialect reads back exactly, and what was written is read back before
    it replaces the file. A value that the dialect cannot carry is refused by the name of its key.
  - The file is replaced in one step, and is as it was after any failure.
author:
  - envforge.terraform authors (@envforge)
extends_documentation_fragment:
  - envforge.terraform.stack
  - envforge.terraform.stack.variables
attributes:
  check_mode:
    support: full
    description: Writes nothing. See O(outputs_pending) for outputs that an apply is going to change.
  diff_mode:
    support: full
    description: Names of keys only, never a value.
options:
  plan_file:
    description:
      - The plan file that M(envforge.terraform.tf_apply) kept. It is removed on every way out.
      - A plan without changes holds all outputs, and reading it sends no request. Otherwise the outputs come from the state.
      - It is also where values of input variables come from that are in no O(variables) and O(secret_variables).
    type: path
  outputs_pending:
    description: Set in check mode when the outputs are about to change, so that the prediction says so.
    type: bool
    default: false
  dotenv:
    description: The file and what to write into it.
    type: dict
    required: true
    suboptions:
      path:
        description:
          - The file. Missing directories are created.
          - Where it is a symbolic link, the file it leads to is written.
        type: path
        required: true
      dialect:
        description:
          - Which reader the file is for. V(portable) can be read by bash, dash, python-dotenv, the npm package dotenv,
            compose and systemd alike, and refuses the few values for which there is no such spelling.
          - V(docker) is for C(docker run --env-file), which knows no quotes and no line breaks.
        type: str
        choices: [bash, posix, python-dotenv, node, compose, docker, systemd, portable]
        default: portable
      variables:
        description:
          - Keys and their values. A value is text with C(${…}) expressions, C($${) standing for a literal C(${).
          - Expressions are Jinja2's, with its filters, over the outputs by name and C(var.NAME) for input variables, secret ones
            included.
        type: dict
        default: {}
      template:
        description: A Jinja2 template of a .env file, rendered over the same names. Quoting is done again for the dialect.
        type: path
      outputs:
        description:
          - V(all) writes every output, its name in upper case. Lists and maps become JSON.
          - An output whose name ends in C(env_vars) and which is a map, or text in .env form, is merged key by key instead.
          - V(env_vars) merges only outputs of this kind, and leaves all others out.
        type: str
        choices: [all, env_vars]
      prefix:
        description: Stands before the names of O(dotenv.outputs).
        type: str
        default: ""
      prune:
        description: Remove keys that were written before and are not wanted any more.
        type: bool
        default: false
      required:
        description: Keys that must be in the file with a value.
        type: list
        elements: str
        default: []
      mode:
        description: Permissions of the file, as an octal number in quotes.
        type: str
        default: "0600"
      allow_tracked:
        description: Write a file that git tracks.
        type: bool
        default: false
"""

EXAMPLES = r"""
- name: Write the application's .env
  envforge.terraform.tf_outputs_to_env:
    project_path: stacks/ticketing
    data_dir: .envforge/prod/ticketing
    environment: prod
    stack: ticketing
    backend_config: "{{ backend.backend_config | combine({'key': 'prod/ticketing/terraform.tfstate'}) }}"
    secret_variables: [db_password]
    dotenv:
      path: apps/ticketing/.env
      required: [DATABASE_URL]
      variables:
        DATABASE_URL: "postgres://app:${var.db_password | urlencode}@${db_endpoint}/tickets"
        S3_BUCKET: "${s3_bucket_name}"
        STORAGE_TYPE: s3
"""

RETURN = r"""
dotenv_file:
  description: The file, behind any link.
  returned: success
  type: str
  sample: /srv/deploy/apps/ticketing/.env
added:
  description: Keys that were not in the file before.
  returned: success
  type: list
  elements: str
  sample: [DATABASE_URL]
updated:
  description: Keys whose value is new.
  returned: success
  type: list
  elements: str
  sample: [S3_BUCKET]
removed:
  description: Keys that were removed, because they are not wanted any more.
  returned: success
  type: list
  elements: str
  sample: []
duplicates:
  description: Keys that stood in the file more than once. The last line was kept.
  returned: success
  type: list
  elements: str
  sample: []
predictable:
  description: V(false) when the outputs are about to change, so that values are not known yet.
  returned: success
  type: bool
  sample: true
terraform_calls:
  description: How many processes were started.
  returned: always
  type: int
  sample: 1
"""

from ansible_collections.envforge.terraform.plugins.module_utils._arguments import DOTENV, STACK, VARIABLES
from ansible_collections.envforge.terraform.plugins.module_utils._front import run_module
from ansible_collections.envforge.terraform.plugins.module_utils._stack.dotenv import outputs_to_env_core

ARGUMENTS = {
    "argument_spec": {
        **STACK,
        **VARIABLES,
        "plan_file": {"type": "path"},
        "outputs_pending": {"type": "bool", "default": False},
        "dotenv": DOTENV,
    },
    "supports_check_mode": True,
}


def main() -> None:
    run_module(ARGUMENTS, outputs_to_env_core)


if __name__ == "__main__":
    main()
