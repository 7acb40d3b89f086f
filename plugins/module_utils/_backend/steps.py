# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be done so that a backend becomes what was asked for (pure), and how it looks before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._aws import dynamodb, kms, s3_bucket
from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Aws
from ansible_collections.envforge.terraform.plugins.module_utils._backend import making, targets
from ansible_collections.envforge.terraform.plugins.module_utils._backend.found import Found, NotRead
from ansible_collections.envforge.terraform.plugins.module_utils._backend.wanted import Wanted

Json = dict[str, Any]
Write = Callable[[Aws, str, Any], Any]
NEW_KEY = "(the new key)"
UNREADABLE = "(not readable with these credentials)"


@dataclass(frozen=True)
class Step:
    """One call that changes AWS: write(aws, name, value); creates tells a new object from a changed setting."""

    object: str
    action: str
    write: Write
    name: str
    value: Any
    creates: bool = False

    def told(self) -> dict[str, str]:
        """For a result."""
        return {"object": self.object, "action": self.action}


@dataclass(frozen=True)
class Setting:
    """One setting of an object: what it should be, and the call that makes it so."""

    name: str
    action: str
    target: Callable[[Wanted, Any], Any]
    write: Write


@dataclass(frozen=True)
class Part:
    """The bucket, the key or the table: its settings as found and as they should be."""

    label: str
    name: str
    exists: bool
    found: Mapping[str, Any]
    settings: tuple[Setting, ...]
    create: Step | None = None

    def steps(self, wanted: Wanted) -> list[Step]:
        """Creating it where it is missing, then each setting that differs; none for what could not be read."""
        creation = [self.create] if self.create else []
        changes = [
            Step(self.label, setting.action, setting.write, self.name, target)
            for setting in self.settings
            if not isinstance(found := self.found.get(setting.name), NotRead)
            and (target := setting.target(wanted, found)) != found
        ]
        return [*creation, *changes]

    def before(self) -> Json:
        """The settings found; empty when there is no such object."""
        if not self.exists:
            return {}
        return {"name": self.name, **{setting.name: _shown(self.found.get(setting.name)) for setting in self.settings}}

    def after(self, wanted: Wanted) -> Json:
        """The settings once the steps are done."""
        return {"name": self.name, **{setting.name: _shown(self._target(setting, wanted)) for setting in self.settings}}

    def _target(self, setting: Setting, wanted: Wanted) -> Any:
        found = self.found.get(setting.name)
        return found if isinstance(found, NotRead) else setting.target(wanted, found)


def _shown(value: Any) -> Any:
    return UNREADABLE if isinstance(value, NotRead) else value


_BUCKET = (
    Setting("versioning", "turn on versioning", targets.versioning, s3_bucket.put_versioning),
    Setting(
        "public_access_block",
        "block public access",
        targets.public_access_block,
        s3_bucket.put_public_access_block,
    ),
    Setting(
        "object_ownership",
        "let the bucket's owner own every object",
        targets.object_ownership,
        s3_bucket.put_ownership,
    ),
    Setting("encryption", "set the default encryption", targets.encryption, s3_bucket.put_encryption),
    Setting("policy", "refuse connections without TLS", targets.policy, s3_bucket.put_policy),
    Setting("lifecycle", "set the lifecycle rules", targets.lifecycle, s3_bucket.put_lifecycle),
    Setting("tags", "set the tags", targets.tags, s3_bucket.put_tags),
    Setting("access_log", "turn on access logging", targets.access_log, s3_bucket.put_logging),
)
_KEY = (
    Setting("rotation", "turn on the yearly rotation", targets.switched_on, making.turn_on_rotation),
    Setting("tags", "set the tags", targets.tags, kms.add_tags),
)
_TABLE = (
    Setting("billing", "set the billing mode and capacity", targets.billing, making.set_billing),
    Setting("encryption", "turn on encryption by a KMS key of AWS", targets.switched_on, making.encrypt_table),
    Setting("deletion_protection", "turn on deletion protection", targets.switched_on, making.protect_table),
    Setting(
        "point_in_time_recovery",
        "turn on point-in-time recovery",
        targets.switched_on,
        dynamodb.put_point_in_time_recovery,
    ),
    Setting("tags", "set the tags", targets.tags, making.tag_table),
)


def key_part(wanted: Wanted, found: Found) -> Part | None:
    """The KMS key named by an alias; a key given by its id is its owner's and not ours to change."""
    alias = wanted.kms_alias
    if alias is None or isinstance(found.key, NotRead):
        return None
    if found.key is None:
        label = f"KMS key {alias}"
        new = {"rotation": None, "tags": wanted.tags}
        create = Step(label, "create the key and its alias", making.make_key, alias, wanted, creates=True)
        return Part(label, alias, False, new, _KEY, create)
    if found.key.managed_by_aws:
        return None
    return Part(f"KMS key {alias}", found.key.key_id, True, found.key_settings, _KEY)


def bucket_part(wanted: Wanted, found: Found) -> Part:
    """The bucket; a new one has what its creation sets."""
    label = f"bucket {wanted.bucket}"
    if found.bucket is not None:
        return Part(label, wanted.bucket, True, found.bucket_settings, _BUCKET)
    create = Step(label, f"create it in {wanted.region}", s3_bucket.create_bucket, wanted.bucket, wanted.tags, True)
    return Part(label, wanted.bucket, False, {"object_ownership": "BucketOwnerEnforced"}, _BUCKET, create)


def table_part(wanted: Wanted, found: Found) -> Part | None:
    """The lock table, where one is wanted and may be looked at."""
    table = wanted.lock_table
    if table is None or isinstance(found.table, NotRead):
        return None
    label = f"lock table {table}"
    if found.table is not None:
        return Part(label, table, True, found.table_settings, _TABLE)
    create = Step(label, f"create it in {wanted.region}", making.make_table, table, wanted, creates=True)
    new = {
        "billing": targets.billing(wanted, None),
        "encryption": True,
        "deletion_protection": True,
        "tags": wanted.tags or None,
    }
    return Part(label, table, False, new, _TABLE, create)


@dataclass(frozen=True)
class Audit:
    """A wanted backend against the one found: the steps between them, and both as settings."""

    steps: tuple[Step, ...]
    before: Json
    after: Json


def audit(wanted: Wanted, found: Found) -> Audit:
    """Compare. The key comes first: the bucket's encryption names it, and until it is made by a placeholder."""
    if wanted.kms_alias and found.key is None:
        wanted = replace(wanted, key_arn=NEW_KEY)
    parts: Iterable[tuple[str, Part | None]] = (
        ("kms_key", key_part(wanted, found)),
        ("bucket", bucket_part(wanted, found)),
        ("lock_table", table_part(wanted, found)),
    )
    present = [(label, part) for label, part in parts if part is not None]
    return Audit(
        steps=tuple(step for _label, part in present for step in part.steps(wanted)),
        before={label: part.before() for label, part in present},
        after={label: part.after(wanted) for label, part in present},
    )
