# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the state of a stack is, whether it is there, and who holds its lock: read from the backend itself, without Terraform."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._aws import s3
from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Aws
from ansible_collections.envforge.terraform.plugins.module_utils._backend import config, digest, locks
from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import (
    AwsError,
    AwsMissing,
    CommandFailed,
    StateEndangered,
    StateLocked,
)
from ansible_collections.envforge.terraform.plugins.module_utils._files import read_json, read_text
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Stack, Work

_LOOK_BACK = 5  # versions of a state whose bodies are read when its present one is gone
_WRITING = 0.5  # seconds between the two looks that tell a wrong digest from one that is just being written


@dataclass(frozen=True)
class Header:
    """What tells one state from another; empty when it has no resources."""

    lineage: str
    serial: int
    empty: bool


def exists(stack: Stack, doors: Doors) -> bool | None:
    """Whether the state is there; None where only Terraform can tell (backends other than s3 and local)."""
    if stack.backend_type == "local":
        return os.path.exists(local_path(stack))
    if stack.backend_type != "s3":
        return None
    return s3.head_object(*_s3_object(stack, doors)) is not None


def created_by_reading(stack: Stack) -> bool:
    """Whether Terraform writes where it finds no state, also with -lock=false: an empty state in S3, a local directory.

    It does for every workspace but the default one, which it takes as existing. Of other backends nothing is known here.
    """
    return stack.workspace != "default" or stack.backend_type not in {"s3", "local"}


def header(stack: Stack, doors: Doors) -> Header | None:
    """Lineage and serial of the present state; None when there is none, or where only Terraform can tell."""
    if stack.backend_type == "local":
        return header_of(read_json(local_path(stack)))
    if stack.backend_type != "s3":
        return None
    found = s3.get_object(*_s3_object(stack, doors))
    return header_of(_json(found.body)) if found else None


def header_of(state: Any) -> Header | None:
    if not isinstance(state, Mapping) or "lineage" not in state:
        return None
    return Header(str(state.get("lineage") or ""), int(state.get("serial") or 0), not state.get("resources"))


def local_path(stack: Stack) -> str:
    """The state file of the `local` backend (https://developer.hashicorp.com/terraform/language/backend/local)."""
    wanted = stack.backend_config
    if stack.workspace == "default":
        return os.path.join(stack.root, str(wanted.get("path", "terraform.tfstate")))
    return os.path.join(
        stack.root, str(wanted.get("workspace_dir", "terraform.tfstate.d")), stack.workspace, "terraform.tfstate"
    )


def address_of(stack: Stack) -> str:
    """Where the state of this workspace is: s3://BUCKET/KEY, a path, or the backend that keeps it to itself."""
    if stack.backend_type == "s3":
        return f"s3://{stack.backend_config.get('bucket')}/{config.state_path(stack.backend_config, stack.workspace)}"
    return local_path(stack) if stack.backend_type == "local" else f"backend {stack.backend_type}"


def refuse_vanished(work: Work, prior: Header | None) -> None:
    """Raises StateEndangered when the plan starts from nothing although the key holds earlier versions with resources.

    Terraform would create everything a second time. *prior* is the state the plan started from.
    """
    stack = work.stack
    if stack.backend_type != "s3" or (prior is not None and not prior.empty):
        return
    lineage = prior.lineage if prior else ""
    for version, found in _earlier_states(stack, work.doors):
        if version.is_latest and not found.empty:
            return  # another run has just made it: this plan is stale, and applying it will say so
        if found.empty and found.lineage == lineage and found.serial <= 1:
            continue  # what planning in a missing workspace has just written
        if found.empty or found.lineage == lineage:
            return  # destroyed on purpose
        where = f"s3://{stack.backend_config['bucket']}/{config.state_path(stack.backend_config, stack.workspace)}"
        raise StateEndangered(
            f"Planning {stack.label} was stopped: its state {where} is gone, while its version {version.version_id} still lists "
            f"resources (serial {found.serial}). Restore that version, or, if those resources really are gone, delete the "
            "earlier versions of that key, and run again."
        )


def explain_lock(work: Work, doing: str, seen: Sequence[locks.Lock] = ()) -> StateLocked | None:
    """The error naming the holder of the lock: whoever was *seen* to hold it, else holds it now. None when nobody does."""
    held = seen or _held(work)
    if not held:
        return None
    return StateLocked(
        f"{doing} failed: the state {'; '.join(lock.sentence() for lock in held)}. Wait until that run is done, or raise "
        f"tf_lock_timeout. Only if it is dead, release the lock: {locks.way_out(held, work.stack.name)}",
        locks=[lock.told() for lock in held],
    )


