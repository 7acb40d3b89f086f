# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backend that was asked for, checked as far as no request is needed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._backend.config import refuse_unusable
from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html and the other services' API references
_BUCKET = re.compile(r"(?!xn--|sthree-)(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_TABLE = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_ALIAS = re.compile(r"alias/[A-Za-z0-9/_-]{1,250}")
_ACCOUNT = re.compile(r"\d{12}")


@dataclass(frozen=True)
class Wanted:
    """An S3 backend as asked for. kms_alias or kms_key_id is None; lock_table is None where no table is wanted.

    key_arn and key_names (other spellings of it) are known only after the key was read.
    """

    bucket: str
    region: str
    account_id: str | None = None
    kms_alias: str | None = None
    kms_key_id: str | None = None
    lock_table: str | None = None
    lockfile: bool = False
    billing_mode: str = "PAY_PER_REQUEST"
    read_capacity: int | None = None
    write_capacity: int | None = None
    noncurrent_days: int = 90
    multipart_days: int = 7
    access_log_bucket: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    profile: str | None = None
    endpoint_url: str | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    state_keys: tuple[str, ...] = ("*",)
    key_arn: str = ""
    key_names: frozenset[str] = frozenset()

    @property
    def encrypts_by_kms(self) -> bool:
        """Whether states are encrypted by a KMS key rather than by S3's own."""
        return bool(self.kms_alias or self.kms_key_id)


def wanted(arguments: Mapping[str, Any], environment: Mapping[str, str]) -> Wanted:
    """The backend *arguments* (validated options of tf_backend) ask for; raises Refused for what cannot be."""
    refuse_unusable(arguments["config"])
    account_id = _account_id(arguments["account_id"])
    bucket = _named("bucket", arguments["bucket"], _BUCKET)
    alias, key_id = _key(arguments, bucket)
    return Wanted(
        bucket=bucket,
        region=_region(arguments["region"], environment, bucket),
        account_id=account_id,
        kms_alias=alias,
        kms_key_id=key_id,
        lock_table=_table(arguments),
        lockfile=arguments["lock"] in ("lockfile", "both"),
        billing_mode=arguments["lock_table_billing_mode"],
        read_capacity=arguments["lock_table_read_capacity"],
        write_capacity=arguments["lock_table_write_capacity"],
        noncurrent_days=_days("noncurrent_version_expiration_days", arguments),
        multipart_days=_days("abort_incomplete_multipart_upload_days", arguments),
        access_log_bucket=_log_bucket(arguments["access_log_bucket"], bucket),
        tags={str(name): str(value) for name, value in arguments["tags"].items()},
        profile=arguments["profile"],
        endpoint_url=arguments["endpoint_url"],
        config=dict(arguments["config"]),
        state_keys=tuple(arguments["state_keys"]),
    )


def _region(region: str | None, environment: Mapping[str, str], bucket: str) -> str:
    region = region or environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    if not region:
        raise Refused(f"The backend in bucket {bucket} has no region: set region, or AWS_REGION in the environment.")
    return region


def _key(arguments: Mapping[str, Any], bucket: str) -> tuple[str | None, str | None]:
    """The alias or the id of the key; a key by its id needs no alias, and S3's own keys need neither."""
    if arguments["encryption"] != "kms":
        return None, None
    if arguments["kms_key_id"]:
        return None, arguments["kms_key_id"]
    return _named("kms_alias", arguments["kms_alias"] or f"alias/{bucket.replace('.', '-')}", _ALIAS), None


def _log_bucket(log_bucket: str | None, bucket: str) -> str | None:
    if log_bucket == bucket:
        raise Refused(f"The bucket {bucket} cannot log into itself: every log would be logged. Name another one.")
    return log_bucket


def _table(arguments: Mapping[str, Any]) -> str | None:
    if arguments["lock"] not in ("dynamodb", "both"):
        return None
    if not arguments["lock_table"]:
        raise Refused(
            f"The backend is to be locked by a table (lock: {arguments['lock']}), but lock_table names none: set it, or"
            " lock: lockfile, which needs Terraform or OpenTofu 1.10."
        )
    return _named("lock_table", arguments["lock_table"], _TABLE)


def _named(option: str, value: str | None, form: re.Pattern[str]) -> str:
    if not value:
        raise Refused(f"The backend has no {option}: set it in tf_backend.")
    if not form.fullmatch(value):
        raise Refused(f"The {option} {value} is not a name that AWS takes: it has to match {form.pattern}.")
    return value


def _account_id(value: str | None) -> str | None:
    if value is None or _ACCOUNT.fullmatch(value):
        return value
    if not value.isdigit():
        raise Refused(
            f"The account id {value} is a placeholder: set tf_account_id (account_id) to the 12 digits of the AWS"
            " account that this environment lives in."
        )
    raise Refused(
        f"The account id {value} has not 12 digits: put tf_account_id (account_id) in quotes, YAML drops leading zeros."
    )


def _days(option: str, arguments: Mapping[str, Any]) -> int:
    days = int(arguments[option])
    if days < 0:
        raise Refused(f"The option {option} is {days}: give a number of days, or 0 for never.")
    return days
