# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_state with move or remove: done to a copy of the state by Terraform itself, then written at once."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused
from ansible_collections.envforge.terraform.plugins.module_utils._files import (
    make_private_directory,
    read_text,
    write_atomically,
)
from ansible_collections.envforge.terraform.plugins.module_utils._stack.root_lock import refuse_errored
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Work
from ansible_collections.envforge.terraform.plugins.module_utils._state.document import Document, read_document
from ansible_collections.envforge.terraform.plugins.module_utils._state.places import Place, Stored
from ansible_collections.envforge.terraform.plugins.module_utils._state.replacement import Replacement, carry_out
from ansible_collections.envforge.terraform.plugins.module_utils._state.resources import (
    addresses,
    described,
    matching,
    same_content,
)
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.cli import Terraform


class Copy:
    """A copy of a state in an empty directory, which Terraform takes for a state of its own."""

    def __init__(self, work: Work, document: Document) -> None:
        directory = os.path.join(work.directory, "copy")
        make_private_directory(directory)
        self._file = os.path.join(directory, "copy.tfstate")
        write_atomically(self._file, document.with_serial(document.serial))
        self._terraform: Terraform = replace(
            work.terraform, root=directory, data_dir=os.path.join(directory, "terraform"), workspace=None
        )

    @property
    def document(self) -> Document:
        return read_document((read_text(self._file, newline="") or "").encode(), self._file)

    def move(self, source: str, destination: str) -> None:
        self._terraform.state_move(self._file, source, destination)

    def remove(self, wanted: Sequence[str]) -> None:
        self._terraform.state_remove(self._file, wanted)


def move(work: Work, place: Place, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Raises Refused for an address that is at neither end, StateEndangered, CommandFailed; nothing is written then."""
    refuse_errored(work.stack)  # a higher serial here would make it the older state
    doing = f"Moving resources in the state of {work.stack.label}"
    before = place.read()
    document = before.document(place.address)
    if document is None:
        raise Refused(f"{doing} failed: there is no state {place.address}. Check the workspace and the key.")
    copy, moved, known = Copy(work, document), [], addresses(document)
    for pair in arguments["move"]:
        source, destination = pair["from"], pair["to"]
        if not matching(source, known):
            if matching(destination, known):
                continue  # moved already
            raise _unknown(doing, source, known)
        copy.move(source, destination)
        known = addresses(copy.document)
        moved.append(pair)
    return {"moved": moved, **_written(work, place, arguments, doing, before, copy.document)}


def remove(work: Work, place: Place, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Raises Refused for an address that is not in the state, unless that is asked for; nothing is written then."""
    refuse_errored(work.stack)
    doing = f"Removing resources from the state of {work.stack.label}"
    before = place.read()
    document = before.document(place.address)
    known = addresses(document) if document else []
    present = [address for address in arguments["remove"] if matching(address, known)]
    missing = [address for address in arguments["remove"] if address not in present]
    if missing and not arguments["ignore_missing"]:
        raise _unknown(doing, missing[0], known)
    gone = list(dict.fromkeys(each for address in present for each in matching(address, known)))
    if document is None or not gone:
        return {"removed": [], "changed": False, "backup": None}
    copy = Copy(work, document)
    copy.remove(present)
    return {"removed": gone, **_written(work, place, arguments, doing, before, copy.document)}


def _written(
    work: Work, place: Place, arguments: Mapping[str, Any], doing: str, before: Stored, wanted: Document
) -> dict[str, Any]:
    """Write *wanted*, a copy that Terraform has changed, unless it is what is there."""
    document = before.document(place.address)
    if document is None or same_content(document, wanted):
        return {"changed": False, "backup": None, **({"diff": {"before": {}, "after": {}}} if work.doors.diff else {})}
    after = Document({**wanted.raw, "serial": document.serial + 1})
    replacement = Replacement(doing, "OperationTypeStateWrite", before, after, arguments["require_no_changes"])
    kept, planned = carry_out(work, place, replacement)
    return {
        "changed": True,
        "backup": kept,
        "serial": after.serial,
        "lineage": after.lineage,
        **(planned.told() if planned else {}),
        **({"diff": {"before": described(document), "after": described(after)}} if work.doors.diff else {}),
    }


def _unknown(doing: str, address: str, known: Sequence[str]) -> Refused:
    close = difflib.get_close_matches(address, known, n=3, cutoff=0.5)
    hint = f"Is it {' or '.join(close)}?" if close else f"It holds {len(known)} resources (tf_state_info lists them)."
    return Refused(f"{doing} failed: {address} is not in the state. {hint}")
