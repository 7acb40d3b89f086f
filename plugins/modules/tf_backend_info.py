#!/usr/bin/python
# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_backend_info: what a backend is like and which states it holds."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tf_backend_info
version_added: 1.0.0
short_description: Look at the remote backend of Terraform states
description:
  - Reads the bucket, its key and its lock table with all settings, and the states in the bucket. Writes nothing.
  - Says how they differ from what M(envforge.terraform.tf_backend) would make of them with the same options.
author:
  - envforge.terraform authors (@envforge)
extends_documentation_fragment:
  - envforge.terraform.backend
  - envforge.terraform.stack.process
attributes:
  check_mode:
    support: full
    description: Only reads.
  diff_mode:
    support: none
    description: Only reads.
options:
  encryption:
    description:
      - How states should be encrypted, V(kms) or V(aes256).
      - The default is V(kms) with O(kms_alias) or O(kms_key_id), else whatever the bucket has.
    type: str
    choices: [kms, aes256]
  lock:
    description:
      - How states should be locked.
      - The default is V(dynamodb) with O(lock_table), else V(none).
    type: str
    choices: [dynamodb, lockfile, both, none]
  usage:
    description:
      - Return RV(usage), which takes a listing of all versions in the bucket and of the rows in the lock table.
    type: bool
    default: false
seealso:
  - module: envforge.terraform.tf_backend
"""

EXAMPLES = r"""
- name: Which states are there
  envforge.terraform.tf_backend_info:
    bucket: tfstate-prod-us-east-1
    region: us-east-1
  register: backend

- name: Fail when somebody changed the backend by hand
  envforge.terraform.tf_backend_info:
    bucket: tfstate-prod-us-east-1
    region: us-east-1
    kms_alias: alias/terraform-state-prod
    lock_table: tf-locks-prod
  register: backend
  failed_when: backend.steps | length > 0
"""

RETURN = r"""
exists:
  description: Whether the bucket exists.
  returned: success, O(type=s3)
  type: bool
  sample: true
states:
  description: The states in the bucket, each with the workspace that its place in the bucket stands for.
  returned: success, O(type=s3)
  type: list
  elements: dict
  sample:
    - key: prod/ticketing/terraform.tfstate
      last_modified: "2026-01-31 12:00:00+00:00"
      object: env:/blue/prod/ticketing/terraform.tfstate
      size: 18231
      workspace: blue
usage:
  description:
    - What the bucket stores, in how many versions, and how much of that is no longer current.
    - How many locks are held, and the oldest of them, with its age in seconds.
    - V(null) when there is no bucket, and when these credentials may not look, which RV(settings_not_read) then says.
  returned: O(usage=true), O(type=s3)
  type: dict
  sample:
    objects: 2
    versions: 14
    delete_markers: 3
    bytes: 182310
    noncurrent_bytes: 151002
    locks: 1
    oldest_lock:
      path: tfstate-prod-us-east-1/prod/ticketing/terraform.tfstate
      id: 5e3a8a1c-9a3d-2b56-5a1b-1d5f8a3f7c10
      who: ada@laptop
      operation: OperationTypeApply
      mechanism: dynamodb
      age: 7265
found:
  description: The settings of C(bucket), C(kms_key) and C(lock_table) as they are, in AWS's own words.
  returned: success, O(type=s3)
  type: dict
  sample:
    bucket:
      name: tfstate-prod-us-east-1
      versioning: Suspended
wanted:
  description: The same settings as M(envforge.terraform.tf_backend) would make them.
  returned: success, O(type=s3)
  type: dict
  sample:
    bucket:
      name: tfstate-prod-us-east-1
      versioning: Enabled
steps:
  description: What M(envforge.terraform.tf_backend) would do.
  returned: success, O(type=s3)
  type: list
  elements: dict
  sample:
    - action: turn on versioning
      object: bucket tfstate-prod-us-east-1
backend_type:
  description: O(type).
  returned: success
  type: str
  sample: s3
backend_config:
  description: Options of the backend for C(terraform init), as M(envforge.terraform.tf_backend) returns them.
  returned: success
  type: dict
  sample:
    allowed_account_ids: ["123456789012"]
    bucket: tfstate-prod-us-east-1
    encrypt: true
    kms_key_id: arn:aws:kms:us-east-1:123456789012:key/7a6b3c4d-1f2e-4a5b-8c9d-0e1f2a3b4c5d
    region: us-east-1
account_id:
  description: The account of the credentials.
  returned: success, O(type=s3)
  type: str
  sample: "123456789012"
bucket_arn:
  description: ARN of the bucket.
  returned: success, O(type=s3)
  type: str
  sample: arn:aws:s3:::tfstate-prod-us-east-1
lock_table_arn:
  description: ARN of the lock table; null where none was named.
  returned: success, O(type=s3)
  type: str
  sample: arn:aws:dynamodb:us-east-1:123456789012:table/tf-locks-prod
kms_key_arn:
  description: ARN of the key; null where none is used.
  returned: success, O(type=s3)
  type: str
  sample: arn:aws:kms:us-east-1:123456789012:key/7a6b3c4d-1f2e-4a5b-8c9d-0e1f2a3b4c5d
policies:
  description: IAM policies for C(plan) and C(apply), as M(envforge.terraform.tf_backend) returns them.
  returned: success, O(type=s3)
  type: dict
  sample:
    plan:
      Version: "2012-10-17"
      Statement:
        - Sid: ReadStates
          Effect: Allow
          Action: ["s3:GetObject"]
          Resource: ["arn:aws:s3:::tfstate-prod-us-east-1/*"]
settings_not_read:
  description: Settings that these credentials may not read, with AWS's answer.
  returned: success, O(type=s3)
  type: dict
  sample: {}
"""

from ansible_collections.envforge.terraform.plugins.module_utils._backend.backend import backend_info
from ansible_collections.envforge.terraform.plugins.module_utils._backend.options import BACKEND
from ansible_collections.envforge.terraform.plugins.module_utils._front import run_module

ARGUMENTS = {
    "argument_spec": {
        **BACKEND,
        "encryption": {"type": "str", "choices": ["kms", "aes256"]},
        "lock": {"type": "str", "choices": ["dynamodb", "lockfile", "both", "none"]},
        "usage": {"type": "bool", "default": False},
    },
    "supports_check_mode": True,
}


def main() -> None:
    run_module(ARGUMENTS, backend_info)


if __name__ == "__main__":
    main()
