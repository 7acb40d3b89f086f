# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What settings should become, and the steps that follow from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._aws import dynamodb, kms, s3_bucket
from ansible_collections.envforge.terraform.plugins.module_utils._backend import targets
from ansible_collections.envforge.terraform.plugins.module_utils._backend.found import Found, NotRead
from ansible_collections.envforge.terraform.plugins.module_utils._backend.refusals import refuse_unfit, worries
from ansible_collections.envforge.terraform.plugins.module_utils._backend.result import with_key
from ansible_collections.envforge.terraform.plugins.module_utils._backend.steps import NEW_KEY, UNREADABLE, audit
from ansible_collections.envforge.terraform.plugins.module_utils._backend.wanted import Wanted
from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused

KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/1"
GOAL = Wanted("b", "us-east-1", kms_alias="alias/b", lock_table="t", tags={"env": "dev"})
KNOWING = replace(GOAL, key_arn=KEY_ARN)
SWITCHES = targets.public_access_block(GOAL, None)
TABLE = dynamodb.Table("arn", "ACTIVE", (("LockID", "S"),), "PAY_PER_REQUEST", 0, 0, True, True)
BILLING = {"billing_mode": "PAY_PER_REQUEST", "read_capacity": 0, "write_capacity": 0}
PERFECT = Found(
    "123456789012",
    s3_bucket.Bucket("b", "us-east-1"),
    {
        "versioning": "Enabled",
        "public_access_block": SWITCHES,
        "object_ownership": "BucketOwnerEnforced",
        "encryption": targets.encryption(KNOWING, None),
        "policy": targets.policy(GOAL, None),
        "lifecycle": targets.lifecycle(GOAL, None),
        "tags": {"env": "dev", "theirs": "x"},
        "access_log": None,
    },
    kms.Key("1", KEY_ARN, "Enabled", managed_by_aws=False),
    {"rotation": True, "tags": {"env": "dev"}},
    TABLE,
    {
        "billing": BILLING,
        "encryption": True,
        "deletion_protection": True,
        "point_in_time_recovery": True,
        "tags": {"env": "dev"},
    },
)


def actions(wanted: Wanted, found: Found) -> list[str]:
    return [f"{step.object}: {step.action}" for step in audit(with_key(wanted, found), found).steps]


def bucket_with(**settings: Any) -> Found:
    return replace(PERFECT, bucket_settings={**PERFECT.bucket_settings, **settings})


def table_with(**settings: Any) -> Found:
    return replace(PERFECT, table_settings={**PERFECT.table_settings, **settings})


def test_a_backend_as_wanted_takes_no_step() -> None:
    """Foreign tags and all."""
    assert actions(GOAL, PERFECT) == []


def test_a_missing_backend_is_made_key_first() -> None:
    """The bucket's encryption names the key; a table is born encrypted and protected."""
    assert actions(GOAL, Found("123456789012")) == [
        "KMS key alias/b: create the key and its alias",
        "KMS key alias/b: turn on the yearly rotation",
        "bucket b: create it in us-east-1",
        "bucket b: turn on versioning",
        "bucket b: block public access",
        "bucket b: set the default encryption",
        "bucket b: refuse connections without TLS",
        "bucket b: set the lifecycle rules",
        "bucket b: set the tags",
        "lock table t: create it in us-east-1",
        "lock table t: turn on point-in-time recovery",
    ]


def test_creations_are_told_from_changes() -> None:
    """One for each object: what check mode calls a prediction."""
    steps = audit(GOAL, Found("123456789012")).steps
    assert [step.object for step in steps if step.creates] == ["KMS key alias/b", "bucket b", "lock table t"]


def test_before_and_after_are_the_settings_of_all_three() -> None:
    """Equal where nothing is to be done; a difference shows in both."""
    assert audit(KNOWING, PERFECT).before == audit(KNOWING, PERFECT).after
    compared = audit(KNOWING, bucket_with(versioning="Suspended"))
    assert (compared.before["bucket"]["versioning"], compared.after["bucket"]["versioning"]) == ("Suspended", "Enabled")
    assert compared.before["kms_key"] == {"name": "1", "rotation": True, "tags": {"env": "dev"}}
    assert compared.before["lock_table"]["billing"] == BILLING


