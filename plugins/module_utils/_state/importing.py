# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The core of tf_import: brings existing objects under management, all of them in one write of the state, or none.

Terraform's own ways are not used on the live state: `import` writes once for each object, and a plan with import blocks
applies whatever else is pending. Whether an address holds the wanted object already cannot be told from the id, which
often differs from what one imports by: the object is imported into a copy, and the two are compared.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import (
    Refused,
    StateEndangered,
    UnreadableOutput,
)
from ansible_collections.envforge.terraform.plugins.module_utils._files import remove, write_atomically
from ansible_collections.envforge.terraform.plugins.module_utils._stack.root_lock import refuse_errored
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Work, working_on
from ansible_collections.envforge.terraform.plugins.module_utils._state.document import Document
from ansible_collections.envforge.terraform.plugins.module_utils._state.places import Place, Stored, place_of
from ansible_collections.envforge.terraform.plugins.module_utils._state.rehearsal import Rehearsal, said
from ansible_collections.envforge.terraform.plugins.module_utils._state.replacement import Replacement, carry_out
from ansible_collections.envforge.terraform.plugins.module_utils._state.resources import (
    addresses,
    described,
    instances,
)
from ansible_collections.envforge.terraform.plugins.module_utils._state.scratch import Import, Scratch

_SOURCE_MODE = 0o644  # configuration is for everybody who works on the root module


def import_core(arguments: dict[str, Any], doors: Doors) -> dict[str, Any]:
    """tf_import. Raises TfError; the state is the former one then, unless the message says otherwise."""
    wanted = imports_of(arguments["imports"])
    with working_on(arguments, doors) as work:
        refuse_errored(work.stack)
        place = place_of(work.stack, doors)
        return _import(work, place, wanted, arguments)


def imports_of(given: Sequence[Mapping[str, str]]) -> list[Import]:
    """Raises Refused for an address that is named twice, and an empty one."""
    wanted = [Import(item["to"].strip(), item["id"]) for item in given]
    named = [item.to for item in wanted]
    for item in wanted:
        if not item.to or not item.id:
            raise Refused(
                "Importing failed: each of imports needs an address (to) and an id, and one of them is empty."
            )
        if named.count(item.to) > 1:
            raise Refused(
                f"Importing failed: {item.to} is named {named.count(item.to)} times. It can be one object only."
            )
    return wanted


def _import(work: Work, place: Place, wanted: Sequence[Import], arguments: Mapping[str, Any]) -> dict[str, Any]:
    before = place.read()
    document = before.document(place.address)
    managed = set(addresses(document)) if document else set()
    present = [item for item in wanted if item.to in managed]
    new = [item for item in wanted if item.to not in managed]
    result = {"changed": bool(new), "imported": _told(new), "present": _told(present)}
    if not wanted:
        return {**result, **_NOTHING, **_diff(work, document, document)}
    scratch = Scratch.of(work)
    if document is not None and present:
        _demand_same(scratch, document, present)
    if not new:
        return {**result, **_NOTHING, **_diff(work, document, document)}
    return {**result, **_imported(work, place, before, new, arguments, scratch)}


def _imported(
    work: Work, place: Place, before: Stored, new: Sequence[Import], arguments: Mapping[str, Any], scratch: Scratch
) -> dict[str, Any]:
    document = before.document(place.address)
    scratch.hold(document)
    config = Generated.of(scratch, work.stack.root, new, arguments["generate_config"])
    after = _taken(scratch, document, new)
    planned = scratch.plan()
    doing = f"Importing {', '.join(item.to for item in new)} into {work.stack.label}"
    demanded, predicting = arguments["require_no_changes"], work.doors.check_mode
    if demanded and predicting:  # carry_out() does not know the generated configuration
        _demand_no_changes(doing, planned)
    wish = Replacement(doing, "OperationTypeImport", before, after, demanded and not predicting, config)
    backup, proved = carry_out(work, place, wish)
    return {
        "backup": backup,
        "serial": after.serial,
        "lineage": after.lineage,
        "generated_config": config.path,
        "outputs": _different_outputs(document, after),
        **(proved or planned).told(),
        **_diff(work, document, after, config),
    }


_NOTHING: dict[str, Any] = {"backup": None, "generated_config": None, "outputs": []}


def _told(items: Sequence[Import]) -> list[dict[str, str]]:
    return [{"to": item.to, "id": item.id} for item in items]


