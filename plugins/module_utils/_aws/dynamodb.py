# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DynamoDB's calls about a lock table and its rows, one function each."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Aws, while_trying_to
from ansible_collections.envforge.terraform.plugins.module_utils._errors import AwsError, AwsMissing

HASH_KEY = "LockID"
_PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Table:
    """What DescribeTable says, as far as a lock table is concerned. Capacities are 0 for PAY_PER_REQUEST."""

    arn: str
    status: str
    hash_keys: tuple[tuple[str, str], ...]
    billing_mode: str
    read_capacity: int
    write_capacity: int
    encryption: bool
    deletion_protection: bool


def describe_table(aws: Aws, table: str) -> Table | None:
    """The table; None when there is none."""
    try:
        with while_trying_to(f"look at DynamoDB table {table}"):
            return _table(aws.client("dynamodb").describe_table(TableName=table)["Table"])
    except AwsMissing:
        return None


def _table(description: Mapping[str, Any]) -> Table:
    types = {each["AttributeName"]: each["AttributeType"] for each in description.get("AttributeDefinitions", ())}
    names = [each["AttributeName"] for each in description.get("KeySchema", ())]
    # absent on a table that was always provisioned
    billing_mode = description.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    capacity = description.get("ProvisionedThroughput", {}) if billing_mode == "PROVISIONED" else {}
    return Table(
        arn=description["TableArn"],
        status=description["TableStatus"],
        hash_keys=tuple((name, types.get(name, "")) for name in names),
        billing_mode=billing_mode,
        read_capacity=capacity.get("ReadCapacityUnits", 0),
        write_capacity=capacity.get("WriteCapacityUnits", 0),
        # absent while the table is encrypted by a key of DynamoDB itself
        encryption=description.get("SSEDescription", {}).get("Status") in ("ENABLED", "ENABLING", "UPDATING"),
        deletion_protection=bool(description.get("DeletionProtectionEnabled")),
    )


def create_table(
    aws: Aws, table: str, billing_mode: str, read_capacity: int, write_capacity: int, tags: Mapping[str, str]
) -> None:
    """Create a lock table, encrypted and protected, and wait until it is ACTIVE; content with one just made."""
    provisioned = {"ReadCapacityUnits": read_capacity, "WriteCapacityUnits": write_capacity}
    arguments: dict[str, Any] = {"ProvisionedThroughput": provisioned} if billing_mode == "PROVISIONED" else {}
    if tags:
        arguments["Tags"] = _tag_list(tags)
    try:
        with while_trying_to(f"create DynamoDB table {table}"):
            aws.client("dynamodb").create_table(
                TableName=table,
                AttributeDefinitions=[{"AttributeName": HASH_KEY, "AttributeType": "S"}],
                KeySchema=[{"AttributeName": HASH_KEY, "KeyType": "HASH"}],
                BillingMode=billing_mode,
                SSESpecification={"Enabled": True},
                DeletionProtectionEnabled=True,
                **arguments,
            )
    except AwsError as error:
        if error.details.get("aws_code") != "ResourceInUseException":
            raise
    wait_until_active(aws, table)


def wait_until_active(aws: Aws, table: str) -> None:
    """Return when the table takes changes again."""
    with while_trying_to(f"wait until DynamoDB table {table} is ACTIVE"):
        aws.client("dynamodb").get_waiter("table_exists").wait(
            TableName=table, WaiterConfig={"Delay": 1, "MaxAttempts": 180}
        )


def update_table(aws: Aws, table: str, **change: Any) -> None:
    """One change in UpdateTable's own names (it takes one kind at a time), waited for."""
    with while_trying_to(f"change {', '.join(change)} of DynamoDB table {table}"):
        aws.client("dynamodb").update_table(TableName=table, **change)
    wait_until_active(aws, table)


def get_point_in_time_recovery(aws: Aws, table: str) -> bool | None:
    """Whether the table can be restored to a point in time; None when there is no table."""
    try:
        with while_trying_to(f"read the backups of DynamoDB table {table}"):
            answer = aws.client("dynamodb").describe_continuous_backups(TableName=table)
    except AwsMissing:
        return None
    recovery = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    return bool(recovery.get("PointInTimeRecoveryStatus") == "ENABLED")


def put_point_in_time_recovery(aws: Aws, table: str, enabled: bool) -> None:
    """Switch it; a table that was just made refuses for some seconds."""

    def switch() -> None:
        with while_trying_to(f"change the backups of DynamoDB table {table}"):
            aws.client("dynamodb").update_continuous_backups(
                TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": enabled}
            )

    _patiently(switch, "ContinuousBackupsUnavailableException")


