# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The resource instances of a state: their addresses as Terraform spells them, and how two states differ in them. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._state.document import Document


def instances(document: Document) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Address, resource and instance of everything in a state; deposed objects have the address of their successor."""
    for resource in document.resources:
        for instance in resource.get("instances") or ():
            yield _address(resource, instance), resource, instance


def addresses(document: Document) -> list[str]:
    """The address of each instance, once, in the order of the state."""
    return list(dict.fromkeys(address for address, _resource, _instance in instances(document)))


def told(document: Document) -> list[dict[str, Any]]:
    """Each instance for a result, without values."""
    return [
        {
            "address": address,
            "mode": resource.get("mode", "managed"),
            "type": resource.get("type", ""),
            "name": resource.get("name", ""),
            "module": resource.get("module"),
            "index": instance.get("index_key"),
            "provider": resource.get("provider", ""),
            "depends_on": list(instance.get("dependencies") or ()),
            "tainted": instance.get("status") == "tainted",
            "deposed": instance.get("deposed"),
        }
        for address, resource, instance in instances(document)
    ]


def matching(address: str, known: Sequence[str]) -> list[str]:
    """Those of *known* that *address* (of an instance, a resource or a module) is about."""
    plain = address.strip()
    return [each for each in known if each == plain or each.startswith((f"{plain}[", f"{plain}."))]


def described(document: Document | None) -> dict[str, Any]:
    """A state for diff mode: serial, lineage, and for each address the names of attributes, never a value of one."""
    if document is None:
        return {}
    return {"serial": document.serial, "lineage": document.lineage, "resources": addresses(document)}


def differing(before: Document | None, after: Document) -> dict[str, list[str]]:
    """For each address in both states the names of the attributes that differ."""
    was = _attributes(before) if before else {}
    found = {
        address: sorted(name for name in {*now, *was[address]} if now.get(name) != was[address].get(name))
        for address, now in _attributes(after).items()
        if address in was
    }
    return {address: names for address, names in found.items() if names}


def same_content(one: Document, other: Document) -> bool:
    """Whether two states differ in nothing but their serial."""
    return {**one.raw, "serial": 0} == {**other.raw, "serial": 0}


def _attributes(document: Document) -> dict[str, Mapping[str, Any]]:
    return {address: instance.get("attributes") or {} for address, _resource, instance in instances(document)}


def _address(resource: Mapping[str, Any], instance: Mapping[str, Any]) -> str:
    module = f"{resource['module']}." if resource.get("module") else ""
    data = "data." if resource.get("mode") == "data" else ""
    return f"{module}{data}{resource.get('type', '')}.{resource.get('name', '')}{_index(instance.get('index_key'))}"


def _index(key: Any) -> str:
    if key is None:
        return ""
    if isinstance(key, str):  # as HCL quotes it: ${ and %{ would begin a template
        return f"[{json.dumps(key, ensure_ascii=False).replace('${', '$${').replace('%{', '%%{')}]"
    return f"[{key}]"
