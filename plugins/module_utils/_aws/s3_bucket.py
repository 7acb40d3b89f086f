# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""S3's calls about a bucket and its settings, one function each; a setting that was never made is None."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._aws.s3 import owner
from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Aws, while_trying_to
from ansible_collections.envforge.terraform.plugins.module_utils._errors import AwsError, AwsMissing

_NO_CONSTRAINT = "us-east-1"  # there a LocationConstraint is an error, everywhere else its absence is
Json = dict[str, Any]


@dataclass(frozen=True)
class Bucket:
    """A bucket that these credentials may look at."""

    name: str
    region: str


def head_bucket(aws: Aws, bucket: str) -> Bucket | None:
    """The bucket, None when nobody has one of that name; AwsDenied when it may be somebody else's.

    S3 answers 301 or 403 for a bucket of another region or account; details["bucket_region"] then names its region.
    """
    try:
        with while_trying_to(f"look at bucket {bucket}"):
            answer = aws.client("s3").head_bucket(Bucket=bucket, **owner(aws))
    except AwsMissing:
        return None
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    return Bucket(bucket, headers.get("x-amz-bucket-region") or answer.get("BucketRegion") or aws.connection.region)


def create_bucket(aws: Aws, bucket: str, tags: Mapping[str, str]) -> None:
    """Create the bucket and wait until it can be seen; content with one that is ours already."""
    client = aws.client("s3")
    configuration: Json = {}
    if aws.connection.region != _NO_CONSTRAINT:
        configuration["LocationConstraint"] = aws.connection.region
    known = client.meta.service_model.shape_for("CreateBucketConfiguration").members
    if tags and "Tags" in known:  # policies of an organisation may demand tags in this very call
        configuration["Tags"] = _tag_list(tags)
    arguments = {"CreateBucketConfiguration": configuration} if configuration else {}
    try:
        with while_trying_to(f"create bucket {bucket} in {aws.connection.region}"):
            client.create_bucket(Bucket=bucket, ObjectOwnership="BucketOwnerEnforced", **arguments)
    except AwsError as error:
        if error.details.get("aws_code") == "BucketAlreadyExists":
            raise AwsError(taken(bucket), **error.details) from error
        if error.details.get("aws_code") != "BucketAlreadyOwnedByYou":
            raise
    with while_trying_to(f"see bucket {bucket} after creating it"):
        client.get_waiter("bucket_exists").wait(
            Bucket=bucket, WaiterConfig={"Delay": 1, "MaxAttempts": 60}, **owner(aws)
        )


def taken(bucket: str) -> str:
    """What to say about a bucket of another account."""
    return (
        f"The bucket {bucket} is taken by somebody else (bucket names are shared by all AWS accounts), or these"
        " credentials may do nothing with it: choose another name for bucket, or use credentials of its account."
    )


def delete_bucket(aws: Aws, bucket: str) -> None:
    """Delete the empty bucket; content when it has gone already."""
    try:
        with while_trying_to(f"delete bucket {bucket}"):
            aws.client("s3").delete_bucket(Bucket=bucket, **owner(aws))
    except AwsMissing:
        return


def _read(aws: Aws, bucket: str, what: str, call: str) -> Json:
    """The answer of a Get… call about the bucket; empty when that setting was never made."""
    try:
        with while_trying_to(f"read the {what} of bucket {bucket}"):
            answer: Json = getattr(aws.client("s3"), call)(Bucket=bucket, **owner(aws))
            return answer
    except AwsMissing:
        return {}


def _write(aws: Aws, bucket: str, what: str, call: str, **arguments: Any) -> None:
    with while_trying_to(f"set the {what} of bucket {bucket}"):
        getattr(aws.client("s3"), call)(Bucket=bucket, **arguments, **owner(aws))


def get_versioning(aws: Aws, bucket: str) -> str | None:
    """Enabled or Suspended."""
    return _read(aws, bucket, "versioning", "get_bucket_versioning").get("Status")


def put_versioning(aws: Aws, bucket: str, status: str) -> None:
    """Enabled or Suspended."""
    _write(aws, bucket, "versioning", "put_bucket_versioning", VersioningConfiguration={"Status": status})


def get_encryption(aws: Aws, bucket: str) -> Json | None:
    """The one rule of ServerSideEncryptionConfiguration, as S3 spells it."""
    answer = _read(aws, bucket, "encryption", "get_bucket_encryption")
    rules: list[Json] = answer.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    return rules[0] if rules else None


