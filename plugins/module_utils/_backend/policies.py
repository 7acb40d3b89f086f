# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The least IAM policies that plan and apply need on a backend (pure).

Tried with real engines; none of them needs DescribeTable. Planning in a workspace that does not exist yet is not
possible with the plan policy: Terraform then writes an empty state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._backend.arns import (
    any_key_arn,
    bucket_arn,
    partition_of,
    table_arn,
)
from ansible_collections.envforge.terraform.plugins.module_utils._backend.wanted import Wanted

Json = dict[str, Any]


@dataclass(frozen=True)
class _Paths:
    """Where states may lie: patterns of keys in the bucket, other workspaces included."""

    keys: tuple[str, ...]
    prefix: str

    @property
    def states(self) -> list[str]:
        if "*" in self.keys:
            return ["*"]
        return [path for key in self.keys for path in (key, f"{self.prefix}/*/{key}")]

    @property
    def listed(self) -> list[str]:
        """Prefixes Terraform lists: without them a missing state is a 403."""
        return [] if "*" in self.keys else [*self.keys, f"{self.prefix}/", f"{self.prefix}/*"]


def policies(wanted: Wanted, account_id: str) -> dict[str, Json]:
    """Policy documents by what they are for: plan (read and lock) and apply."""
    return {
        "plan": _document(_statements(wanted, account_id, writes=False)),
        "apply": _document(_statements(wanted, account_id, writes=True)),
    }


def _document(statements: list[Json]) -> Json:
    return {"Version": "2012-10-17", "Statement": statements}


def _statements(wanted: Wanted, account_id: str, *, writes: bool) -> list[Json]:
    paths = _Paths(wanted.state_keys, str(wanted.config.get("workspace_key_prefix") or "env:"))
    return [
        *_of_bucket(wanted, paths, writes=writes),
        *_of_table(wanted, account_id, paths, writes=writes),
        *_of_key(wanted, account_id, writes=writes),
    ]


def _of_bucket(wanted: Wanted, paths: _Paths, *, writes: bool) -> list[Json]:
    arn = bucket_arn(wanted.region, wanted.bucket)
    condition = {"Condition": {"StringLike": {"s3:prefix": paths.listed}}} if paths.listed else {}
    statements: list[Json] = [
        {"Sid": "ListStates", "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": [arn], **condition},
        {
            "Sid": "WriteStates" if writes else "ReadStates",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"] if writes else ["s3:GetObject"],
            "Resource": [f"{arn}/{path}" for path in paths.states],
        },
    ]
    if wanted.lockfile:
        statements.append(
            {
                "Sid": "LockByFile",
                "Effect": "Allow",
                # without DeleteObject the first plan would leave a lock that stops everybody
                "Action": ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                "Resource": [f"{arn}/{path}.tflock" for path in paths.states],
            }
        )
    return statements


def _of_table(wanted: Wanted, account_id: str, paths: _Paths, *, writes: bool) -> list[Json]:
    if not wanted.lock_table:
        return []
    rows = [f"{wanted.bucket}/{path}" for path in paths.states]
    digests = [f"{row}-md5" for row in rows]
    every = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [*rows, *digests]}}
    # a pattern ending in * covers the digests too
    locks_only = {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": rows},
        "ForAllValues:StringNotLike": {"dynamodb:LeadingKeys": digests},
    }
    reading, locking = ["dynamodb:GetItem"], ["dynamodb:DeleteItem", "dynamodb:PutItem"]
    if writes:
        reading, locking = ["dynamodb:GetItem", "dynamodb:PutItem"], ["dynamodb:DeleteItem"]
    shared = {"Effect": "Allow", "Resource": [table_arn(wanted.region, account_id, wanted.lock_table)]}
    return [
        {"Sid": "LocksAndDigests", "Action": reading, "Condition": every, **shared},
        {"Sid": "Locks", "Action": locking, "Condition": locks_only, **shared},
    ]


def _of_key(wanted: Wanted, account_id: str, *, writes: bool) -> list[Json]:
    if not wanted.encrypts_by_kms:
        return []
    actions = ["kms:Decrypt"]
    if writes or wanted.lockfile:
        actions.append("kms:GenerateDataKey")
    condition: Json = {"StringEquals": {"kms:ViaService": _services(wanted.region)}}
    if not wanted.key_arn and wanted.kms_alias:  # not made yet: its ARN is not known, its name is
        condition["ForAnyValue:StringEquals"] = {"kms:ResourceAliases": [wanted.kms_alias]}
    return [
        {
            "Sid": "EncryptStates",
            "Effect": "Allow",
            "Action": actions,
            "Resource": [wanted.key_arn or any_key_arn(wanted.region, account_id)],
            "Condition": condition,
        }
    ]


def _services(region: str) -> list[str]:
    """S3 as KMS names it; in China documents and answers differ about the ending."""
    names = [f"s3.{region}.amazonaws.com"]
    return [*names, f"s3.{region}.amazonaws.com.cn"] if partition_of(region) == "aws-cn" else names
