# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of a state: as private files in the stack's data directory, or as objects beside the states in the bucket.

A copy is named by the serial and digest of what is in it: the same state is copied once, and no copy is ever overwritten.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._aws import s3
from ansible_collections.envforge.terraform.plugins.module_utils._backend import locks
from ansible_collections.envforge.terraform.plugins.module_utils._errors import AwsConflict, FileError, Refused
from ansible_collections.envforge.terraform.plugins.module_utils._files import (
    make_private_directory,
    read_text,
    while_trying_to,
    write_atomically,
)
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Stack
from ansible_collections.envforge.terraform.plugins.module_utils._state.places import Place, S3Place
from ansible_collections.envforge.terraform.plugins.module_utils._state.versions import head_of, moment, spelled

_HEAD = 512  # bytes


@dataclass(frozen=True)
class Backup:
    """A copy of a state. Either file or key is set: that is what restore calls it by."""

    address: str
    file: str | None = None
    key: str | None = None
    time: str | None = None
    size: int | None = None
    serial: int | None = None
    lineage: str | None = None

    def told(self) -> dict[str, Any]:
        return asdict(self)


def directory_of(stack: Stack) -> str:
    return os.path.join(stack.data_dir, "backups")


def file_of(stack: Stack, body: bytes) -> str:
    return os.path.join(directory_of(stack), f"{stack.workspace}-{name_of(body)}")


def name_of(body: bytes) -> str:
    serial, _lineage = head_of(body)
    return f"{serial or 0:08d}-{hashlib.sha256(body).hexdigest()[:12]}.tfstate"


def prefix_of(place: S3Place) -> str:
    """Where copies of a state are in its bucket: never below what Terraform takes for workspaces."""
    taken = str(place.backend_config.get("workspace_key_prefix") or "")
    return f"{'state-backups' if taken.startswith('backups') else 'backups'}/{place.key}/"


def write_file(path: str, body: bytes, *, only_look: bool = False) -> bool:
    """Copy a state to a 0600 file; False when it is there already. Raises FileError when something else is."""
    there = read_text(path, newline="")
    if there is not None:
        if there.encode() != body:
            raise FileError(
                f"Backing up to {path} failed: the file holds something else, and backups are not overwritten. Name another."
            )
        return False
    if only_look:
        return True
    directory = os.path.dirname(path)
    if not os.path.isdir(directory):  # one that is there may be shared, and stays as it is
        make_private_directory(directory)
    write_atomically(path, body)
    return True


def write_object(place: S3Place, key: str, body: bytes, *, only_look: bool = False) -> bool:
    """Copy a state to the bucket; False when it is there already. Raises Refused when something else is."""
    there = s3.get_object(place.aws, place.bucket, key)
    if there is not None:
        if there.body != body:
            raise Refused(
                f"Backing up {place.address} to {key} failed: that object holds something else, and backups are not "
                "overwritten. Name another key."
            )
        return False
    if only_look:
        return True
    encryption = locks.encryption_of(place.backend_config)
    try:
        s3.put_object(place.aws, place.bucket, key, body, only_if={"IfNoneMatch": "*"}, encryption=encryption)
    except AwsConflict:
        there = s3.get_object(place.aws, place.bucket, key)
        if there is None or there.body != body:  # else a first attempt arrived whose answer was lost
            raise
    return True


def list_backups(stack: Stack, place: Place) -> list[Backup]:
    """All copies that were made under their own names, newest first."""
    found = [*_files(stack), *(_objects(place) if isinstance(place, S3Place) else ())]
    return sorted(found, key=lambda backup: (backup.time or "", backup.serial or 0), reverse=True)


def _files(stack: Stack) -> Iterator[Backup]:
    directory = directory_of(stack)
    own = re.compile(
        rf"{re.escape(stack.workspace)}-([0-9]{{8}}-)?[0-9a-f]{{12}}\.tfstate"
    )  # workspaces share the directory
    for name in sorted(filter(own.fullmatch, os.listdir(directory))) if os.path.isdir(directory) else ():
        path = os.path.join(directory, name)
        with while_trying_to(f"read {path}"), open(path, "rb") as stream:
            status = os.fstat(stream.fileno())
            serial, lineage = head_of(stream.read(_HEAD))
        time = spelled(datetime.fromtimestamp(status.st_mtime, UTC))
        yield Backup(path, file=path, time=time, size=status.st_size, serial=serial, lineage=lineage)


def _objects(place: S3Place) -> list[Backup]:
    def look(entry: s3.Entry) -> Backup:
        range_ = f"bytes=0-{_HEAD - 1}" if entry.size else None  # S3 refuses a range of nothing
        found = s3.get_object(place.aws, place.bucket, entry.key, range_=range_)
        serial, lineage = head_of(found.body) if found else (None, None)
        return Backup(
            address=f"s3://{place.bucket}/{entry.key}",
            key=entry.key,
            time=spelled(moment(entry.last_modified)),
            size=entry.size,
            serial=serial,
            lineage=lineage,
        )

    prefix = prefix_of(place)
    found = s3.list_objects(place.aws, place.bucket, prefix)
    own = [entry for entry in found if "/" not in entry.key.removeprefix(prefix)]  # below are those of longer keys
    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(look, own))
