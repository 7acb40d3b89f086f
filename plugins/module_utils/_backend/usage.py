# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of a backend is in use: what its bucket stores, and who holds a lock in it since when. Only reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._aws import dynamodb, s3
from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Aws
from ansible_collections.envforge.terraform.plugins.module_utils._backend import locks
from ansible_collections.envforge.terraform.plugins.module_utils._backend.found import Found
from ansible_collections.envforge.terraform.plugins.module_utils._backend.wanted import Wanted
from ansible_collections.envforge.terraform.plugins.module_utils._errors import AwsDenied

Json = dict[str, Any]
_LOCK_FILE, _DIGEST_ROW = ".tflock", "-md5"
_SIDE_BY_SIDE = 8


def usage(aws: Aws, wanted: Wanted, found: Found) -> tuple[Json | None, dict[str, str]]:
    """The usage, and why not where these credentials may not look; None when there is no bucket."""
    if found.bucket is None:
        return None, {}
    try:
        versions = s3.list_all_versions(aws, wanted.bucket)
        rows = _rows(aws, wanted, found)
        held = [version for version in versions if version.is_latest and _is_lock(version)]
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            taken = [
                *pool.map(lambda version: _lock_file(aws, wanted.bucket, version), held),
                *pool.map(lambda row: _lock_row(aws, str(wanted.lock_table), row), rows),
            ]
    except AwsDenied as denied:
        return None, {"usage": str(denied)}
    return _told(versions, [lock for lock in taken if lock is not None]), {}


def _rows(aws: Aws, wanted: Wanted, found: Found) -> list[str]:
    """The locks in the table that belong to this bucket: others may share it."""
    if not wanted.lock_table or not isinstance(found.table, dynamodb.Table):
        return []
    rows = dynamodb.scan_ids(aws, wanted.lock_table)
    return [row for row in rows if row.startswith(f"{wanted.bucket}/") and not row.endswith(_DIGEST_ROW)]


def _is_lock(version: s3.Version) -> bool:
    return version.key.endswith(_LOCK_FILE) and not version.is_delete_marker


def _lock_file(aws: Aws, bucket: str, version: s3.Version) -> Json | None:
    """None when it has been given back in the meantime; S3's own time of it, its holder's clock may be wrong."""
    stored = s3.get_object(aws, bucket, version.key)
    if stored is None:
        return None
    lock = locks.lock_of(
        stored.body.decode("utf-8", "replace"), f"{bucket}/{version.key.removesuffix(_LOCK_FILE)}", locks.FILE
    )
    return _aged(lock, version.last_modified)


def _lock_row(aws: Aws, table: str, row_id: str) -> Json | None:
    row = dynamodb.get_item(aws, table, row_id)
    if row is None:
        return None
    lock = locks.lock_of(row.get("Info", ""), row_id, locks.TABLE)
    return _aged(lock, lock.created)


def _aged(lock: locks.Lock, since: str) -> Json:
    """Who holds it, and for how many seconds; age is None when nobody can say."""
    try:
        begun = datetime.fromisoformat(since)
    except ValueError:
        age = None
    else:
        begun = begun if begun.tzinfo else begun.replace(tzinfo=UTC)
        age = max(0, int((datetime.now(UTC) - begun).total_seconds()))
    told = lock.told()
    return {**{name: told[name] for name in ("path", "id", "who", "operation", "mechanism")}, "age": age}


def _told(versions: Sequence[s3.Version], taken: Sequence[Mapping[str, Any]]) -> Json:
    stored = [version for version in versions if not version.is_delete_marker]
    old = [version for version in stored if not version.is_latest]
    # one whose age nobody knows may be the oldest
    oldest = sorted(taken, key=lambda lock: (lock["age"] is not None, -(lock["age"] or 0)))
    return {
        "objects": sum(version.is_latest for version in stored),
        "versions": len(stored),
        "delete_markers": len(versions) - len(stored),
        "bytes": sum(version.size for version in stored),
        "noncurrent_bytes": sum(version.size for version in old),
        "locks": len(taken),
        "oldest_lock": dict(oldest[0]) if oldest else None,
    }
