#!/usr/bin/python
# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_workspace: a stack is initialised against its backend; its workspace is there, removed, or brought along."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tf_workspace
version_added: 1.0.0
short_description: Initialise a Terraform stack, remove its workspace, or migrate its state
description:
  - Runs C(terraform init) for a root module when that is needed, and starts no process when it is not.
  - It is needed when the data directory is new, or when the backend, the engine, the dependency lock file, the place of the
    root module or its installed modules differ from those of the last time.
  - The data directory is outside of the root module, so that one checkout serves several environments at the same time.
  - Refuses to turn away from a state with resources to an address that has none. O(migrate) brings that state along.
  - Removing and migrating work on states in S3 and in local files. They leave a backup, say where it is, and write only under
    Terraform's own locks, once a second look under these has found the states as they were at the first.
author:
  - envforge.terraform authors (@envforge)
extends_documentation_fragment:
  - envforge.terraform.stack
attributes:
  check_mode:
    support: full
    description: Says whether the stack would be initialised, and what would be removed or migrated. Writes nothing.
  diff_mode:
    support: full
    description: Returns what would be removed or migrated, or was. Initialising has no diff.
options:
  state:
    description:
      - V(present) initialises the stack.
      - V(absent) removes the workspace with its state, and the digest of that in the lock table. It is refused for V(default),
        and while the state has resources.
    type: str
    choices: [present, absent]
    default: present
  force:
    description: Remove a workspace that still has resources. They stay, and nobody manages them any more.
    type: bool
    default: false
  migrate:
    description:
      - Bring the state of this workspace along from where it was before, byte for byte, and then initialise.
      - Nothing is copied onto another state. One that is here already is found to be the same one, and nothing is changed.
      - A source that differs only in how the state is locked changes the lock, through a step with both mechanisms, while
        nobody holds either. The digest in the table then stays. It stops clients that still lock by the table. On the way back
        it is put right.
    type: bool
    default: false
  migrate_from:
    description:
      - Where the state was before.
      - The default is the backend that O(data_dir) was last initialised for, else a local state in the root module.
    type: dict
    suboptions:
      type:
        description: Type of the former backend. The default is O(backend_type).
        type: str
        choices: [s3, local]
      config:
        description:
          - Options of the former backend. Of the type of O(backend_type), only those that differ, and V(null) for those that
            were not set.
        type: dict
        default: {}
      workspace:
        description: The former workspace. The default is O(workspace).
        type: str
  remove_source:
    description:
      - After a migration, remove the state at its former place. That happens only once Terraform was seen to find every
        resource and output of it in the new one.
      - A local state where Terraform looks for it by default is always removed, because C(init) stops at it. Its backup stays.
    type: bool
    default: false
notes:
  - Initialising alone is no change in RV(ignore:changed). It fills a directory of this machine and changes nothing that others
    could see.
  - A workspace appears in the backend with its first state. Nothing is written there before the first apply.
"""

EXAMPLES = r"""
- name: Initialise the stack
  envforge.terraform.tf_workspace:
    project_path: stacks/ticketing
    data_dir: .envforge/prod/ticketing
    environment: prod
    stack: ticketing
    workspace: prod
    backend_config:
      bucket: tfstate-prod-us-east-1
      key: prod/ticketing/terraform.tfstate
      region: us-east-1
      dynamodb_table: tf-locks-prod

- name: Bring the state along from another key
  envforge.terraform.tf_workspace:
    project_path: stacks/ticketing
    data_dir: .envforge/prod/ticketing
    environment: prod
    stack: ticketing
    backend_config:
      bucket: tfstate-prod-us-east-1
      key: prod/ticketing/terraform.tfstate
      region: us-east-1
    migrate: true
    migrate_from:
      config:
        key: ticketing.tfstate

- name: Remove the workspace of a closed branch
  envforge.terraform.tf_workspace:
    project_path: stacks/ticketing
    data_dir: .envforge/dev/ticketing
    environment: dev
    stack: ticketing
    workspace: feature-42
    backend_config:
      bucket: tfstate-dev-us-east-1
      key: ticketing/terraform.tfstate
      region: us-east-1
    state: absent
"""

RETURN = r"""
initialised:
  description: Whether init was run, or would be in check mode.
  returned: success
  type: bool
  sample: true
reason:
  description: Why it was, V(null) when it was not.
  returned: success
  type: str
  sample: the backend's configuration changed
workspace:
  description: The workspace.
  returned: success
  type: str
  sample: prod
data_dir:
  description: The data directory of the stack, as an absolute path.
  returned: success
  type: str
  sample: /srv/deploy/.envforge/prod/ticketing
removed:
  description:
    - The state that was removed, or would be, with its resources.
    - The backup is a version of the object in the bucket, else a file in O(data_dir). V(null) when there was nothing to remove.
  returned: O(state=absent)
  type: dict
  sample:
    state: s3://tfstate-dev-us-east-1/env:/feature-42/ticketing/terraform.tfstate
    serial: 7
    resources: []
    backup: s3://tfstate-dev-us-east-1/env:/feature-42/ticketing/terraform.tfstate?versionId=3sL4kqtJlcpXroDTDmJ
migration:
  description:
    - Where the state came from, V(null) when there was nothing to migrate, and what is in it.
    - The backup is a version of the object in the bucket, else a file in O(data_dir).
  returned: O(migrate=true), unless only the lock is changed
  type: dict
  sample:
    source: /srv/deploy/stacks/ticketing/terraform.tfstate
    destination: s3://tfstate-prod-us-east-1/prod/ticketing/terraform.tfstate
    copied: true
    source_removed: true
    backup: /srv/deploy/.envforge/prod/ticketing/backups/default-3f2a9c0d11b7.tfstate
    serial: 12
    resources: [aws_s3_bucket.assets]
    outputs: [bucket_name]
lock_change:
  description: How the state was locked and is locked now, and whether the digest in the table had to be put right.
  returned: O(migrate=true), when only the lock is changed
  type: dict
  sample:
    before: dynamodb tf-locks-prod
    after: lockfile
    digest_repaired: false
terraform_calls:
  description: How many processes were started.
  returned: always
  type: int
  sample: 1
"""

from ansible_collections.envforge.terraform.plugins.module_utils._arguments import STACK
from ansible_collections.envforge.terraform.plugins.module_utils._front import run_module
from ansible_collections.envforge.terraform.plugins.module_utils._stack.workspace import workspace_core

ARGUMENTS = {
    "argument_spec": {
        **STACK,
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "force": {"type": "bool", "default": False},
        "migrate": {"type": "bool", "default": False},
        "migrate_from": {
            "type": "dict",
            "options": {
                "type": {"type": "str", "choices": ["s3", "local"]},
                "config": {"type": "dict", "default": {}},
                "workspace": {"type": "str"},
            },
        },
        "remove_source": {"type": "bool", "default": False},
    },
    "supports_check_mode": True,
}


def main() -> None:
    run_module(ARGUMENTS, workspace_core)


if __name__ == "__main__":
    main()