def test_a_key_of_aws_is_not_changed() -> None:
    """It rotates by itself and takes no tags."""
    owned = replace(PERFECT, key=kms.Key("1", KEY_ARN, "Enabled", managed_by_aws=True), key_settings={})
    assert actions(replace(GOAL, kms_alias="alias/aws/s3"), owned) == []


@pytest.mark.parametrize(
    ("settings", "action"),
    [
        ({"versioning": "Suspended"}, "turn on versioning"),
        ({"versioning": None}, "turn on versioning"),
        ({"public_access_block": {**SWITCHES, "BlockPublicAcls": False}}, "block public access"),
        ({"object_ownership": "ObjectWriter"}, "let the bucket's owner own every object"),
        ({"encryption": None}, "set the default encryption"),
        ({"policy": None}, "refuse connections without TLS"),
        ({"lifecycle": None}, "set the lifecycle rules"),
        ({"tags": {"env": "prod"}}, "set the tags"),
    ],
)
def test_each_setting_of_the_bucket_that_differs_is_one_step(settings: dict[str, Any], action: str) -> None:
    """And nothing else is touched."""
    assert actions(GOAL, bucket_with(**settings)) == [f"bucket b: {action}"]


@pytest.mark.parametrize(
    ("settings", "action"),
    [
        ({"billing": {**BILLING, "billing_mode": "PROVISIONED"}}, "set the billing mode and capacity"),
        ({"encryption": False}, "turn on encryption by a KMS key of AWS"),
        ({"deletion_protection": False}, "turn on deletion protection"),
        ({"point_in_time_recovery": False}, "turn on point-in-time recovery"),
        ({"tags": {}}, "set the tags"),
    ],
)
def test_each_setting_of_the_table_that_differs_is_one_step(settings: dict[str, Any], action: str) -> None:
    """UpdateTable takes one kind of change at a time."""
    assert actions(GOAL, table_with(**settings)) == [f"lock table t: {action}"]


def test_a_setting_that_cannot_be_read_is_never_written() -> None:
    """Not even where everything around it differs."""
    hidden = NotRead("AccessDenied")
    found = replace(bucket_with(policy=hidden, versioning=None), table=hidden, table_settings={}, key=hidden)
    assert actions(GOAL, found) == ["bucket b: turn on versioning"]
    assert audit(GOAL, found).after["bucket"]["policy"] == UNREADABLE
    assert found.not_read == {
        "kms_key": "AccessDenied",
        "lock_table": "AccessDenied",
        "bucket.policy": "AccessDenied",
    }


def test_the_key_in_use_stands_for_one_that_may_not_be_looked_at() -> None:
    """A plan role may not describe keys, and still needs kms_key_id."""
    found = replace(PERFECT, key=NotRead("AccessDenied"), key_settings={})
    assert with_key(GOAL, found).key_arn == KEY_ARN
    assert actions(GOAL, found) == []


def test_a_key_given_by_id_is_not_changed() -> None:
    """It is somebody else's: no rotation, no tags."""
    foreign = replace(PERFECT, key_settings={"rotation": False, "tags": {}})
    assert actions(replace(GOAL, kms_alias=None, kms_key_id="1"), foreign) == []


@pytest.mark.parametrize("name", ["1", KEY_ARN, "alias/b", "arn:aws:kms:us-east-1:123456789012:alias/b"])
def test_all_names_of_the_key_are_the_same_key(name: str) -> None:
    """S3 keeps whatever spelling it was given."""
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": name},
        "BucketKeyEnabled": True,
    }
    assert actions(GOAL, bucket_with(encryption=rule)) == []


def test_a_wish_of_others_in_the_encryption_rule_stays() -> None:
    """S3 keeps further settings in the same rule."""
    found = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BlockedEncryptionTypes": {"x": 1}}
    target = targets.encryption(KNOWING, found)
    assert target == {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY_ARN},
        "BlockedEncryptionTypes": {"x": 1},
        "BucketKeyEnabled": True,
    }
    assert targets.encryption(Wanted("b", "us-east-1"), found) == found


