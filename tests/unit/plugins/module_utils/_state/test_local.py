# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock of a state in a file."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._errors import FileError, StateEndangered, StateLocked
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


# whoever has opened the state and waits for its lock


def replaced(path: str) -> None:
    local.write(path, b"new")


def let_be(path: str) -> None:
    """The file that locking made goes when the lock does."""


@pytest.mark.parametrize(
    ("old", "doing", "left"),
    [("old" * 99, replaced, b"new"), ("old" * 99, local.delete, None), ("", replaced, b"new"), ("", let_be, None)],
    ids=["replaced", "deleted", "made", "never made"],
)
def test_who_waits_finds_no_state_in_the_file_that_is_gone(
    tmp_path: Path, old: str, doing: Callable[[str], None], left: bytes | None
) -> None:
    """But a word of what has happened, where Terraform shows it; an empty file would be read as no state yet."""
    path = tmp_path / "terraform.tfstate"
    path.write_text(old)
    with path.open() as waiting:
        with local.locked(str(path), "OperationTypeTest", "changing it"):
            doing(str(path))
        found = json.loads(waiting.read())
    assert (found["version"], "another run has replaced or removed this state" in found["terraform_version"]) == (
        4,
        True,
    )
    assert local.read(str(path)) == left


def test_a_copy_under_another_name_is_left_alone(tmp_path: Path) -> None:
    """A hard link to the state is how some keep the former one."""
    path, copy = tmp_path / "terraform.tfstate", tmp_path / "yesterday"
    path.write_text("old")
    copy.hardlink_to(path)
    with local.locked(str(path), "OperationTypeTest", "writing"):
        local.write(str(path), b"new")
    assert (copy.read_text(), path.read_text()) == ("old", "new")


def test_who_waits_in_vain_and_cannot_be_told_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state is written then, and the next step is somebody's own."""
    path = tmp_path / "terraform.tfstate"
    path.write_text("old")

    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with (
        pytest.raises(StateEndangered, match=r"No space left on device.*end every run that waits for its lock"),
        local.locked(str(path), "OperationTypeTest", "writing"),
    ):
        local.write(str(path), b"new")
    assert path.read_text() == "new"


def test_a_state_that_is_replaced_while_it_is_read_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody stores what was left of the old one as a backup."""
    path = tmp_path / "terraform.tfstate"
    path.write_text("old")
    with path.open() as opened, local.locked(str(path), "OperationTypeTest", "writing"):
        local.write(str(path), b"new")
        spoilt = opened.read()
    found = iter([spoilt, "new"])
    monkeypatch.setattr(local, "read_text", lambda path, newline: next(found))
    assert local.read(str(path)) == b"new"


def test_a_new_state_is_locked_before_it_can_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else somebody would get in between, and our lock would fail on a state that is written already."""
    path, replace, seen = str(tmp_path / "terraform.tfstate"), os.replace, []

    def watched(source: str, destination: str) -> None:
        seen.append((destination == path, local.is_locked(source)))
        replace(source, destination)

    with local.locked(path, "OperationTypeTest", "writing"):
        monkeypatch.setattr(os, "replace", watched)
        local.write(path, b"new")
    assert seen == [(True, True)]


# a file that another takes the place of, before it is locked


def replacing_first(times: int, path: Path, then: Callable[[int], Any]) -> Callable[[int], Any]:
    """*then*, but the file is another by that time, the first *times*."""
    left = [b"another"] * times

    def late(descriptor: int) -> Any:
        if left:
            (path.parent / "coming").write_bytes(left.pop())
            (path.parent / "coming").replace(path)
        return then(descriptor)

    return late


def test_the_file_at_the_path_is_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the one that was there when it was opened: that one is nobody's state any more."""
    path = tmp_path / "terraform.tfstate"
    path.write_text("old")
    with monkeypatch.context() as patch:
        patch.setattr(local, "_lock", replacing_first(2, path, local._lock))
        manager = local.locked(str(path), "OperationTypeTest", "writing")
        manager.__enter__()
    assert local.is_locked(str(path))
    local.write(str(path), b"new")
    manager.__exit__(None, None, None)
    assert (local.is_locked(str(path)), path.read_text()) == (False, "new")


