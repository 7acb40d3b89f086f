# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job on the sandboxes: ansible-playbook site.yml -i inventories/<environment>, in a fresh checkout."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import artifact
import boto3
import dotenv as python_dotenv
import pytest

from tests.e2e.project import tree_of
from tests.e2e.site import Site

DOTENV = {"sandbox": ".env", "sandbox-prod": ".env.sandbox-prod"}
# made by whatever has to be there before anything can be predicted: the emulator, and the demo's password
_BY_THE_SANDBOX = (".envforge", "emulator", "password")


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Site]:
    """A clone made now, and its own emulator, which is stopped at the end."""
    directory = artifact.export(tmp_path / "checkout")
    site = Site(directory, directory / "collections")
    yield site
    site.play("site.yml", "-i", "inventories/sandbox", "-e", "sandbox_state=absent").succeeded()
    assert not (directory / ".envforge" / "emulator" / "record.json").exists()


def play_site(checkout: Site, environment: str, *options: str) -> dict[str, int]:
    """How many tasks of a successful run changed something, by stack."""
    return checkout.play("site.yml", "-i", f"inventories/{environment}", *options).succeeded().changed


def written(checkout: Site, environment: str) -> dict[str, str]:
    """What python-dotenv reads from the .env file; a shell reads the same."""
    path = checkout.directory / "apps" / "app" / DOTENV[environment]
    found = {name: value or "" for name, value in python_dotenv.dotenv_values(path, interpolate=False).items()}
    script = '. "$0"; for name; do eval "printf \'%s\\0\' \\"\\$$name\\""; done'
    sourced = subprocess.run(["sh", "-c", script, str(path), *found], capture_output=True, text=True, check=True)
    assert sourced.stdout.split("\0")[:-1] == list(found.values())
    return found


def is_right(checkout: Site, environment: str) -> None:
    """Every value of the .env file is exactly what the stack says."""
    found = written(checkout, environment)
    url = urlsplit(found["DATABASE_URL"])
    domain = "internal" if environment == "sandbox" else "db.sandbox.example"
    password = (checkout.directory / ".envforge" / f"{environment}.db_password").read_text().strip()
    assert (url.username, unquote(url.password or "")) == ("app", password)
    assert (url.hostname, url.port, url.path) == (f"{environment}-db.{domain}", 5432, "/app")
    assert found["DATABASE_CA"] == (checkout.directory / "stacks/app/files/sandbox-ca.pem").read_text()
    network = f"{environment}-network.example"
    assert json.loads(found["SERVICES"]) == {"jobs": f"http://jobs.{network}", "web": f"https://web.{network}"}
    assert found["MESSAGE"] == f'Welcome to "{environment}".\nA cup of coffee is $3.\n'
    assert (found["APP_ENV"], len(found["WEB_TOKEN"])) == (environment, 64)


def in_the_emulator(checkout: Site) -> dict[str, list[str]]:
    """Names of all that could have been made: buckets, tables, keys."""
    record = json.loads((checkout.directory / ".envforge/emulator/record.json").read_text())
    session = boto3.Session("any", "any", region_name="us-east-1")
    endpoint = f"http://127.0.0.1:{record['port']}"
    buckets = session.client("s3", endpoint_url=endpoint).list_buckets()["Buckets"]
    keys = session.client("kms", endpoint_url=endpoint).list_keys()["Keys"]
    return {
        "buckets": [bucket["Name"] for bucket in buckets],
        "tables": session.client("dynamodb", endpoint_url=endpoint).list_tables()["TableNames"],
        "keys": [key["KeyId"] for key in keys],
    }


def test_from_nothing_to_an_env_file_and_no_further(checkout: Site) -> None:
    """Check mode predicts without a trace; the first run writes an exact .env, the second and a later check change nothing."""
    before = tree_of(checkout.directory)
    predicted = play_site(checkout, "sandbox", "--check", "--diff")
    assert in_the_emulator(checkout) == {"buckets": [], "tables": [], "keys": []}
    new = {Path(path).relative_to(checkout.directory) for path in set(tree_of(checkout.directory)) - set(before)}
    assert {path for path in new if path.parts[:2] != (".envforge", "emulator")} <= {
        Path(".envforge"),
        Path(".envforge/sandbox.db_password"),  # made up for the demo by a lookup, not by a task
    }
    first = play_site(checkout, "sandbox")
    assert all(count > 0 for count in [*predicted.values(), *first.values()])
    is_right(checkout, "sandbox")
    after = tree_of(checkout.directory / "apps")
    assert play_site(checkout, "sandbox") == {"app": 0, "network": 0}
    assert play_site(checkout, "sandbox", "--check", "--diff") == {"app": 0, "network": 0}
    assert tree_of(checkout.directory / "apps") == after


def test_two_environments_at_the_same_time_from_one_checkout(checkout: Site, tmp_path: Path) -> None:
    """They differ by their inventory only, and never meet; then one stack alone, and an exported inventory from elsewhere."""
    running = [checkout.start("site.yml", "-i", f"inventories/{environment}") for environment in DOTENV]
    for run in running:
        run.ended().succeeded()
    for environment in DOTENV:
        is_right(checkout, environment)
    assert written(checkout, "sandbox")["WEB_TOKEN"] != written(checkout, "sandbox-prod")["WEB_TOKEN"]
    assert play_site(checkout, "sandbox", "--limit", "app") == {"app": 0}

    listed = checkout.run("ansible-inventory", "-i", "inventories/sandbox-prod", "--list", "--export").ended()
    exported = tmp_path / "elsewhere" / "exported"  # a script, as AWX makes one of it
    exported.parent.mkdir()
    exported.write_text(f"#!{sys.executable}\nprint({listed.succeeded().stdout!r})\n")
    exported.chmod(0o700)
    site_file = str(checkout.directory / "site.yml")
    played = checkout.play(site_file, "-i", str(exported), cwd=exported.parent).succeeded()
    assert played.changed == {"app": 0, "network": 0}
    root = f"tf_root={checkout.directory}"
    by_name = checkout.play("site", "-i", str(exported), "-e", root, cwd=exported.parent).succeeded()
    assert by_name.changed == {"app": 0, "network": 0}
    assert list(exported.parent.iterdir()) == [exported]


@pytest.mark.every_ansible
def test_every_playbook_runs_on_the_sandbox(checkout: Site) -> None:
    """Each of those for the days after, without an option where it has none; what is destroyed at the end is the sandbox."""
    play_site(checkout, "sandbox")

    def play(name: str, *options: str) -> dict[str, int]:
        return checkout.play(name, "-i", "inventories/sandbox", *options).succeeded().changed

    nothing = {"app": 0, "network": 0}
    for name in ("status", "drift", "locks", "backend_audit", "validate", "import", "migrate"):
        assert (name, play(name)) == (name, nothing)
    assert play("plan") == nothing
    assert play("backup") == {"app": 1, "network": 1}
    assert play("update") == nothing  # each state has its backup already
    assert play("recovery_drill") == nothing
    assert play("unlock", "-e", "unlock_older_than=1h") == nothing
    rotated = {"rotate_addresses": ['module.service["web"].terraform_data.connection']}
    assert play("rotate", "--limit", "app", "-e", json.dumps(rotated))["app"] > 0
    is_right(checkout, "sandbox")
    listed = checkout.play("restore", "-i", "inventories/sandbox", "--limit", "app").of("Restore the state")["app"]
    version = listed["versions"][1]["version_id"]
    assert play("restore", "--limit", "app", "-e", f"state_version_id={version}")["app"] == 1
    assert all(count > 0 for count in play("destroy").values())