def test_statements_of_others_stay_and_ours_is_renewed() -> None:
    """By its Sid."""
    theirs = {"Sid": "Theirs", "Effect": "Allow"}
    found = {"Version": "2008-10-17", "Id": "x", "Statement": [{"Sid": targets.TLS_ONLY, "Effect": "Allow"}, theirs]}
    assert targets.policy(GOAL, found) == {**found, "Statement": [theirs, targets.tls_only(GOAL)]}


@pytest.mark.parametrize(
    "change",
    [
        {"Sid": "Other"},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"AWS": ["*"]}},
        {"Action": ["s3:*"]},
        {"Resource": ["arn:aws:s3:::b/*", "arn:aws:s3:::b"]},
        {"Condition": {"Bool": {"aws:SecureTransport": ["false"]}}},
        {"Condition": {"Bool": {"aws:SecureTransport": False}}},
    ],
)
def test_a_statement_that_already_refuses_plain_http_is_enough(change: dict[str, Any]) -> None:
    """However it is spelled, and also where it is the only one and no list."""
    found = {"Version": "2012-10-17", "Statement": {**targets.tls_only(GOAL), **change}}
    assert targets.policy(GOAL, found) == found


@pytest.mark.parametrize(
    "change",
    [
        {"Effect": "Allow"},
        {"Principal": {"AWS": "arn:aws:iam::1:root"}},
        {"Action": "s3:GetObject"},
        {"Resource": ["arn:aws:s3:::b/*"]},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"x": "y"}}},
        {"NotPrincipal": "*"},
    ],
)
def test_a_statement_that_refuses_less_is_not_enough(change: dict[str, Any]) -> None:
    """Each part of it counts."""
    found = {"Version": "2012-10-17", "Statement": [{**targets.tls_only(GOAL), "Sid": "Theirs", **change}]}
    assert len(targets.policy(GOAL, found)["Statement"]) == 2


def test_rules_of_others_stay_and_ours_are_renewed() -> None:
    """By their ids, with what else S3 keeps about rules."""
    theirs = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 1}}
    stale = {**targets.lifecycle(GOAL, None)["Rules"][0], "NoncurrentVersionExpiration": {"NoncurrentDays": 5}}  # type: ignore[index]  # given
    target = targets.lifecycle(GOAL, {"Rules": [stale, theirs], "TransitionDefaultMinimumObjectSize": "x"})
    assert target is not None
    assert target["Rules"] == [theirs, *targets.lifecycle(GOAL, None)["Rules"]]  # type: ignore[index]  # given
    assert target["TransitionDefaultMinimumObjectSize"] == "x"


@pytest.mark.parametrize("empty", [{"Filter": {}}, {"Filter": {"Prefix": ""}}, {"Prefix": ""}])
def test_an_empty_filter_has_several_spellings(empty: dict[str, Any]) -> None:
    """S3 and its likes answer with another one than they were given."""
    ours = targets.lifecycle(GOAL, None)
    assert ours is not None
    found = {"Rules": [{**{k: v for k, v in rule.items() if k != "Filter"}, **empty} for rule in ours["Rules"]]}
    assert targets.lifecycle(GOAL, found) is found


@pytest.mark.parametrize("narrower", [{"Filter": {"Tag": {"Key": "a", "Value": "b"}}}, {"Filter": {"Prefix": "x/"}}])
def test_a_rule_of_ours_that_was_narrowed_is_renewed(narrower: dict[str, Any]) -> None:
    """It would keep old versions for ever elsewhere."""
    ours = targets.lifecycle(GOAL, None)
    assert ours is not None
    assert targets.lifecycle(GOAL, {"Rules": [{**ours["Rules"][0], **narrower}, ours["Rules"][1]]}) == {
        "Rules": [ours["Rules"][1], ours["Rules"][0]]
    }


def test_no_days_means_no_rule_of_ours() -> None:
    """A rule of ours goes, those of others stay."""
    never = replace(GOAL, noncurrent_days=0, multipart_days=0)
    theirs = {"ID": "theirs", "Status": "Enabled"}
    ours = targets.lifecycle(GOAL, None)
    assert ours is not None
    assert targets.lifecycle(never, {"Rules": [*ours["Rules"], theirs]}) == {"Rules": [theirs]}
    assert targets.lifecycle(never, None) is None


