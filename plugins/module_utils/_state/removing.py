# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removes a workspace: its state, the digest of that, and nothing that still has resources unless that is forced."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused, StateEndangered
from ansible_collections.envforge.terraform.plugins.module_utils._files import remove
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Work
from ansible_collections.envforge.terraform.plugins.module_utils._state.document import Document
from ansible_collections.envforge.terraform.plugins.module_utils._state.keeping import keep, kept_at
from ansible_collections.envforge.terraform.plugins.module_utils._state.places import (
    LocalPlace,
    Place,
    Stored,
    place_of,
    refuse_held,
    replacing,
)
from ansible_collections.envforge.terraform.plugins.module_utils._state.resources import instances

_NAMED = 10  # resources in a message


def remove_workspace(work: Work, force: bool) -> dict[str, Any]:
    """The result of state absent. Raises Refused for the default workspace, StateEndangered, StateLocked, AwsError.

    Terraform's own `workspace delete` gives the lock back before it deletes the state; this one holds it to the end.
    """
    stack = work.stack
    if stack.workspace == "default":
        raise Refused(
            f"Removing the workspace default of {stack.label} was refused: every backend has it. Destroy the stack to empty it, "
            "or name another workspace."
        )
    place = place_of(stack, work.doors)
    before = place.read()
    found = before.document(place.address)
    if found is None:
        return _told(place, None, None)
    if not force:
        _refuse_resources(work, place, found)
    backup = kept_at(place, before, stack.workspace, stack.data_dir)
    if work.doors.check_mode:
        refuse_held(place, f"Removing the workspace {stack.workspace} of {stack.label}")
    else:
        keep(place, before, stack.workspace, stack.data_dir)
        _remove(
            work.doors, place, before, {"doing": f"removing the workspace {stack.workspace}", "backup": str(backup)}
        )
    return _told(place, found, backup)


def managed(document: Document) -> list[str]:
    """The addresses of what Terraform manages: data sources leave nothing behind."""
    found = instances(document)
    return list(dict.fromkeys(address for address, resource, _instance in found if resource.get("mode") == "managed"))


def _refuse_resources(work: Work, place: Place, found: Document) -> None:
    left = managed(found)
    if not left:
        return
    named = ", ".join(left[:_NAMED]) + (f" and {len(left) - _NAMED} more" if len(left) > _NAMED else "")
    raise StateEndangered(
        f"Removing the workspace {work.stack.workspace} of {work.stack.label} was refused: its state {place.address} still has "
        f"{named}. Destroy them first, or set force: true, which leaves them to nobody.",
        resources=left,
    )


def _remove(doors: Doors, place: Place, before: Stored, note: dict[str, str]) -> None:
    with replacing(doors, place, before, (), operation="OperationTypeWorkspaceDelete", note=note):
        place.remove(before)
    if isinstance(place, LocalPlace):
        forget_directory(place)


def forget_directory(place: LocalPlace) -> None:
    """Terraform takes every directory beside a workspace's state for a workspace, also an empty one."""
    remove(f"{place.path}.backup")
    with contextlib.suppress(OSError):  # something of the user's is in it
        os.rmdir(os.path.dirname(place.path))


def _told(place: Place, found: Document | None, backup: str | None) -> dict[str, Any]:
    lost = {
        "state": place.address,
        "serial": found.serial if found else None,
        "resources": managed(found) if found else [],
    }
    return {
        "changed": found is not None,
        "initialised": False,
        "reason": None,
        "removed": {**lost, "backup": backup},
        "diff": {"before": lost if found else {}, "after": {}},
    }
