# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backends that must not be touched: found in a condition in which going on would harm or cannot work (pure)."""

from __future__ import annotations

from ansible_collections.envforge.terraform.plugins.module_utils._aws import dynamodb, kms, s3_bucket
from ansible_collections.envforge.terraform.plugins.module_utils._backend.found import Found
from ansible_collections.envforge.terraform.plugins.module_utils._backend.targets import rules_that_expire_states
from ansible_collections.envforge.terraform.plugins.module_utils._backend.wanted import Wanted
from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused

_LOCK_KEY = ((dynamodb.HASH_KEY, "S"),)


def refuse_unfit(wanted: Wanted, found: Found) -> None:
    """Raises Refused before anything is written."""
    refuse_other_region(wanted, found)
    _refuse_key(wanted, found)
    _refuse_table(wanted, found)


def refuse_other_region(wanted: Wanted, found: Found) -> None:
    """A bucket cannot move."""
    bucket = found.bucket
    if isinstance(bucket, s3_bucket.Bucket) and bucket.region != wanted.region:
        raise Refused(
            f"The bucket {bucket.name} is in the region {bucket.region}, but the backend is wanted in {wanted.region}:"
            f" set region: {bucket.region}, or choose another name for bucket."
        )


def _refuse_key(wanted: Wanted, found: Found) -> None:
    name = wanted.kms_key_id or wanted.kms_alias
    if found.key is None and wanted.kms_key_id:
        raise Refused(
            f"The KMS key {name} does not exist in {wanted.region} for these credentials: correct kms_key_id, or give"
            " kms_alias and the key is made."
        )
    if found.key is None and (wanted.kms_alias or "").startswith("alias/aws/"):
        raise Refused(
            f"The KMS key {name} is one that AWS makes when it is first used, and it does not exist in {wanted.region}:"
            " choose an alias of your own for kms_alias, or encryption: aes256."
        )
    if not isinstance(found.key, kms.Key) or found.key.state == "Enabled":
        return
    rescue = "cancel its deletion and enable it" if found.key.state == "PendingDeletion" else "enable it"
    raise Refused(
        f"The KMS key {name} ({found.key.key_id}) cannot be used, its state is {found.key.state}: {rescue}, states"
        " encrypted by it are unreadable until then; or choose another key."
    )


def _refuse_table(wanted: Wanted, found: Found) -> None:
    table = found.table
    if not isinstance(table, dynamodb.Table):
        return
    if table.hash_keys != _LOCK_KEY:
        there = ", ".join(f"{name} ({kind})" for name, kind in table.hash_keys)
        raise Refused(
            f"The DynamoDB table {wanted.lock_table} is no lock table: its key is {there}, Terraform needs"
            f" {dynamodb.HASH_KEY} (S). Choose another name for lock_table."
        )
    if table.status == "DELETING":
        raise Refused(f"The DynamoDB table {wanted.lock_table} is being deleted: run again when it is gone.")


def worries(found: Found) -> list[str]:
    """Settings of others that endanger states: worth a warning, not ours to change."""
    lifecycle = found.bucket_settings.get("lifecycle")
    rules = rules_that_expire_states(lifecycle) if isinstance(lifecycle, dict) else []
    return [f"The lifecycle rule {rule} of the bucket deletes current objects, states among them." for rule in rules]
