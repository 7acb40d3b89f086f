# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ehr: a backend for each environment as its document lists them, and the live root module that uses it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.contract import emulator
from tests.stacks.conftest import Planned
from tests.stacks.deployment import Deployment
from tests.stacks.plans import Copy

ENVIRONMENTS = ["dev", "qa", "prod", "courses"]
PROTECTED = {"prod", "courses"}
RETENTION = {"dev": 14, "qa": 30, "prod": 400, "courses": 90}
TYPES = {
    "aws_cloudtrail": 1,
    "aws_cloudwatch_log_group": 1,
    "aws_kms_alias": 1,
    "aws_kms_key": 1,
    "aws_s3_bucket": 2,
    "aws_s3_bucket_lifecycle_configuration": 2,
    "aws_s3_bucket_ownership_controls": 2,
    "aws_s3_bucket_policy": 2,
    "aws_s3_bucket_public_access_block": 2,
    "aws_s3_bucket_server_side_encryption_configuration": 2,
    "aws_s3_bucket_versioning": 2,
}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_live_environment(really_planned: Planned, environment: str) -> None:
    """A rotated key, two private versioned buckets, the log, and a record of who reads and writes the state."""
    bucket = f"tfstate-{environment}-us-east-1"
    plan = really_planned(f"ehr/live/{environment}", variables={"state_bucket": bucket})
    assert plan.types == TYPES
    key, trail, log = (plan.one(kind) for kind in ("aws_kms_key", "aws_cloudtrail", "aws_cloudwatch_log_group"))
    assert key["enable_key_rotation"] is True
    assert log["retention_in_days"] == RETENTION[environment]
    assert trail["event_selector"][0]["data_resource"][0]["values"] == [f"arn:aws:s3:::{bucket}/"]
    for access in plan.of("aws_s3_bucket_public_access_block").values():
        rules = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
        assert [access[rule] for rule in rules] == [True] * 4
    names = {f"ehr-{environment}-{use}-123456789012" for use in ("artifacts", "audit")}
    assert {found["bucket"] for found in plan.of("aws_s3_bucket").values()} == names
    (rule,) = plan.resources['module.environment.aws_s3_bucket_lifecycle_configuration.this["artifacts"]']["rule"]
    assert rule["noncurrent_version_expiration"][0]["noncurrent_days"] == 90
    assert rule["abort_incomplete_multipart_upload"][0]["days_after_initiation"] == 7


def test_a_state_bucket_that_is_none(copied: Callable[[str], Copy]) -> None:
    """It is refused by its validation, and so is a run without it."""
    copy = copied("ehr/live/dev")
    done = copy.plan(variables={"state_bucket": "arn:aws:s3:::tfstate"})
    assert (done.returncode, "A bucket's name has 3 to 63" in done.stderr) == (1, True)
    assert "No value for required variable" in copy.plan().stderr


def is_the_documents_backend(aws: emulator.Emulator, environment: str) -> None:
    """Bucket, table and key as the document lists them for each environment."""
    s3, dynamodb, kms = aws.client("s3"), aws.client("dynamodb"), aws.client("kms")
    bucket, table, alias = (
        f"tfstate-{environment}-us-east-1",
        f"tf-locks-{environment}",
        f"alias/terraform-state-{environment}",
    )
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    lifecycle = json.dumps(s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"])
    assert '"NoncurrentDays": 90' in lifecycle
    assert '"DaysAfterInitiation": 7' in lifecycle
    assert "aws:SecureTransport" in s3.get_bucket_policy(Bucket=bucket)["Policy"]
    described = dynamodb.describe_table(TableName=table)["Table"]
    assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert described["SSEDescription"]["Status"] == "ENABLED"
    recovery = dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    assert recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    key = kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"]
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True
    assert {item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]} == {
        f"{environment}/terraform.tfstate"
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_deployed_with_its_own_backend(
    deployed: Callable[[str, str], Deployment], empty_aws: emulator.Emulator, environment: str
) -> None:
    """Backend and resources in one run, nothing in the next; a protected environment is not destroyed by accident."""
    deployment = deployed("ehr", environment)
    assert deployment.applied() > 0
    is_the_documents_backend(empty_aws, environment)
    assert deployment.applied() == 0
    confirmed = f"tf_confirm={environment}"
    if environment in PROTECTED:
        assert deployment.play("destroy").status == 2
    if environment == "prod":
        refused = deployment.play("destroy", "-e", confirmed)
        assert "deny_delete: *aws_kms_key.*" in refused.failures["ehr"]
        deployment = deployment.having(tf_guards={})
    deployment.play("destroy", "-e", confirmed).succeeded()
