# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the lock of a state is: who holds it, and giving back exactly the lock that was looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ansible_collections.envforge.terraform.plugins.module_utils._aws import dynamodb
from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Aws
from ansible_collections.envforge.terraform.plugins.module_utils._backend import config, digest, locks
from ansible_collections.envforge.terraform.plugins.module_utils._backend.digest import DigestMismatch
from ansible_collections.envforge.terraform.plugins.module_utils._backend.locks import Lock
from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused, StateLocked
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Stack
from ansible_collections.envforge.terraform.plugins.module_utils._stack.state import local_path
from ansible_collections.envforge.terraform.plugins.module_utils._state import local


class LockPlace(Protocol):
    """The locks of one state of one workspace."""

    @property
    def address(self) -> str:
        """As Terraform names the path of a lock."""

    def held(self) -> list[Lock]:
        """One for each mechanism that is held; raises AwsMissing when there is no lock table."""

    def digest_mismatch(self) -> DigestMismatch | None: ...

    def repair_under_lock(self, wrong: DigestMismatch) -> None:
        """Make the digest that of the state, while the lock of a dead run keeps everybody else away."""

    def repair(self) -> DigestMismatch | None:
        """The same under a lock of our own; what was wrong."""

    def release(self, lock: Lock) -> None:
        """Raises AwsConflict or StateLocked when it is not that lock any more."""


def lock_place_of(stack: Stack, doors: Doors) -> LockPlace:
    """Raises Refused for backends whose locks only Terraform can reach."""
    if stack.backend_type == "s3":
        aws = doors.aws(config.connection_of(stack.backend_config))
        return S3Locks(aws, stack.backend_config, stack.workspace)
    if stack.backend_type == "local":
        return LocalLock(local_path(stack))
    raise Refused(
        f"Working on the lock of {stack.label} is possible where its state is in S3 or in a local file, and the backend "
        f"{stack.backend_type} keeps it to itself. Use terraform force-unlock in {stack.root}."
    )


@dataclass(frozen=True)
class S3Locks:
    """A row of the lock table, an object beside the state, or both."""

    aws: Aws
    backend_config: Mapping[str, Any]
    workspace: str

    @property
    def address(self) -> str:
        return config.lock_id(self.backend_config, self.workspace)

    def held(self) -> list[Lock]:
        if table := self.backend_config.get("dynamodb_table"):
            dynamodb.read_row(self.aws, table, self.address)  # a table that is missing is not one without locks
        return locks.held(self.aws, self.backend_config, self.workspace)

    def digest_mismatch(self) -> DigestMismatch | None:
        return digest.digest_mismatch(self.aws, self.backend_config, self.workspace)

    def repair_under_lock(self, wrong: DigestMismatch) -> None:
        digest.settle_digest(self.aws, self.backend_config, wrong)

    def repair(self) -> DigestMismatch | None:
        return digest.repair_digest(self.aws, self.backend_config, self.workspace)

    def release(self, lock: Lock) -> None:
        locks.release(self.aws, self.backend_config, self.workspace, lock)


@dataclass(frozen=True)
class LocalLock:
    """A lock of the operating system on the state file; it ends with its process, and only the note beside it stays."""

    path: str

    @property
    def address(self) -> str:
        return self.path

    def held(self) -> list[Lock]:
        said = local.holder(self.path)
        if said is None and not local.is_locked(self.path):
            return []
        return [locks.lock_of(said or "", self.path, locks.LOCAL)]

    def digest_mismatch(self) -> DigestMismatch | None:
        return None

    def repair_under_lock(self, wrong: DigestMismatch) -> None:
        """There is no digest."""

    def repair(self) -> DigestMismatch | None:
        return None

    def release(self, lock: Lock) -> None:
        if local.is_locked(self.path):
            raise StateLocked(
                f"Releasing the lock was refused: {lock.sentence()}, by a process that is alive on this machine. "
                "End that process, and the lock goes with it.",
                locks=[lock.told()],
            )
        with local.locked(self.path, "OperationTypeUnlock", "removing the note of a dead process"):
            pass  # leaving removes the note
