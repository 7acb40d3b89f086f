# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a state is stored, and the only way to store another one there: under its lock, unchanged since it was read, read back.

The order of the writes is the one that survives a kill: lock file, lock row, state, digest, row and file again. Killed at
any moment there is an old or a new state, whole, and a lock that says whose it is and which states it was about to write.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from ansible_collections.envforge.terraform.plugins.module_utils._aws import s3
from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Aws
from ansible_collections.envforge.terraform.plugins.module_utils._backend import config, digest, locks
from ansible_collections.envforge.terraform.plugins.module_utils._backend.locks import Lock
from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import (
    AwsConflict,
    AwsError,
    Refused,
    StateEndangered,
    StateLocked,
)
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Stack
from ansible_collections.envforge.terraform.plugins.module_utils._stack.state import local_path
from ansible_collections.envforge.terraform.plugins.module_utils._state import local
from ansible_collections.envforge.terraform.plugins.module_utils._state.document import Document, read_document

DIGEST_WAY_OUT = (
    "Then run ansible-playbook envforge.terraform.unlock with --limit for the stack: it puts the digest right."
)


@dataclass(frozen=True)
class Stored:
    """A state as its backend holds it; body is None when there is none. tag changes with every write (S3: the ETag).

    changed_at is when it was last written, in the backend's own words.
    """

    body: bytes | None
    tag: str = ""
    version_id: str | None = None
    changed_at: str = ""

    def document(self, where: str) -> Document | None:
        """What is in it, None when there is no state. Raises UnreadableOutput for what is not a state."""
        return None if self.body is None else read_document(self.body, where)


class Place(Protocol):
    """One state of one workspace in a backend."""

    @property
    def address(self) -> str:
        """For messages: s3://BUCKET/KEY, or a path."""

    def read(self) -> Stored: ...

    def locked(self, operation: str, info: str) -> contextlib.AbstractContextManager[object]:
        """Hold Terraform's own lock(s); raises StateLocked when somebody else does."""

    def held(self) -> list[Lock]:
        """The locks that would keep us from holding ours now."""

    def write(self, before: Stored, body: bytes) -> None:
        """Store *body* over *before*; call it under the lock. Raises StateEndangered when the state is not *before* any more."""

    def remove(self, before: Stored) -> None:
        """Delete the state; call it under the lock."""


def place_of(stack: Stack, doors: Doors) -> Place:
    """Where the state of *stack* is. Raises Refused for backends whose states only Terraform can reach."""
    if stack.backend_type == "s3":
        aws = doors.aws(config.connection_of(stack.backend_config))
        return S3Place(aws, stack.backend_config, stack.workspace)
    if stack.backend_type == "local":
        return LocalPlace(local_path(stack))
    raise Refused(
        f"Working on the state of {stack.label} itself is possible where it is in S3 or in a local file; the backend "
        f"{stack.backend_type} keeps it to itself. Use terraform state in {stack.root}."
    )


@contextmanager
def replacing(
    doors: Doors, place: Place, before: Stored, after: Sequence[bytes], *, operation: str, note: Mapping[str, str]
) -> Iterator[None]:
    """Hold the lock of *place* in order to write the states *after*, and only while the state is *before*.

    The lock's Info tells *note* (what is being done, where the backup is) and the MD5 of each state that may be written, so
    that a later run can finish what a killed one began. A signal waits until it is over, or until a command has ended that
    is running meanwhile. Raises StateLocked, StateEndangered, Interrupted.
    """
    said = {**note, "md5": [md5_of(body) for body in after]}
    with doors.undivided(), place.locked(operation, json.dumps(said)):
        if place.read().tag != before.tag:
            raise StateEndangered(
                f"Changing the state {place.address} was stopped before anything was written: another run has changed it in the "
                "meantime. Run again."
            )
        yield


