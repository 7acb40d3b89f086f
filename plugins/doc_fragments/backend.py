# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options that tf_backend and tf_backend_info share."""

from __future__ import annotations


class ModuleDocFragment:
    """The fragments C(backend) and C(backend.returned)."""

    DOCUMENTATION = r"""
options:
  type:
    description:
      - Type of the backend.
      - A type other than V(s3) is made by others. Nothing is read or written then, and O(config) is returned as it is.
    type: str
    default: s3
  account_id:
    description:
      - The AWS account the backend lives in, 12 digits in quotes.
      - Before anything is written, the account of the credentials must prove to be this one.
    type: str
  bucket:
    description: Name of the bucket. Required for O(type=s3).
    type: str
  region:
    description:
      - Region of the bucket, the table and the key.
      - The default is E(AWS_REGION), else E(AWS_DEFAULT_REGION), O(process_environment) included.
    type: str
  kms_alias:
    description:
      - Alias of the KMS key, beginning with C(alias/). A key that is missing is made, with yearly rotation.
      - The default is C(alias/) and the name of the bucket.
    type: str
  kms_key_id:
    description:
      - Id or ARN of a KMS key to use instead of O(kms_alias). It must exist, and none of its settings is changed.
    type: str
  lock_table:
    description: Name of the DynamoDB table. Required for O(lock=dynamodb) and O(lock=both).
    type: str
  lock_table_billing_mode:
    description: How the table is paid for.
    type: str
    choices: [PAY_PER_REQUEST, PROVISIONED]
    default: PAY_PER_REQUEST
  lock_table_read_capacity:
    description:
      - Read capacity units of a table with O(lock_table_billing_mode=PROVISIONED).
      - Without it a new table gets 5, and an existing one keeps what it has.
    type: int
  lock_table_write_capacity:
    description: Write capacity units, in the same way as O(lock_table_read_capacity).
    type: int
  noncurrent_version_expiration_days:
    description:
      - Old versions of states are deleted after so many days, and with them delete markers that nothing is left behind.
      - V(0) keeps them for ever.
    type: int
    default: 90
  abort_incomplete_multipart_upload_days:
    description: Incomplete uploads are deleted after so many days. V(0) keeps them.
    type: int
    default: 7
  access_log_bucket:
    description:
      - An existing bucket that gets the access log, in the same region and account, under the name of O(bucket).
      - It must let C(logging.s3.amazonaws.com) write and must not be encrypted by a KMS key. It is not changed itself.
    type: str
  tags:
    description:
      - Tags of bucket, table and key. They are added and changed; tags that are not mentioned stay.
    type: dict
    default: {}
  endpoint_url:
    description:
      - Address of an emulator, or of another service that speaks AWS's protocols.
      - E(AWS_ENDPOINT_URL) and E(AWS_ENDPOINT_URL_S3) work as well, in O(process_environment) for example.
    type: str
  profile:
    description: Profile of the shared AWS configuration. It is part of RV(backend_config) too.
    type: str
  state_keys:
    description:
      - Keys of the states that RV(policies) are about; V(*) stands for anything in a key.
      - Name those of one environment where several share a bucket.
    type: list
    elements: str
    default: ["*"]
  config:
    description:
      - Further options of Terraform's S3 backend, merged into RV(backend_config), in the spelling of Terraform 1.6.
      - C(assume_role) and C(endpoints) also apply to the calls of this module.
      - Credentials are refused, because Terraform would store them in clear.
    type: dict
    default: {}
requirements:
  - boto3 >= 1.36.0
  - botocore >= 1.36.0
"""
