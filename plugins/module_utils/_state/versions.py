# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The versions of a state that its bucket keeps: listed with their serial and lineage, and chosen by id or by time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._aws import s3
from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused
from ansible_collections.envforge.terraform.plugins.module_utils._state.document import read_document
from ansible_collections.envforge.terraform.plugins.module_utils._state.places import S3Place

_HEAD = "bytes=0-511"  # Terraform writes serial and lineage first
_SERIAL, _LINEAGE = re.compile(rb'"serial":\s*(\d+)'), re.compile(rb'"lineage":\s*"([^"]*)"')
_SIDE_BY_SIDE = 16


@dataclass(frozen=True)
class Version:
    """One version of a state; deleted ones are markers, with nothing behind them. resources is None unless it was counted."""

    version_id: str
    time: str
    size: int
    current: bool
    deleted: bool
    serial: int | None = None
    lineage: str | None = None
    resources: int | None = None

    def told(self) -> dict[str, Any]:
        return asdict(self)


def list_versions(place: S3Place) -> list[Version]:
    """All versions, newest first, as the listing gives them."""
    return [_version(found) for found in s3.list_versions(place.aws, place.bucket, place.key)]


def with_heads(place: S3Place, versions: Sequence[Version], *, full: bool = False) -> list[Version]:
    """*versions* with serial and lineage, read side by side; *full* reads the whole bodies and counts resources too."""

    def look(version: Version) -> Version:
        if version.deleted:
            return version
        range_ = None if full or not version.size else _HEAD  # S3 refuses a range of nothing
        found = s3.get_object(place.aws, place.bucket, place.key, version_id=version.version_id, range_=range_)
        serial, lineage = head_of(found.body) if found else (None, None)
        counted = count_resources(found.body) if found and full else None
        return replace(version, serial=serial, lineage=lineage, resources=counted)

    with ThreadPoolExecutor(max_workers=_SIDE_BY_SIDE) as pool:
        return list(pool.map(look, versions))


def head_of(body: bytes) -> tuple[int | None, str | None]:
    """Serial and lineage out of the first bytes of a state."""
    serial, lineage = _SERIAL.search(body), _LINEAGE.search(body)
    return (int(serial[1]) if serial else None), (lineage[1].decode() if lineage else None)


def count_resources(body: bytes) -> int | None:
    """The number of managed instances; None for what is not a state."""
    try:
        resources = read_document(body, "").resources
    except Refused:
        return None
    return sum(len(found.get("instances") or ()) for found in resources if found.get("mode") == "managed")


def with_id(place: S3Place, version_id: str) -> Version:
    """Raises Refused for a version that is not there, or that says the state was deleted."""
    versions = list_versions(place)
    for version in versions:
        if version.version_id == version_id and not version.deleted:
            return version
    marker = any(version.version_id == version_id for version in versions)
    reason = "it is a delete marker, with no state behind it" if marker else "there is none"
    raise Refused(
        f"Reading the version {version_id} of {place.address} failed: {reason}. {_kept(versions)}",
        versions=[version.told() for version in versions],
    )


def at_time(place: S3Place, text: str) -> Version:
    """The version that was current at a time (ISO 8601; UTC unless it says otherwise). Raises Refused when there was none."""
    wanted = moment(text)
    versions = list_versions(place)
    for version in versions:
        if moment(version.time) <= wanted:
            if not version.deleted:
                return version
            break
    raise Refused(
        f"Reading {place.address} as it was at {text} failed: there was no state then. {_kept(versions)}",
        versions=[version.told() for version in versions],
    )


def moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"The time {text!r} is not one such as 2026-11-21T15:30:00Z. Write it in ISO 8601.") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def spelled(found: datetime) -> str:
    """A time as results tell it."""
    return found.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _kept(versions: Sequence[Version]) -> str:
    stored = [version for version in versions if not version.deleted]
    if not stored:
        return "The bucket keeps no version of it."
    newest = ", ".join(f"{version.version_id} ({version.time})" for version in stored[:5])
    return f"It keeps {len(stored)} versions, the newest of them {newest}."


def _version(found: s3.Version) -> Version:
    return Version(
        version_id=found.version_id,
        time=spelled(moment(found.last_modified)),
        size=found.size,
        current=found.is_latest,
        deleted=found.is_delete_marker,
    )
