# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of states: where they go, and that none is overwritten."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._backend.config import backup_of
from ansible_collections.envforge.terraform.plugins.module_utils._errors import FileError
from ansible_collections.envforge.terraform.plugins.module_utils._state import backups
from ansible_collections.envforge.terraform.plugins.module_utils._state.places import LocalPlace, S3Place
from tests.unit.stacks import no_process, stack_in
from tests.unit.states import document, resource


def place(**config: Any) -> S3Place:
    return S3Place(no_process, {"bucket": "b", "key": "prod/app.tfstate", **config}, "blue")  # type: ignore[arg-type]  # asked nothing


def test_a_copy_in_the_bucket_is_never_taken_for_a_workspace() -> None:
    """Terraform lists what is below workspace_key_prefix."""
    assert backups.prefix_of(place()) == "backups/env:/blue/prod/app.tfstate/"
    for taken in ("backups", "backups/x"):
        prefix = backups.prefix_of(place(workspace_key_prefix=taken))
        assert prefix == f"state-backups/{taken}/blue/prod/app.tfstate/"


@pytest.mark.parametrize("serial", [1, 123_456_789])
def test_a_copy_in_the_bucket_is_known_by_its_key(serial: int) -> None:
    """Whoever lists the states of a bucket must not take it for one."""
    name = backups.name_of(document(resource("a"), serial=serial).with_serial(serial))
    assert backup_of(backups.prefix_of(place()) + name) == "env:/blue/prod/app.tfstate"
    assert backup_of(backups.prefix_of(place(workspace_key_prefix="backups")) + name) == "backups/blue/prod/app.tfstate"
    for other in ("prod/app.tfstate", f"prod/{name}", "backups/prod/app.tfstate", f"old/backups/prod/{name}"):
        assert backup_of(other) is None


def test_the_same_state_has_the_same_name() -> None:
    """The serial comes first, so that names sort; what is no state has a name, too."""
    body = document(resource("a"), serial=12).with_serial(12)
    assert backups.name_of(body) == backups.name_of(body)
    assert backups.name_of(body).startswith("00000012-")
    assert backups.name_of(body + b" ") != backups.name_of(body)
    assert backups.name_of(b"garbage").startswith("00000000-")


def test_a_file_is_private_and_written_once(tmp_path: Path) -> None:
    """In a directory that is made private; looking alone makes nothing."""
    path = tmp_path / "new" / "copy.tfstate"
    assert backups.write_file(str(path), b"{}", only_look=True) is True
    assert not path.parent.exists()
    assert [backups.write_file(str(path), b"{}") for _ in range(2)] == [True, False]
    assert [stat.S_IMODE(found.stat().st_mode) for found in (path.parent, path)] == [0o700, 0o600]


def test_a_directory_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    """It may be shared with others."""
    tmp_path.chmod(0o755)
    backups.write_file(str(tmp_path / "copy"), b"{}")
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_another_content_is_not_overwritten(tmp_path: Path) -> None:
    """The message names the file."""
    path = tmp_path / "copy"
    path.write_text("precious")
    with pytest.raises(FileError, match=f"{path} failed: the file holds something else"):
        backups.write_file(str(path), b"{}")
    assert path.read_text() == "precious"


def test_only_copies_of_this_workspace_are_listed(tmp_path: Path) -> None:
    """Newest first; a workspace whose name begins in the same way has its own."""
    stacks = {name: stack_in(tmp_path, workspace=name) for name in ("blue", "blue-a")}
    for name, stack in stacks.items():
        for serial in (1, 2):
            body = document(resource(name), serial=serial).with_serial(serial)
            backups.write_file(backups.file_of(stack, body), body)
    Path(backups.directory_of(stacks["blue"]), "00000002-20260101-1-errored.tfstate").write_text("{}")
    listed = backups.list_backups(stacks["blue"], LocalPlace(str(tmp_path / "none")))
    assert [found.serial for found in listed] == [2, 1]
    assert all(Path(str(found.file)).name.startswith("blue-0000000") for found in listed)
    (newest, _) = listed
    assert (newest.key, newest.address) == (None, newest.file)
    assert newest.told()["size"] > 100
