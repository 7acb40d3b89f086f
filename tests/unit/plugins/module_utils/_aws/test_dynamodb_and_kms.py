# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DynamoDB's and KMS's calls: what is sent, and how answers look on our side."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._aws import dynamodb, kms, sts
from ansible_collections.envforge.terraform.plugins.module_utils._errors import AwsConflict, AwsError
from tests.unit.plugins.module_utils._aws.clients import ACCOUNT, Client, aws_with, refused

TABLE: dict[str, Any] = {
    "TableArn": "arn",
    "TableStatus": "ACTIVE",
    "AttributeDefinitions": [{"AttributeName": "LockID", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "LockID", "KeyType": "HASH"}],
    "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6},
}


def key(state: str = "Enabled") -> dict[str, Any]:
    return {"KeyMetadata": {"KeyId": "1", "Arn": "arn:1", "KeyState": state}}


def described(**more: Any) -> dynamodb.Table:
    table = dynamodb.describe_table(aws_with(dynamodb=Client({"describe_table": {"Table": {**TABLE, **more}}})), "t")
    assert table
    return table


def test_a_table_that_names_no_billing_mode_is_provisioned() -> None:
    """DynamoDB leaves it out for tables that were always provisioned."""
    table = described()
    assert (table.billing_mode, table.read_capacity, table.write_capacity) == ("PROVISIONED", 5, 6)


def test_capacities_of_a_table_paid_per_request_are_nothing() -> None:
    """Whatever DynamoDB or an emulator says about them."""
    table = described(BillingModeSummary={"BillingMode": "PAY_PER_REQUEST"})
    assert (table.billing_mode, table.read_capacity, table.write_capacity) == ("PAY_PER_REQUEST", 0, 0)


def test_the_absence_of_a_description_is_the_absence_of_encryption_by_kms() -> None:
    """DynamoDB describes only keys that are not its own."""
    assert not described().encryption
    assert described(SSEDescription={"Status": "ENABLED"}).encryption


def test_a_row_is_written_only_where_there_is_none() -> None:
    """The way to take a lock."""
    client = Client({})
    dynamodb.put_item(aws_with(dynamodb=client), "t", {"LockID": "b/k", "Info": "{}"}, only_if=None)
    assert client.calls[0][1] == {
        "TableName": "t",
        "Item": {"LockID": {"S": "b/k"}, "Info": {"S": "{}"}},
        "ConditionExpression": "attribute_not_exists(LockID)",
    }


def test_a_row_is_deleted_only_as_it_was_seen() -> None:
    """The way to give a lock back; also columns whose names DynamoDB reserves."""
    client = Client({})
    dynamodb.delete_item(aws_with(dynamodb=client), "t", "b/k", only_if={"Info": "{}", "Digest": "0"})
    sent = client.calls[0][1]
    assert sent["ConditionExpression"] == "#0 = :0 AND #1 = :1"
    assert sent["ExpressionAttributeNames"] == {"#0": "Info", "#1": "Digest"}
    assert sent["ExpressionAttributeValues"] == {":0": {"S": "{}"}, ":1": {"S": "0"}}


def test_a_condition_that_does_not_hold_is_a_conflict() -> None:
    """Somebody else was faster."""
    client = Client({"put_item": refused("ConditionalCheckFailedException")})
    with pytest.raises(AwsConflict):
        dynamodb.put_item(aws_with(dynamodb=client), "t", {"LockID": "b/k"}, only_if=None)


def test_rows_are_read_consistently() -> None:
    """A lock that was just taken must be seen."""
    client = Client({"get_item": {"Item": {"LockID": {"S": "b/k"}, "Info": {"S": "{}"}}}})
    assert dynamodb.get_item(aws_with(dynamodb=client), "t", "b/k") == {"LockID": "b/k", "Info": "{}"}
    assert client.calls[0][1]["ConsistentRead"] is True


@pytest.mark.parametrize("answer", [{}, refused("ResourceNotFoundException")])
def test_a_missing_row_and_a_missing_table_are_no_row(answer: Any) -> None:
    """Nobody holds a lock in a table that does not exist."""
    assert dynamodb.get_item(aws_with(dynamodb=Client({"get_item": answer})), "t", "b/k") is None


def test_a_table_somebody_else_is_making_is_waited_for() -> None:
    """Two runs at the same time end with one table, ready for use."""
    client = Client({"create_table": refused("ResourceInUseException")})
    dynamodb.create_table(aws_with(dynamodb=client), "t", "PAY_PER_REQUEST", 0, 0, {})
    assert client.asked == ["create_table", "wait_table_exists"]


def test_capacities_are_sent_for_provisioned_tables_only() -> None:
    """DynamoDB refuses them for the other billing mode."""
    client = Client({})
    dynamodb.create_table(aws_with(dynamodb=client), "t", "PROVISIONED", 3, 4, {"a": "b"})
    dynamodb.create_table(aws_with(dynamodb=client), "t", "PAY_PER_REQUEST", 0, 0, {})
    first, second = (arguments for name, arguments in client.calls if name == "create_table")
    assert first["ProvisionedThroughput"] == {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}
    assert first["Tags"] == [{"Key": "a", "Value": "b"}]
    assert "ProvisionedThroughput" not in second
    assert first["DeletionProtectionEnabled"]


def test_backups_of_a_new_table_are_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB refuses for some seconds after a table was made."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    client = Client({"update_continuous_backups": [refused("ContinuousBackupsUnavailableException"), {}]})
    dynamodb.put_point_in_time_recovery(aws_with(dynamodb=client), "t", True)
    assert len(client.calls) == 2


def test_other_refusals_of_backups_are_errors() -> None:
    """Only that one code is worth waiting for."""
    client = Client({"update_continuous_backups": refused("ValidationException")})
    with pytest.raises(AwsError, match="ValidationException"):
        dynamodb.put_point_in_time_recovery(aws_with(dynamodb=client), "t", True)


def test_an_alias_is_ready_when_it_leads_to_a_usable_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """KMS is eventually consistent: the alias may be unknown, and the key still being made."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    answers = [refused("NotFoundException"), key("Creating"), key()]
    client = Client({"describe_key": answers, "create_alias": refused("AlreadyExistsException")})
    kms.create_alias(aws_with(kms=client), "alias/x", "1")
    assert client.asked == ["create_alias", *["describe_key"] * 3]


def test_an_alias_that_never_gets_ready_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run finds it, or says the same."""
    monkeypatch.setattr(kms, "_PATIENCE_SECONDS", -1)
    client = Client({"describe_key": key("Creating")})
    with pytest.raises(AwsError, match=r"alias/x leads to no usable key.*run again later"):
        kms.create_alias(aws_with(kms=client), "alias/x", "1")


def test_unnamed_keys_are_those_no_alias_leads_to() -> None:
    """An alias without a key is one that AWS keeps for later."""
    answers = {
        "list_keys": {"Keys": [{"KeyId": "1"}, {"KeyId": "2"}]},
        "list_aliases": {"Aliases": [{"AliasName": "alias/x", "TargetKeyId": "1"}, {"AliasName": "alias/aws/s3"}]},
    }
    assert kms.list_unnamed_keys(aws_with(kms=Client(answers))) == ["2"]


def test_the_account_is_that_of_the_credentials() -> None:
    """By the one call that needs no permission."""
    assert sts.account_id(aws_with(sts=Client({"get_caller_identity": {"Account": ACCOUNT}}))) == ACCOUNT
