# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup tf_output in a user's own playbook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.site import Played, Site
from tests.e2e.test_playbooks import on_this_machine

SECRET = "planted-secret-4b1e"
MODULE = f"""
terraform {{
  backend "local" {{}}
}}
output "address" {{
  value = {{ host = "db.example", ports = [80, 443] }}
}}
output "token" {{
  value     = "{SECRET}"
  sensitive = true
}}
"""
ASK = "lookup('envforge.terraform.tf_output'"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """One stack is applied, the other is not."""
    made = Site(tmp_path_factory.mktemp("lookup") / "site")
    root = made.directory / "stacks" / "part"
    root.mkdir(parents=True)
    (root / "main.tf").write_text(MODULE)
    made.inventory({"app": {}, "network": {}}, **on_this_machine())
    made.play("site", "--limit", "network").succeeded()
    return made


def asked(site: Site, *expressions: str, limit: str = "app", check: bool = False, no_log: bool = False) -> Played:
    """A playbook of three tasks that shows what the expressions are."""
    tasks: list[dict[str, Any]] = [{"import_role": {"name": "envforge.terraform.backend"}}]
    tasks += [
        {"name": f"ask {number}", "debug": {"msg": f"{{{{ {expression} }}}}"}, "no_log": no_log, "ignore_errors": True}
        for number, expression in enumerate(expressions)
    ]
    playbook = site.directory / "ask.yml"
    playbook.write_text(json.dumps([{"hosts": "stacks", "gather_facts": False, "tasks": tasks}]))
    return site.play("ask.yml", "--limit", limit, *(["--check"] if check else []))


def test_outputs_are_read_by_name_and_all_at_once(site: Site) -> None:
    """Of this stack or another one; sensitive ones are not among all."""
    here, there, every = f"{ASK}, 'address')", f"{ASK}, 'address', stack='network')", f"{ASK})"
    played = asked(site, here, f"{there}.ports", every, limit="network").succeeded()
    address = {"host": "db.example", "ports": [80, 443]}
    assert played.of("ask 0")["network"]["msg"] == address
    assert played.of("ask 1")["network"]["msg"] == [80, 443]
    assert played.of("ask 2")["network"]["msg"] == {"address": address}
    assert SECRET not in played.stdout + played.stderr


def test_a_sensitive_output_must_be_asked_for(site: Site) -> None:
    """Then it is there as it is, and no_log hides it."""
    refused = asked(site, f"{ASK}, 'token', stack='network')", limit="all")
    assert "is sensitive: ask for it with sensitive=true" in str(refused.results)
    shown = asked(site, f"{ASK}, 'token', stack='network', sensitive=true) | length", limit="network").succeeded()
    assert shown.of("ask 0")["network"]["msg"] in (len(SECRET), str(len(SECRET)))
    hidden = asked(site, f"{ASK}, 'token', stack='network', sensitive=true)", limit="network", no_log=True)
    assert SECRET not in hidden.succeeded().stdout + str(hidden.results)


@pytest.mark.parametrize("check", [False, True])
def test_what_is_not_there_is_told(site: Site, check: bool) -> None:
    """A name, a stack, a state; nothing is made by asking."""
    before = sorted(path for path in Path(site.directory).rglob("*.tfstate"))
    played = asked(site, f"{ASK}, 'nothing')", f"{ASK}, 'x', stack='elsewhere')", f"{ASK})", check=check)
    said = {task: str(played.of(task)["app"].get("msg")) for task in ("ask 0", "ask 1", "ask 2")}
    assert "it has no output nothing. It has: none." in said["ask 0"]
    assert "There is no stack elsewhere in the inventory" in said["ask 1"]
    assert said["ask 2"] == "{}"
    assert sorted(path for path in Path(site.directory).rglob("*.tfstate")) == before
