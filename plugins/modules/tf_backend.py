#!/usr/bin/python
# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_backend: the place where states lie, as one converging object."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tf_backend
version_added: 1.0.0
short_description: Make the remote backend of Terraform states
description:
  - Makes an S3 bucket with all it needs for Terraform states, and its locks and its KMS key, and keeps them that way.
  - The bucket has versions, default encryption with a bucket key, no public access, no ACLs, a policy that refuses
    connections without TLS, and lifecycle rules for old versions and incomplete uploads.
  - The key rotates every year. The lock table is encrypted, protected against deletion, and can be restored to a point
    in time.
  - It reads everything side by side, compares, and does only what differs. A second run only reads.
  - What nobody asked for stays, such as further statements of the bucket's policy, lifecycle rules and tags.
  - A setting that the credentials may not read is reported and never written.
  - A run that was stopped half way is completed by the next one.
author:
  - envforge.terraform authors (@envforge)
extends_documentation_fragment:
  - envforge.terraform.backend
  - envforge.terraform.stack.process
attributes:
  check_mode:
    support: full
    description: Reads and compares, sends no request that writes.
  diff_mode:
    support: full
    description: Shows the settings of bucket, key and table before and after.
options:
  state:
    description:
      - V(present) makes the backend as described.
      - V(absent) deletes the bucket with all versions in it, and the table.
      - It refuses while a state has resources (also one that was deleted), while a lock is held, and while the bucket
        holds anything that is no state. A backup counts when its state is not there any more, in any version.
      - A table that has rows of other buckets stays, only those of O(bucket) are deleted.
      - The key stays, see O(kms_deletion_window_days).
    type: str
    choices: [present, absent]
    default: present
  encryption:
    description:
      - V(kms) encrypts states by a KMS key of the account, V(aes256) by S3's own keys.
    type: str
    choices: [kms, aes256]
    default: kms
  lock:
    description:
      - How states are locked. V(dynamodb) by rows of a table, V(lockfile) by objects beside the states (needs Terraform
        or OpenTofu 1.10), V(both) by both, for the time of moving from one to the other.
      - A table that is no longer asked for stays as it is.
    type: str
    choices: [dynamodb, lockfile, both, none]
    default: dynamodb
  force:
    description: With O(state=absent), delete the backend although it is still in use.
    type: bool
    default: false
  kms_deletion_window_days:
    description:
      - With O(state=absent), also delete the alias and schedule the deletion of the key, in 7 to 30 days.
      - Only a key that this module made for O(bucket) is deleted; it has the tag C(envforge:backend).
      - Without this option the key stays, so that copies of states remain readable.
    type: int
notes:
  - With KMS, RV(backend_config) has C(encrypt) and C(kms_key_id). With C(encrypt) alone Terraform would encrypt every
    state by S3's own keys, whatever the bucket's default is.
seealso:
  - module: envforge.terraform.tf_backend_info
  - module: envforge.terraform.tf_workspace
  - name: The S3 backend
    description: Terraform's documentation.
    link: https://developer.hashicorp.com/terraform/language/backend/s3
"""

EXAMPLES = r"""
- name: One bucket for an environment
  envforge.terraform.tf_backend:
    account_id: "123456789012"
    bucket: tfstate-prod-us-east-1
    region: us-east-1
    kms_alias: alias/terraform-state-prod
    lock_table: tf-locks-prod
    tags:
      Environment: prod
  register: backend

- name: Initialise a stack in it
  envforge.terraform.tf_workspace:
    project_path: stacks/ticketing
    data_dir: .envforge/prod/ticketing
    environment: prod
    stack: ticketing
    backend_config: "{{ backend.backend_config | combine({'key': 'prod/ticketing/terraform.tfstate'}) }}"

- name: A small backend without a table and a key of its own
  envforge.terraform.tf_backend:
    bucket: example-terraform-state
    region: eu-central-1
    encryption: aes256
    lock: lockfile

- name: The same against an emulator
  envforge.terraform.tf_backend:
    bucket: tfstate-sandbox
    region: us-east-1
    lock_table: tf-locks-sandbox
    endpoint_url: http://127.0.0.1:5000
    process_environment:
      AWS_ACCESS_KEY_ID: sandbox
      AWS_SECRET_ACCESS_KEY: sandbox

