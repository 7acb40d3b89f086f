# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example inventories: they keep to the contract, and touch nothing before an account was filled in."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import artifact
import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._arguments import DOTENV, PLAN
from tests.contract import emulator
from tests.e2e.project import tree_of
from tests.e2e.proxy import Proxy
from tests.e2e.site import REPOSITORY, Site

EXAMPLES = ["dev", "qa", "staging", "prod", "courses"]
SANDBOXES = ["sandbox", "sandbox-prod"]
# section 4 of the design: what an inventory may set
CONTRACT = {
    "tf_environment", "tf_account_id", "tf_region", "tf_backend", "tf_protected", "tf_guards", "tf_path", "tf_workspace",
    "tf_backend_key", "tf_var_files", "tf_variables", "tf_secret_variables", "tf_depends_on", "tf_dotenv", "tf_root",
    "tf_binary", "tf_lock_timeout", "tf_process_environment", "tf_health",
}  # fmt: skip
REQUIRED = {"tf_environment", "tf_account_id", "tf_region", "tf_backend", "tf_path", "tf_backend_key"}
_OF_THE_SANDBOX = {"sandbox_state", "db_password"}


@pytest.fixture
def checkout(tmp_path: Path, proxy: Proxy, aws: emulator.Emulator) -> Site:
    """A clone made now; what it asks of AWS would reach the proxy."""
    directory = artifact.export(tmp_path / "checkout")
    return Site(directory, directory / "collections", {**aws.environment, "AWS_ENDPOINT_URL": proxy.url})


def inventory(site: Site, name: str) -> dict[str, dict[str, Any]]:
    """The variables of each stack."""
    listed = site.run("ansible-inventory", "-i", str(REPOSITORY / "inventories" / name), "--list").ended().succeeded()
    content = json.loads(listed.stdout)
    assert sorted(content["stacks"]["hosts"]) == sorted(content["_meta"]["hostvars"])
    variables: dict[str, dict[str, Any]] = content["_meta"]["hostvars"]
    return variables


@pytest.mark.parametrize("name", [*EXAMPLES, *SANDBOXES])
def test_every_variable_is_one_of_the_contract(tmp_path: Path, name: str) -> None:
    """And every option in it is one of a module: a typing error in an example would be copied into many repositories."""
    (tmp_path / "site").mkdir()
    backend = importlib.import_module("ansible_collections.envforge.terraform.plugins.modules.tf_backend").ARGUMENTS
    health = importlib.import_module("ansible_collections.envforge.terraform.plugins.modules.tf_health").ARGUMENTS[
        "argument_spec"
    ]["checks"]
    options: Mapping[str, Mapping[str, Any]] = {
        "tf_backend": backend["argument_spec"],
        "tf_dotenv": DOTENV["options"],
        "tf_guards": PLAN["guards"]["options"],
    }
    for stack, variables in inventory(Site(tmp_path / "site"), name).items():
        own = {key for key in variables if not key.startswith("ansible_")}
        secrets = set(variables.get("tf_secret_variables", []))
        assert own - CONTRACT - secrets - (_OF_THE_SANDBOX if name in SANDBOXES else set()) == set(), stack
        assert REQUIRED - own == set(), stack
        assert (variables["tf_environment"], variables["ansible_connection"]) == (name, "local")
        for variable, known in options.items():
            assert set(variables.get(variable, {})) - set(known) == set(), (stack, variable)
        for check in variables.get("tf_health", []):
            assert set(check) - set(health["options"]) == set(), stack


def test_no_two_states_have_one_address(tmp_path: Path) -> None:
    """Two stacks of any two environments never write the same object."""
    (tmp_path / "site").mkdir()
    site = Site(tmp_path / "site")
    addresses = [
        (found["tf_backend"]["bucket"], found["tf_backend_key"], found.get("tf_workspace", "default"))
        for name in [*EXAMPLES, *SANDBOXES]
        for found in inventory(site, name).values()
    ]
    assert len(addresses) == len(set(addresses))


@pytest.mark.parametrize(("playbook", "name"), [("bootstrap", "prod"), *(("site", name) for name in EXAMPLES)])
def test_a_placeholder_is_refused_before_anything_is_written(
    checkout: Site, proxy: Proxy, playbook: str, name: str
) -> None:
    """The message names the placeholder and the variable to set; every other stack says whose failure stopped it."""
    before = tree_of(checkout.directory)
    played = checkout.play(playbook, "-i", f"inventories/{name}")
    assert played.status == 2
    leaders = [message for message in played.failures.values() if "see " not in message]
    placeholder = f"REPLACE_WITH_{name.upper()}_ACCOUNT_ID"
    assert leaders != []
    for message in leaders:
        assert [text in message for text in (placeholder, "tf_account_id")] == [True, True], message
    assert set(played.failures) == set(played.changed)
    assert (proxy.requests, tree_of(checkout.directory)) == ([], before)
