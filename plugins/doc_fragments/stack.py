# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options that say which stack a module works on."""

from __future__ import annotations


class ModuleDocFragment:
    """The fragments C(stack), C(stack.variables), C(stack.plan) and C(stack.attributes)."""

    DOCUMENTATION = r"""
options:
  project_path:
    description:
      - Directory of the root module.
      - A relative path starts at the variable C(tf_root), or at the directory of the playbook named on the command line.
    type: path
    required: true
  data_dir:
    description:
      - Directory of this stack in this environment, for Terraform's own data directory and for plan files.
      - It is created with mode V(0700), and must not be shared with another environment or stack.
    type: path
    required: true
  environment:
    description: Name of the environment. It stands in messages and binds plan files.
    type: str
    required: true
  stack:
    description: Name of the stack. It stands in messages and binds plan files.
    type: str
    required: true
  workspace:
    description: Terraform workspace. It appears in the backend with its first state.
    type: str
    default: default
  backend_type:
    description:
      - Type of the backend block in the root module, for example V(s3), V(local), V(http).
      - V(cloud) stands for a C(cloud) block, which takes no O(backend_config).
    type: str
    default: s3
  backend_config:
    description:
      - Options of the backend, C(key) included, as RV(envforge.terraform.tf_backend#module:backend_config) gives them.
      - Options of the S3 backend are spelled as since Terraform 1.6, and translated for older engines.
      - Do not put credentials here. Terraform stores backend options in clear in O(data_dir).
    type: dict
    default: {}
  binary:
    description:
      - Name or path of the engine.
      - The default is C(terraform) on E(PATH), else C(tofu).
    type: str
  lock_timeout:
    description: Seconds to wait for the lock of the state.
    type: int
    default: 60
  process_environment:
    description:
      - Extra environment variables for Terraform and for AWS calls alike, such as E(AWS_PROFILE) or E(AWS_ENDPOINT_URL).
      - Values are masked in results, except those of well-known variables that hold no secret. One that is part of the name
        of a bucket or table masks that, too, so set such a value elsewhere.
      - E(TF_WORKSPACE), E(TF_DATA_DIR), E(TF_INPUT), E(TF_LOG) and every E(TF_CLI_ARGS) belong to the collection
        and are refused.
    type: dict
    default: {}
"""

    VARIABLES = r"""
options:
  variables:
    description:
      - Values of input variables, of any type. They are written to a V(0600) file, never to a command line.
      - Every name must be declared by the root module.
    type: dict
    default: {}
  var_files:
    description:
      - Variables files, relative to O(project_path), a later one winning over an earlier one.
      - O(variables) and O(secret_variables) win over all files.
    type: list
    elements: str
    default: []
  secret_variables:
    description:
      - Names of input variables whose values are secret.
      - The value is the Ansible variable of that name, else E(TF_VAR_name) from the environment, else it is asked for at a
        terminal, without echo and once per stack and run. Under AWX and ansible-runner nothing is asked.
      - Every such value is masked in everything a task returns or shows, which needs at least four characters.
    type: list
    elements: str
    default: []
  secret_values:
    description: Filled by the action plugin from O(secret_variables). Rarely set by hand.
    type: dict
    default: {}
"""

    PLAN = r"""
options:
  guards:
    description:
      - What the plan must not do; checked before anything is applied.
      - Patterns are shell patterns over addresses. C(aws_db_instance.*) means the root module, and
        C(*aws_db_instance.*) every module.
    type: dict
    default: {}
    suboptions:
      max_delete:
        description: The largest number of objects that may be deleted, replaced ones included.
        type: int
      deny_delete:
        description: Objects that must be neither deleted nor replaced.
        type: list
        elements: str
        default: []
      allow_delete:
        description: The only objects that may be deleted or replaced.
        type: list
        elements: str
      deny_replace:
        description: Objects that must not be replaced.
        type: list
        elements: str
        default: []
      allow_only:
        description: The only kinds of change that may happen.
        type: list
        elements: str
        choices: [create, update, replace, delete]
      allow_addresses:
        description: The only objects that anything may happen to, moves and imports included.
        type: list
        elements: str
  destroy:
    description: Plan to delete everything.
    type: bool
    default: false
  targets:
    description: Addresses to limit the plan to, with what they depend on.
    type: list
    elements: str
    default: []
  replace:
    description: Addresses of objects to replace. One that the plan then neither replaces nor creates is an error.
    type: list
    elements: str
    default: []
  refresh:
    description: Read the real objects before planning.
    type: bool
    default: true
  parallelism:
    description: How many objects Terraform works on at the same time. The default is Terraform's own.
    type: int
  progress:
    description:
      - Show on standard error what Terraform is doing, one line when an object is started and one when it is done.
      - Shown only where the module runs on the controller, and never with C(no_log).
    type: bool
    default: true
"""

    ATTRIBUTES = r"""
attributes:
  check_mode:
    support: full
    description: Predicts the result without writing anything, neither in the backend nor on this machine.
  diff_mode:
    support: full
    description: Returns what would change or has changed, sensitive values masked.
"""

    PROCESS = r"""
options:
  process_environment:
    description:
      - Extra environment variables for AWS calls, such as E(AWS_PROFILE) or E(AWS_ENDPOINT_URL).
      - Values are masked in results, except those of well-known variables that hold no secret. One that is part of the name
        of a bucket or table masks that, too, so set such a value elsewhere.
    type: dict
    default: {}
"""
