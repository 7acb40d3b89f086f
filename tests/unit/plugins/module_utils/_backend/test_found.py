# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a backend: how much is asked, and what a refusal means."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._backend.found import NotRead, account_of, find
from ansible_collections.envforge.terraform.plugins.module_utils._backend.wanted import Wanted
from ansible_collections.envforge.terraform.plugins.module_utils._errors import AwsError, Refused
from tests.unit.plugins.module_utils._aws.clients import ACCOUNT, Client, aws_of, aws_with, refused

GOAL = Wanted("b", "us-east-1", kms_alias="alias/b", lock_table="t")
READ_SETTINGS = (
    "get_bucket_versioning",
    "get_bucket_encryption",
    "get_public_access_block",
    "get_bucket_ownership_controls",
    "get_bucket_policy",
    "get_bucket_lifecycle_configuration",
    "get_bucket_tagging",
    "get_bucket_logging",
)
HEAD = {"ResponseMetadata": {"HTTPHeaders": {"x-amz-bucket-region": "eu-west-1"}}}
KEY = {"KeyMetadata": {"KeyId": "1", "Arn": "arn", "KeyState": "Enabled", "KeyManager": "CUSTOMER"}}
TABLE = {"Table": {"TableArn": "arn", "TableStatus": "ACTIVE"}}


def clients(**answers: Any) -> dict[str, Client]:
    everything: dict[str, Any] = {
        "head_bucket": HEAD,
        "describe_key": KEY,
        "get_key_rotation_status": {"KeyRotationEnabled": True},
        "describe_table": TABLE,
        "describe_continuous_backups": {"ContinuousBackupsDescription": {}},
        **answers,
    }
    return {service: Client(everything) for service in ("s3", "kms", "dynamodb")}


def test_the_account_is_asked_for_first_and_has_to_be_the_expected_one() -> None:
    """Nothing else was sent by then."""
    sts = Client({"get_caller_identity": {"Account": ACCOUNT}})
    aws = aws_with(account_id=None, sts=sts)
    assert account_of(aws, GOAL) == ACCOUNT
    assert account_of(aws, replace(GOAL, account_id=ACCOUNT)) == ACCOUNT
    with pytest.raises(
        Refused, match=f"belong to the AWS account {ACCOUNT}, but this environment lives in 999999999999"
    ):
        account_of(aws, replace(GOAL, account_id="999999999999"))


def test_a_whole_audit_reads_fifteen_times() -> None:
    """And once more for the account: 16."""
    doubles = clients()
    found = find(aws_of(doubles), GOAL)
    assert sum(len(double.calls) for double in doubles.values()) == 15
    assert found.bucket is not None
    assert found.not_read == {}


def test_the_region_is_that_of_the_bucket() -> None:
    """S3 tells it in a header."""
    found = find(aws_of(clients()), GOAL)
    assert getattr(found.bucket, "region", None) == "eu-west-1"


def test_no_table_and_no_key_are_not_asked_for() -> None:
    """A lock file and S3's own keys need neither permission."""
    doubles = clients()
    find(aws_of(doubles), Wanted("b", "us-east-1"))
    assert [len(doubles[service].calls) for service in ("s3", "kms", "dynamodb")] == [9, 0, 0]


@pytest.mark.parametrize(
    ("goal", "manager"),
    [(replace(GOAL, kms_alias="alias/aws/s3"), "AWS"), (replace(GOAL, kms_alias=None, kms_key_id="1"), "CUSTOMER")],
)
def test_settings_of_a_key_that_is_not_ours_are_not_asked_for(goal: Wanted, manager: str) -> None:
    """They would not be changed anyway."""
    doubles = clients(describe_key={"KeyMetadata": {**KEY["KeyMetadata"], "KeyManager": manager}})
    assert find(aws_of(doubles), goal).key_settings == {}
    assert doubles["kms"].asked == ["describe_key"]


def test_each_setting_that_may_not_be_read_is_told_by_name() -> None:
    """The others are read all the same."""
    denied = refused("AccessDenied", status=403)
    doubles = clients(get_bucket_policy=denied, describe_table=denied, list_resource_tags=denied)
    found = find(aws_of(doubles), GOAL)
    assert sorted(found.not_read) == ["bucket.policy", "kms_key.tags", "lock_table"]
    assert found.table_settings == {}
    assert "AccessDenied" in found.not_read["lock_table"]


def test_a_bucket_of_which_nothing_may_be_read_is_taken() -> None:
    """By another account, or out of reach: there is nothing we could do with it."""
    denied = refused("403", status=403)
    doubles = clients(head_bucket=denied, **dict.fromkeys(READ_SETTINGS, denied))
    with pytest.raises(Refused, match=r"b is taken by somebody else.*choose another name"):
        find(aws_of(doubles), GOAL)


def test_a_bucket_of_which_something_may_be_read_is_ours() -> None:
    """Every call names the owner it expects; only s3:ListBucket is missing."""
    found = find(aws_of(clients(head_bucket=refused("403", status=403))), GOAL)
    assert isinstance(found.bucket, NotRead)


def test_a_key_that_cannot_be_rotated_is_left_alone() -> None:
    """Imported material, or a key that is not symmetric."""
    doubles = clients(get_key_rotation_status=refused("UnsupportedOperationException"))
    assert "cannot rotate" in find(aws_of(doubles), GOAL).not_read["kms_key.rotation"]


@pytest.mark.parametrize("call", ["get_bucket_tagging", "get_key_rotation_status", "describe_table"])
def test_other_failures_are_failures(call: str) -> None:
    """Only a denial is an answer."""
    with pytest.raises(AwsError, match="InternalError"):
        find(aws_of(clients(**{call: refused("InternalError", status=500)})), GOAL)
