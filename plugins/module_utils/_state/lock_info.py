# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The core of tf_lock_info: who holds which lock since when, and what is wrong with the digests beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._aws import dynamodb, s3
from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Aws
from ansible_collections.envforge.terraform.plugins.module_utils._backend import locks
from ansible_collections.envforge.terraform.plugins.module_utils._backend.digest import DigestMismatch, digest_mismatch
from ansible_collections.envforge.terraform.plugins.module_utils._backend.locks import Lock
from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import stack_of
from ansible_collections.envforge.terraform.plugins.module_utils._state.lock_place import S3Locks, lock_place_of

_LOCK_FILE, _DIGEST_ROW = ".tflock", "-md5"
_SIDE_BY_SIDE = 8


def lock_info_core(arguments: dict[str, Any], doors: Doors) -> dict[str, Any]:
    """tf_lock_info. Raises TfError; a lock table that is missing is one."""
    place = lock_place_of(stack_of(arguments, doors), doors)
    if not arguments["all"]:
        wrong = place.digest_mismatch()
        return _result(place.held(), [wrong] if wrong else [])
    if not isinstance(place, S3Locks):
        raise Refused("Listing every lock of a backend (all: true) is possible where states are in S3. Leave all out.")
    return _result(*_of_backend(Backend(place.aws, place.backend_config)))


def _result(held: Iterable[Lock], wrong: Iterable[DigestMismatch]) -> dict[str, Any]:
    told = [told_of(lock) for lock in held]
    return {"changed": False, "locked": bool(told), "locks": told, "digests": [digest_told(each) for each in wrong]}


def told_of(lock: Lock) -> dict[str, Any]:
    """A lock for a result. doing and backup are what a run of this collection noted in its lock."""
    age = age_of(lock)
    noted = note_of(lock)
    return {
        **lock.told(),
        "age": None if age is None else int(age),
        "malformed": not lock.id,
        "doing": noted.get("doing"),
        "backup": noted.get("backup"),
        "fingerprint": lock.fingerprint,
    }


def digest_told(wrong: DigestMismatch) -> dict[str, Any]:
    problem = "orphaned" if wrong.actual is None else "mismatch"
    return {"path": wrong.path, "problem": problem, "stored": wrong.stored, "actual": wrong.actual}


def note_of(lock: Lock) -> dict[str, Any]:
    """What a run of this collection said about itself (see places.replacing); empty for anybody else's lock."""
    try:
        found = json.loads(lock.info)
    except ValueError:
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("md5"), list) else {}


def age_of(lock: Lock) -> float | None:
    """Seconds: by the clock of S3 for a lock object, else since the time its holder wrote down; None when neither says."""
    if lock.modified_ago is not None:
        return lock.modified_ago
    try:
        created = datetime.fromisoformat(lock.created)
    except ValueError:
        return None
    aware = created if created.tzinfo else created.replace(tzinfo=UTC)
    return max(0.0, (datetime.now(UTC) - aware).total_seconds())


@dataclass(frozen=True)
class Backend:
    """A bucket and its lock table, whatever states are in them."""

    aws: Aws
    config: Any

    @property
    def bucket(self) -> str:
        return str(self.config["bucket"])

    @property
    def table(self) -> str:
        return str(self.config.get("dynamodb_table") or "")

    def rows(self) -> list[str]:
        """The LockIDs that belong to this bucket: others may share the table."""
        ids = dynamodb.scan_ids(self.aws, self.table) if self.table else []
        return [identity for identity in ids if identity.startswith(f"{self.bucket}/")]

    def row(self, path: str) -> Lock | None:
        found = dynamodb.get_item(self.aws, self.table, path)
        return None if found is None else locks.lock_of(found.get("Info", ""), path, locks.TABLE)

    def file(self, key: str) -> Lock | None:
        found = s3.get_object(self.aws, self.bucket, key)
        path = f"{self.bucket}/{key.removesuffix(_LOCK_FILE)}"
        return None if found is None else locks.file_lock_of(found, path)

    def digest(self, path: str) -> DigestMismatch | None:
        """Of the state with this path, in whichever workspace it is."""
        key = path.removeprefix(f"{self.bucket}/")
        return digest_mismatch(self.aws, {**self.config, "key": key}, "default")


def _of_backend(backend: Backend) -> tuple[list[Lock], list[DigestMismatch]]:
    rows = backend.rows()
    digests = [row.removesuffix(_DIGEST_ROW) for row in rows if row.endswith(_DIGEST_ROW)]
    held = [row for row in rows if not row.endswith(_DIGEST_ROW)]
    files = [e.key for e in s3.list_objects(backend.aws, backend.bucket) if e.key.endswith(_LOCK_FILE)]
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        found = [*pool.map(backend.row, held), *pool.map(backend.file, files)]
        wrong = list(pool.map(backend.digest, digests))
    present = sorted((lock for lock in found if lock), key=lambda lock: (lock.path, lock.mechanism))
    return present, [each for each in wrong if each]
