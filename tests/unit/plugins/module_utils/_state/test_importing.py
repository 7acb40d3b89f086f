# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be imported, and whether two objects are one."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused
from ansible_collections.envforge.terraform.plugins.module_utils._state.document import Document
from ansible_collections.envforge.terraform.plugins.module_utils._state.importing import (
    imports_of,
    same_object,
    without,
)
from ansible_collections.envforge.terraform.plugins.module_utils._state.resources import addresses
from ansible_collections.envforge.terraform.plugins.module_utils._state.scratch import Import


def test_addresses_lose_the_space_around_them() -> None:
    """YAML block text ends with a newline; an id is what it is."""
    assert imports_of([{"to": "a.b\n", "id": " 1"}]) == [Import("a.b", " 1")]


@pytest.mark.parametrize(
    "given",
    [[{"to": "a.b", "id": ""}], [{"to": " ", "id": "1"}], [{"to": "a.b", "id": "1"}, {"to": "a.b ", "id": "2"}]],
)
def test_an_import_that_means_nothing_is_refused(given: list[dict[str, str]]) -> None:
    """Before any process is started."""
    with pytest.raises(Refused):
        imports_of(given)


@pytest.mark.parametrize(
    ("there", "imported", "same"),
    [
        ({"id": "1", "tags": {"a": "b"}}, {"id": "1", "tags": {}}, True),  # drift does not make it another object
        ({"id": "1"}, {"id": "2"}, False),
        ({"id": 1}, {"id": 1}, True),
        ({"arn": "x", "password": "p"}, {"arn": "x", "password": None}, True),  # what cannot be read back
        ({"arn": "x"}, {"arn": "y"}, False),
        ({"id": None, "arn": "x"}, {"id": None, "arn": "x"}, True),
        ({"password": "p"}, {"arn": "x"}, False),  # nothing that both know
        ({}, {}, False),
    ],
)
def test_two_objects_are_one_by_id_or_by_all_that_is_known(
    there: dict[str, Any], imported: dict[str, Any], same: bool
) -> None:
    """Resources of newer providers may have no id."""
    assert same_object(there, imported) is same


def test_instances_are_taken_out_one_by_one() -> None:
    """A resource without any instance is gone, and the order of the others stays."""
    each = {"mode": "managed", "type": "t", "name": "each", "instances": [{"index_key": "a"}, {"index_key": "b"}]}
    one = {"mode": "managed", "type": "t", "name": "one", "instances": [{"attributes": {}}]}
    document = Document({"lineage": "l", "serial": 1, "resources": [one, each]})
    assert addresses(without(document, {'t.each["a"]'})) == ["t.one", 't.each["b"]']
    assert addresses(without(document, {"t.one", 't.each["b"]'})) == ['t.each["a"]']
    assert addresses(document) == ["t.one", 't.each["a"]', 't.each["b"]']
