# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a state is and what is in it."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._stack import state
from ansible_collections.envforge.terraform.plugins.module_utils._stack.state import Header
from tests.unit.plugins.module_utils._aws.clients import Client, aws_with
from tests.unit.stacks import doors_of, stack_in

LOCAL: dict[str, Any] = {"backend_type": "local", "backend_config": {}}
TABLE: dict[str, Any] = {"bucket": "b", "key": "k", "region": "us-east-1", "dynamodb_table": "t"}
FREE: dict[str, Any] = {}
HELD = {"Item": {"LockID": {"S": "b/k"}, "Info": {"S": '{"ID": "1"}'}}}
RIGHT = {"Item": {"Digest": {"S": "5d41402abc4b2a76b9719d911017c592"}}}  # of b"hello"
WRONG = {"Item": {"Digest": {"S": "former"}}}


def test_the_local_backend_has_a_file_for_each_workspace(tmp_path: Path) -> None:
    """Where Terraform puts it, options of the backend included."""
    root = tmp_path / "root"
    assert state.local_path(stack_in(tmp_path, **LOCAL)) == str(root / "terraform.tfstate")
    blue = stack_in(tmp_path, **LOCAL, workspace="blue")
    assert state.local_path(blue) == str(root / "terraform.tfstate.d" / "blue" / "terraform.tfstate")
    moved = {"backend_type": "local", "backend_config": {"path": "/states/a", "workspace_dir": "ws"}}
    assert state.local_path(stack_in(tmp_path, **moved)) == "/states/a"
    assert state.local_path(stack_in(tmp_path, **moved, workspace="blue")) == str(root / "ws/blue/terraform.tfstate")


def test_a_local_state_is_looked_at_without_a_process(tmp_path: Path) -> None:
    """Whether it is there, its lineage and serial, and whether it has anything in it."""
    stack = stack_in(tmp_path, **LOCAL)
    assert (state.exists(stack, doors_of()), state.header(stack, doors_of())) == (False, None)
    Path(state.local_path(stack)).write_text(json.dumps({"lineage": "l", "serial": 3, "resources": [{}]}))
    assert (state.exists(stack, doors_of()), state.header(stack, doors_of())) == (True, Header("l", 3, empty=False))


def test_of_other_backends_only_terraform_knows(tmp_path: Path) -> None:
    """None is neither yes nor no."""
    stack = stack_in(tmp_path, backend_type="gcs")
    assert (state.exists(stack, doors_of()), state.header(stack, doors_of())) == (None, None)
    assert state.repair_digest(stack, doors_of()) is False


@pytest.mark.parametrize("found", [None, [], "text", {}, {"version": 4}])
def test_what_is_no_state_has_no_header(found: object) -> None:
    """A truncated local state is an empty file."""
    assert state.header_of(found) is None


def test_a_state_may_have_outputs_and_no_resources() -> None:
    """It is empty then: nothing would be created twice."""
    assert state.header_of({"lineage": "l", "serial": None, "resources": []}) == Header("l", 0, empty=True)


def looking_at(*rows: dict[str, Any]) -> Doors:
    """Doors to a table whose rows are read in this order, by turns that of the lock and that of the digest."""
    stored = [{"Body": io.BytesIO(b"hello"), "ETag": "e", "LastModified": "2026-01-31"} for _ in rows]
    aws = aws_with(s3=Client({"get_object": stored}), dynamodb=Client({"get_item": list(rows)}))
    return replace(doors_of(), aws=lambda connection: aws)


@pytest.mark.parametrize("second", [(FREE, RIGHT), (HELD,)], ids=["written", "locked"])
def test_a_digest_that_is_just_being_written_is_not_wrong(
    second: tuple[dict[str, Any], ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run took the lock after the look at it, and wrote its state: the lock is changing hands, as before."""
    monkeypatch.setattr(state, "_WRITING", 0)
    assert state.locked(stack_in(tmp_path, backend_config=TABLE), looking_at(FREE, WRONG, *second)) == []


def test_a_digest_that_is_wrong_at_two_looks_is_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody holds the lock, so nobody will put it right."""
    monkeypatch.setattr(state, "_WRITING", 0)
    assert state.locked(stack_in(tmp_path, backend_config=TABLE), looking_at(FREE, WRONG, FREE, WRONG)) is None
