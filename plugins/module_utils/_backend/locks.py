# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The locks of one S3 state, by either mechanism: who holds them, taking them oneself, giving them back.

The forms are Terraform's own (https://developer.hashicorp.com/terraform/language/backend/s3#state-locking), so every
engine that meets our lock can say who holds it.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import socket
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._aws import dynamodb, s3
from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Aws
from ansible_collections.envforge.terraform.plugins.module_utils._backend.config import lock_id, state_path
from ansible_collections.envforge.terraform.plugins.module_utils._errors import (
    AwsConflict,
    AwsError,
    StateLocked,
    TfError,
)

TABLE, FILE, LOCAL = "dynamodb", "lockfile", "lock file"
_FINGERPRINT = 30  # hexadecimal digits
PLAYBOOK = "ansible-playbook envforge.terraform.unlock"


@dataclass(frozen=True)
class Lock:
    """A lock that is held. raw is its text as stored, etag that of the lock object: both prove it is still the same.

    A lock whose text is no JSON has an empty id: force-unlock cannot name it. modified_ago is in seconds, by S3's clock.
    """

    id: str
    operation: str
    who: str
    version: str
    created: str
    path: str
    info: str
    mechanism: str
    raw: str = ""
    etag: str = ""
    modified_ago: float | None = None

    def told(self) -> dict[str, str]:
        """For a result: everything but what only we need."""
        return {name: value for name, value in asdict(self).items() if name not in ("raw", "etag", "modified_ago")}

    @property
    def fingerprint(self) -> str:
        """Equal only for the very same lock. In groups of three, because what masking takes for a secret has four characters."""
        digest = hashlib.sha256(json.dumps([self.mechanism, self.path, self.raw, self.etag]).encode()).hexdigest()
        return "|".join(digest[start : start + 3] for start in range(0, _FINGERPRINT, 3))

    def sentence(self) -> str:
        """Who holds it since when."""
        return (
            f"{self.path} is locked by {self.who or 'somebody unknown'} since {self.created or 'an unknown time'}"
            f" for {self.operation or 'an unknown operation'} (lock ID {self.id or 'unreadable'}, {self.mechanism})"
        )


def held(aws: Aws, config: Mapping[str, Any], workspace: str = "default") -> list[Lock]:
    """The locks on this state now: none, one, or one of each mechanism."""
    path, found = lock_id(config, workspace), []
    if table := config.get("dynamodb_table"):
        row = dynamodb.get_item(aws, table, path)
        if row is not None:
            found.append(lock_of(row.get("Info", ""), path, TABLE))
    if config.get("use_lockfile"):
        lock_object = s3.get_object(aws, config["bucket"], _lock_key(config, workspace))
        if lock_object is not None:
            found.append(file_lock_of(lock_object, path))
    return found


def file_lock_of(found: s3.Object, path: str) -> Lock:
    lock = lock_of(found.body.decode("utf-8", "replace"), path, FILE, found.etag)
    return replace(lock, modified_ago=found.age)


def lock_of(raw: str, path: str, mechanism: str, etag: str = "") -> Lock:
    try:
        document = json.loads(raw)
    except ValueError:
        document = None
    said = document if isinstance(document, dict) else {}

    def text(name: str) -> str:
        return str(said.get(name) or "")

    return Lock(
        id=text("ID"),
        operation=text("Operation"),
        who=text("Who"),
        version=text("Version"),
        created=text("Created"),
        path=text("Path") or path,
        info=text("Info"),
        mechanism=mechanism,
        raw=raw,
        etag=etag,
    )


def way_out(held: Sequence[Lock], stack: str) -> str:
    """The command that releases these locks of a stack's state."""
    named = next((lock.id for lock in held if lock.id), None)
    choice = f"unlock_id={named}" if named else "unlock_force=true"
    return f"{PLAYBOOK} --limit {stack} -e {choice}"


def _lock_key(config: Mapping[str, Any], workspace: str) -> str:
    return f"{state_path(config, workspace)}.tflock"


@contextmanager
def holding(
    aws: Aws, config: Mapping[str, Any], workspace: str = "default", *, operation: str, info: str = ""
) -> Iterator[list[Lock]]:
    """Hold this state's lock by every mechanism it has, as Terraform would; raises StateLocked when another does."""
    taken = acquire(aws, config, workspace, operation=operation, info=info)
    with ExitStack() as giving_back:  # the last first, and one that cannot be given back does not keep the other
        for lock in taken:
            giving_back.callback(_give_back, aws, config, workspace, lock)
        yield taken


