# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""site.yml with stacks that need others: who goes when, and who is spared when something fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.contract import emulator
from tests.e2e.cloud import Cloud
from tests.e2e.proxy import Proxy
from tests.e2e.site import Played, Site

# One root module for all stacks of these tests; breaks is the way to make one fail.
PART = """
variable "breaks" {
  default = false
}
resource "terraform_data" "part" {
  input = terraform.workspace
  lifecycle {
    precondition {
      condition     = !var.breaks
      error_message = "This part breaks."
    }
  }
}
"""
APPLY, DESTROY = "check the guards, apply", "check the guards, apply"


def part(*needs: str, **variables: Any) -> dict[str, Any]:
    """A stack with a state of its own on this machine."""
    path = "{{ inventory_hostname }}.tfstate"
    return {"tf_depends_on": list(needs), "tf_backend": {"type": "local", "config": {"path": path}}, **variables}


BROKEN = {"tf_variables": {"breaks": True}}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site whose stacks are all of one root module."""
    made = Site(tmp_path / "site")
    root = made.directory / "stacks" / "part"
    root.mkdir(parents=True)
    (root / "main.tf").write_text('terraform {\n  backend "local" {}\n}\n' + PART)
    return made


def turns(played: Played) -> list[str]:
    """The stacks that were applied, in the order in which they were done."""
    return list(played.of(APPLY))


@pytest.mark.core
def test_a_failure_stops_those_that_need_the_stack_and_nobody_else(site: Site) -> None:
    """At any distance, each with its reason, while the others go on to the last wave."""
    hosts = {
        "shop": part("users", "pages"),
        "pages": part("network"),
        "users": part("database"),
        "database": part(**BROKEN),
        "network": part(),
    }
    site.inventory(hosts, tf_path="stacks/part")
    played = site.play("site")
    assert played.status == 2
    assert set(played.failures) == {"database", "users", "shop"}
    assert "This part breaks" in played.failures["database"]
    assert played.failures["users"].startswith("users was not touched: database did not succeed in this run")
    assert "users did not succeed" in played.failures["shop"]
    assert "pages" not in played.failures["shop"]
    assert set(turns(played)[:2]) == {"database", "network"}  # side by side: whichever ends first is told first
    assert turns(played)[2:] == ["pages"]


@pytest.mark.core
def test_a_stack_outside_the_run_passes_its_needs_on(site: Site) -> None:
    """It is taken as applied, and says so; what it needs itself is still waited for."""
    site.inventory({"app": part("users"), "users": part("database"), "database": part()}, tf_path="stacks/part")
    played = site.play("site", "--limit", "app,database").succeeded()
    assert turns(played) == ["database", "app"]
    assert "users is not in this run and taken as applied, for app" in played.stderr
    broken = site.play("site", "--limit", "app,database", "-e", json.dumps({"tf_variables": {"breaks": True}}))
    assert broken.failures["app"].startswith("app was not touched: database did not succeed")


def test_a_backend_that_fails_stops_those_that_share_it(site: Site, aws: emulator.Emulator, cloud: Cloud) -> None:
    """Its leader fails with the cause, the others name the leader, and another backend is none of their business."""
    wrong = {"tf_account_id": "999999999999", "tf_backend": {"type": "s3", "bucket": "waves-wrong", "lock": "none"}}
    right = {"tf_backend": {"type": "s3", "bucket": "waves-right", "lock": "none", "encryption": "aes256"}}
    (site.directory / "stacks" / "part" / "main.tf").write_text('terraform {\n  backend "s3" {}\n}\n' + PART)
    site.inventory(
        {
            "apple": wrong,
            "pear": wrong,
            "nut": right,
            "oak": part(**right),
            "cake": {**right, "tf_depends_on": ["pear"]},
        },
        tf_path="stacks/part",
        tf_backend_key="{{ inventory_hostname }}.tfstate",
        tf_account_id="123456789012",
        tf_process_environment=aws.environment,
    )
    played = site.play("site")
    assert set(played.failures) == {"apple", "pear", "cake"}
    assert [text in played.failures["apple"] for text in ("999999999999", "123456789012")] == [True, True]
    assert played.failures["pear"] == "pear was not touched: its backend could not be made, see apple."
    assert "pear did not succeed" in played.failures["cake"]
    assert set(turns(played)) == {"nut", "oak"}
    buckets = [bucket["Name"] for bucket in cloud.s3.list_buckets()["Buckets"]]
    assert ["waves-wrong" in buckets, "waves-right" in buckets] == [False, True]


def test_no_stack_is_applied_without_the_only_backend(site: Site, aws: emulator.Emulator) -> None:
    """Where none waits for another, each says itself why it was not touched, in one sentence."""
    site.inventory(
        {"apple": {}, "pear": {}, "half": {"tf_path": ""}},
        tf_path="stacks/part",
        tf_account_id="999999999999",
        tf_backend={"type": "s3", "bucket": "waves-nobody", "lock": "none"},
        tf_backend_key="{{ inventory_hostname }}.tfstate",
        tf_process_environment=aws.environment,
    )
    played = site.play("site")
    assert (played.status, set(played.failures)) == (2, {"apple", "pear", "half"})
    assert played.failures["apple"].startswith("The credentials belong to the AWS account")
    assert played.failures["pear"] == "pear was not touched: its backend could not be made, see apple."
    assert played.failures["half"].startswith("half was not touched: the inventory does not set tf_path")


def test_only_stacks_with_health_checks_are_checked(site: Site) -> None:
    """Where none waits for another; without any there is no task for them."""
    site.inventory({"one": part(), "two": part(tf_health=[])}, tf_path="stacks/part")
    assert list(site.play("site").succeeded().of("Check the health")) == ["two"]
    site.inventory({"one": part()}, tf_path="stacks/part")
    assert list(site.play("site").succeeded().of("Check the health")) == []


ORDERS = {
    "a cycle": (
        {"a": ["b"], "b": ["c"], "c": ["a"]},
        ["circle", "a needs b", "b needs c", "c needs a", "tf_depends_on"],
    ),
    "an unknown name": (
        {"network": [], "app": ["netwrok"]},
        ["tf_depends_on of app", "netwrok", "Did you mean network?"],
    ),
}


@pytest.mark.parametrize("order", ORDERS)
def test_an_impossible_order_is_refused_before_anything_runs(
    site: Site, proxy: Proxy, aws: emulator.Emulator, order: str
) -> None:
    """No request to AWS, no directory, no stack touched, wherever in the inventory it is; --limit changes nothing."""
    needs, named = ORDERS[order]
    site.inventory(
        {"alone": {}, **{name: {"tf_depends_on": others} for name, others in needs.items()}},
        tf_path="stacks/part",
        tf_backend={"type": "s3", "bucket": "waves-never", "lock_table": "waves-never"},
        tf_account_id="123456789012",
        tf_process_environment={**aws.environment, "AWS_ENDPOINT_URL": proxy.url},
    )
    played = site.play("site", "--limit", "alone")
    assert played.status == 2
    (message,) = played.failures.values()
    assert [text for text in named if text not in message] == [], message
    assert (proxy.requests, (site.directory / ".envforge").exists()) == ([], False)
