# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking a backend down: what would be lost is looked at first, and what belongs to others stays."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._aws import dynamodb, kms, s3, s3_bucket
from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Aws
from ansible_collections.envforge.terraform.plugins.module_utils._backend import making
from ansible_collections.envforge.terraform.plugins.module_utils._backend.config import backup_of
from ansible_collections.envforge.terraform.plugins.module_utils._backend.found import MARK, Found
from ansible_collections.envforge.terraform.plugins.module_utils._backend.steps import Step
from ansible_collections.envforge.terraform.plugins.module_utils._backend.wanted import Wanted
from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused, StateEndangered

_LOCK_FILE, _DIGEST_ROW = ".tflock", "-md5"


@dataclass(frozen=True)
class Kept:
    """Why an object of the bucket, or a row of the table, must not simply go."""

    name: str
    reason: str


@dataclass(frozen=True)
class Contents:
    """What the bucket and the table hold."""

    versions: tuple[s3.Version, ...] = ()
    rows: tuple[str, ...] = ()
    reasons: tuple[Kept, ...] = ()


def contents(aws: Aws, wanted: Wanted, found: Found) -> Contents:
    """Everything in the bucket, deleted states included, and the rows of the table."""
    versions = s3.list_all_versions(aws, wanted.bucket) if found.bucket is not None else []
    has_table = wanted.lock_table and isinstance(found.table, dynamodb.Table)
    rows = dynamodb.scan_ids(aws, str(wanted.lock_table)) if has_table else []
    newest = {key: next(iter(group)) for key, group in groupby(_bodies(versions), key=lambda version: version.key)}
    telling = [version for key, version in newest.items() if backup_of(key) not in newest]  # its own state says more
    with ThreadPoolExecutor(max_workers=8) as pool:
        reasons = [reason for reason in pool.map(lambda version: _reason(aws, wanted, version), telling) if reason]
    held = [Kept(row, "is a lock somebody holds") for row in _own(wanted, rows) if not row.endswith(_DIGEST_ROW)]
    return Contents(tuple(versions), tuple(rows), (*reasons, *held))


def _bodies(versions: list[s3.Version]) -> list[s3.Version]:
    """Without markers, and without lock files that were given back."""
    return [
        version
        for version in versions
        if not version.is_delete_marker and (version.is_latest or not version.key.endswith(_LOCK_FILE))
    ]


def _own(wanted: Wanted, rows: list[str]) -> list[str]:
    return [row for row in rows if row.startswith(f"{wanted.bucket}/")]


def _reason(aws: Aws, wanted: Wanted, version: s3.Version) -> Kept | None:
    """A state counts by its newest version, also when it was deleted: its resources may still be there."""
    if version.key.endswith(_LOCK_FILE):
        return Kept(version.key, "is a lock somebody holds")
    found = s3.get_object(aws, wanted.bucket, version.key, version_id=version.version_id)
    if found is None:
        return None
    resources = resources_in(found.body)
    if resources is None:
        return Kept(version.key, "is not a Terraform state")
    deleted = "" if version.is_latest else " in its last version, it was deleted since"
    counted = "1 resource" if resources == 1 else f"{resources} resources"
    return Kept(version.key, f"has {counted}{deleted}") if resources else None


def resources_in(body: bytes) -> int | None:
    """How many resource instances a state manages; None when it is no state."""
    try:
        state = json.loads(body)
        managed = [each for each in state.get("resources") or () if each.get("mode") == "managed"]
        known = "lineage" in state or "version" in state
        return sum(len(each.get("instances") or ()) for each in managed) if known else None
    except (ValueError, AttributeError, TypeError):
        return None


def refuse_window(days: int | None) -> None:
    """Raises Refused for a number of days that KMS would refuse, when bucket and table have gone already."""
    if days is not None and not 7 <= days <= 30:
        raise Refused(f"The key cannot be deleted in {days} days: kms_deletion_window_days has to be from 7 to 30.")


def refuse_loss(wanted: Wanted, there: Contents) -> None:
    """Raises StateEndangered naming everything that would be lost."""
    if not there.reasons:
        return
    named = "; ".join(f"{kept.name} {kept.reason}" for kept in there.reasons[:10])
    more = f"; and {len(there.reasons) - 10} more" if len(there.reasons) > 10 else ""
    raise StateEndangered(
        f"The backend in bucket {wanted.bucket} is still in use: {named}{more}. Destroy these stacks first, or set"
        " force: true, which loses their states and leaves their resources to nobody.",
        in_use=[{"name": kept.name, "reason": kept.reason} for kept in there.reasons],
    )


def is_shared(wanted: Wanted, there: Contents) -> bool:
    """Whether the lock table has rows of other buckets."""
    return len(_own(wanted, list(there.rows))) < len(there.rows)


def removal_steps(wanted: Wanted, found: Found, there: Contents, key_days: int | None) -> list[Step]:
    """The steps that take the backend down (pure); key_days None keeps the key."""
    return [
        *_bucket_steps(wanted, found, there),
        *_table_steps(wanted, found, there),
        *(_key_steps(wanted, found, key_days) if key_days else ()),
    ]


def _bucket_steps(wanted: Wanted, found: Found, there: Contents) -> list[Step]:
    if found.bucket is None:
        return []
    label, versions = f"bucket {wanted.bucket}", list(there.versions)
    emptied = Step(
        label, f"delete all versions of its objects ({len(versions)})", s3.delete_versions, wanted.bucket, versions
    )
    gone = Step(label, "delete it", lambda aws, name, value: s3_bucket.delete_bucket(aws, name), wanted.bucket, None)
    return [emptied, gone] if versions else [gone]


def _table_steps(wanted: Wanted, found: Found, there: Contents) -> list[Step]:
    table = wanted.lock_table
    if not table or not isinstance(found.table, dynamodb.Table) or found.table.status == "DELETING":
        return []
    label = f"lock table {table}"
    if is_shared(wanted, there):
        rows = _own(wanted, list(there.rows))
        action = f"delete the rows of bucket {wanted.bucket} ({len(rows)}), other buckets use the table"
        return [Step(label, action, making.forget_rows, table, rows)] if rows else []
    gone = Step(label, "delete it", lambda aws, name, value: dynamodb.delete_table(aws, name), table, None)
    if not found.table.deletion_protection:
        return [gone]
    return [Step(label, "turn off deletion protection", making.protect_table, table, False), gone]


def _key_steps(wanted: Wanted, found: Found, days: int) -> list[Step]:
    """Only a key that we made for this very bucket. It goes before its alias: were we stopped, that still leads to it."""
    key, alias, tags = found.key, wanted.kms_alias, found.key_settings.get("tags")
    if not alias or not isinstance(key, kms.Key) or not isinstance(tags, dict) or tags.get(MARK) != wanted.bucket:
        return []

    def delete_alias(aws: Aws, name: str, value: Any) -> None:
        kms.delete_alias(aws, alias)

    label = f"KMS key {alias}"
    doomed = Step(label, f"schedule its deletion in {days} days", kms.schedule_deletion, key.key_id, days)
    unnamed = Step(label, "delete the alias", delete_alias, key.key_id, None)
    return [unnamed] if key.state == "PendingDeletion" else [doomed, unnamed]
