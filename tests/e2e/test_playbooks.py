# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks beside site.yml: bootstrap, plan, destroy. What they do, and what they must not do."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contract import emulator
from tests.e2e.cloud import Cloud
from tests.e2e.proxy import Proxy
from tests.e2e.site import Played, Site

SECRET = "planted-secret-7f3a"
MODULE = """
variable "size" {
  default = 1
}
variable "token" {
  default   = ""
  sensitive = true
}
resource "terraform_data" "disk" {
  input = [var.size, var.token]
}
output "token" {
  value     = var.token
  sensitive = true
}
"""
APPLY = "check the guards, apply"


@pytest.fixture
def make_site(tmp_path: Path) -> Callable[[str], Site]:
    """Makes a site whose stacks have one root module, with a backend of this type."""

    def made(backend: str) -> Site:
        site = Site(tmp_path / "site")
        root = site.directory / "stacks" / "part"
        root.mkdir(parents=True)
        (root / "main.tf").write_text(f'terraform {{\n  backend "{backend}" {{}}\n}}\n{MODULE}')
        return site

    return made


def in_a_bucket(url: str, aws: emulator.Emulator, bucket: str) -> dict[str, Any]:
    """Variables of stacks whose states are in a bucket of the emulator, reached at *url*."""
    return {
        "tf_path": "stacks/part",
        "tf_account_id": "123456789012",
        "tf_backend": {"type": "s3", "bucket": bucket, "encryption": "aes256", "lock_table": bucket},
        "tf_backend_key": "{{ inventory_hostname }}.tfstate",
        "tf_process_environment": {**aws.environment, "AWS_ENDPOINT_URL": url},
    }


def on_this_machine() -> dict[str, Any]:
    path = "{{ inventory_hostname }}.tfstate"
    return {"tf_path": "stacks/part", "tf_backend": {"type": "local", "config": {"path": path}}}


def plan_files(site: Site) -> list[Path]:
    return sorted((site.directory / ".envforge").glob("*/*/plan.tfplan"))


def files(site: Site) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in site.directory.rglob("*") if path.is_file()}


def managed(site: Site, stack: str) -> int:
    """How many resources are in the state of a stack on this machine."""
    (path,) = site.directory.rglob(f"{stack}.tfstate")
    return len(json.loads(path.read_text())["resources"])


def printed(played: Played) -> str:
    return played.stdout + played.stderr + json.dumps(played.results)


def test_bootstrap_makes_backends_and_nothing_else(
    make_site: Callable[[str], Site], aws: emulator.Emulator, cloud: Cloud
) -> None:
    """Once for stacks that share one; no state, no directory, no process of Terraform. The second time it changes nothing."""
    site = make_site("s3")
    site.inventory({"app": {}, "network": {}}, **in_a_bucket(aws.url, aws, "bootstrapped"))
    first = site.play("bootstrap").succeeded()
    assert first.changed == {"app": 1, "network": 0}
    assert cloud.s3.get_bucket_versioning(Bucket="bootstrapped")["Status"] == "Enabled"
    assert cloud.s3.list_objects_v2(Bucket="bootstrapped")["KeyCount"] == 0
    assert cloud.dynamodb.scan(TableName="bootstrapped")["Count"] == 0
    assert not (site.directory / ".envforge").exists()
    assert set(site.play("bootstrap").succeeded().changed.values()) == {0}


def test_a_plan_of_a_new_environment_changes_nothing_anywhere(
    make_site: Callable[[str], Site], aws: emulator.Emulator, proxy: Proxy
) -> None:
    """No backend, no state yet: it is a prediction, and says so. No write request, and no file here."""
    site = make_site("s3")
    site.inventory({"app": {"tf_depends_on": ["network"]}, "network": {}}, **in_a_bucket(proxy.url, aws, "not-there"))
    before = files(site)
    played = site.play("plan").succeeded()
    assert (proxy.writes, files(site)) == ([], before)
    assert "no plan file was written" in played.stderr
    table = played.of("Sum up the plans")
    assert [line.split() for lines in table.values() for line in lines["msg"]] == [
        ["stack", "create", "update", "replace", "delete"],
        ["app", "1", "0", "0", "0"],
        ["network", "1", "0", "0", "0"],
        ["total", "2", "0", "0", "0"],
    ]


