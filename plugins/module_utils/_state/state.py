# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The core of tf_state: backup, restore, move and remove."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Work, working_on
from ansible_collections.envforge.terraform.plugins.module_utils._state import backups
from ansible_collections.envforge.terraform.plugins.module_utils._state.moving import move, remove
from ansible_collections.envforge.terraform.plugins.module_utils._state.places import Place, S3Place, Stored, place_of
from ansible_collections.envforge.terraform.plugins.module_utils._state.restoring import restore


def state_core(arguments: dict[str, Any], doors: Doors) -> dict[str, Any]:
    """tf_state. Raises TfError; the message says what the state is then."""
    with working_on(arguments, doors) as work:
        place = place_of(work.stack, doors)
        (work_on,) = (function for name, function in _WORK.items() if arguments[name] is not None)
        return {"address": place.address, **work_on(work, place, arguments)}


def backup(work: Work, place: Place, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Copy the present state. It needs no lock: a state is replaced in one step, so that reading it once gives a whole one."""
    wanted = arguments["backup"]
    before = place.read()
    document = before.document(place.address)
    if before.body is None or document is None:
        return {"changed": False, "backup": None, "serial": None, "lineage": None}
    default = "bucket" if isinstance(place, S3Place) and not wanted["path"] else "file"
    to_file = (wanted["to"] or default) == "file"
    address, changed = _to_file(work, before, wanted) if to_file else _to_bucket(work, place, before, wanted)
    return {"changed": changed, "backup": address, "serial": document.serial, "lineage": document.lineage}


def _to_file(work: Work, before: Stored, wanted: Mapping[str, Any]) -> tuple[str, bool]:
    body = before.body or b""
    path = wanted["path"] or backups.file_of(work.stack, body)
    return path, backups.write_file(path, body, only_look=work.doors.check_mode)


def _to_bucket(work: Work, place: Place, before: Stored, wanted: Mapping[str, Any]) -> tuple[str, bool]:
    if not isinstance(place, S3Place):
        raise Refused(
            f"Backing up the state of {work.stack.label} failed: its backend {work.stack.backend_type} is no bucket. "
            "Use to: file."
        )
    body = before.body or b""
    key = wanted["key"] or backups.prefix_of(place) + backups.name_of(body)
    return f"s3://{place.bucket}/{key}", backups.write_object(place, key, body, only_look=work.doors.check_mode)


_WORK: dict[str, Callable[[Work, Place, Mapping[str, Any]], dict[str, Any]]] = {
    "backup": backup,
    "restore": restore,
    "move": move,
    "remove": remove,
}
