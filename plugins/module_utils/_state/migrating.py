# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies a state to another backend, key or workspace: under the locks of both, byte for byte, proven before anything goes.

Terraform's own `init -migrate-state` takes all workspaces along, overwrites the state of another stack without a word, and
gives a copied state a new lineage.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused, StateEndangered
from ansible_collections.envforge.terraform.plugins.module_utils._stack.readiness import former
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Stack, Work
from ansible_collections.envforge.terraform.plugins.module_utils._stack.state import local_path
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
from ansible_collections.envforge.terraform.plugins.module_utils._state.proof import demand_seen
from ansible_collections.envforge.terraform.plugins.module_utils._state.removing import (
    forget_directory,
    managed,
)

_OPERATION = "OperationTypeMigrate"


@dataclass(frozen=True)
class Copy:
    """A state that was found at *source*, and what is at *destination* now."""

    source: Place
    destination: Place
    stored: Stored
    document: Document
    before: Stored
    stack: Stack  # as it is at the source


def sources_of(work: Work, given: Mapping[str, Any] | None) -> list[Stack]:
    """Where the state may come from: as *given* (type, config, workspace), else where it may have been until now.

    A given configuration of the type of the stack's own backend names only what differs; null takes an option away.
    """
    stack = work.stack
    if not given:
        return former(stack)
    kind = given.get("type") or stack.backend_type
    known = stack.backend_config if kind == stack.backend_type else {}
    config = {name: value for name, value in {**known, **(given.get("config") or {})}.items() if value is not None}
    return [
        replace(stack, backend_type=kind, backend_config=config, workspace=given.get("workspace") or stack.workspace)
    ]


def migrate(work: Work, sources: list[Stack], *, given: bool, remove_source: bool) -> dict[str, Any]:
    """Bring the state here unless it is here already. Raises Refused, StateEndangered, StateLocked, AwsError, FileError."""
    destination = place_of(work.stack, work.doors)
    before = destination.read()
    copy = _found(work, sources, destination, before)
    if copy is None:
        if given and before.body is None:
            named = " and ".join(place_of(source, work.doors).address for source in sources)
            raise Refused(
                f"Migrating {work.stack.label} failed: there is no state in {named}, and none in {destination.address}. "
                "Correct tf_migrate_from (migrate_from), or leave it out."
            )
        return _told(None, destination)
    there = before.document(destination.address)
    if there is not None and not _empty(there):
        return _here_already(work, copy, there, remove_source)
    return _carry_out(work, copy, write=True, remove=remove_source)


def _found(work: Work, sources: list[Stack], destination: Place, before: Stored) -> Copy | None:
    """The first source that holds a state; an empty one only when there is no better."""
    copies = []
    for stack in sources:
        source = place_of(stack, work.doors)
        stored = source.read()
        document = stored.document(source.address)
        if document is not None and not same(source, destination):
            copies.append((_empty(document), Copy(source, destination, stored, document, before, stack)))
    return min(copies, key=lambda found: found[0])[1] if copies else None


def same(one: Place, other: Place) -> bool:
    """Whether two places are one; two emulators may each have the same bucket."""

    def endpoint(place: Place) -> object:
        return None if isinstance(place, LocalPlace) else getattr(place, "backend_config", {}).get("endpoints")

    return one.address == other.address and endpoint(one) == endpoint(other)


def _empty(document: Document) -> bool:
    """What Terraform writes when it only looked into a workspace that was missing."""
    return not document.resources and not document.outputs


