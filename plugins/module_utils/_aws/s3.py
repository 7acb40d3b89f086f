# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""S3's calls about objects, one function each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Aws, while_trying_to
from ansible_collections.envforge.terraform.plugins.module_utils._errors import AwsError, AwsMissing

_BATCH = 1000  # what DeleteObjects takes at most


@dataclass(frozen=True)
class Head:
    """An object without its content. etag keeps its quotes, as If-Match wants it."""

    etag: str
    version_id: str | None
    size: int
    last_modified: str = ""


@dataclass(frozen=True)
class Object:
    """An object, or the range of it that was asked for. age is in seconds by S3's own clock, None when it does not say."""

    body: bytes
    etag: str
    version_id: str | None
    last_modified: str = ""
    age: float | None = None


@dataclass(frozen=True)
class Version:
    """One version of a key, or a marker that says the key was deleted."""

    key: str
    version_id: str
    is_latest: bool
    is_delete_marker: bool
    last_modified: str
    etag: str = ""
    size: int = 0


@dataclass(frozen=True)
class Entry:
    """A key in a bucket's listing."""

    key: str
    size: int
    last_modified: str


def owner(aws: Aws) -> dict[str, str]:
    """The argument that makes S3 refuse the bucket of any other account."""
    return {"ExpectedBucketOwner": aws.account_id} if aws.account_id else {}


def head_object(aws: Aws, bucket: str, key: str) -> Head | None:
    """The current version of *key*; None when it or the bucket is missing."""
    try:
        with while_trying_to(f"look for {key} in bucket {bucket}"):
            answer = aws.client("s3").head_object(Bucket=bucket, Key=key, **owner(aws))
    except AwsMissing:
        return None
    return Head(answer["ETag"], answer.get("VersionId"), answer["ContentLength"], str(answer["LastModified"]))


def get_object(
    aws: Aws, bucket: str, key: str, *, version_id: str | None = None, range_: str | None = None
) -> Object | None:
    """*key*, or *range_* ("bytes=0-511") of it; None when it, that version or the bucket is missing."""
    more = {"VersionId": version_id, "Range": range_}
    chosen = {name: value for name, value in more.items() if value}
    try:
        with while_trying_to(f"read {key} in bucket {bucket}"):
            answer = aws.client("s3").get_object(Bucket=bucket, Key=key, **chosen, **owner(aws))
            body: bytes = answer["Body"].read()
    except AwsMissing:
        return None
    return Object(body, answer["ETag"], answer.get("VersionId"), str(answer["LastModified"]), _age(answer))


def _age(answer: Mapping[str, Any]) -> float | None:
    now = ((answer.get("ResponseMetadata") or {}).get("HTTPHeaders") or {}).get("date")
    if not now:
        return None
    age: float = (parsedate_to_datetime(now) - answer["LastModified"]).total_seconds()
    return max(0.0, age)


def put_object(
    aws: Aws,
    bucket: str,
    key: str,
    body: bytes,
    *,
    only_if: Mapping[str, str],
    encryption: Mapping[str, str],
) -> Head:
    """Write *key*; raises AwsConflict when *only_if* (IfMatch, IfNoneMatch) does not hold.

    *encryption* holds ServerSideEncryption and SSEKMSKeyId.
    """
    with while_trying_to(f"write {key} in bucket {bucket}"):
        answer = aws.client("s3").put_object(
            Bucket=bucket,
            Key=key,
            Body=body,
            ContentType="application/json",
            **only_if,
            **encryption,
            **owner(aws),
        )
    return Head(answer["ETag"], answer.get("VersionId"), len(body))


def delete_object(
    aws: Aws, bucket: str, key: str, *, version_id: str | None = None, if_match: str | None = None
) -> None:
    """Delete *key* (a delete marker, where versions are kept) or one version of it for good."""
    chosen = {name: value for name, value in {"VersionId": version_id, "IfMatch": if_match}.items() if value}
    with while_trying_to(f"delete {key} in bucket {bucket}"):
        aws.client("s3").delete_object(Bucket=bucket, Key=key, **chosen, **owner(aws))


def list_objects(aws: Aws, bucket: str, prefix: str = "") -> list[Entry]:
    """The current objects whose key begins with *prefix*."""
    with while_trying_to(f"list the objects of bucket {bucket}"):
        pages = aws.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, **owner(aws))
        return [
            Entry(item["Key"], item["Size"], str(item["LastModified"]))
            for page in pages
            for item in page.get("Contents", ())
        ]


def list_versions(aws: Aws, bucket: str, key: str) -> list[Version]:
    """All versions and delete markers of exactly *key*, newest first."""
    return [version for version in _versions(aws, bucket, key) if version.key == key]


def list_all_versions(aws: Aws, bucket: str) -> list[Version]:
    """All versions and delete markers in the bucket, newest first within a key."""
    return list(_versions(aws, bucket, ""))


def _versions(aws: Aws, bucket: str, prefix: str) -> Iterator[Version]:
    found: list[Version] = []
    with while_trying_to(f"list the versions of {prefix or 'all objects'} in bucket {bucket}"):
        paginator = aws.client("s3").get_paginator("list_object_versions")
        for page in paginator.paginate(Bucket=bucket, Prefix=prefix, **owner(aws)):
            found += [_version(item, marker=False) for item in page.get("Versions", ())]
            found += [_version(item, marker=True) for item in page.get("DeleteMarkers", ())]
    # S3 lists versions and markers apart; within a key is_latest comes first, then the time decides
    newest_first = sorted(found, key=lambda version: (version.is_latest, version.last_modified), reverse=True)
    return iter(sorted(newest_first, key=lambda version: version.key))


def _version(item: Mapping[str, Any], *, marker: bool) -> Version:
    return Version(
        key=item["Key"],
        version_id=item["VersionId"],
        is_latest=item["IsLatest"],
        is_delete_marker=marker,
        last_modified=str(item["LastModified"]),
        etag=item.get("ETag", ""),
        size=item.get("Size", 0),
    )


def delete_versions(aws: Aws, bucket: str, versions: list[Version]) -> None:
    """Delete these versions and delete markers for good."""
    for start in range(0, len(versions), _BATCH):
        batch = [{"Key": each.key, "VersionId": each.version_id} for each in versions[start : start + _BATCH]]
        with while_trying_to(f"delete {len(batch)} object versions in bucket {bucket}"):
            answer = aws.client("s3").delete_objects(
                Bucket=bucket, Delete={"Objects": batch, "Quiet": True}, **owner(aws)
            )
        if answer.get("Errors"):
            first = answer["Errors"][0]
            raise AwsError(
                f"Could not delete {first.get('Key')} in bucket {bucket}: {first.get('Code')}: {first.get('Message')}",
                aws_code=first.get("Code"),
            )
