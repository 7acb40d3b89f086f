#!/usr/bin/python
# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_state: back up and restore the state of a stack, and move or remove what is in it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tf_state
version_added: 1.1.0
short_description: Back up, restore and edit the state of a Terraform stack
description:
  - Works on a state that lies in S3 or in a local file. It changes what Terraform knows, never a real object.
  - Every change is made under Terraform's own lock. The present state is kept first, and RV(backup) says where. In a
    bucket with versions that is its present version, elsewhere a V(0600) file in the C(backups) directory of O(data_dir).
  - The new state is written in one step, only over the state that was looked at, with a higher serial and its digest in
    the lock table. It is read back, and Terraform is asked whether it sees it. If not, the former state is written again.
  - A run that is killed leaves the old or the new state, whole, and a lock that says what was being done.
    M(envforge.terraform.tf_lock) releases it, and finishes what is left to be done.
author:
  - envforge.terraform authors (@envforge)
extends_documentation_fragment:
  - envforge.terraform.stack
  - envforge.terraform.stack.variables
attributes:
  check_mode:
    support: full
    description:
      - Writes nothing. Everything that would be refused is refused, and the result is that of a real run.
      - With O(require_no_changes) the plan is made on a copy of the new state, in a mirror of the root module. A
        configuration that uses absolute paths may be planned differently there.
  diff_mode:
    support: full
    description: Serial, lineage and addresses before and after, names of attributes that differ, no value of one.
options:
  backup:
    description:
      - Copy the present state. A copy is named by its serial and content, so the same state is copied once.
      - Without a state nothing is done.
    type: dict
    suboptions:
      to:
        description:
          - Where to, a V(0600) file or an object in the bucket of the state.
          - The default is V(bucket) for a state in S3 unless O(backup.path) is set, else V(file).
        type: str
        choices: [file, bucket]
      path:
        description:
          - The file. The default is one in the C(backups) directory of O(data_dir).
          - A file that holds something else is not overwritten.
        type: path
      key:
        description: The object. The default is one below C(backups/) and the key of the state.
        type: str
  restore:
    description:
      - Put an earlier state in place of the present one, or of one that was deleted.
      - One of O(restore.version_id), O(restore.at), O(restore.path), O(restore.key) and O(restore.errored) says which.
        Without any of them it fails, and lists what there is.
      - If that is the present state already, only a digest in the lock table that is not its own is put right.
    type: dict
    suboptions:
      version_id:
        description: A version that the bucket keeps of the state.
        type: str
      at:
        description: The version that was current at this time, in ISO 8601, UTC unless it says otherwise.
        type: str
      path:
        description: A file.
        type: path
      key:
        description: An object in the bucket of the state, such as a backup.
        type: str
      errored:
        description:
          - The C(errored.tfstate) of a failed apply, of this stack and newer than its state. It is moved to the backups then.
          - A note beside it says of which workspace and where in the backend it is. Another one has to restore it there.
          - One that cannot be read is left where it is, with a warning. It is to be moved away.
          - Nothing is done if there is none.
        type: bool
        default: false
      force:
        description:
          - Restore also a state of another lineage, and an C(errored.tfstate) that is older than the state.
          - Also one that another workspace left, or an apply with another backend.
          - Before the first apply of a stack, also one of which nothing says whose it is.
        type: bool
        default: false
      rehearse:
        description:
          - Put the state into a scratch place instead, and fail unless a plan there is without changes.
          - The default is the newest backup then. A stack that never had a state needs none.
          - The live state is not touched, nor locked.
        type: bool
        default: false
  move:
    description:
      - Addresses to move, of instances, resources or modules, in this order and written at once.
      - One that is in the state only under its new address was moved already.
    type: list
    elements: dict
    suboptions:
      from:
        description: The address now.
        type: str
        required: true
      to:
        description: The address wanted.
        type: str
        required: true
  remove:
    description: Addresses to forget. The real objects stay, and Terraform does not manage them any more.
    type: list
    elements: str
  ignore_missing:
    description: Do not fail for addresses in O(remove) that are not in the state, so that a second run changes nothing.
    type: bool
    default: false
  require_no_changes:
    description:
      - With O(move), O(remove) and O(restore), plan under the same lock, and write the former state again if the plan has
        changes.
    type: bool
    default: false
seealso:
  - module: envforge.terraform.tf_state_info
  - module: envforge.terraform.tf_lock