def put_encryption(aws: Aws, bucket: str, rule: Json) -> None:
    """*rule* as get_encryption returns it."""
    configuration = {"Rules": [rule]}
    _write(aws, bucket, "encryption", "put_bucket_encryption", ServerSideEncryptionConfiguration=configuration)


def get_public_access_block(aws: Aws, bucket: str) -> dict[str, bool] | None:
    """The four switches by their names."""
    answer = _read(aws, bucket, "public access block", "get_public_access_block")
    return answer.get("PublicAccessBlockConfiguration")


def put_public_access_block(aws: Aws, bucket: str, switches: dict[str, bool]) -> None:
    """The four switches by their names."""
    what, call = "public access block", "put_public_access_block"
    _write(aws, bucket, what, call, PublicAccessBlockConfiguration=switches)


def get_ownership(aws: Aws, bucket: str) -> str | None:
    """BucketOwnerEnforced, BucketOwnerPreferred or ObjectWriter."""
    answer = _read(aws, bucket, "object ownership", "get_bucket_ownership_controls")
    rules = answer.get("OwnershipControls", {}).get("Rules", [])
    return rules[0]["ObjectOwnership"] if rules else None


def put_ownership(aws: Aws, bucket: str, ownership: str) -> None:
    """BucketOwnerEnforced, BucketOwnerPreferred or ObjectWriter."""
    controls = {"Rules": [{"ObjectOwnership": ownership}]}
    _write(aws, bucket, "object ownership", "put_bucket_ownership_controls", OwnershipControls=controls)


def get_policy(aws: Aws, bucket: str) -> Json | None:
    """The bucket policy as a document."""
    text = _read(aws, bucket, "policy", "get_bucket_policy").get("Policy")
    document: Json | None = json.loads(text) if text else None
    return document


def put_policy(aws: Aws, bucket: str, document: Json) -> None:
    """Replace the bucket policy."""
    _write(aws, bucket, "policy", "put_bucket_policy", Policy=json.dumps(document))


def get_lifecycle(aws: Aws, bucket: str) -> Json | None:
    """Rules, and TransitionDefaultMinimumObjectSize where S3 has it."""
    answer = _read(aws, bucket, "lifecycle rules", "get_bucket_lifecycle_configuration")
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"} or None


def put_lifecycle(aws: Aws, bucket: str, lifecycle: Json) -> None:
    """*lifecycle* as get_lifecycle returns it; no rule at all deletes the configuration."""
    more = {name: value for name, value in lifecycle.items() if name != "Rules"}
    if lifecycle["Rules"]:
        configuration = {"Rules": lifecycle["Rules"]}
        call = "put_bucket_lifecycle_configuration"
        _write(aws, bucket, "lifecycle rules", call, LifecycleConfiguration=configuration, **more)
    else:
        _write(aws, bucket, "lifecycle rules", "delete_bucket_lifecycle")


def get_tags(aws: Aws, bucket: str) -> dict[str, str] | None:
    """The bucket's tags."""
    answer = _read(aws, bucket, "tags", "get_bucket_tagging")
    return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]} if answer.get("TagSet") else None


def put_tags(aws: Aws, bucket: str, tags: Mapping[str, str]) -> None:
    """Replace all tags: S3 has no call that adds one."""
    _write(aws, bucket, "tags", "put_bucket_tagging", Tagging={"TagSet": _tag_list(tags)})


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def get_logging(aws: Aws, bucket: str) -> Json | None:
    """LoggingEnabled, as S3 spells it: TargetBucket, TargetPrefix."""
    return _read(aws, bucket, "access logging", "get_bucket_logging").get("LoggingEnabled")


def put_logging(aws: Aws, bucket: str, target: Json) -> None:
    """Log to another bucket, which must let logging.s3.amazonaws.com write."""
    _write(aws, bucket, "access logging", "put_bucket_logging", BucketLoggingStatus={"LoggingEnabled": target})


# The settings of a bucket by name: read side by side with the bucket itself.
READERS: dict[str, Callable[[Aws, str], Any]] = {
    "versioning": get_versioning,
    "encryption": get_encryption,
    "public_access_block": get_public_access_block,
    "object_ownership": get_ownership,
    "policy": get_policy,
    "lifecycle": get_lifecycle,
    "tags": get_tags,
    "access_log": get_logging,
}
