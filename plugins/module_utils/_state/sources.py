# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be restored: a version, the state at a time, a file, an object of the bucket, or what a failed apply left."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._aws import s3
from ansible_collections.envforge.terraform.plugins.module_utils._errors import FileError, Refused, StateEndangered
from ansible_collections.envforge.terraform.plugins.module_utils._files import read_text
from ansible_collections.envforge.terraform.plugins.module_utils._stack.errored import (
    Errored,
    errored_states,
    is_anothers,
    owner_of,
)
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Stack
from ansible_collections.envforge.terraform.plugins.module_utils._state import versions
from ansible_collections.envforge.terraform.plugins.module_utils._state.backups import Backup, list_backups
from ansible_collections.envforge.terraform.plugins.module_utils._state.document import FORMAT, Document, read_document
from ansible_collections.envforge.terraform.plugins.module_utils._state.places import Place, S3Place

_SHOWN = 10  # candidates in a message


@dataclass(frozen=True)
class Source:
    """A state to restore. where names it in messages; own says that it was this very stack's, whatever its lineage.

    errored are the files of failed applies that this one settles; left_out says why others of them are not among them.
    """

    document: Document
    where: str
    own: bool = False
    errored: tuple[Errored, ...] = ()
    left_out: tuple[str, ...] = ()


def source_of(stack: Stack, place: Place, wanted: Mapping[str, Any]) -> Source:
    """The state that *wanted* names. Raises Refused for what is not there or no state, with what there is."""
    chosen = [(name, find) for name, find in _FINDERS.items() if wanted.get(name)]
    if len(chosen) > 1:
        names = ", ".join(name for name, _find in chosen)
        raise Refused(f"Restoring the state of {stack.label} failed: {names} exclude each other. Name one.")
    if not chosen:
        raise _unnamed(stack, place)
    name, find = chosen[0]
    return find(stack, place, wanted[name])


def newest_backup(stack: Stack, place: Place) -> Source:
    """The backup that was made last. Raises Refused when there is none."""
    found = list_backups(stack, place)
    if not found:
        raise Refused(
            f"Rehearsing the recovery of {stack.label} failed: it has no backup, neither in its data directory nor in its "
            "bucket. Make one (tf_state with backup), or name a version."
        )
    return _of_backup(stack, place, found[0])


def _of_backup(stack: Stack, place: Place, backup: Backup) -> Source:
    return _file(stack, place, backup.file) if backup.file else _object(stack, place, backup.key)


def _version(stack: Stack, place: Place, version_id: Any) -> Source:
    bucket = _in_bucket(stack, place)
    return _of_version(bucket, versions.with_id(bucket, str(version_id)))


def _at(stack: Stack, place: Place, time: Any) -> Source:
    bucket = _in_bucket(stack, place)
    return _of_version(bucket, versions.at_time(bucket, str(time)))


def _of_version(place: S3Place, version: versions.Version) -> Source:
    where = f"version {version.version_id} of {place.address}"
    found = s3.get_object(place.aws, place.bucket, place.key, version_id=version.version_id)
    if found is None:
        raise Refused(f"Reading {where} failed: it is gone by now. Name another.")
    return Source(read_document(found.body, where.capitalize()), where, own=True)


def _file(stack: Stack, place: Place, path: Any) -> Source:
    return Source(_document(str(path)), str(path))


def _document(path: str) -> Document:
    text = read_text(path, newline="")
    if text is None:
        raise FileError(f"Reading the state {path} failed: there is no such file. Name one that exists.")
    return read_document(text.encode(), path)


def _object(stack: Stack, place: Place, key: Any) -> Source:
    bucket = _in_bucket(stack, place)
    where = f"s3://{bucket.bucket}/{key}"
    found = s3.get_object(bucket.aws, bucket.bucket, str(key))
    if found is None:
        raise Refused(f"Reading the state {where} failed: there is no such object. Name one that exists.")
    return Source(read_document(found.body, where), where)


def _errored(stack: Stack, place: Place, asked: Any) -> Source:
    """Of what failed applies left, the state with the highest serial that is of this stack."""
    left = errored_states(stack)
    if not left:
        raise Refused(
            f"There is no errored.tfstate of {stack.label}: no failed apply has left one. Nothing is to be done."
        )
    found, broken = _read_all(left)
    if not found:
        raise Refused(f"Restoring the state of {stack.label} failed: {' '.join(broken)}")
    perhaps = [each for each in found if not is_anothers(stack, each)] or list(found)
    nearest = max(perhaps, key=lambda each: (each.owner == owner_of(stack), found[each].serial))
    lineage = lineage_at(place) or found[nearest].lineage
    ours = [each for each in perhaps if found[each].lineage == lineage]
    if not ours:
        raise _of_others(stack, perhaps)
    chosen = max(ours, key=lambda each: found[each].serial)
    return Source(found[chosen], chosen.path, errored=tuple(ours), left_out=tuple(broken))


def _read_all(left: Sequence[Errored]) -> tuple[dict[Errored, Document], list[str]]:
    """The states in these files, and a sentence or two about each file that holds none."""
    found, broken = {}, []
    for each in left:
        try:
            found[each] = _document(each.path)
        except (FileError, Refused) as error:
            why = (
                error
                if isinstance(error, FileError)
                else f"{each.path} is not a whole Terraform state of format {FORMAT}."
            )
            broken.append(f"{why} Look into that file and move it away: as long as it is there, it stops every run.")
    return found, broken


def _of_others(stack: Stack, left: Sequence[Errored]) -> StateEndangered:
    paths = ", ".join(each.path if each.owner is None else f"{each.path} (that of {each.owner})" for each in left)
    return StateEndangered(
        f"Restoring {paths} was refused: its lineage is not that of the state of {stack.label}, so it belongs to another "
        "environment of this root module, or to another workspace. Restore it there.",
    )


def lineage_at(place: Place) -> str | None:
    """The lineage of the state that is there, or else of the newest version of it; None when there never was one."""
    body = place.read().body
    if body is not None and versions.head_of(body)[1]:
        return versions.head_of(body)[1]
    if not isinstance(place, S3Place):
        return None
    stored = [version for version in versions.list_versions(place) if not version.deleted]
    return next((found.lineage for found in versions.with_heads(place, stored[:5]) if found.lineage), None)


def _in_bucket(stack: Stack, place: Place) -> S3Place:
    if not isinstance(place, S3Place):
        raise Refused(
            f"Restoring the state of {stack.label} failed: its backend {stack.backend_type} keeps no versions and no objects. "
            "Name a file (restore.path)."
        )
    return place


def _unnamed(stack: Stack, place: Place) -> Refused:
    stored = versions.with_heads(place, versions.list_versions(place)) if isinstance(place, S3Place) else []
    copies = list_backups(stack, place)
    lines = [
        *(f"version_id {each.version_id} ({each.time}, serial {each.serial})" for each in stored if not each.deleted),
        *(
            f"{'key' if each.key else 'path'} {each.key or each.file} ({each.time}, serial {each.serial})"
            for each in copies
        ),
    ]
    more = f"; and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    listed = "; ".join(lines[:_SHOWN]) or "none"
    return Refused(
        f"Restoring the state of {stack.label} failed: no state was named. There is: {listed}{more}.",
        versions=[each.told() for each in stored],
        backups=[each.told() for each in copies],
    )


_FINDERS: dict[str, Callable[[Stack, Place, Any], Source]] = {
    "version_id": _version,
    "at": _at,
    "path": _file,
    "key": _object,
    "errored": _errored,
}