def test_what_was_planned_is_what_is_applied(
    make_site: Callable[[str], Site], aws: emulator.Emulator, proxy: Proxy
) -> None:
    """A plan file per stack, a table, JSON on request; nothing secret, no write request. Then those files are applied."""
    site = make_site("s3")
    variables = in_a_bucket(proxy.url, aws, "planned")
    secrets = {"tf_secret_variables": ["token"], "token": SECRET}
    site.inventory({"app": {}, "network": {}}, **variables, **secrets)
    site.play("site").succeeded()
    site.inventory({"app": {"tf_variables": {"size": 2}}, "network": {}}, **variables, **secrets)
    proxy.requests.clear()
    played = site.play("plan", "-e", "plan_json=plans.json").succeeded()
    assert proxy.requests != []
    assert proxy.writes == []
    assert [stat.S_IMODE(path.stat().st_mode) for path in plan_files(site)] == [0o600, 0o600]
    plans = {plan["stack"]: plan for plan in json.loads((site.directory / "plans.json").read_text())}
    assert [(plans[name]["changed"], plans[name]["summary"]["update"]) for name in ("app", "network")] == [
        (True, 1),
        (False, 0),
    ]
    assert SECRET not in printed(played) + json.dumps(plans)

    saved = "{{ (tf_root, '.envforge', tf_environment, inventory_hostname, 'plan.tfplan') | path_join }}"
    applied = site.play(
        "site", "-e", json.dumps({"stack_plan_file": saved, "tf_root": str(site.directory)})
    ).succeeded()
    assert {host: result["changed"] for host, result in applied.of(APPLY).items()} == {"app": True, "network": False}
    assert {host: result["terraform_calls"] for host, result in applied.of(APPLY).items()} == {"app": 1, "network": 0}
    assert plan_files(site) == []
    assert set(site.play("site").succeeded().changed.values()) == {0}


@pytest.mark.core
def test_a_protected_environment_is_destroyed_by_name_only(make_site: Callable[[str], Site]) -> None:
    """What would be destroyed is shown, but for that nothing happens, until its name is typed; then backwards."""
    site = make_site("local")
    hosts = {"app": {"tf_depends_on": ["network"]}, "network": {}}
    site.inventory(hosts, **on_this_machine(), tf_protected=True, tf_guards={"max_delete": 0})
    site.play("site").succeeded()
    for confirmation in ((), ("-e", "tf_confirm=tset")):
        refused = site.play("destroy", *confirmation)
        assert refused.status == 2
        for host, message in refused.failures.items():
            assert [text in message for text in (host, "test is protected", "-e tf_confirm=test")] == [True] * 3
        assert set(refused.failures) == set(hosts)
        assert (managed(site, "app"), managed(site, "network"), plan_files(site)) == (1, 1, [])
        assert next(iter(refused.of("Sum up the plans").values()))["msg"][-1].split() == ["total", "0", "0", "0", "2"]
    destroyed = site.play("destroy", "-e", "tf_confirm=test").succeeded()
    assert list(destroyed.of(APPLY)) == ["app", "network"]
    assert (managed(site, "app"), managed(site, "network"), plan_files(site)) == (0, 0, [])


def test_a_failed_destruction_spares_what_the_stack_needs(make_site: Callable[[str], Site]) -> None:
    """Of an environment that is not protected, without a question; a rule that names objects still holds."""
    site = make_site("local")
    hosts = {
        "app": {"tf_depends_on": ["network"], "tf_guards": {"deny_delete": ["terraform_data.disk"]}},
        "network": {},
        "alone": {},
    }
    site.inventory(hosts, **on_this_machine())
    site.play("site").succeeded()
    played = site.play("destroy")
    assert played.status == 2
    assert [text in played.failures["app"] for text in ("deny_delete", "terraform_data.disk")] == [True, True]
    assert "app did not succeed" in played.failures["network"]
    assert [managed(site, stack) for stack in ("app", "network", "alone")] == [1, 1, 0]