@dataclass(frozen=True)
class Generated:
    """Configuration that Terraform made for what has none; path and text are None where nothing was needed."""

    path: str | None = None
    text: str | None = None

    @classmethod
    def of(cls, scratch: Scratch, root: str, new: Sequence[Import], name: str | None) -> Generated:
        """Raises Refused for a file that Terraform would not read, and one that is there."""
        if not name:
            return cls()
        path = os.path.join(root, name)
        if os.path.basename(name) != name or not name.endswith(".tf"):
            raise Refused(
                f"Generating configuration into {name} was refused: Terraform reads files ending in .tf in the root module "
                f"{root} itself. Name one of these."
            )
        text = scratch.generate(new)
        if text is None:
            return cls()
        if os.path.exists(path):
            raise Refused(f"Generating configuration into {path} was refused: that file exists. Name another.")
        return cls(path, text)

    def write(self) -> None:
        """Into the root module, under the lock: a kill leaves both, so nobody makes the objects a second time before this is
        done again.
        """
        if self.path is not None and self.text is not None:
            write_atomically(self.path, self.text, _SOURCE_MODE)

    def remove(self) -> None:
        """Where the objects are in the state, a plan without their configuration would destroy them: not then."""
        if self.path is not None:
            remove(self.path)


def _demand_same(scratch: Scratch, document: Document, present: Sequence[Import]) -> None:
    """Raises StateEndangered when an address holds another object than the one that is to be imported there."""
    scratch.hold(without(document, {item.to for item in present}))
    for item in present:
        scratch.take(item)
    now, imported = _instances(document), _instances(scratch.document)
    for item in present:
        there, wanted = (side[item.to].get("attributes") or {} for side in (now, imported))
        if not same_object(there, wanted):
            raise StateEndangered(
                f"Importing {item.id} as {item.to} was refused: that address manages another object already (its id is "
                f"{there.get('id')}, that of the one to import is {wanted.get('id')}). Nothing was changed. Choose another "
                "address, or forget that object first (tf_state with remove)."
            )


def same_object(there: Mapping[str, Any], imported: Mapping[str, Any]) -> bool:
    """Whether both are one object of the real world: by id, and where a resource has none by all that both sides know. Pure."""
    if there.get("id") is not None and imported.get("id") is not None:
        return bool(there["id"] == imported["id"])
    both = [name for name, value in imported.items() if value is not None and there.get(name) is not None]
    return bool(both) and all(there[name] == imported[name] for name in both)


def without(document: Document, gone: set[str]) -> Document:
    """*document* without these instances: for a copy only. Pure."""
    kept: dict[tuple[Any, ...], dict[str, Any]] = {}
    for address, resource, instance in instances(document):
        if address not in gone:
            name = tuple(resource.get(part) for part in ("module", "mode", "type", "name"))
            kept.setdefault(name, {**resource, "instances": []})["instances"].append(instance)
    return Document({**document.raw, "resources": list(kept.values())})


def _taken(scratch: Scratch, document: Document | None, new: Sequence[Import]) -> Document:
    """The state with the new objects. Raises StateEndangered if anything else in it became different."""
    for item in new:
        scratch.work.doors.progress(f"{item.to}: importing into a copy of the state")
        scratch.take(item)
    found = scratch.document
    if found is None:
        raise UnreadableOutput("Importing failed: Terraform left no state behind. Nothing was changed.")
    wanted = {item.to for item in new}
    if _instances(without(found, wanted)) != _instances(document):
        raise StateEndangered(
            f"Importing {', '.join(sorted(wanted))} was refused: Terraform changed other resources of the state along with it. "
            "Nothing was changed."
        )
    return Document({**found.raw, "serial": document.serial + 1 if document else 1})


def _instances(document: Document | None) -> dict[str, Any]:
    """Those of managed resources: data sources may be read on the way."""
    found = instances(document) if document else ()
    return {address: instance for address, resource, instance in found if resource.get("mode") == "managed"}


def _demand_no_changes(doing: str, planned: Rehearsal) -> None:
    if planned.changed:
        raise StateEndangered(
            f"{doing} would be refused: {said(planned)} afterwards. Change the configuration to fit, or do without "
            "require_no_changes. Nothing was changed.",
            **planned.told(),
        )


def _different_outputs(document: Document | None, after: Document) -> list[str]:
    """Names: Terraform works out the outputs anew when it imports, as they are with the objects now in the state."""
    was = document.outputs if document else {}
    return sorted(name for name in {*was, *after.outputs} if was.get(name) != after.outputs.get(name))


def _diff(
    work: Work, document: Document | None, after: Document | None, config: Generated | None = None
) -> dict[str, Any]:
    if not work.doors.diff:
        return {}
    generated = {"generated_config": config.text} if config and config.text else {}
    return {"diff": {"before": described(document), "after": {**described(after), **generated}}}
