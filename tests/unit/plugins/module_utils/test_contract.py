# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory's variables become options of the modules."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._contract import options, process_environment
from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused

STACK: dict[str, Any] = {
    "tf_environment": "prod",
    "tf_path": "stacks/network",
    "tf_backend": {"bucket": "states", "profile": "deploy", "endpoint_url": "http://127.0.0.1:5000"},
    "tf_backend_key": "prod/network/terraform.tfstate",
    "tf_region": "eu-west-1",
}
BACKEND = {"backend_type": "s3", "backend_config": {"bucket": "states"}}


def test_paths_start_at_the_root_and_the_key_joins_the_backend() -> None:
    """The root module and the data directory are below tf_root; the stack's key completes what tf_backend returned."""
    found = options("network", STACK.get, "/srv", BACKEND, [])
    assert found["project_path"] == "/srv/stacks/network"
    assert found["data_dir"] == "/srv/.envforge/prod/network"
    assert found["backend_config"] == {"bucket": "states", "key": "prod/network/terraform.tfstate"}


def test_variables_that_are_not_set_leave_the_default() -> None:
    """An option whose variable is not set is left out, so that the module's own default holds."""
    found = options("network", STACK.get, "/srv", BACKEND, ["inputs", "plan"])
    assert not {"workspace", "binary", "lock_timeout", "variables", "guards"} & set(found)


def test_the_provider_finds_what_the_backend_is_in() -> None:
    """Profile, endpoint and region of the backend reach the AWS provider through the environment."""
    assert process_environment(STACK.get) == {
        "AWS_REGION": "eu-west-1",
        "AWS_PROFILE": "deploy",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:5000",
    }


def test_what_the_user_sets_wins() -> None:
    """tf_process_environment stands above what follows from the backend."""
    stack = {**STACK, "tf_process_environment": {"AWS_PROFILE": "other", "HTTPS_PROXY": "http://proxy:3128"}}
    found = process_environment(stack.get)
    assert found["AWS_PROFILE"] == "other"
    assert found["HTTPS_PROXY"] == "http://proxy:3128"


@pytest.mark.parametrize("name", ["tf_environment", "tf_path", "tf_backend", "tf_backend_key"])
def test_a_missing_variable_is_named(name: str) -> None:
    """What has no default is refused by the name to set."""
    stack = {other: found for other, found in STACK.items() if other != name}
    with pytest.raises(Refused, match=f"does not set {name}"):
        options("network", stack.get, "/srv", BACKEND, [])
