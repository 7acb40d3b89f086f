# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock of a state in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._errors import StateLocked
from ansible_collections.envforge.terraform.plugins.module_utils._state import local


def test_the_lock_outlives_a_write(tmp_path: Path) -> None:
    """A write puts another file in the place of the one that was locked; nobody gets in before all is proved."""
    path = str(tmp_path / "terraform.tfstate")
    with local.locked(path, "OperationTypeTest", "writing twice"):
        for body in (b"one", b"two"):
            local.write(path, body)
            assert local.is_locked(path)
            with pytest.raises(StateLocked, match="OperationTypeTest"), local.locked(path, "OperationTypeOther", ""):
                pass
    assert not local.is_locked(path)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["terraform.tfstate"]


def test_locking_alone_leaves_no_state(tmp_path: Path) -> None:
    """The file that had to be made for it goes, and so does the note beside it."""
    path = str(tmp_path / "new" / "terraform.tfstate")
    with local.locked(path, "OperationTypeTest", "looking"):
        assert local.is_locked(path)
        assert local.read(path) is None
    assert list((tmp_path / "new").iterdir()) == []


def test_what_a_killed_run_had_half_written_goes(tmp_path: Path) -> None:
    """It is a copy of a state, and holds its secrets; files of other names stay."""
    left = [".terraform.tfstate.8_xe2twt", "..terraform.tfstate.lock.info.jab5a_8b"]
    others = [".terraform.tfstate.of-mine.txt", ".another.tfstate.8_xe2twt", "terraform.tfstate.12345678"]
    for name in (*left, *others):
        (tmp_path / name).touch()
    with local.locked(str(tmp_path / "terraform.tfstate"), "OperationTypeTest", "looking"):
        pass
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted(others)
