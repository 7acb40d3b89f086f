# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The locks and the digest of a state, as Terraform keeps them."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._backend import digest, locks
from ansible_collections.envforge.terraform.plugins.module_utils._errors import StateEndangered, StateLocked
from tests.unit.plugins.module_utils._aws.clients import Client, aws_with, refused

CONFIG: dict[str, Any] = {"bucket": "b", "region": "us-east-1", "key": "k", "dynamodb_table": "t", "use_lockfile": True}
CLAIM = {
    "ID": "1",
    "Operation": "OperationTypeApply",
    "Info": "",
    "Who": "ann@laptop",
    "Version": "1.11.4",
    "Created": "2026-01-31T12:00:00Z",
    "Path": "b/k",
}
DAY = datetime(2026, 1, 31, tzinfo=UTC)
STATE_MD5 = "5d41402abc4b2a76b9719d911017c592"  # of b"hello"


def stored(body: str) -> dict[str, Any]:
    return {"Body": io.BytesIO(body.encode()), "ETag": '"e"', "LastModified": DAY}


def row(**columns: str) -> dict[str, Any]:
    return {"Item": {name: {"S": value} for name, value in columns.items()}}


def test_a_state_nobody_works_on_has_no_lock() -> None:
    """Neither a row nor an object."""
    aws = aws_with(s3=Client({"get_object": refused("NoSuchKey")}), dynamodb=Client({}))
    assert locks.held(aws, CONFIG) == []


def test_both_mechanisms_are_looked_at() -> None:
    """A holder has the same id by both; who, since when and for what is told."""
    text = json.dumps(CLAIM)
    dynamodb = Client({"get_item": row(LockID="b/k", Info=text)})
    aws = aws_with(s3=Client({"get_object": stored(text)}), dynamodb=dynamodb)
    found = locks.held(aws, CONFIG)
    assert [(lock.mechanism, lock.id, lock.etag) for lock in found] == [("dynamodb", "1", ""), ("lockfile", "1", '"e"')]
    assert found[0].sentence() == (
        "b/k is locked by ann@laptop since 2026-01-31T12:00:00Z for OperationTypeApply (lock ID 1, dynamodb)"
    )
    assert set(found[0].told()) == {"id", "operation", "who", "version", "created", "path", "info", "mechanism"}


@pytest.mark.parametrize("text", ["", "not json", "[1]", "null", '{"ID": null}'])
def test_a_lock_that_cannot_be_read_is_still_a_lock(text: str) -> None:
    """force-unlock cannot name it; we can."""
    aws = aws_with(dynamodb=Client({"get_item": row(LockID="b/k", Info=text)}))
    (lock,) = locks.held(aws, {**CONFIG, "use_lockfile": False})
    assert (lock.id, lock.path, lock.raw) == ("", "b/k", text)
    assert "somebody unknown" in lock.sentence()


def test_only_the_mechanisms_of_the_backend_are_looked_at() -> None:
    """No permission is needed for the other."""
    assert locks.held(aws_with(), {**CONFIG, "dynamodb_table": None, "use_lockfile": False}) == []


def test_a_lock_is_taken_file_first_and_given_back_in_reverse() -> None:
    """As Terraform does, each only if it is still ours."""
    s3, dynamodb = Client({"put_object": {"ETag": '"mine"'}}), Client({})
    with locks.holding(aws_with(s3=s3, dynamodb=dynamodb), CONFIG, operation="Test", info="why") as taken:
        assert [lock.mechanism for lock in taken] == ["lockfile", "dynamodb"]
        assert s3.calls[0][1]["IfNoneMatch"] == "*"
        assert dynamodb.calls[0][1]["ConditionExpression"] == "attribute_not_exists(LockID)"
    assert s3.calls[1] == ("delete_object", {**where("k.tflock"), "IfMatch": '"mine"'})
    assert dynamodb.calls[1][1]["ExpressionAttributeValues"] == {":0": {"S": taken[1].raw}}
    assert json.loads(taken[0].raw)["Operation"] == "Test"


