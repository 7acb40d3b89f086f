# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment that Terraform gets."""

from __future__ import annotations

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.environment import (
    refuse_owned,
    terraform_environment,
)

CHANGES_A_COMMAND = [
    "TF_CLI_ARGS",
    "TF_CLI_ARGS_plan",
    "TF_CLI_ARGS_apply",
    "TF_WORKSPACE",
    "TF_DATA_DIR",
    "TF_INPUT",
    "TF_LOG",
    "TF_LOG_PATH",
    "TF_LOG_PROVIDER",
    "TF_REATTACH_PROVIDERS",
]


@pytest.mark.parametrize("name", CHANGES_A_COMMAND)
def test_what_changes_the_meaning_of_a_command_is_not_inherited(name: str) -> None:
    """A -destroy in somebody's profile turns a plan into a demolition."""
    found = terraform_environment({name: "planted"}, "/data", "blue")
    assert "planted" not in found.values()


def test_the_rest_is_inherited() -> None:
    """Credentials, proxies, variables and the configuration of the command line."""
    kept = {
        "AWS_PROFILE": "a",
        "TF_VAR_x": "b",
        "TF_CLI_CONFIG_FILE": "c",
        "HTTPS_PROXY": "d",
        "TF_PLUGIN_CACHE_DIR": "e",
    }
    assert kept.items() <= terraform_environment(kept, "/data", None).items()


def test_what_terraform_reads_is_set() -> None:
    """Its data directory, no questions, no calls home."""
    found = terraform_environment({"TF_DATA_DIR": "/theirs", "TF_INPUT": "1"}, "/data", "blue")
    assert found == {
        "TF_DATA_DIR": "/data",
        "TF_WORKSPACE": "blue",
        "TF_INPUT": "0",
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
    }


def test_init_does_not_get_the_workspace() -> None:
    """It fails when that does not exist yet."""
    assert "TF_WORKSPACE" not in terraform_environment({"TF_WORKSPACE": "theirs"}, "/data", None)


@pytest.mark.parametrize("name", CHANGES_A_COMMAND)
def test_an_inventory_cannot_set_them_either(name: str) -> None:
    """The error names the variable and what to use instead."""
    with pytest.raises(Refused, match=f"sets {name}.*option"):
        refuse_owned({"AWS_PROFILE": "a", name: "b"})


def test_other_variables_may_be_set() -> None:
    """That is what process_environment is for."""
    refuse_owned({"AWS_PROFILE": "a", "AWS_ENDPOINT_URL": "b", "TF_VAR_x": "c"})
