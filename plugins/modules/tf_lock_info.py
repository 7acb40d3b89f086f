#!/usr/bin/python
# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_lock_info: who holds the lock of a state."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tf_lock_info
version_added: 1.1.0
short_description: See who holds the lock of a Terraform state
description:
  - Says who holds the lock of a stack's state, since when, for which operation and by which mechanism, and whether the digest
    in the lock table is that of the state.
  - With O(all=true) it lists every lock in the bucket and the lock table of the backend, whichever stack it belongs to.
  - It reads the backend itself and starts no process.
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
  all:
    description:
      - List every lock of the backend, not only those of this stack and workspace.
      - Needs the permissions to list the bucket and to scan the lock table.
    type: bool
    default: false
seealso:
  - module: envforge.terraform.tf_lock
"""

EXAMPLES = r"""
- name: See who is at work
  envforge.terraform.tf_lock_info:
    project_path: stacks/ticketing
    data_dir: .envforge/prod/ticketing
    environment: prod
    stack: ticketing
    backend_config: "{{ backend.backend_config | combine({'key': 'prod/ticketing/terraform.tfstate'}) }}"
  register: ticketing_lock
"""

RETURN = r"""
locked:
  description: Whether there is any lock.
  returned: success
  type: bool
  sample: true
locks:
  description: The locks. One holder has two of them, with the same ID, where both mechanisms are in use.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Its ID, empty when the lock is malformed.
      type: str
    who:
      description: User and machine of the holder.
      type: str
    operation:
      description: What it was taken for, in Terraform's words.
      type: str
    created:
      description: Since when, by the clock of its holder.
      type: str
    age:
      description:
        - The same in seconds, for a lock file in S3 by the clock of S3. C(null) when nobody can say.
      type: int
    mechanism:
      description: V(dynamodb) is a row of the lock table, V(lockfile) an object beside the state, V(lock file) a local file.
      type: str
    malformed:
      description: Whether it cannot be read. Terraform's C(force-unlock) cannot release such a lock.
      type: bool
    version:
      description: The version of the engine, or V(envforge.terraform) for a lock of this collection.
      type: str
    path:
      description: Which state is locked.
      type: str
    info:
      description: What the holder says besides.
      type: str
    doing:
      description: What a run of this collection was doing with the state.
      type: str
    backup:
      description: Where that run had put the state before it.
      type: str
    fingerprint:
      description: What tells this lock from every other one, whatever of it is masked. M(envforge.terraform.tf_lock) compares it.
      type: str
  sample:
    - id: 5e3a8a1c-9a3d-2b56-5a1b-1d5f8a3f7c10
      who: ada@laptop
      operation: OperationTypeApply
      created: "2026-11-02T10:11:12.131415Z"
      age: 7265
      mechanism: dynamodb
      malformed: false
      version: 1.11.4
      path: tfstate-prod-us-east-1/prod/ticketing/terraform.tfstate
      info: ""
      doing: null
      backup: null
      fingerprint: 5d4|7e6|c57|c9c|de7|504|4dc|5ba|39c|2a7
digests:
  description:
    - Digests in the lock table that Terraform would fail on.
    - C(problem) is V(mismatch) when the state has changed without it, V(orphaned) when there is no such state.
  returned: success
  type: list
  elements: dict
  sample:
    - path: tfstate-prod-us-east-1/prod/ticketing/terraform.tfstate
      problem: mismatch
      stored: 5d41402abc4b2a76b9719d911017c592
      actual: 7d793037a0760186574b0282f2f435e7
terraform_calls:
  description: How many processes were started.
  returned: always
  type: int
  sample: 0
"""

from ansible_collections.envforge.terraform.plugins.module_utils._arguments import STACK
from ansible_collections.envforge.terraform.plugins.module_utils._front import run_module
from ansible_collections.envforge.terraform.plugins.module_utils._state.lock_info import lock_info_core

ARGUMENTS = {
    "argument_spec": {**STACK, "all": {"type": "bool", "default": False}},
    "supports_check_mode": True,
}


def main() -> None:
    run_module(ARGUMENTS, lock_info_core)


if __name__ == "__main__":
    main()
