# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a backend is told as: the configuration for init, and the least permissions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._backend.arns import partition_of, table_arn
from ansible_collections.envforge.terraform.plugins.module_utils._backend.found import Found
from ansible_collections.envforge.terraform.plugins.module_utils._backend.policies import policies
from ansible_collections.envforge.terraform.plugins.module_utils._backend.result import backend_config, described
from ansible_collections.envforge.terraform.plugins.module_utils._backend.wanted import Wanted

ACCOUNT = "123456789012"
KEY_ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"
GOAL = Wanted("b", "us-east-1", kms_alias="alias/b", lock_table="t", lockfile=True, key_arn=KEY_ARN)
EMULATED = {"s3": "http://127.0.0.1:5000", "sts": "http://127.0.0.1:5000"}


def statement(policy: dict[str, Any], sid: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in policy["Statement"] if each["Sid"] == sid)
    return found


def test_the_configuration_by_default() -> None:
    """Real AWS: nothing is skipped, and the account is checked by the engine too."""
    assert backend_config(Wanted("b", "us-east-1"), ACCOUNT, {}) == {
        "bucket": "b",
        "region": "us-east-1",
        "encrypt": True,
        "allowed_account_ids": [ACCOUNT],
    }


def test_the_configuration_with_everything_set() -> None:
    """encrypt and the key together, both locks, the profile, and what was passed through."""
    goal = replace(GOAL, profile="p", config={"workspace_key_prefix": "w"})
    assert backend_config(goal, ACCOUNT, EMULATED) == {
        "bucket": "b",
        "region": "us-east-1",
        "encrypt": True,
        "allowed_account_ids": [ACCOUNT],
        "kms_key_id": KEY_ARN,
        "dynamodb_table": "t",
        "use_lockfile": True,
        "profile": "p",
        "workspace_key_prefix": "w",
        "endpoints": EMULATED,
        "use_path_style": True,
        "skip_credentials_validation": True,
        "skip_metadata_api_check": True,
        "skip_region_validation": True,
    }


def test_an_endpoint_of_aws_is_no_emulator() -> None:
    """A VPC endpoint needs no check to be skipped."""
    config = backend_config(GOAL, ACCOUNT, {"s3": "https://bucket.vpce-1.s3.us-east-1.vpce.amazonaws.com"})
    assert config["use_path_style"]
    assert [name for name in config if name.startswith("skip_")] == []


def test_a_key_that_is_not_made_yet_is_left_out() -> None:
    """A placeholder would reach init."""
    config = backend_config(replace(GOAL, key_arn=""), ACCOUNT, {})
    assert "kms_key_id" not in config


def test_names_are_null_where_there_is_nothing_to_name() -> None:
    """No table, no key."""
    told = described(Wanted("b", "us-east-1"), Found(ACCOUNT), {})
    assert (told["lock_table_arn"], told["kms_key_arn"]) == (None, None)


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-east-1", "aws"),
        ("eu-central-1", "aws"),
        ("us-gov-west-1", "aws-us-gov"),
        ("cn-north-1", "aws-cn"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
    ],
)
def test_partitions(region: str, partition: str) -> None:
    """ARNs of the wrong partition match nothing."""
    assert partition_of(region) == partition
    assert table_arn(region, ACCOUNT, "t").startswith(f"arn:{partition}:dynamodb:{region}:")
    document = str(policies(replace(GOAL, region=region, key_arn=""), ACCOUNT))
    assert {part.split(":")[0] for part in document.split("arn:")[1:]} == {partition}


def test_plan_reads_states_and_writes_only_locks() -> None:
    """Nothing in it writes a state or a digest."""
    plan = policies(GOAL, ACCOUNT)["plan"]
    writes = [
        (each["Sid"], each["Resource"])
        for each in plan["Statement"]
        if any("Put" in action or "Delete" in action for action in each["Action"])
    ]
    table = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/t"
    assert writes == [("LockByFile", ["arn:aws:s3:::b/*.tflock"]), ("Locks", [table])]
    condition = statement(plan, "Locks")["Condition"]
    assert condition["ForAllValues:StringNotLike"] == {"dynamodb:LeadingKeys": ["b/*-md5"]}


def test_plan_may_delete_its_own_lock_file() -> None:
    """Else the first plan would stop everybody."""
    assert "s3:DeleteObject" in statement(policies(GOAL, ACCOUNT)["plan"], "LockByFile")["Action"]


def test_apply_also_writes_states_and_digests() -> None:
    """And deletes neither."""
    apply = policies(GOAL, ACCOUNT)["apply"]
    assert statement(apply, "WriteStates")["Action"] == ["s3:GetObject", "s3:PutObject"]
    assert "dynamodb:PutItem" in statement(apply, "LocksAndDigests")["Action"]
    assert statement(apply, "Locks")["Action"] == ["dynamodb:DeleteItem"]
    assert statement(apply, "EncryptStates")["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]


def test_plan_encrypts_only_where_it_writes_lock_files() -> None:
    """A table needs no key."""
    plan = policies(replace(GOAL, lockfile=False), ACCOUNT)["plan"]
    assert statement(plan, "EncryptStates")["Action"] == ["kms:Decrypt"]


def test_the_key_is_used_through_s3_only() -> None:
    """In China under both endings."""
    here = statement(policies(GOAL, ACCOUNT)["plan"], "EncryptStates")
    assert here["Condition"] == {"StringEquals": {"kms:ViaService": ["s3.us-east-1.amazonaws.com"]}}
    china = statement(policies(replace(GOAL, region="cn-north-1"), ACCOUNT)["plan"], "EncryptStates")
    assert "s3.cn-north-1.amazonaws.com.cn" in china["Condition"]["StringEquals"]["kms:ViaService"]


def test_a_key_that_is_not_made_yet_is_named_by_its_alias() -> None:
    """So that the policies of check mode can be used as they are."""
    rights = statement(policies(replace(GOAL, key_arn=""), ACCOUNT)["plan"], "EncryptStates")
    assert rights["Resource"] == [f"arn:aws:kms:us-east-1:{ACCOUNT}:key/*"]
    assert rights["Condition"]["ForAnyValue:StringEquals"] == {"kms:ResourceAliases": ["alias/b"]}


def test_keys_of_one_environment_narrow_everything() -> None:
    """Objects, locks, rows and listing, other workspaces included, also under a prefix of one's own."""
    goal = replace(GOAL, state_keys=("qa/*",), config={"workspace_key_prefix": "w"})
    plan = policies(goal, ACCOUNT)["plan"]
    assert statement(plan, "ReadStates")["Resource"] == ["arn:aws:s3:::b/qa/*", "arn:aws:s3:::b/w/*/qa/*"]
    assert statement(plan, "ListStates")["Condition"] == {"StringLike": {"s3:prefix": ["qa/*", "w/", "w/*"]}}
    assert statement(plan, "LockByFile")["Resource"][1] == "arn:aws:s3:::b/w/*/qa/*.tflock"
    rows = statement(plan, "Locks")["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
    assert rows == ["b/qa/*", "b/w/*/qa/*"]


def test_no_lock_and_no_key_need_no_permission() -> None:
    """Two statements are left."""
    plan = policies(Wanted("b", "us-east-1"), ACCOUNT)["plan"]
    assert [each["Sid"] for each in plan["Statement"]] == ["ListStates", "ReadStates"]
