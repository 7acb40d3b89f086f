# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""S3's calls: what is sent, and how answers look on our side."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._aws import s3, s3_bucket
from ansible_collections.envforge.terraform.plugins.module_utils._errors import AwsError
from tests.unit.plugins.module_utils._aws.clients import ACCOUNT, Client, aws_with, refused

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def version(key: str, number: int, *, latest: bool = False) -> dict[str, Any]:
    return {"Key": key, "VersionId": str(number), "IsLatest": latest, "LastModified": DAY.replace(day=number)}


def test_a_missing_object_is_none() -> None:
    """Absence is an answer, not a failure."""
    client = Client({"head_object": refused("404", status=404), "get_object": refused("NoSuchKey", status=404)})
    aws = aws_with(s3=client)
    assert s3.head_object(aws, "b", "k") is None
    assert s3.get_object(aws, "b", "k") is None


def test_every_call_demands_the_owner() -> None:
    """A bucket of that name in another account never gets or gives a state."""
    client = Client({"head_object": refused("404"), "list_objects_v2": {}, "list_object_versions": {}})
    aws = aws_with(s3=client)
    s3.head_object(aws, "b", "k")
    s3.delete_object(aws, "b", "k")
    s3.list_objects(aws, "b")
    s3.list_versions(aws, "b", "k")
    s3.delete_versions(aws, "b", [s3.Version("k", "1", True, False, "")])
    s3_bucket.put_versioning(aws, "b", "Enabled")
    s3_bucket.delete_bucket(aws, "b")
    for reader in s3_bucket.READERS.values():
        reader(aws, "b")
    assert {arguments["ExpectedBucketOwner"] for _, arguments in client.calls} == {ACCOUNT}


def test_an_unknown_owner_is_not_demanded() -> None:
    """An empty argument would be refused by botocore."""
    client = Client({"head_object": refused("404")})
    s3.head_object(aws_with(account_id=None, s3=client), "b", "k")
    assert client.calls == [("head_object", {"Bucket": "b", "Key": "k"})]


def test_only_what_was_asked_for_is_sent() -> None:
    """A version, a range, a condition: each by AWS's name, none of them empty."""
    client = Client({"get_object": refused("NoSuchVersion")})
    aws = aws_with(account_id=None, s3=client)
    s3.get_object(aws, "b", "k")
    s3.get_object(aws, "b", "k", version_id="1", range_="bytes=0-511")
    s3.delete_object(aws, "b", "k", if_match='"e"')
    assert [arguments for _name, arguments in client.calls] == [
        {"Bucket": "b", "Key": "k"},
        {"Bucket": "b", "Key": "k", "VersionId": "1", "Range": "bytes=0-511"},
        {"Bucket": "b", "Key": "k", "IfMatch": '"e"'},
    ]


def test_versions_of_a_key_are_its_own_and_newest_first() -> None:
    """S3 lists by prefix, and lists versions and delete markers apart."""
    answer = {
        "Versions": [version("k", 1), version("k", 2), version("k.tflock", 3, latest=True)],
        "DeleteMarkers": [version("k", 3, latest=True)],
    }
    found = s3.list_versions(aws_with(s3=Client({"list_object_versions": answer})), "b", "k")
    assert [(each.version_id, each.is_delete_marker) for each in found] == [("3", True), ("2", False), ("1", False)]


def test_a_version_that_could_not_be_deleted_is_an_error() -> None:
    """DeleteObjects answers 200 and lists what it did not delete."""
    answer = {"Errors": [{"Key": "k", "Code": "AccessDenied", "Message": "locked"}]}
    with pytest.raises(AwsError, match="Could not delete k in bucket b: AccessDenied: locked"):
        s3.delete_versions(
            aws_with(s3=Client({"delete_objects": answer})), "b", [s3.Version("k", "1", True, False, "")]
        )


def test_versions_are_deleted_in_thousands() -> None:
    """DeleteObjects takes no more."""
    client = Client({})
    versions = [s3.Version(f"k{number}", "1", True, False, "") for number in range(2500)]
    s3.delete_versions(aws_with(s3=client), "b", versions)
    assert [len(arguments["Delete"]["Objects"]) for _, arguments in client.calls] == [1000, 1000, 500]


@pytest.mark.parametrize(
    ("region", "configuration"),
    [("us-east-1", None), ("eu-central-1", {"LocationConstraint": "eu-central-1"})],
)
def test_only_other_regions_than_us_east_1_are_named_as_a_constraint(region: str, configuration: object) -> None:
    """S3 refuses us-east-1 as a LocationConstraint, and refuses its absence elsewhere."""
    client = Client({})
    s3_bucket.create_bucket(aws_with(region, s3=client), "b", {})
    assert client.calls[0][1].get("CreateBucketConfiguration") == configuration


def test_tags_are_part_of_creation() -> None:
    """Policies of an organisation may refuse a bucket that is born without them."""
    client = Client({})
    s3_bucket.create_bucket(aws_with(s3=client), "b", {"team": "x"})
    assert client.calls[0][1]["CreateBucketConfiguration"] == {"Tags": [{"Key": "team", "Value": "x"}]}


def test_a_bucket_that_became_ours_meanwhile_is_content() -> None:
    """Two runs at the same time, or an answer that was lost."""
    client = Client({"create_bucket": refused("BucketAlreadyOwnedByYou", status=409)})
    s3_bucket.create_bucket(aws_with(s3=client), "b", {})
    assert client.asked == ["create_bucket", "wait_bucket_exists"]


def test_a_taken_name_says_what_to_do() -> None:
    """Bucket names are shared by all accounts of AWS."""
    client = Client({"create_bucket": refused("BucketAlreadyExists", status=409)})
    with pytest.raises(AwsError, match=r"The bucket b is taken by somebody else.*choose another name"):
        s3_bucket.create_bucket(aws_with(s3=client), "b", {})


def test_settings_that_were_never_made_are_none() -> None:
    """S3 answers half of them with an error of its own and half with an empty answer."""
    client = Client(
        {
            "get_bucket_encryption": refused("ServerSideEncryptionConfigurationNotFoundError", status=404),
            "get_public_access_block": refused("NoSuchPublicAccessBlockConfiguration", status=404),
            "get_bucket_ownership_controls": refused("OwnershipControlsNotFoundError", status=404),
            "get_bucket_policy": refused("NoSuchBucketPolicy", status=404),
            "get_bucket_lifecycle_configuration": refused("NoSuchLifecycleConfiguration", status=404),
            "get_bucket_tagging": refused("NoSuchTagSet", status=404),
        }
    )
    aws = aws_with(s3=client)
    assert {name: reader(aws, "b") for name, reader in s3_bucket.READERS.items()} == dict.fromkeys(s3_bucket.READERS)


def test_no_lifecycle_rule_left_deletes_the_configuration() -> None:
    """S3 refuses a configuration without rules."""
    client = Client({})
    s3_bucket.put_lifecycle(aws_with(s3=client), "b", {"Rules": []})
    assert client.asked == ["delete_bucket_lifecycle"]