def _patiently(call: Callable[[], None], code: str) -> None:
    """Repeat *call* while AWS answers *code*, for a minute at most."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return call()
        except AwsError as error:
            if error.details.get("aws_code") != code or time.monotonic() > end:
                raise
        time.sleep(2)


def get_tags(aws: Aws, arn: str) -> dict[str, str] | None:
    """The tags of the table with this ARN; None when there is no table."""
    try:
        with while_trying_to(f"read the tags of {arn}"):
            pages = aws.client("dynamodb").get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
            return {tag["Key"]: tag["Value"] for page in pages for tag in page.get("Tags", ())}
    except AwsMissing:
        return None


def add_tags(aws: Aws, arn: str, tags: Mapping[str, str]) -> None:
    """Add or change these tags; the others stay."""
    with while_trying_to(f"tag {arn}"):
        aws.client("dynamodb").tag_resource(ResourceArn=arn, Tags=_tag_list(tags))


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def delete_table(aws: Aws, table: str) -> None:
    """Delete the table and wait until it is gone; content when it has gone already."""
    try:
        with while_trying_to(f"delete DynamoDB table {table}"):
            aws.client("dynamodb").delete_table(TableName=table)
    except AwsMissing:
        return
    with while_trying_to(f"wait until DynamoDB table {table} is gone"):
        aws.client("dynamodb").get_waiter("table_not_exists").wait(
            TableName=table, WaiterConfig={"Delay": 1, "MaxAttempts": 180}
        )


def get_item(aws: Aws, table: str, lock_id: str) -> dict[str, str] | None:
    """The row of *lock_id*, read consistently; None when it or the table is missing."""
    try:
        return read_row(aws, table, lock_id)
    except AwsMissing:
        return None


def read_row(aws: Aws, table: str, lock_id: str) -> dict[str, str] | None:
    """The row of *lock_id*, None when there is none; raises AwsMissing when there is no table."""
    with while_trying_to(f"read the row {lock_id} of DynamoDB table {table}"):
        answer = aws.client("dynamodb").get_item(TableName=table, Key={HASH_KEY: {"S": lock_id}}, ConsistentRead=True)
    return _row(answer["Item"]) if answer.get("Item") else None


def scan_ids(aws: Aws, table: str) -> list[str]:
    """The LockID of every row: locks held, and digests (…-md5)."""
    with while_trying_to(f"list the rows of DynamoDB table {table}"):
        pages = (
            aws.client("dynamodb")
            .get_paginator("scan")
            .paginate(TableName=table, ProjectionExpression=HASH_KEY, ConsistentRead=True)
        )
        return sorted(item[HASH_KEY]["S"] for page in pages for item in page["Items"])


def put_item(aws: Aws, table: str, row: Mapping[str, str], *, only_if: Mapping[str, str] | None) -> None:
    """Write *row* (it names its LockID) only if the row now there equals *only_if* in these columns.

    None: only if there is no such row. Raises AwsConflict when that does not hold.
    """
    with while_trying_to(f"write the row {row[HASH_KEY]} of DynamoDB table {table}"):
        aws.client("dynamodb").put_item(
            TableName=table, Item={name: {"S": value} for name, value in row.items()}, **_condition(only_if)
        )


def delete_item(aws: Aws, table: str, lock_id: str, *, only_if: Mapping[str, str]) -> None:
    """Delete the row only if it still equals *only_if* in these columns; raises AwsConflict when it does not.

    A column that is to be empty may also be missing.
    """
    with while_trying_to(f"delete the row {lock_id} of DynamoDB table {table}"):
        aws.client("dynamodb").delete_item(TableName=table, Key={HASH_KEY: {"S": lock_id}}, **_condition(only_if))


def _condition(columns: Mapping[str, str] | None) -> dict[str, Any]:
    if columns is None:
        return {"ConditionExpression": f"attribute_not_exists({HASH_KEY})"}
    names = {f"#{number}": name for number, name in enumerate(columns)}
    values = {f":{number}": {"S": value} for number, value in enumerate(columns.values())}
    return {
        "ConditionExpression": " AND ".join(
            f"#{number} = :{number}" if value else f"(attribute_not_exists(#{number}) OR #{number} = :{number})"
            for number, value in enumerate(columns.values())
        ),
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }


def _row(item: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {name: str(next(iter(value.values()), "")) for name, value in item.items()}
