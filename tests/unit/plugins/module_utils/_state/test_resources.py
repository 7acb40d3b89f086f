# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses as Terraform spells them, and how two states differ."""

from __future__ import annotations

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._state.resources import (
    addresses,
    described,
    differing,
    matching,
    same_content,
    told,
)
from tests.unit.states import LINEAGE, document, resource


def test_addresses_are_spelt_as_terraform_spells_them() -> None:
    """With module, data, count and for_each; a key is quoted as in HCL, where ${ would begin a template."""
    state = document(
        resource("plain"),
        resource("counted", {"index_key": 0}, {"index_key": 1}),
        resource("keyed", {"index_key": 'a "b" ${c} %{d} ü'}),
        resource("read", mode="data", module='module.m["k"].module.n[0]'),
    )
    assert addresses(state) == [
        "terraform_data.plain",
        "terraform_data.counted[0]",
        "terraform_data.counted[1]",
        'terraform_data.keyed["a \\"b\\" $${c} %%{d} ü"]',
        'module.m["k"].module.n[0].data.terraform_data.read',
    ]


def test_a_deposed_object_has_the_address_of_its_successor() -> None:
    """It is listed with its key, and the address counts once."""
    state = document(resource("a", {}, {"deposed": "1a2b3c4d"}, {"status": "tainted", "index_key": 1}))
    assert addresses(state) == ["terraform_data.a", "terraform_data.a[1]"]
    assert [(each["deposed"], each["tainted"]) for each in told(state)] == [
        (None, False),
        ("1a2b3c4d", False),
        (None, True),
    ]


def test_what_is_told_of_a_resource_holds_no_value() -> None:
    """Attributes may be secret; names and dependencies are not."""
    state = document(resource("a", {"attributes": {"password": "planted"}, "dependencies": ["terraform_data.b"]}))
    (found,) = told(state)
    assert (found["depends_on"], found["module"], found["type"]) == (["terraform_data.b"], None, "terraform_data")
    assert "planted" not in str([found, described(state), differing(document(resource("a")), state)])


KNOWN = ["a.b", "a.b_c", "a.d[0]", "a.d[1]", 'module.m["x"].a.b', "module.m2.a.b"]


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("a.b", ["a.b"]),
        ("a.d", ["a.d[0]", "a.d[1]"]),
        ("a.d[1]", ["a.d[1]"]),
        (" module.m ", ['module.m["x"].a.b']),
        ("module.m2", ["module.m2.a.b"]),
        ("a", ["a.b", "a.b_c", "a.d[0]", "a.d[1]"]),
        ("a.x", []),
        ("", []),
    ],
)
def test_an_address_is_about_instances_resources_and_modules(address: str, found: list[str]) -> None:
    """A name that another one begins with is not meant."""
    assert matching(address, KNOWN) == found


def test_names_of_attributes_that_differ() -> None:
    """Only of what is in both; added and missing attributes count."""
    was = document(resource("a", {"attributes": {"x": 1, "y": 1, "gone": 1}}), resource("old"))
    now = document(resource("a", {"attributes": {"x": 2, "y": 1, "new": 1}}), resource("fresh"))
    assert differing(was, now) == {"terraform_data.a": ["gone", "new", "x"]}
    assert differing(None, now) == {}


def test_states_are_the_same_but_for_their_serial() -> None:
    """The serial says how often a state was written, not what is in it."""
    assert same_content(document(serial=1), document(serial=9))
    assert not same_content(document(resource("a")), document())
    assert described(None) == {}
    assert described(document(serial=3)) == {"serial": 3, "lineage": LINEAGE, "resources": []}