def tell_of_lock(work: Work) -> None:
    """A warning where a lock is held although there is nothing to do: who was killed just before the end may have left it."""
    if held := _held(work):
        work.doors.warn(
            f"The state {'; '.join(lock.sentence() for lock in held)}. Only if that run is dead, release the lock: "
            f"{locks.way_out(held, work.stack.name)}"
        )


def _held(work: Work) -> list[locks.Lock]:
    try:
        return _locks(work.stack, work.doors)
    except AwsError:  # the command's own error says more about a backend that does not answer
        return []


def locked(stack: Stack, doors: Doors) -> list[locks.Lock] | None:
    """The locks held in S3 now; None where there are none to hold, nobody answers, or the digest is what is wrong."""
    config_ = stack.backend_config
    if stack.backend_type != "s3" or not (config_.get("dynamodb_table") or config_.get("use_lockfile")):
        return None
    try:
        return _locks(stack, doors) or (None if _wrong_digest(stack, doors) else [])
    except AwsError:
        return None


def _wrong_digest(stack: Stack, doors: Doors) -> digest.DigestMismatch | None:
    """The digest that does not belong to the state, seen twice and without a lock. Raises AwsError.

    A run writes the digest after the state and then lets go of its lock: in between, neither belongs to the other.
    """
    aws, config_ = _aws(stack, doors), stack.backend_config
    found = digest.digest_mismatch(aws, config_, stack.workspace)
    if found is None:
        return None
    time.sleep(_WRITING)
    if _locks(stack, doors):
        return None
    return found if digest.digest_mismatch(aws, config_, stack.workspace) == found else None


def explain_digest(work: Work, doing: str) -> CommandFailed | None:
    """The error naming the digest that does not belong to the state, None when that is not what is wrong."""
    stack = work.stack
    if stack.backend_type != "s3":
        return None
    try:
        wrong = _wrong_digest(stack, work.doors)
    except AwsError:
        return None
    if wrong is None:
        return None
    return CommandFailed(
        f"{doing} failed: the state {wrong.path} does not match its digest in the lock table, as when a run is killed while "
        "it writes, or a state is copied there by hand. Put the digest right, or restore the state that belongs to it: "
        f"{locks.PLAYBOOK} --limit {stack.name}",
        digest=asdict(wrong),
    )


def _locks(stack: Stack, doors: Doors) -> list[locks.Lock]:
    if stack.backend_type == "s3":
        return locks.held(_aws(stack, doors), stack.backend_config, stack.workspace)
    if stack.backend_type == "local":
        path = local_path(stack)
        directory, name = os.path.split(path)
        found = read_text(os.path.join(directory, f".{name}.lock.info"))
        return [] if found is None else [locks.lock_of(found, path, "lock file")]
    return []


def _earlier_states(stack: Stack, doors: Doors) -> Iterator[tuple[s3.Version, Header]]:
    aws, bucket, key = _s3_object(stack, doors)
    try:
        stored = [version for version in s3.list_versions(aws, bucket, key) if not version.is_delete_marker]
    except AwsMissing:  # the bucket, in check mode before it was made
        return
    for version in stored[:_LOOK_BACK]:
        body = s3.get_object(aws, bucket, key, version_id=version.version_id)
        found = header_of(_json(body.body)) if body else None
        if found:
            yield version, found


def repair_digest(stack: Stack, doors: Doors) -> bool:
    """Terraform exits 0 when it could not write the lock table's digest; whether it had to be put right. Raises StateLocked."""
    if stack.backend_type != "s3":
        return False
    with doors.undivided():  # it takes the lock
        return digest.repair_digest(_aws(stack, doors), stack.backend_config, stack.workspace) is not None


def digest_fits(stack: Stack, doors: Doors) -> bool:
    """Whether the digest in the lock table, if there is one, is that of the state now. Of a stack in S3."""
    return digest.digest_mismatch(_aws(stack, doors), stack.backend_config, stack.workspace) is None


def _s3_object(stack: Stack, doors: Doors) -> tuple[Aws, str, str]:
    return (
        _aws(stack, doors),
        str(stack.backend_config["bucket"]),
        config.state_path(stack.backend_config, stack.workspace),
    )


def _aws(stack: Stack, doors: Doors) -> Aws:
    return doors.aws(config.connection_of(stack.backend_config))


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
