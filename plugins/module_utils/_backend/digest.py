# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The digest row of a state in the lock table: does it match the state, and putting it right under the lock.

Terraform writes it after each state and refuses to read a state that does not match it; it ignores a failure to write
it, so the next run would wait ten seconds and fail.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._aws import dynamodb, s3
from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Aws
from ansible_collections.envforge.terraform.plugins.module_utils._backend.config import lock_id, state_path
from ansible_collections.envforge.terraform.plugins.module_utils._backend.locks import holding
from ansible_collections.envforge.terraform.plugins.module_utils._errors import AwsConflict, StateEndangered

_DIGEST = "Digest"


@dataclass(frozen=True)
class DigestMismatch:
    """stored is what the lock table says; actual the MD5 of the state in the bucket, None when there is no state."""

    path: str
    stored: str
    actual: str | None


def digest_mismatch(aws: Aws, config: Mapping[str, Any], workspace: str = "default") -> DigestMismatch | None:
    """None when the digest matches, and where there is none: Terraform then checks nothing."""
    if not config.get("dynamodb_table"):
        return None
    path = lock_id(config, workspace)
    row = dynamodb.get_item(aws, config["dynamodb_table"], _row_id(path))
    if row is None or not row.get(_DIGEST):
        return None
    state = s3.get_object(aws, config["bucket"], state_path(config, workspace))
    actual = hashlib.md5(state.body, usedforsecurity=False).hexdigest() if state else None
    return None if row[_DIGEST] == actual else DigestMismatch(path, row[_DIGEST], actual)


def repair_digest(aws: Aws, config: Mapping[str, Any], workspace: str = "default") -> DigestMismatch | None:
    """Make the digest that of the state now there, holding its lock; returns what was wrong, None when nothing was.

    Raises StateLocked when somebody else holds the lock, StateEndangered when the state has vanished: a digest without
    a state says that a state was lost, and stays.
    """
    if digest_mismatch(aws, config, workspace) is None:
        return None
    with holding(aws, config, workspace, operation="OperationTypeDigest", info="repairing the digest of the state"):
        wrong = digest_mismatch(aws, config, workspace)  # again: whoever held the lock before may have put it right
        if wrong is None:
            return None
        if wrong.actual is None:
            raise StateEndangered(
                f"The lock table {config['dynamodb_table']} knows a state {wrong.path}, but the bucket has none:"
                " restore a version of it, or delete the row whose LockID ends in -md5 if the state is to be gone."
            )
        settle_digest(aws, config, wrong)
        return wrong


def settle_digest(aws: Aws, config: Mapping[str, Any], wrong: DigestMismatch) -> None:
    """Make the digest that of the state which *wrong* found; call it under the lock. Raises AwsConflict if it changed since."""
    row = {dynamodb.HASH_KEY: _row_id(wrong.path), _DIGEST: str(wrong.actual)}
    _put(aws, config["dynamodb_table"], row, {_DIGEST: wrong.stored})


def write_digest(aws: Aws, config: Mapping[str, Any], workspace: str, md5: str) -> None:
    """Make the digest *md5*; call it under the lock, right after the state was written."""
    if not config.get("dynamodb_table"):
        return
    row_id = _row_id(lock_id(config, workspace))
    present = dynamodb.get_item(aws, config["dynamodb_table"], row_id)
    wanted = {dynamodb.HASH_KEY: row_id, _DIGEST: md5}
    if present != wanted:
        only_if = None if present is None else {_DIGEST: present.get(_DIGEST, "")}
        _put(aws, config["dynamodb_table"], wanted, only_if)


def delete_digest(aws: Aws, config: Mapping[str, Any], workspace: str) -> None:
    """Forget the digest of a state that is deleted; call it under the lock."""
    if not config.get("dynamodb_table"):
        return
    row_id = _row_id(lock_id(config, workspace))
    present = dynamodb.get_item(aws, config["dynamodb_table"], row_id)
    if present is not None:
        table, only_if = config["dynamodb_table"], {_DIGEST: present.get(_DIGEST, "")}
        try:
            dynamodb.delete_item(aws, table, row_id, only_if=only_if)
        except AwsConflict:
            if dynamodb.get_item(aws, table, row_id) is not None:  # else a first attempt arrived whose answer was lost
                raise


def _put(aws: Aws, table: str, row: dict[str, str], only_if: Mapping[str, str] | None) -> None:
    try:
        dynamodb.put_item(aws, table, row, only_if=only_if)
    except AwsConflict:
        if (
            dynamodb.get_item(aws, table, row[dynamodb.HASH_KEY]) != row
        ):  # else a first attempt arrived whose answer was lost
            raise


def _row_id(path: str) -> str:
    return f"{path}-md5"