def test_delete_markers_without_versions_expire() -> None:
    """Each lock file leaves one."""
    (old_versions, _uploads) = (targets.lifecycle(GOAL, None) or {})["Rules"]
    assert old_versions["Expiration"] == {"ExpiredObjectDeleteMarker": True}


def test_a_rule_of_others_that_deletes_states_is_a_worry() -> None:
    """Not ours to change, and worth saying."""
    rules = [
        {"ID": "dangerous", "Status": "Enabled", "Expiration": {"Days": 30}},
        {"ID": "off", "Status": "Disabled", "Expiration": {"Days": 30}},
        *(targets.lifecycle(GOAL, None) or {})["Rules"],
    ]
    assert worries(bucket_with(lifecycle={"Rules": rules})) == [
        "The lifecycle rule dangerous of the bucket deletes current objects, states among them."
    ]
    assert worries(bucket_with(lifecycle=NotRead("no"))) == []


def test_the_access_log_is_turned_on_once_and_its_prefix_stays() -> None:
    """Whoever chose the prefix had a reason."""
    logged = replace(GOAL, access_log_bucket="logs")
    assert targets.access_log(logged, None) == {"TargetBucket": "logs", "TargetPrefix": "b/"}
    chosen = {"TargetBucket": "logs", "TargetPrefix": "chosen/"}
    assert targets.access_log(logged, chosen) == chosen
    assert targets.access_log(GOAL, chosen) == chosen


@pytest.mark.parametrize(
    ("asked", "there", "becomes"),
    [((None, None), None, (5, 5)), ((None, None), (7, 8), (7, 8)), ((1, 2), (7, 8), (1, 2)), ((1, None), None, (1, 5))],
)
def test_capacities_nobody_asked_for_stay(asked: Any, there: Any, becomes: Any) -> None:
    """Autoscaling may have chosen them."""
    goal = replace(GOAL, billing_mode="PROVISIONED", read_capacity=asked[0], write_capacity=asked[1])
    found = {"read_capacity": there[0], "write_capacity": there[1]} if there else None
    target = targets.billing(goal, found)
    assert (target["read_capacity"], target["write_capacity"]) == becomes


def test_check_mode_shows_a_key_that_is_not_made_yet() -> None:
    """Its ARN cannot be known, that there will be one can."""
    after = audit(GOAL, Found("123456789012")).after
    assert after["bucket"]["encryption"]["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == NEW_KEY
    assert audit(GOAL, Found("123456789012")).before == {"bucket": {}, "kms_key": {}, "lock_table": {}}


@pytest.mark.parametrize(
    ("goal", "found", "reason"),
    [
        (GOAL, replace(PERFECT, bucket=s3_bucket.Bucket("b", "eu-west-1")), "in the region eu-west-1.*us-east-1"),
        (replace(GOAL, kms_alias=None, kms_key_id="9"), replace(PERFECT, key=None), "key 9 does not exist"),
        (replace(GOAL, kms_alias="alias/aws/s3"), replace(PERFECT, key=None), "AWS makes when it is first used"),
        (GOAL, replace(PERFECT, key=kms.Key("1", KEY_ARN, "PendingDeletion", False)), "cancel its deletion"),
        (GOAL, replace(PERFECT, key=kms.Key("1", KEY_ARN, "Disabled", False)), "state is Disabled: enable it"),
        (GOAL, replace(PERFECT, table=replace(TABLE, hash_keys=(("id", "N"),))), r"id \(N\).*LockID \(S\)"),
        (GOAL, replace(PERFECT, table=replace(TABLE, status="DELETING")), "being deleted"),
    ],
)
def test_a_backend_in_no_condition_is_refused(goal: Wanted, found: Found, reason: str) -> None:
    """Before anything is written."""
    with pytest.raises(Refused, match=reason):
        refuse_unfit(goal, found)


def test_a_backend_in_good_condition_is_not_refused() -> None:
    """Nor one whose parts may not be looked at."""
    refuse_unfit(GOAL, PERFECT)
    hidden = NotRead("AccessDenied")
    refuse_unfit(GOAL, replace(PERFECT, bucket=hidden, key=hidden, table=hidden))
