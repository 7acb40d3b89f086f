# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The core of tf_state_info: what is in the state of a stack, read from its backend, mostly without a process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused
from ansible_collections.envforge.terraform.plugins.module_utils._masking import masked, scrubbed, sensitive_leaves
from ansible_collections.envforge.terraform.plugins.module_utils._stack.prediction import without_writing
from ansible_collections.envforge.terraform.plugins.module_utils._stack.readiness import make_ready
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Work, working_on
from ansible_collections.envforge.terraform.plugins.module_utils._state import resources, versions
from ansible_collections.envforge.terraform.plugins.module_utils._state.backups import list_backups
from ansible_collections.envforge.terraform.plugins.module_utils._state.document import Document
from ansible_collections.envforge.terraform.plugins.module_utils._state.lock_place import lock_place_of
from ansible_collections.envforge.terraform.plugins.module_utils._state.places import Place, S3Place, place_of
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.cli import Terraform

_REACHED = ("s3", "local")  # backends that are read past Terraform


def state_info_core(arguments: dict[str, Any], doors: Doors) -> dict[str, Any]:
    """tf_state_info. Raises TfError; a state that does not exist is no error, and nothing is created by asking."""
    with working_on(arguments, doors) as work:
        place = place_of(work.stack, doors) if work.stack.backend_type in _REACHED else None
        document, changed_at = _present(work, place)
        return {
            "changed": False,
            "exists": document is not None,
            "last_change": changed_at,
            **_told(document),
            **(_values(_terraform(work), document) if arguments["values"] and document else {}),
            **(_stored(work, place, arguments) if place else _nothing_stored(work, arguments)),
            **({"locks": _locks(work)} if arguments["locks"] else {}),
        }


def _present(work: Work, place: Place | None) -> tuple[Document | None, str | None]:
    if place is None:
        found = _terraform(work).state_pull()  # some backends give an empty state, without a lineage, for none
        return (Document({**found, "resources": found.get("resources") or []}) if found.get("lineage") else None), None
    stored = place.read()
    changed_at = versions.spelled(versions.moment(stored.changed_at)) if stored.changed_at else None
    return stored.document(place.address), changed_at


def _terraform(work: Work) -> Terraform:
    if work.doors.check_mode:
        return without_writing(work).terraform
    make_ready(work)
    return work.terraform


def _told(document: Document | None) -> dict[str, Any]:
    if document is None:
        return {"serial": None, "lineage": None, "terraform_version": None, "resources": []}
    return {
        "serial": document.serial,
        "lineage": document.lineage,
        "terraform_version": document.terraform_version,
        "resources": resources.told(document),
    }


def _stored(work: Work, place: Place, arguments: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if arguments["versions"]:
        listed = versions.list_versions(place) if isinstance(place, S3Place) else []
        looked = versions.with_heads(place, listed, full=arguments["full"]) if isinstance(place, S3Place) else []
        found["versions"] = [version.told() for version in looked]
    if arguments["backups"]:
        found["backups"] = [backup.told() for backup in list_backups(work.stack, place)]
    return found


def _nothing_stored(work: Work, arguments: Mapping[str, Any]) -> dict[str, Any]:
    if arguments["versions"] or arguments["backups"]:
        raise Refused(
            f"Listing the stored states of {work.stack.label} failed: its backend {work.stack.backend_type} keeps them to "
            "itself. Ask without versions and backups."
        )
    return {}


def _locks(work: Work) -> list[dict[str, str]]:
    if work.stack.backend_type not in _REACHED:
        return []
    return [lock.told() for lock in lock_place_of(work.stack, work.doors).held()]


def _values(terraform: Terraform, document: Document) -> dict[str, Any]:
    """Resources with their values, and outputs. Only Terraform knows what its providers take for sensitive."""
    shown = terraform.show_state().get("values") or {}
    marked = {(each["address"], each.get("deposed_key")): each for each in _in_module(shown.get("root_module") or {})}
    outputs = shown.get("outputs") or {}
    hidden = _sensitive(marked.values(), outputs.values())
    told = [
        {**each, "values": _masked(marked.get((each["address"], each["deposed"])))} for each in resources.told(document)
    ]
    outputs_told = {
        name: {
            "value": masked(found.get("value"), found.get("sensitive") or None),
            "sensitive": bool(found.get("sensitive")),
            "type": found.get("type"),
        }
        for name, found in outputs.items()
    }
    return {"resources": scrubbed(told, hidden), "outputs": scrubbed(outputs_told, hidden)}


def _sensitive(found: Iterable[Mapping[str, Any]], outputs: Iterable[Mapping[str, Any]]) -> set[str]:
    """The texts to hide wherever they are: a computed attribute that repeats a sensitive value has no mark.

    An id stays, which Terraform itself prints with every change, unless its provider marks it.
    """
    resources_ = list(found)
    by_providers = [sensitive_leaves(each.get("values"), each.get("sensitive_values")) for each in resources_]
    by_outputs = [sensitive_leaves(each.get("value"), each.get("sensitive") or None) for each in outputs]
    ids = {str((each.get("values") or {}).get("id")) for each in resources_}
    return set().union(*by_providers) | (set().union(*by_outputs) - ids)


def _masked(found: Mapping[str, Any] | None) -> Any:
    return masked(found.get("values"), found.get("sensitive_values")) if found else None


def _in_module(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from module.get("resources") or ()
    for child in module.get("child_modules") or ():
        yield from _in_module(child)