def refuse_held(place: Place, doing: str) -> None:
    """Raises StateLocked as holding the lock would, without taking it: for check mode."""
    found = place.held()
    if found:
        said = "; ".join(lock.sentence() for lock in found)
        raise StateLocked(
            f"{doing} would fail: the state {said}. Wait until that run is done; if it is dead, release its lock (playbook "
            "envforge.terraform.unlock).",
            locks=[lock.told() for lock in found],
        )


def md5_of(body: bytes) -> str:
    """The digest that Terraform keeps in the lock table."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class S3Place:
    """A state in a bucket. backend_config is in the modern spelling."""

    aws: Aws
    backend_config: Mapping[str, Any]
    workspace: str

    @property
    def bucket(self) -> str:
        return str(self.backend_config["bucket"])

    @property
    def key(self) -> str:
        return config.state_path(self.backend_config, self.workspace)

    @property
    def address(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    def read(self) -> Stored:
        found = s3.get_object(self.aws, self.bucket, self.key)
        return Stored(found.body, found.etag, found.version_id, found.last_modified) if found else Stored(None)

    def locked(self, operation: str, info: str) -> contextlib.AbstractContextManager[object]:
        return locks.holding(self.aws, self.backend_config, self.workspace, operation=operation, info=info)

    def held(self) -> list[Lock]:
        return locks.held(self.aws, self.backend_config, self.workspace)

    def write(self, before: Stored, body: bytes) -> None:
        condition = {"IfMatch": before.tag} if before.body is not None else {"IfNoneMatch": "*"}
        encryption = locks.encryption_of(self.backend_config)
        try:
            s3.put_object(self.aws, self.bucket, self.key, body, only_if=condition, encryption=encryption)
        except AwsConflict as conflict:
            if self.read().body != body:  # else a first attempt arrived whose answer was lost
                raise _changed(self.address) from conflict
        self._write_digest(md5_of(body))
        if self._read_back() != body:
            raise _changed(self.address)

    def _read_back(self) -> bytes | None:
        try:
            return self.read().body
        except AwsError as error:
            told = f"The state {self.address} was written, but could not be read again to prove it. {error}"
            raise type(error)(told, **error.details) from error

    def _write_digest(self, md5: str) -> None:
        try:
            digest.write_digest(self.aws, self.backend_config, self.workspace, md5)
        except AwsError as error:
            unread = f"The state {self.address} was written, but its digest was not, and Terraform does not read it so."
            raise type(error)(f"{unread} {error} {DIGEST_WAY_OUT}", **error.details) from error

    def remove(self, before: Stored) -> None:
        # a state without a digest is read as it is, a digest without a state stops every run: so the digest goes first
        digest.delete_digest(self.aws, self.backend_config, self.workspace)
        if before.body is not None:
            s3.delete_object(self.aws, self.bucket, self.key, if_match=before.tag)


@dataclass(frozen=True)
class LocalPlace:
    """A state in a file (backend local)."""

    path: str

    @property
    def address(self) -> str:
        return self.path

    def read(self) -> Stored:
        body = local.read(self.path)
        return Stored(None) if body is None else Stored(body, md5_of(body), changed_at=local.changed_at(self.path))

    def locked(self, operation: str, info: str) -> contextlib.AbstractContextManager[object]:
        return local.locked(self.path, operation, info)

    def held(self) -> list[Lock]:
        if not local.is_locked(self.path):  # what a dead process said of itself keeps nobody away
            return []
        return [locks.lock_of(local.holder(self.path) or "", self.path, locks.LOCAL)]

    def write(self, before: Stored, body: bytes) -> None:
        if self.read().tag != before.tag:
            raise _changed(self.path)
        local.write(self.path, body)
        if self.read().body != body:
            raise _changed(self.path)

    def remove(self, before: Stored) -> None:
        if self.read().tag != before.tag:
            raise _changed(self.path)
        if before.body is not None:
            local.delete(self.path)


def _changed(address: str) -> StateEndangered:
    return StateEndangered(
        f"Changing the state {address} failed: somebody who does not hold its lock has written it at the same time. Look at its "
        "versions (tf_state_info with versions: true) before anything else."
    )
