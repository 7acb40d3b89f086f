#!/usr/bin/python
# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_lock: releases the lock of a dead run."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tf_lock
version_added: 1.1.0
short_description: Release the lock of a Terraform state whose holder is dead
description:
  - Releases the lock that a killed run left behind, by its ID or by its age, in the lock table and beside the state alike.
  - Only the lock that was looked at is deleted. One that somebody else takes at the same moment stays.
  - Locks that Terraform's C(force-unlock) cannot name are released too, such as empty ones and halves of one.
  - A digest in the lock table that does not belong to the state, on which Terraform would fail, is put right. That happens
    under the lock of the dead run, or under a lock of its own when there is none.
  - A digest without a state says that the state was lost. It stays, for M(envforge.terraform.tf_state) to restore the state.
    With a lock to release that is a warning, else the task fails.
  - What a killed run of this collection has begun is finished in the same way. RV(released[].backup) says where the state
    before it is.
  - Of a local state it removes the note of a process that has died. It never takes a lock from a living one.
  - Without O(lock_id), O(older_than) and O(force) it releases nothing, and fails when the state is locked.
author:
  - envforge.terraform authors (@envforge)
extends_documentation_fragment:
  - envforge.terraform.stack
attributes:
  check_mode:
    support: full
    description: Says what would be released and repaired, and writes nothing.
  diff_mode:
    support: full
    description: Returns the locks and the digest before and after.
options:
  lock_id:
    description:
      - ID of the lock to release, as Terraform and RV(envforge.terraform.tf_lock_info#module:locks) name it.
      - It fails when the state is locked by another one. A state that nobody has locked is left as it is.
    type: str
  older_than:
    description:
      - Release a lock only if it is at least so old, for example V(90s), V(15m), V(2h), V(1d). A number alone means seconds.
      - It fails when the lock is younger, and when nobody can say how old it is.
    type: str
  force:
    description:
      - Release whatever lock there is, young, unknown or unreadable, with the digest of whatever state is there.
      - Make sure first that nobody is at work.
    type: bool
    default: false
  shown:
    description:
      - The locks that somebody has looked at before, as RV(envforge.terraform.tf_lock_info#module:locks). No other is released,
        not even with O(force). They are known by their C(fingerprint).
      - It fails when the state has been locked since then.
    type: list
    elements: dict
seealso:
  - module: envforge.terraform.tf_lock_info
"""

EXAMPLES = r"""
- name: Release the lock that a removed container left
  envforge.terraform.tf_lock:
    project_path: stacks/ticketing
    data_dir: .envforge/prod/ticketing
    environment: prod
    stack: ticketing
    backend_config: "{{ backend.backend_config | combine({'key': 'prod/ticketing/terraform.tfstate'}) }}"
    lock_id: 5e3a8a1c-9a3d-2b56-5a1b-1d5f8a3f7c10
    older_than: 1h
"""

RETURN = r"""
released:
  description: The locks that were released, as in RV(envforge.terraform.tf_lock_info#module:locks).
  returned: success
  type: list
  elements: dict
  contains:
    backup:
      description: Where a killed run of this collection had put the state before it.
      type: str
  sample: []
repaired:
  description: The digest that was put right, as in RV(envforge.terraform.tf_lock_info#module:digests). C(null) if none was.
  returned: success
  type: dict
  sample: null
locks:
  description: The locks that are left, because they have another ID.
  returned: success
  type: list
  elements: dict
  sample: []
terraform_calls:
  description: How many processes were started.
  returned: always
  type: int
  sample: 0
"""

from ansible_collections.envforge.terraform.plugins.module_utils._arguments import STACK
from ansible_collections.envforge.terraform.plugins.module_utils._front import run_module
from ansible_collections.envforge.terraform.plugins.module_utils._state.releasing import lock_core

ARGUMENTS = {
    "argument_spec": {
        **STACK,
        "lock_id": {"type": "str"},
        "older_than": {"type": "str"},
        "force": {"type": "bool", "default": False},
        "shown": {"type": "list", "elements": "dict"},
    },
    "supports_check_mode": True,
}


def main() -> None:
    run_module(ARGUMENTS, lock_core)


if __name__ == "__main__":
    main()