def test_a_file_that_is_always_another_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not try for ever."""
    path = tmp_path / "terraform.tfstate"
    path.write_text("old")
    monkeypatch.setattr(local, "_lock", replacing_first(99, path, local._lock))
    with pytest.raises(StateLocked, match="replaced it each time"), local.locked(str(path), "OperationTypeTest", ""):
        pass
    monkeypatch.setattr(local, "_is_taken", replacing_first(99, path, local._is_taken))
    assert local.is_locked(str(path))


def test_a_lock_of_the_file_at_the_path_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When it took the place of an unlocked one in the meantime."""
    path, coming = tmp_path / "terraform.tfstate", tmp_path / "coming"
    path.write_text("old")
    coming.write_text("new")
    descriptor = os.open(coming, os.O_RDWR)
    local._lock(descriptor)
    ask, moves = local._is_taken, [lambda: coming.replace(path)]

    def late(asked: int) -> bool:
        taken = ask(asked)
        if moves:
            moves.pop()()
        return taken

    monkeypatch.setattr(local, "_is_taken", late)
    assert local.is_locked(str(path))
    os.close(descriptor)


def test_a_lock_that_the_system_cannot_give_is_not_somebody_elses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a network file system whose lock service is down."""

    def none_left(_: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(local, "_lock", none_left)
    with (
        pytest.raises(FileError, match=r"lock the state .*: No locks available"),
        local.locked(str(tmp_path / "a"), "", ""),
    ):
        pass


# asking for a lock


def test_who_may_only_read_may_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock of another process is seen through a file that is open for reading."""
    path, opens = tmp_path / "terraform.tfstate", os.open
    path.write_text("old")

    def for_reading(name: str, flags: int, *rest: int) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR):
            raise OSError(errno.EROFS, "Read-only file system")
        return opens(name, flags, *rest)

    holding = opens(path, os.O_RDWR)
    monkeypatch.setattr(os, "open", for_reading)
    assert not local.is_locked(str(path))
    local._lock(holding)
    assert local.is_locked(str(path))
    os.close(holding)


def test_who_may_not_even_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was tried and what is missing; a file that is gone by then is not locked."""
    path = tmp_path / "terraform.tfstate"
    path.write_text("old")
    refusals: list[OSError] = [
        PermissionError(errno.EACCES, "Permission denied"),
        FileNotFoundError(errno.ENOENT, "No such file or directory"),
    ]

    def refused(*_: Any) -> int:
        raise refusals.pop(0)

    monkeypatch.setattr(os, "open", refused)
    with pytest.raises(FileError, match=r"see whether the state .* is locked: Permission denied"):
        local.is_locked(str(path))
    assert not local.is_locked(str(path))


# a state that others share


def test_a_state_behind_a_link_is_written_for_all(tmp_path: Path) -> None:
    """The link stays one, and the note is where Terraform looks for it: beside the link."""
    shared, link = tmp_path / "shared" / "app.tfstate", tmp_path / "checkout" / "terraform.tfstate"
    for path in (shared, link):
        path.parent.mkdir()
    (shared.parent / ".app.tfstate.8_xe2twt").touch()  # left by a killed one
    link.symlink_to(shared)
    with local.locked(str(link), "OperationTypeTest", "writing"):
        assert [path.name for path in link.parent.glob(".*")] == [".terraform.tfstate.lock.info"]
        local.write(str(link), b"new")
        assert local.is_locked(str(shared))
    assert (link.is_symlink(), shared.read_text()) == (True, "new")
    assert [path.name for path in shared.parent.iterdir()] == ["app.tfstate"]
    with local.locked(str(link), "OperationTypeTest", "removing"):
        local.delete(str(link))
    assert (link.is_symlink(), shared.exists()) == (True, False)


def test_owner_and_mode_of_a_state_stay(tmp_path: Path) -> None:
    """Who could read it before can do so afterwards; a new one is private."""
    path, new = tmp_path / "terraform.tfstate", tmp_path / "new.tfstate"
    path.write_text("old")
    path.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(path, 65534, 65533)
    before = path.stat()
    for each in (path, new):
        with local.locked(str(each), "OperationTypeTest", "writing"):
            local.write(str(each), b"new")
    after = path.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert stat.S_IMODE(new.stat().st_mode) == 0o600