def where(key: str) -> dict[str, str]:
    return {"Bucket": "b", "Key": key, "ExpectedBucketOwner": "123456789012"}


def test_a_lock_half_taken_is_given_back() -> None:
    """The row is somebody else's: our file must not stay, and the holder is named."""
    text = json.dumps(CLAIM)
    s3 = Client({"put_object": {"ETag": '"mine"'}, "get_object": refused("NoSuchKey")})
    dynamodb = Client({"put_item": refused("ConditionalCheckFailedException"), "get_item": row(Info=text)})
    with (
        pytest.raises(StateLocked, match="locked by ann@laptop") as raised,
        locks.holding(aws_with(s3=s3, dynamodb=dynamodb), CONFIG, operation="Test"),
    ):
        pass
    assert s3.asked == ["put_object", "delete_object", "get_object"]
    assert raised.value.details["locks"][0]["who"] == "ann@laptop"


def test_a_failure_on_the_way_gives_back_what_was_taken() -> None:
    """Also when it is no conflict."""
    s3 = Client({"put_object": {"ETag": '"mine"'}})
    dynamodb = Client({"put_item": refused("AccessDeniedException")})
    with pytest.raises(Exception, match="AccessDenied"):
        locks.acquire(aws_with(s3=s3, dynamodb=dynamodb), CONFIG, operation="Test")
    assert s3.asked == ["put_object", "delete_object"]


@pytest.mark.parametrize(
    ("config", "sent"),
    [
        ({}, {}),
        ({"encrypt": True}, {"ServerSideEncryption": "AES256"}),
        ({"encrypt": True, "kms_key_id": "arn"}, {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "arn"}),
    ],
)
def test_a_lock_file_is_encrypted_as_terraform_would(config: dict[str, Any], sent: dict[str, str]) -> None:
    """A bucket policy may refuse anything else."""
    assert locks.encryption_of(config) == sent


def digest_clients(stored_digest: str | None, body: str | None) -> tuple[Client, Client]:
    found = row(LockID="b/k-md5", Digest=stored_digest) if stored_digest else {}
    s3 = Client({"put_object": {"ETag": '"mine"'}})
    s3.answers["get_object"] = [stored(body) if body is not None else refused("NoSuchKey") for _ in range(2)]
    return s3, Client({"get_item": found})


@pytest.mark.parametrize("stored_digest", [None, STATE_MD5])
def test_a_digest_that_matches_or_is_not_there_is_fine(stored_digest: str | None) -> None:
    """Terraform checks nothing where there is no digest."""
    s3, dynamodb = digest_clients(stored_digest, "hello")
    assert digest.repair_digest(aws_with(s3=s3, dynamodb=dynamodb), CONFIG) is None
    assert dynamodb.asked == ["get_item"]


def test_a_backend_without_a_table_has_no_digest() -> None:
    """No call is made."""
    assert digest.digest_mismatch(aws_with(), {**CONFIG, "dynamodb_table": None}) is None


def test_a_digest_is_repaired_under_the_lock_and_only_as_it_was_seen() -> None:
    """Somebody may have written a state between our look and our write."""
    s3, dynamodb = digest_clients("old", "hello")
    wrong = digest.repair_digest(aws_with(s3=s3, dynamodb=dynamodb), CONFIG)
    assert wrong == digest.DigestMismatch("b/k", "old", STATE_MD5)
    assert dynamodb.asked == ["get_item", "put_item", "get_item", "put_item", "delete_item"]
    repaired = dynamodb.calls[3][1]
    assert repaired["Item"] == {"LockID": {"S": "b/k-md5"}, "Digest": {"S": STATE_MD5}}
    assert repaired["ExpressionAttributeValues"] == {":0": {"S": "old"}}


def test_a_digest_without_a_state_is_not_repaired() -> None:
    """It is the proof that a state was lost."""
    s3, dynamodb = digest_clients("old", None)
    with pytest.raises(StateEndangered, match="the bucket has none: restore a version"):
        digest.repair_digest(aws_with(s3=s3, dynamodb=dynamodb), CONFIG)
    assert dynamodb.asked[-1] == "delete_item"
