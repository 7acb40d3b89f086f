# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes of a backend that take more than one call, or other words than AWS's: (aws, name, value)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._aws import dynamodb, kms
from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Aws
from ansible_collections.envforge.terraform.plugins.module_utils._backend import targets
from ansible_collections.envforge.terraform.plugins.module_utils._backend.arns import table_arn
from ansible_collections.envforge.terraform.plugins.module_utils._backend.found import MARK
from ansible_collections.envforge.terraform.plugins.module_utils._backend.wanted import Wanted
from ansible_collections.envforge.terraform.plugins.module_utils._errors import AwsDenied


def make_key(aws: Aws, alias: str, wanted: Wanted) -> None:
    """Make the key and name it. A run that was stopped between the two has left one that only its tag tells."""
    key_id = _nameless_key_of(aws, wanted.bucket)
    if key_id is None:
        description = f"Terraform states in the bucket {wanted.bucket}"
        key_id = kms.create_key(aws, description, {**wanted.tags, MARK: wanted.bucket}).key_id
    kms.create_alias(aws, alias, key_id)


def _nameless_key_of(aws: Aws, bucket: str) -> str | None:
    try:
        for key_id in kms.list_unnamed_keys(aws):
            if _is_usable_and_ours(aws, key_id, bucket):
                return key_id
    except AwsDenied:  # whoever may create keys need not be allowed to list them
        return None
    return None


def _is_usable_and_ours(aws: Aws, key_id: str, bucket: str) -> bool:
    try:
        if kms.get_tags(aws, key_id).get(MARK) != bucket:
            return False
    except AwsDenied:  # a key whose own policy keeps us out is not one we made
        return False
    key = kms.describe_key(aws, key_id)
    return key is not None and key.state == "Enabled"


def turn_on_rotation(aws: Aws, key_id: str, value: bool) -> None:
    """Rotation goes on only."""
    if value:
        kms.enable_rotation(aws, key_id)


def make_table(aws: Aws, table: str, wanted: Wanted) -> None:
    """Make the table as wanted, ready for use."""
    billing = targets.billing(wanted, None)
    dynamodb.create_table(
        aws, table, billing["billing_mode"], billing["read_capacity"], billing["write_capacity"], wanted.tags
    )


def set_billing(aws: Aws, table: str, billing: Mapping[str, Any]) -> None:
    """The billing mode, with the capacities it needs."""
    change: dict[str, Any] = {"BillingMode": billing["billing_mode"]}
    if billing["billing_mode"] == "PROVISIONED":
        change["ProvisionedThroughput"] = {
            "ReadCapacityUnits": billing["read_capacity"],
            "WriteCapacityUnits": billing["write_capacity"],
        }
    dynamodb.update_table(aws, table, **change)


def encrypt_table(aws: Aws, table: str, value: bool) -> None:
    """By the key alias/aws/dynamodb, which needs no permission of its own."""
    dynamodb.update_table(aws, table, SSESpecification={"Enabled": value})


def protect_table(aws: Aws, table: str, value: bool) -> None:
    """Against DeleteTable."""
    dynamodb.update_table(aws, table, DeletionProtectionEnabled=value)


def tag_table(aws: Aws, table: str, tags: Mapping[str, str]) -> None:
    """By its ARN."""
    dynamodb.add_tags(aws, table_arn(aws.connection.region, str(aws.account_id), table), tags)


def forget_rows(aws: Aws, table: str, lock_ids: list[str]) -> None:
    """Delete these rows, each only as it was when we looked."""
    for lock_id in lock_ids:
        row = dynamodb.get_item(aws, table, lock_id)
        if row is not None:
            dynamodb.delete_item(aws, table, lock_id, only_if=row)
