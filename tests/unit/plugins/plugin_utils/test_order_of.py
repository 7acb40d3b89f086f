# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order read from the variables of hosts."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleError

from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused
from ansible_collections.envforge.terraform.plugins.plugin_utils._order_of import order_of

ONE: dict[str, Any] = {
    "tf_environment": "prod",
    "tf_path": "stacks/one",
    "tf_backend": {"bucket": "states"},
    "tf_backend_key": "one",
}


class Broken(dict[str, Any]):
    """Variables of a host of which one cannot be evaluated."""

    def get(self, name: str, default: object = None) -> Any:
        if name == "tf_process_environment":
            raise AnsibleError("'emulator' is undefined")
        return super().get(name, default)


def ordered(**hosts: dict[str, Any]) -> dict[str, Any]:
    variables = {"groups": {"stacks": list(hosts)}, "hostvars": hosts, "ansible_play_hosts_all": list(hosts)}
    return order_of({"group": "stacks", "backwards": False}, variables)


def test_stacks_with_the_same_backend_and_credentials_share_a_leader() -> None:
    """However the mapping is written down."""
    found = ordered(
        one=ONE | {"tf_backend": {"bucket": "states", "type": "s3"}},
        two=ONE | {"tf_backend": {"type": "s3", "bucket": "states"}},
        three=ONE | {"tf_backend": {"type": "s3", "bucket": "states"}, "tf_process_environment": {"AWS_PROFILE": "x"}},
    )
    assert found["leader"] == {"one": "one", "two": "one", "three": "three"}


def test_a_stack_with_incomplete_variables_is_refused_alone() -> None:
    """The others go on."""
    found = ordered(one=ONE, two={**ONE, "tf_path": ""})
    assert list(found["refused"]) == ["two"]
    assert found["waves"] == [["one", "two"]]


def test_a_variable_that_cannot_be_evaluated_refuses_its_stack_alone() -> None:
    """It may be the only one that uses it."""
    found = ordered(one=ONE, two=Broken(ONE))
    assert found["refused"]["two"] == (
        "two was not touched: its variable tf_process_environment cannot be read: 'emulator' is undefined"
    )


def test_a_dependency_that_is_no_list_is_refused() -> None:
    """A string would be read letter by letter."""
    with pytest.raises(Refused, match=r"tf_depends_on of two is not a list; write \[one\]"):
        ordered(one=ONE, two=ONE | {"tf_depends_on": "one"})


def test_an_inventory_without_stacks_is_refused() -> None:
    """Nothing to do is a mistake: the group is misspelled, or the wrong inventory given."""
    with pytest.raises(Refused, match="no host in the group stacks"):
        order_of({"group": "stacks", "backwards": False}, {"groups": {}})


def test_notices_are_warnings() -> None:
    """So that they are shown."""
    hosts = {"one": ONE, "two": ONE | {"tf_depends_on": ["one"]}}
    variables = {"groups": {"stacks": list(hosts)}, "hostvars": hosts, "ansible_play_hosts_all": ["two"]}
    found = order_of({"group": "stacks", "backwards": False}, variables)
    assert found["warnings"] == found["notices"] == ["one is not in this run and taken as applied, for two."]
