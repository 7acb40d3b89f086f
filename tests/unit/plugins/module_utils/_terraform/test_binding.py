# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan file and what it was made for."""

from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._errors import FileError, PlanRefused
from ansible_collections.envforge.terraform.plugins.module_utils._terraform import binding

BOUND: dict[str, Any] = {
    "plan_hash": "aaaa",
    "environment": "prod",
    "stack": "shop",
    "workspace": "default",
    "backend": {"type": "s3", "bucket": "b", "key": "k"},
    "root": "/stacks/shop",
    "engine": {"path": "/bin/terraform", "size": 1, "mtime_ns": 2},
    "variables": "planted-digest",
    "changed": True,
    "total": 3,
    "lineage": "l",
    "serial": 4,
}
ANOTHER: dict[str, tuple[Any, str]] = {
    "plan_hash": ("bbbb", "content of the plan file"),
    "environment": ("dev", r"environment \(prod, not dev\)"),
    "stack": ("mail", r"stack \(shop, not mail\)"),
    "workspace": ("blue", r"workspace \(default, not blue\)"),
    "backend": ({"type": "s3", "bucket": "b", "key": "other"}, "backend address"),
    "root": ("/stacks/mail", r"root \(/stacks/shop, not /stacks/mail\)|root module \(/stacks/shop, not /stacks/mail\)"),
    "engine": ({"path": "/bin/tofu"}, "terraform executable"),
    "variables": ("another-digest", "set of variables"),
}


@pytest.fixture
def plan_file(tmp_path: Path) -> str:
    return str(tmp_path / "plan.tfplan")


def test_what_was_bound_is_found_again(plan_file: str) -> None:
    """In a record for its owner only, beside the plan."""
    binding.Binding(**BOUND).save(plan_file)
    assert binding.load(plan_file) == binding.Binding(**BOUND)
    assert stat.S_IMODE(Path(binding.sidecar(plan_file)).stat().st_mode) == 0o600


def test_equal_parts_pass() -> None:
    """A backend read back from JSON is the same backend."""
    binding.demand_equal(binding.Binding(**json.loads(json.dumps(BOUND))), {name: BOUND[name] for name in ANOTHER}, "p")


@pytest.mark.parametrize("part", ANOTHER)
def test_each_part_that_differs_is_named(part: str) -> None:
    """The error tells both values where they say where, and neither where they say what is in it."""
    value, told = ANOTHER[part]
    with pytest.raises(PlanRefused, match=told) as caught:
        binding.demand_equal(binding.Binding(**BOUND), {**{name: BOUND[name] for name in ANOTHER}, part: value}, "p")
    assert caught.value.details == {"differences": [part]}
    assert "digest" not in str(caught.value)


def test_all_parts_that_differ_are_named() -> None:
    """One mistake often brings another."""
    with pytest.raises(PlanRefused, match=r"environment .*, workspace"):
        binding.demand_equal(binding.Binding(**BOUND), {"environment": "dev", "workspace": "blue"}, "p")


@pytest.mark.parametrize("text", [None, "", "{", "[]", "{}", '{"plan_hash": "a"}'])
def test_a_plan_without_a_whole_record_is_refused(plan_file: str, text: str | None) -> None:
    """Nobody knows what it was made for."""
    if text is not None:
        Path(binding.sidecar(plan_file)).write_text(text)
    with pytest.raises(PlanRefused, match=r"no record beside it.*tf_plan"):
        binding.load(plan_file)


def test_a_plan_file_that_is_gone_is_named(plan_file: str) -> None:
    """Its record alone is worth nothing."""
    with pytest.raises(FileError, match=r"plan\.tfplan"):
        binding.hash_of(plan_file)


def test_the_state_a_plan_starts_from_is_read_from_it(plan_file: str) -> None:
    """It costs no process."""
    with zipfile.ZipFile(plan_file, "w") as archive:
        archive.writestr("tfstate", json.dumps({"lineage": "l", "serial": 7}))
    assert binding.prior_state(plan_file) == {"lineage": "l", "serial": 7}


@pytest.mark.parametrize("content", [None, b"no zip", b"PK\x05\x06" + bytes(18)], ids=["gone", "no zip", "empty zip"])
def test_a_plan_of_another_form_has_no_known_state(plan_file: str, content: bytes | None) -> None:
    """As that of Terraform Cloud."""
    if content is not None:
        Path(plan_file).write_bytes(content)
    assert binding.prior_state(plan_file) == {}


def test_plan_and_record_go_together(plan_file: str, tmp_path: Path) -> None:
    """Also when one of them is gone already."""
    binding.Binding(**BOUND).save(plan_file)
    binding.discard(plan_file)
    binding.discard(plan_file)
    assert list(tmp_path.iterdir()) == []
