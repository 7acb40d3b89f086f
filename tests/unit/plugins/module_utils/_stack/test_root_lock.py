# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One apply at a time in a root module, and no errored.tfstate overwritten."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._errors import StateEndangered
from ansible_collections.envforge.terraform.plugins.module_utils._stack import root_lock
from ansible_collections.envforge.terraform.plugins.module_utils._stack.errored import Owner, errored_states
from ansible_collections.envforge.terraform.plugins.module_utils._stack.root_lock import (
    holding_root,
    keep_errored,
    refuse_errored,
    refuse_unwritable,
)
from tests.unit.stacks import doors_of, stack_in

STATE = '{"lineage": "l", "serial": 1}'


def test_the_second_waits_for_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says so, once in a while."""
    monkeypatch.setattr(root_lock, "_NOTICE", 0.05)
    order: list[str] = []
    lines: list[str] = []

    def second() -> None:
        with holding_root(str(tmp_path), doors_of(progress=lines.append)):
            order.append("second")

    with holding_root(str(tmp_path), doors_of()):
        thread = threading.Thread(target=second)
        thread.start()
        deadline = time.monotonic() + 10
        while not lines and time.monotonic() < deadline:
            time.sleep(0.01)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    assert lines[0] == f"waiting: another run is at work in {tmp_path}"


def test_a_command_can_inherit_the_lock(tmp_path: Path) -> None:
    """A descriptor of Python is not inherited unless asked for."""
    with holding_root(str(tmp_path), doors_of()) as descriptor:
        assert os.get_inheritable(descriptor)


def test_a_state_that_was_left_is_moved_to_its_stack(tmp_path: Path) -> None:
    """For its owner only, under a name that the next one does not take."""
    stack = stack_in(tmp_path)
    left = Path(stack.root, "errored.tfstate")
    left.write_text('{"serial": 1}')
    kept = Path(keep_errored(stack, None) or "")
    assert (kept.parent, kept.stat().st_mode & 0o777, kept.read_text()) == (
        Path(stack.data_dir),
        0o600,
        '{"serial": 1}',
    )
    assert not left.exists()


def test_a_state_that_was_printed_is_kept_whatever_is_in_the_way(tmp_path: Path) -> None:
    """Something of that name that is no file is why Terraform printed it."""
    stack = stack_in(tmp_path)
    Path(stack.root, "errored.tfstate").mkdir()
    kept = Path(keep_errored(stack, '{"serial": 2}') or "")
    assert (kept.read_text(), kept.stat().st_mode & 0o777) == ('{"serial": 2}', 0o600)
    assert keep_errored(stack, None) is None


def test_a_success_leaves_nothing(tmp_path: Path) -> None:
    """There is nothing to keep."""
    stack = stack_in(tmp_path)
    assert keep_errored(stack, None) is None
    refuse_errored(stack)


def test_a_state_waiting_to_be_pushed_stops_its_stack_only(tmp_path: Path) -> None:
    """Other environments of the same root module go on."""
    stack = stack_in(tmp_path)
    kept = Path(stack.data_dir, "20260101T000000-1-errored.tfstate")
    kept.write_text(STATE)
    with pytest.raises(
        StateEndangered, match=r"stack shop in dev was stopped.*terraform.restore --limit shop"
    ) as caught:
        refuse_errored(stack)
    assert caught.value.details == {"errored_state": str(kept)}
    refuse_errored(stack_in(tmp_path, environment="prod", data_dir=str(tmp_path / "prod")))


def test_a_state_in_the_root_module_stops_every_environment(tmp_path: Path) -> None:
    """Nobody knows whose it is."""
    stack = stack_in(tmp_path)
    Path(stack.root, "errored.tfstate").write_text(STATE)
    with pytest.raises(StateEndangered, match=r"may belong to another environment.*lineage"):
        refuse_errored(stack)


@pytest.mark.parametrize("dump", [None, STATE], ids=["a file", "printed"])
def test_a_state_that_is_kept_says_whose_it_is(tmp_path: Path, dump: str | None) -> None:
    """All workspaces share the data directory: another one is told where it belongs, its own to restore it."""
    stack = stack_in(tmp_path, workspace="a")
    Path(stack.root, "errored.tfstate").write_text(STATE) if dump is None else None
    kept = Path(keep_errored(stack, dump) or "")
    (found,) = errored_states(stack)
    assert (found.path, found.owner) == (str(kept), Owner("a", "s3://b/env:/a/k"))
    assert Path(found.note).stat().st_mode & 0o777 == 0o600
    with pytest.raises(
        StateEndangered, match=r"Restore it \(.*state_errored=true -e tf_workspace=a\), and run again\.$"
    ):
        refuse_errored(stack)
    other = stack_in(tmp_path)
    with pytest.raises(
        StateEndangered,
        match=r"that of the workspace a \(s3://b/env:/a/k\), and not.*Restore it there .*tf_workspace=a\)",
    ):
        refuse_errored(other)
    moved = stack_in(tmp_path, workspace="a", backend_config={"bucket": "b", "key": "other"})
    with pytest.raises(StateEndangered, match=r"not of the workspace a \(s3://b/env:/a/other\)"):
        refuse_errored(moved)


@pytest.mark.parametrize("note", [None, "", "[]", "{}"])
def test_a_state_in_the_data_directory_without_a_note_may_be_any_workspaces(tmp_path: Path, note: str | None) -> None:
    """An apply that was killed, or an earlier release, did not write it."""
    stack = stack_in(tmp_path)
    Path(stack.data_dir, "1-errored.tfstate").write_text(STATE)
    if note is not None:
        Path(stack.data_dir, "1-errored.tfstate.json").write_text(note)
    with pytest.raises(StateEndangered, match="may belong to another workspace: its lineage is compared then"):
        refuse_errored(stack)


@pytest.mark.parametrize("content", ["", '{"lineage": "l", "ser', "[]"])
def test_what_is_no_state_is_to_be_moved_away(tmp_path: Path, content: str) -> None:
    """Nothing could restore it; where there is another one that can be, that comes first."""
    stack = stack_in(tmp_path)
    broken = Path(stack.data_dir, "1-errored.tfstate")
    broken.write_text(content)
    with pytest.raises(StateEndangered, match=r"1-errored.tfstate.*not a whole Terraform state.*move it away"):
        refuse_errored(stack)
    Path(stack.data_dir, "2-errored.tfstate").write_text(STATE)
    with pytest.raises(StateEndangered, match=r"2-errored.tfstate.*Restore it"):
        refuse_errored(stack)


def test_where_a_state_could_not_be_saved_nothing_is_applied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Terraform loses it and says that it did not."""
    stack = stack_in(tmp_path)
    refuse_unwritable(stack)
    monkeypatch.setattr(os, "access", lambda path, wanted: False)
    with pytest.raises(StateEndangered, match=rf"may not write in the root module {stack.root}.*Nothing was applied"):
        refuse_unwritable(stack)