def acquire(
    aws: Aws, config: Mapping[str, Any], workspace: str = "default", *, operation: str, info: str = ""
) -> list[Lock]:
    """Take every lock the state has, the lock file first; all of them or none."""
    raw = claim(lock_id(config, workspace), operation, info)
    taken: list[Lock] = []
    try:
        if config.get("use_lockfile"):
            taken.append(_take_file(aws, config, workspace, raw))
        if config.get("dynamodb_table"):
            taken.append(_take_row(aws, config, workspace, raw))
    except AwsConflict as conflict:
        for lock in reversed(taken):
            _give_back(aws, config, workspace, lock)
        raise _locked(aws, config, workspace) from conflict
    except BaseException:
        for lock in reversed(taken):
            _give_back(aws, config, workspace, lock)
        raise
    return taken


def claim(path: str, operation: str, info: str) -> str:
    """The text of a lock of ours, as Terraform spells it. *info* is free text that every engine shows."""
    return json.dumps(
        {
            "ID": str(uuid.uuid4()),
            "Operation": operation,
            "Info": info,
            "Who": f"{_user()}@{socket.gethostname()}",
            "Version": "envforge.terraform",
            "Created": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "Path": path,
        }
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number without a name
        return "unknown"


def _take_file(aws: Aws, config: Mapping[str, Any], workspace: str, raw: str) -> Lock:
    bucket, key, body = config["bucket"], _lock_key(config, workspace), raw.encode()
    try:
        etag = s3.put_object(
            aws, bucket, key, body, only_if={"IfNoneMatch": "*"}, encryption=encryption_of(config)
        ).etag
    except AwsConflict:
        found = s3.get_object(aws, bucket, key)
        if found is None or found.body != body:  # else a first attempt arrived whose answer was lost
            raise
        etag = found.etag
    return lock_of(raw, lock_id(config, workspace), FILE, etag)


def _take_row(aws: Aws, config: Mapping[str, Any], workspace: str, raw: str) -> Lock:
    path = lock_id(config, workspace)
    row = {dynamodb.HASH_KEY: path, "Info": raw}
    try:
        dynamodb.put_item(aws, config["dynamodb_table"], row, only_if=None)
    except AwsConflict:
        if dynamodb.get_item(aws, config["dynamodb_table"], path) != row:  # else an answer was lost
            raise
    return lock_of(raw, path, TABLE)


def encryption_of(config: Mapping[str, Any]) -> dict[str, str]:
    """The encryption arguments of PutObject that Terraform sends for this configuration."""
    if not config.get("encrypt"):
        return {}
    if config.get("kms_key_id"):
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": str(config["kms_key_id"])}
    return {"ServerSideEncryption": "AES256"}


def _locked(aws: Aws, config: Mapping[str, Any], workspace: str) -> StateLocked:
    locks = held(aws, config, workspace)
    one_each = {lock.id: lock for lock in reversed(locks)}  # a holder has the same ID by both mechanisms
    said = "; ".join(lock.sentence() for lock in one_each.values()) or (
        f"{lock_id(config, workspace)} was locked by somebody who has just let it go"
    )
    return StateLocked(
        f"The state {said}: wait for that run to end, or release the lock if it is dead ({PLAYBOOK}).",
        locks=[lock.told() for lock in locks],
    )


def _give_back(aws: Aws, config: Mapping[str, Any], workspace: str, lock: Lock) -> None:
    """Release our own lock. One that AWS keeps is named, in what had gone wrong before if something had."""
    before = sys.exception()
    try:
        release(aws, config, workspace, lock)
    except AwsError as error:
        left = f"The lock {lock.id} of {lock.path} is left: {PLAYBOOK} -e unlock_id={lock.id} releases it"
        if isinstance(before, TfError):
            before.args = (f"{before} {left}.",)
        else:
            error.args = (f"{error} {left}.",)
            raise


def release(aws: Aws, config: Mapping[str, Any], workspace: str, lock: Lock) -> None:
    """Give back exactly this lock; content when it has gone, raises AwsConflict when it is another's by now."""
    try:
        if lock.mechanism == TABLE:
            path = lock_id(config, workspace)
            dynamodb.delete_item(aws, config["dynamodb_table"], path, only_if={"Info": lock.raw})
        else:
            s3.delete_object(aws, config["bucket"], _lock_key(config, workspace), if_match=lock.etag)
    except AwsConflict:
        if any(other.mechanism == lock.mechanism for other in held(aws, config, workspace)):
            raise