- name: Through a role in the account of the states
  envforge.terraform.tf_backend:
    bucket: tfstate-shared
    region: us-east-1
    lock_table: tf-locks
    state_keys: ["qa/*"]
    config:
      assume_role:
        role_arn: arn:aws:iam::123456789012:role/terraform-states
      workspace_key_prefix: workspaces

- name: Take a backend down, and its key in a month
  envforge.terraform.tf_backend:
    state: absent
    bucket: tfstate-courses-us-east-1
    region: us-east-1
    kms_alias: alias/terraform-state-courses
    lock_table: tf-locks-courses
    kms_deletion_window_days: 30
"""

RETURN = r"""
backend_type:
  description: O(type).
  returned: success
  type: str
  sample: s3
backend_config:
  description:
    - Options of the backend for C(terraform init), without the C(key) of a stack and without credentials.
    - For a type other than V(s3) this is O(config).
  returned: success, O(state=present)
  type: dict
  sample:
    allowed_account_ids: ["123456789012"]
    bucket: tfstate-prod-us-east-1
    dynamodb_table: tf-locks-prod
    encrypt: true
    kms_key_id: arn:aws:kms:us-east-1:123456789012:key/7a6b3c4d-1f2e-4a5b-8c9d-0e1f2a3b4c5d
    region: us-east-1
predicted:
  description:
    - Whether this is check mode and something would be created.
    - What is not known then, such as the ARN of a new key, is missing in RV(backend_config).
  returned: success, O(type=s3), O(state=present)
  type: bool
  sample: false
steps:
  description: What was done, or would be done in check mode, in this order. After a failure, what had been done.
  returned: always
  type: list
  elements: dict
  sample:
    - action: turn on versioning
      object: bucket tfstate-prod-us-east-1
account_id:
  description: The account of the credentials.
  returned: success, O(type=s3)
  type: str
  sample: "123456789012"
bucket_arn:
  description: ARN of the bucket.
  returned: success, O(type=s3), O(state=present)
  type: str
  sample: arn:aws:s3:::tfstate-prod-us-east-1
lock_table_arn:
  description: ARN of the lock table; null where none is used.
  returned: success, O(type=s3), O(state=present)
  type: str
  sample: arn:aws:dynamodb:us-east-1:123456789012:table/tf-locks-prod
kms_key_arn:
  description: ARN of the key; null where none is used, or none is known yet.
  returned: success, O(type=s3), O(state=present)
  type: str
  sample: arn:aws:kms:us-east-1:123456789012:key/7a6b3c4d-1f2e-4a5b-8c9d-0e1f2a3b4c5d
policies:
  description:
    - IAM policies with the least that is needed on this backend.
    - C(plan) reads states and locks them, C(apply) also writes them.
    - The permissions of the stack's own resources come on top.
  returned: success, O(type=s3), O(state=present)
  type: dict
  sample:
    plan:
      Version: "2012-10-17"
      Statement:
        - Sid: ListStates
          Effect: Allow
          Action: ["s3:ListBucket"]
          Resource: ["arn:aws:s3:::tfstate-prod-us-east-1"]
        - Sid: ReadStates
          Effect: Allow
          Action: ["s3:GetObject"]
          Resource: ["arn:aws:s3:::tfstate-prod-us-east-1/*"]
settings_not_read:
  description: Settings that these credentials may not read, with AWS's answer. They were neither compared nor written.
  returned: success, O(type=s3)
  type: dict
  sample:
    bucket.lifecycle: "Could not read the lifecycle rules of bucket tfstate-prod-us-east-1: AccessDenied."
in_use:
  description: Why O(state=absent) was refused.
  returned: when the backend is still in use
  type: list
  elements: dict
  sample:
    - name: prod/ticketing/terraform.tfstate
      reason: has 3 resources
"""

from ansible_collections.envforge.terraform.plugins.module_utils._backend.backend import backend
from ansible_collections.envforge.terraform.plugins.module_utils._backend.options import BACKEND
from ansible_collections.envforge.terraform.plugins.module_utils._front import run_module

ARGUMENTS = {
    "argument_spec": {
        **BACKEND,
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "encryption": {"type": "str", "choices": ["kms", "aes256"], "default": "kms"},
        "lock": {"type": "str", "choices": ["dynamodb", "lockfile", "both", "none"], "default": "dynamodb"},
        "force": {"type": "bool", "default": False},
        "kms_deletion_window_days": {"type": "int"},
    },
    "supports_check_mode": True,
}


def main() -> None:
    run_module(ARGUMENTS, backend)


if __name__ == "__main__":
    main()