def _here_already(work: Work, copy: Copy, there: Document, remove_source: bool) -> dict[str, Any]:
    """The state was copied before, by us or by hand; then only the source may be left to remove."""
    document = copy.document
    where, whence = copy.destination.address, copy.source.address
    if there.lineage != document.lineage or there.serial < document.serial:
        raise StateEndangered(
            f"Migrating {work.stack.label} was refused: {where} holds another state (lineage {there.lineage}, serial "
            f"{there.serial}) than {whence} (lineage {document.lineage}, serial {document.serial}), and would be lost. Nothing "
            "was changed. Choose another tf_backend_key, or remove that state if nobody needs it.",
            resources=managed(there),
        )
    if there.raw == document.raw:
        return _carry_out(work, copy, write=False, remove=remove_source)
    if there.serial == document.serial:
        raise StateEndangered(
            f"Migrating {work.stack.label} was refused: {where} and {whence} hold different states of one lineage under the same "
            f"serial {there.serial}. Nothing was changed. Find out which of them is true, and remove the other."
        )
    if remove_source:
        work.doors.warn(f"{whence} was kept: {where} has gone on since it was copied, so they cannot be compared.")
    return _told(None, copy.destination)


def _carry_out(work: Work, copy: Copy, *, write: bool, remove: bool) -> dict[str, Any]:
    remove = remove or _in_the_way(copy)
    backup = kept_at(copy.source, copy.stored, copy.stack.workspace, work.stack.data_dir)
    if work.doors.check_mode and (write or remove):
        for place in (copy.source, copy.destination):
            refuse_held(place, f"Migrating {work.stack.label}")
    elif write or remove:
        keep(copy.source, copy.stored, copy.stack.workspace, work.stack.data_dir)
        keep(copy.destination, copy.before, work.stack.workspace, work.stack.data_dir)
        note = {"doing": f"migrating {copy.source.address} to {copy.destination.address}", "backup": str(backup)}
        _copy(work, copy, note, write=write, remove=remove)
    return _told(copy, copy.destination, backup=backup, write=write, remove=remove)


def _copy(work: Work, copy: Copy, note: dict[str, str], *, write: bool, remove: bool) -> None:
    """Both locks are held until the copy is proven and the source is gone. A kill leaves the source whole, or both."""
    body = copy.stored.body or b""
    with (
        replacing(work.doors, copy.source, copy.stored, (), operation=_OPERATION, note=note),
        replacing(work.doors, copy.destination, copy.before, (body,), operation=_OPERATION, note=note),
    ):
        if write:
            copy.destination.write(copy.before, body)
        demand_seen(work, copy.document, copy.destination.address)
        if remove:
            copy.source.remove(copy.stored)
    if remove and isinstance(copy.source, LocalPlace) and copy.stack.workspace != "default":
        forget_directory(copy.source)


def _in_the_way(copy: Copy) -> bool:
    """Terraform's init stops at a state where the local backend has it by default, or empties it itself."""
    default = replace(copy.stack, backend_type="local", backend_config={})
    return isinstance(copy.source, LocalPlace) and copy.source.path == local_path(default)


def others_in_the_way(stack: Stack) -> list[str]:
    """Workspaces whose local states keep Terraform from being initialised for another backend."""
    default = replace(stack, backend_type="local", backend_config={}, workspace="default")
    found = ["default"] if os.path.exists(local_path(default)) else []
    directory = os.path.join(stack.root, "terraform.tfstate.d")
    named = sorted(os.listdir(directory)) if os.path.isdir(directory) else []
    found += [name for name in named if os.path.exists(local_path(replace(default, workspace=name)))]
    return found if stack.backend_type != "local" else []


def _told(
    copy: Copy | None,
    destination: Place,
    *,
    backup: str | None = None,
    write: bool = False,
    remove: bool = False,
) -> dict[str, Any]:
    source, document = (copy.source.address, copy.document) if copy else (None, None)
    changed = write or remove
    return {
        "changed": changed,
        "migration": {
            "source": source,
            "destination": destination.address,
            "copied": write,
            "source_removed": remove,
            "backup": backup if changed else None,
            "serial": document.serial if document else None,
            "resources": managed(document) if document else [],
            "outputs": sorted(document.outputs) if document else [],
        },
        "diff": {
            "before": {"states": [source]} if changed else {},
            "after": {"states": [destination.address, *([] if remove else [source])]} if changed else {},
        },
    }
