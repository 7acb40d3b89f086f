# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of AWS objects, for the partition of their region."""

from __future__ import annotations

# https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
_PARTITIONS = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
    "eusc-": "aws-eusc",
}


def partition_of(region: str) -> str:
    """aws, aws-us-gov, aws-cn, …"""
    return next((name for prefix, name in _PARTITIONS.items() if region.startswith(prefix)), "aws")


def bucket_arn(region: str, bucket: str) -> str:
    """A bucket's ARN names neither region nor account, but its partition."""
    return f"arn:{partition_of(region)}:s3:::{bucket}"


def table_arn(region: str, account_id: str, table: str) -> str:
    """The ARN of a DynamoDB table."""
    return f"arn:{partition_of(region)}:dynamodb:{region}:{account_id}:table/{table}"


def any_key_arn(region: str, account_id: str) -> str:
    """A pattern for all KMS keys of an account in a region."""
    return f"arn:{partition_of(region)}:kms:{region}:{account_id}:key/*"
