# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook migrate: states of an environment go elsewhere, shown first, and confirmed where that is demanded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.contract import emulator
from tests.e2e.cloud import Cloud
from tests.e2e.project import OLD_ENGINE
from tests.e2e.site import Site
from tests.e2e.test_playbooks import in_a_bucket

HOSTS: dict[str, Any] = {"app": {}, "network": {}}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Two stacks with a root module each."""
    made = Site(tmp_path / "site")
    for stack in HOSTS:
        (made.directory / "stacks" / stack).mkdir(parents=True)
        write(made, stack, "local")
    return made


def write(site: Site, stack: str, backend: str) -> None:
    text = f'terraform {{\n  backend "{backend}" {{}}\n}}\nresource "terraform_data" "disk" {{}}\n'
    (site.directory / "stacks" / stack / "main.tf").write_text(text)


def in_bucket(aws: emulator.Emulator, bucket: str, **more: Any) -> dict[str, Any]:
    return {**in_a_bucket(aws.url, aws, bucket), "tf_path": "stacks/{{ inventory_hostname }}", **more}


def keys(cloud: Cloud, bucket: str) -> list[str]:
    return sorted(item["Key"] for item in cloud.s3.list_objects_v2(Bucket=bucket).get("Contents", []))


@pytest.mark.core
def test_local_states_move_to_a_bucket(site: Site, aws: emulator.Emulator, cloud: Cloud) -> None:
    """Shown in check mode, refused without a confirmation, done with one; then a plan finds nothing to do."""
    here = {"tf_path": "stacks/{{ inventory_hostname }}", "tf_backend": {"type": "local"}}
    site.inventory(HOSTS, **here)
    site.play("site").succeeded()
    for stack in HOSTS:
        write(site, stack, "s3")
    site.inventory(HOSTS, **in_bucket(aws, "migrated", tf_protected=True))
    checked = site.play("migrate", "--check").succeeded()
    assert checked.of("Show it")["app"]["msg"]["destination"] == "s3://migrated/app.tfstate"
    refused = site.play("migrate")
    assert (refused.status, set(refused.failures)) == (2, set(HOSTS))
    assert "-e tf_confirm=test" in refused.failures["app"]
    assert keys(cloud, "migrated") == []
    done = site.play("migrate", "-e", "tf_confirm=test").succeeded()
    assert keys(cloud, "migrated") == ["app.tfstate", "network.tfstate"]
    backup = done.of("Bring the state along")["app"]["migration"]["backup"]
    assert json.loads(Path(backup).read_text())["resources"][0]["type"] == "terraform_data"
    assert set(site.play("site").succeeded().changed.values()) == {0}
    assert set(site.play("migrate").succeeded().changed.values()) == {0}


def test_states_move_to_other_keys(site: Site, aws: emulator.Emulator, cloud: Cloud) -> None:
    """Named in the inventory, for a machine that has never seen them; the old ones go when that is asked for."""
    for stack in HOSTS:
        write(site, stack, "s3")
    site.inventory(HOSTS, **in_bucket(aws, "rekeyed"))
    site.play("site").succeeded()
    (site.directory / ".envforge").rename(site.directory / "gone")
    former = {"config": {"key": "{{ inventory_hostname }}.tfstate"}}
    new = {"tf_backend_key": "new/{{ inventory_hostname }}.tfstate", "tf_migrate_from": former}
    site.inventory(HOSTS, **in_bucket(aws, "rekeyed", **new))
    site.play("migrate", "-e", json.dumps({"migration_remove_source": True})).succeeded()
    assert keys(cloud, "rekeyed") == ["new/app.tfstate", "new/network.tfstate"]
    assert set(site.play("site").succeeded().changed.values()) == {0}
    assert set(site.play("migrate").succeeded().changed.values()) == {0}


@pytest.mark.skipif(OLD_ENGINE, reason="lock files in S3 came with Terraform 1.10")
def test_a_lock_table_is_left_for_lock_files(site: Site, aws: emulator.Emulator, cloud: Cloud) -> None:
    """By the inventory alone: lock dynamodb, both, lockfile; migrate checks that nobody holds the old lock."""
    for stack in HOSTS:
        write(site, stack, "s3")
    backend = in_bucket(aws, "relocked")["tf_backend"]
    site.inventory(HOSTS, **in_bucket(aws, "relocked"))
    site.play("site").succeeded()
    for lock in ("both", "lockfile"):
        site.inventory(HOSTS, **in_bucket(aws, "relocked", tf_backend={**backend, "lock": lock}))
        played = site.play("migrate").succeeded()
        assert played.of("Bring the state along")["app"]["lock_change"]["after"].endswith("lockfile")
        assert set(site.play("site").succeeded().changed.values()) == {0}
    assert cloud.dynamodb.scan(TableName="relocked")["Count"] == 2  # the digests, as tombstones


def test_a_source_that_cannot_be_read_is_not_none(site: Site, aws: emulator.Emulator) -> None:
    """A name misspelled in the inventory must not be taken for "wherever it was"."""
    for stack in HOSTS:
        write(site, stack, "s3")
    site.inventory({"app": {}}, **in_bucket(aws, "whence", tf_migrate_from="{{ nowhere }}"))
    played = site.play("migrate")
    assert played.status == 2
    assert any(text in played.failures["app"] for text in ("nowhere", "tf_migrate_from"))
