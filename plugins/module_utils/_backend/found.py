# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backend as it is: everything read side by side, in three round trips."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._aws import dynamodb, kms, s3_bucket, sts
from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Aws
from ansible_collections.envforge.terraform.plugins.module_utils._backend.arns import table_arn
from ansible_collections.envforge.terraform.plugins.module_utils._backend.wanted import Wanted
from ansible_collections.envforge.terraform.plugins.module_utils._errors import AwsDenied, AwsError, Refused

MARK = "envforge:backend"  # the tag of a key we made; its value is the bucket it was made for


@dataclass(frozen=True)
class NotRead:
    """Stands for what these credentials may not read; such a setting is never written."""

    reason: str


@dataclass(frozen=True)
class Found:
    """What there is. Settings map a name to AWS's own spelling, None (never made) or NotRead."""

    account_id: str
    bucket: s3_bucket.Bucket | NotRead | None = None
    bucket_settings: Mapping[str, Any] = field(default_factory=dict)
    key: kms.Key | NotRead | None = None
    key_settings: Mapping[str, Any] = field(default_factory=dict)
    table: dynamodb.Table | NotRead | None = None
    table_settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def not_read(self) -> dict[str, str]:
        """Everything that could not be read, with the reason."""
        things = {"bucket": self.bucket, "kms_key": self.key, "lock_table": self.table}
        for prefix, settings in (
            ("bucket", self.bucket_settings),
            ("kms_key", self.key_settings),
            ("lock_table", self.table_settings),
        ):
            things.update({f"{prefix}.{name}": value for name, value in settings.items()})
        return {name: thing.reason for name, thing in things.items() if isinstance(thing, NotRead)}


def account_of(aws: Aws, wanted: Wanted) -> str:
    """The account of the credentials; raises Refused when another one is expected. Nothing else is asked before."""
    account_id = sts.account_id(aws)
    if wanted.account_id not in (None, account_id):
        raise Refused(
            f"The credentials belong to the AWS account {account_id}, but this environment lives in"
            f" {wanted.account_id}: nothing was touched. Use credentials of that account (profile, AWS_PROFILE), or"
            " correct tf_account_id."
        )
    return account_id


def find(aws: Aws, wanted: Wanted) -> Found:
    """Read everything about the wanted backend. *aws* has to know its account (Aws.owned_by)."""
    account_id = aws.account_id or account_of(aws, wanted)
    with ThreadPoolExecutor(max_workers=16) as pool:

        def side_by_side(reads: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
            started = {name: pool.submit(_attempt, read) for name, read in reads.items()}
            return {name: future.result() for name, future in started.items()}

        first = side_by_side(_reads(aws, wanted, account_id))
        key = first.pop("kms_key", None)
        table, recovery, table_tags = (first.pop(name, None) for name in _TABLE_READS)
        bucket = first.pop("bucket")
        named = wanted.kms_alias and isinstance(key, kms.Key) and not key.managed_by_aws
        key_reads = _key_reads(aws, key) if named else {}
        return Found(
            account_id=account_id,
            bucket=_ours_or_not(wanted.bucket, bucket, first),
            bucket_settings=first,
            key=key,
            key_settings=side_by_side(key_reads),
            table=table,
            table_settings=_table_settings(table, recovery, table_tags),
        )


def _attempt(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except AwsDenied as error:
        return NotRead(str(error))


_TABLE_READS = ("lock_table", "point_in_time_recovery", "lock_table_tags")


def _reads(aws: Aws, wanted: Wanted, account_id: str) -> dict[str, Callable[[], Any]]:
    reads: dict[str, Callable[[], Any]] = {"bucket": lambda: s3_bucket.head_bucket(aws, wanted.bucket)}
    for name, reader in s3_bucket.READERS.items():
        reads[name] = partial(reader, aws, wanted.bucket)
    if key := wanted.kms_key_id or wanted.kms_alias:
        reads["kms_key"] = lambda: kms.describe_key(aws, key)
    if table := wanted.lock_table:
        arn = table_arn(wanted.region, account_id, table)
        calls: tuple[Callable[[], Any], ...] = (
            lambda: dynamodb.describe_table(aws, table),
            lambda: dynamodb.get_point_in_time_recovery(aws, table),
            lambda: dynamodb.get_tags(aws, arn),
        )
        reads.update(zip(_TABLE_READS, calls, strict=True))
    return reads


def _key_reads(aws: Aws, key: kms.Key) -> dict[str, Callable[[], Any]]:
    return {"rotation": lambda: _rotation(aws, key.key_id), "tags": lambda: kms.get_tags(aws, key.key_id)}


def _rotation(aws: Aws, key_id: str) -> bool | NotRead:
    try:
        return kms.get_rotation(aws, key_id)
    except AwsError as error:
        if error.details.get("aws_code") != "UnsupportedOperationException":
            raise
        return NotRead(f"KMS cannot rotate the key {key_id}: its material was imported, or it is not symmetric.")


def _table_settings(table: Any, recovery: Any, tags: Any) -> dict[str, Any]:
    if not isinstance(table, dynamodb.Table):
        return {}
    return {
        "billing": {
            "billing_mode": table.billing_mode,
            "read_capacity": table.read_capacity,
            "write_capacity": table.write_capacity,
        },
        "encryption": table.encryption,
        "deletion_protection": table.deletion_protection,
        "point_in_time_recovery": recovery,
        "tags": tags,
    }


def _ours_or_not(name: str, bucket: Any, settings: Mapping[str, Any]) -> Any:
    """S3 answers 403 both for a bucket of another account and for one of ours that we may not list.

    Every call names the owner it expects: any setting that could be read proves the bucket ours.
    """
    if not isinstance(bucket, NotRead):
        return bucket
    if all(isinstance(value, NotRead) for value in settings.values()):
        raise Refused(s3_bucket.taken(name))
    return bucket