@pytest.mark.parametrize(
    ("guards", "left"),
    [
        ({"allow_delete": []}, 1),
        ({"allow_delete": ["terraform_data.other"], "max_delete": 0}, 1),
        ({"allow_addresses": ["terraform_data.other"]}, 1),
        ({"allow_delete": ["*.disk"], "allow_addresses": ["*.disk"], "max_delete": 0, "allow_only": ["create"]}, 0),
    ],
    ids=["nothing may go", "another may go", "another may change", "it may go"],
)
def test_a_destruction_deletes_only_what_may_be_deleted(
    make_site: Callable[[str], Site], guards: dict[str, Any], left: int
) -> None:
    """Rules that name objects hold whatever the deed; those about numbers and kinds would forbid every destruction."""
    site = make_site("local")
    site.inventory({"app": {}}, **on_this_machine())
    site.play("site").succeeded()
    site.inventory({"app": {"tf_guards": guards}}, **on_this_machine())
    played = site.play("destroy")
    assert (played.status, managed(site, "app")) == (2 if left else 0, left)
    assert ("forbids terraform_data.disk (delete)" in played.failures.get("app", "")) == bool(left)


def test_progress_is_on_standard_error_and_can_be_silenced(make_site: Callable[[str], Site]) -> None:
    """Each line begins with its stack; a pipe that parses standard output never sees one."""
    site = make_site("local")
    site.inventory({"app": {}, "network": {}}, **on_this_machine())
    played = site.play("site", "--limit", "app").succeeded()
    shown = [line for line in played.stderr.splitlines() if line.startswith("[app] ")]
    assert [re.sub(r"\d+s", "0s", line) for line in shown] == [
        "[app] terraform_data.disk: to create",
        "[app] terraform_data.disk: creating",
        "[app] terraform_data.disk: created after 0s (1/1)",
    ]
    assert "terraform_data.disk" not in played.stdout
    silent = site.play("site", "--limit", "network", "-e", json.dumps({"stack_progress": False})).succeeded()
    assert silent.changed == {"network": 1}
    assert "terraform_data" not in silent.stdout + silent.stderr


BROKEN_DOTENV = {
    "an unknown option": ({"path": ".env", "dialekt": "node"}, "dialekt"),
    "an undefined variable": ({"path": ".env", "variables": {"A": "{{ nowhere }}"}}, "nowhere"),
    "no path": ({"variables": {"A": "1"}}, "path"),
}


@pytest.mark.core
@pytest.mark.parametrize("broken", BROKEN_DOTENV)
def test_a_broken_tf_dotenv_leaves_no_plan_behind(make_site: Callable[[str], Site], broken: str) -> None:
    """The plan that tf_apply keeps for it holds every secret; the message says what is wrong with the definition."""
    definition, named = BROKEN_DOTENV[broken]
    site = make_site("local")
    site.inventory({"app": {"tf_dotenv": definition}}, **on_this_machine())
    played = site.play("site")
    assert played.status == 2
    assert named in played.failures["app"]
    assert list((site.directory / ".envforge").rglob("*tfplan*")) == []


@pytest.mark.core
@pytest.mark.parametrize(
    "protection",
    [{"tf_protected": "{{ nowhere }}"}, {"tf_guards": {"deny_delete": "{{ nowhere }}"}}],
    ids=["tf_protected", "tf_guards"],
)
def test_a_protection_that_cannot_be_read_protects(
    make_site: Callable[[str], Site], protection: dict[str, Any]
) -> None:
    """A name misspelled in the inventory must not be taken for "not protected"."""
    site = make_site("local")
    site.inventory({"app": {}}, **on_this_machine())
    site.play("site").succeeded()
    site.inventory({"app": {}}, **on_this_machine(), **protection)
    played = site.play("destroy")
    assert played.status == 2
    # up to ansible-core 2.18 the message names the expression, not what is undefined in it
    assert any(text in played.failures["app"] for text in ("nowhere", *protection))
    assert managed(site, "app") == 1


@pytest.mark.core
@pytest.mark.parametrize("name", ["tf_account_id", "tf_process_environment"])
def test_an_account_that_cannot_be_read_is_not_any_account(
    make_site: Callable[[str], Site], aws: emulator.Emulator, proxy: Proxy, name: str
) -> None:
    """Nothing is asked of whatever account the environment's credentials are for."""
    site = make_site("s3")
    variables = {**in_a_bucket(proxy.url, aws, "whose"), name: {"AWS_PROFILE": "{{ nowhere }}"}}
    variables[name] = "{{ nowhere }}" if name == "tf_account_id" else variables[name]
    elsewhere = Site(site.directory, environment={**aws.environment, "AWS_ENDPOINT_URL": proxy.url})
    elsewhere.inventory({"app": {}}, **variables)
    played = elsewhere.play("bootstrap")
    assert played.status == 2
    assert "nowhere" in played.failures["app"]
    assert proxy.requests == []
