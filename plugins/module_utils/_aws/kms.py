# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""KMS's calls about the key that encrypts states, one function each."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Aws, while_trying_to
from ansible_collections.envforge.terraform.plugins.module_utils._errors import AwsError, AwsMissing

_PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Key:
    """A KMS key. state is Enabled, Disabled, PendingDeletion, …; managed_by_aws keys take no changes."""

    key_id: str
    arn: str
    state: str
    managed_by_aws: bool


def describe_key(aws: Aws, key: str) -> Key | None:
    """The key with this id, ARN or alias; None when there is none."""
    try:
        with while_trying_to(f"look at KMS key {key}"):
            answer = aws.client("kms").describe_key(KeyId=key)["KeyMetadata"]
    except AwsMissing:
        return None
    return Key(answer["KeyId"], answer["Arn"], answer["KeyState"], answer.get("KeyManager") == "AWS")


def create_key(aws: Aws, description: str, tags: Mapping[str, str]) -> Key:
    """Create a symmetric key with the account's default policy: IAM decides who may use it."""
    with while_trying_to("create a KMS key"):
        answer = aws.client("kms").create_key(Description=description, Tags=_tag_list(tags))["KeyMetadata"]
    return Key(answer["KeyId"], answer["Arn"], answer["KeyState"], managed_by_aws=False)


def create_alias(aws: Aws, alias: str, key_id: str) -> None:
    """Name the key, and wait until the name leads to it; content when it does already."""
    try:
        with while_trying_to(f"create KMS alias {alias}"):
            aws.client("kms").create_alias(AliasName=alias, TargetKeyId=key_id)
    except AwsError as error:
        if error.details.get("aws_code") != "AlreadyExistsException":
            raise
    end = time.monotonic() + _PATIENCE_SECONDS
    while (key := describe_key(aws, alias)) is None or key.state != "Enabled":
        if time.monotonic() > end:
            raise AwsError(
                f"KMS alias {alias} leads to no usable key {_PATIENCE_SECONDS} s after it was made: run again later."
            )
        time.sleep(1)


def delete_alias(aws: Aws, alias: str) -> None:
    """Delete the name, not the key; content when it has gone already."""
    try:
        with while_trying_to(f"delete KMS alias {alias}"):
            aws.client("kms").delete_alias(AliasName=alias)
    except AwsMissing:
        return


def schedule_deletion(aws: Aws, key_id: str, days: int) -> None:
    """Delete the key in *days* days (7 to 30): until then it can be rescued by CancelKeyDeletion."""
    with while_trying_to(f"schedule the deletion of KMS key {key_id}"):
        aws.client("kms").schedule_key_deletion(KeyId=key_id, PendingWindowInDays=days)


def get_rotation(aws: Aws, key_id: str) -> bool:
    """Whether the key is rotated every year."""
    with while_trying_to(f"read the rotation of KMS key {key_id}"):
        return bool(aws.client("kms").get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"])


def enable_rotation(aws: Aws, key_id: str) -> None:
    """Rotate the key every year."""
    with while_trying_to(f"turn on the rotation of KMS key {key_id}"):
        aws.client("kms").enable_key_rotation(KeyId=key_id)


def get_tags(aws: Aws, key_id: str) -> dict[str, str]:
    """The key's tags."""
    with while_trying_to(f"read the tags of KMS key {key_id}"):
        pages = aws.client("kms").get_paginator("list_resource_tags").paginate(KeyId=key_id)
        return {tag["TagKey"]: tag["TagValue"] for page in pages for tag in page.get("Tags", ())}


def add_tags(aws: Aws, key_id: str, tags: Mapping[str, str]) -> None:
    """Add or change these tags; the others stay."""
    with while_trying_to(f"tag KMS key {key_id}"):
        aws.client("kms").tag_resource(KeyId=key_id, Tags=_tag_list(tags))


def list_unnamed_keys(aws: Aws) -> list[str]:
    """The ids of all keys that no alias names."""
    with while_trying_to("list the KMS keys without an alias"):
        client = aws.client("kms")
        keys = {key["KeyId"] for page in client.get_paginator("list_keys").paginate() for key in page["Keys"]}
        aliases = client.get_paginator("list_aliases").paginate()
        named = {alias.get("TargetKeyId") for page in aliases for alias in page["Aliases"]}
    return sorted(keys - named)


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"TagKey": key, "TagValue": value} for key, value in tags.items()]