"""

EXAMPLES = r"""
- name: Back up the state to its bucket
  envforge.terraform.tf_state:
    project_path: stacks/ticketing
    data_dir: .envforge/prod/ticketing
    environment: prod
    stack: ticketing
    backend_config: "{{ backend.backend_config | combine({'key': 'prod/ticketing/terraform.tfstate'}) }}"
    backup:
      to: bucket

- name: Go back to the state of yesterday evening
  envforge.terraform.tf_state:
    project_path: stacks/ticketing
    data_dir: .envforge/prod/ticketing
    environment: prod
    stack: ticketing
    backend_config: "{{ backend.backend_config | combine({'key': 'prod/ticketing/terraform.tfstate'}) }}"
    restore:
      at: "2026-11-20T18:00:00Z"

- name: Follow a resource into a module, and only if nothing else changes
  envforge.terraform.tf_state:
    project_path: stacks/ticketing
    data_dir: .envforge/prod/ticketing
    environment: prod
    stack: ticketing
    backend_config: "{{ backend.backend_config | combine({'key': 'prod/ticketing/terraform.tfstate'}) }}"
    move:
      - from: aws_sqs_queue.orders
        to: module.orders.aws_sqs_queue.this
    require_no_changes: true
"""

RETURN = r"""
address:
  description: Where the state lies.
  returned: success
  type: str
  sample: s3://tfstate-prod/prod/ticketing/terraform.tfstate
backup:
  description:
    - Where the state that was there before will be found, or would be in check mode.
    - Null when nothing was changed, or when there was no state.
  returned: success
  type: str
  sample: s3://tfstate-prod/prod/ticketing/terraform.tfstate?versionId=5c5e2f3c-8a0b-4a3a-9f5c-2f2b4a0a5a11
serial:
  description: The serial of the state now.
  returned: success, when known
  type: int
  sample: 13
lineage:
  description: The lineage of the state now.
  returned: success, when known
  type: str
  sample: aa012de6-c2ef-e014-4e6f-448a370be800
source:
  description: What was restored.
  returned: with O(restore)
  type: str
  sample: version 5c5e2f3c-8a0b-4a3a-9f5c-2f2b4a0a5a11 of s3://tfstate-prod/prod/ticketing/terraform.tfstate
resources:
  description: The addresses in the restored state.
  returned: with O(restore)
  type: list
  elements: str
  sample: [aws_sqs_queue.orders]
moved:
  description: What was moved; what had been moved before is not among it.
  returned: with O(move)
  type: list
  elements: dict
  sample: [{from: aws_sqs_queue.orders, to: module.orders.aws_sqs_queue.this}]
removed:
  description: The addresses of the instances that were forgotten.
  returned: with O(remove)
  type: list
  elements: str
  sample: [aws_sqs_queue.orders]
versions:
  description: The versions that are kept, as M(envforge.terraform.tf_state_info) lists them.
  returned: when no state to restore was named, or none is found
  type: list
  elements: dict
  sample: []
backups:
  description: The backups that are kept, as M(envforge.terraform.tf_state_info) lists them.
  returned: when no state to restore was named
  type: list
  elements: dict
  sample: []
resource_changes:
  description: What the plan would do, with address and actions.
  returned: with O(require_no_changes), or O(restore.rehearse)
  type: list
  elements: dict
  sample: []
summary:
  description: The number of changes of each kind in that plan.
  returned: with O(require_no_changes), or O(restore.rehearse)
  type: dict
  sample: {create: 0, update: 0, replace: 0, delete: 0, import: 0, move: 0, forget: 0, read: 0}
terraform_calls:
  description: How many processes were started.
  returned: always
  type: int
  sample: 1
"""

from ansible_collections.envforge.terraform.plugins.module_utils._arguments import STACK, STATE, VARIABLES
from ansible_collections.envforge.terraform.plugins.module_utils._front import run_module
from ansible_collections.envforge.terraform.plugins.module_utils._state.state import state_core

ONE = ("backup", "restore", "move", "remove")
ARGUMENTS = {
    "argument_spec": {**STACK, **VARIABLES, **STATE},
    "mutually_exclusive": [ONE],
    "required_one_of": [ONE],
    "supports_check_mode": True,
}


def main() -> None:
    run_module(ARGUMENTS, state_core)


if __name__ == "__main__":
    main()
