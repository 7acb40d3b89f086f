# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files: private, whole, and gone when they should be."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils import _files as files
from ansible_collections.envforge.terraform.plugins.module_utils._errors import FileError


def mode(path: str | Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def test_a_file_is_private_from_its_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also while it is written, whatever the umask is."""
    modes: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: modes.append(stat.S_IMODE(os.fstat(descriptor).st_mode)))
    before = os.umask(0)
    try:
        files.write_atomically(str(tmp_path / "a"), "secret\n")
    finally:
        os.umask(before)
    assert (modes, mode(tmp_path / "a"), (tmp_path / "a").read_text()) == ([0o600], 0o600, "secret\n")


def test_line_ends_are_kept(tmp_path: Path) -> None:
    """A file with Windows line ends keeps them."""
    files.write_atomically(str(tmp_path / "a"), "a\r\nb\n")
    assert (tmp_path / "a").read_bytes() == b"a\r\nb\n"


def test_a_full_disk_leaves_the_old_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no half-written file beside it."""
    path = tmp_path / "a"
    path.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match=r"write .*a: No space left on device\. Nothing was replaced\. Free some space"):
        files.write_atomically(str(path), "new")
    assert ([inner.name for inner in tmp_path.iterdir()], path.read_text()) == (["a"], "old")


@pytest.mark.parametrize(
    ("refused", "given", "expected"),
    [
        ((), [(7, 8)], 0o664),
        ((7,), [(7, 8), (-1, 8)], 0o664),
        ((7, -1), [(7, 8), (-1, 8)], 0o644),
    ],
    ids=["all", "no owner", "no group either"],
)
def test_a_file_is_made_like_another_as_far_as_this_user_may(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: tuple[int, ...],
    given: list[tuple[int, int]],
    expected: int,
) -> None:
    """What the members of its group might do is not for those of another."""
    asked: list[tuple[int, int]] = []

    def chown(path: str, user: int, group: int) -> None:
        asked.append((user, group))
        if user in refused:
            raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "chown", chown)
    (tmp_path / "a").touch()
    files.give_owner_and_mode(str(tmp_path / "a"), os.stat_result((0o100664, 0, 0, 1, 7, 8, 0, 0, 0, 0)))
    assert (asked, mode(tmp_path / "a")) == (given, expected)


def test_a_missing_file_is_none_and_an_unreadable_one_an_error(tmp_path: Path) -> None:
    """The difference matters: one is made, the other would be overwritten."""
    assert files.read_text(str(tmp_path / "gone")) is None
    with pytest.raises(FileError, match=f"Could not read {tmp_path}: Is a directory"):
        files.read_text(str(tmp_path))
    (tmp_path / "binary").write_bytes(b"ab\xff")
    with pytest.raises(FileError, match=r"binary: it is not UTF-8 text \(byte 2\)"):
        files.read_text(str(tmp_path / "binary"))


def test_json_that_is_none_is_none(tmp_path: Path) -> None:
    """A record of ours that is damaged is no record."""
    path = tmp_path / "a.json"
    assert files.read_json(str(path)) is None
    path.write_text("{")
    assert files.read_json(str(path)) is None
    path.write_text("[1]")
    assert files.read_json(str(path)) == [1]


def test_a_directory_becomes_private(tmp_path: Path) -> None:
    """One that was there too."""
    files.make_private_directory(str(tmp_path / "a" / "b"))
    assert mode(tmp_path / "a" / "b") == 0o700
    (tmp_path / "open").mkdir(mode=0o755)
    files.make_private_directory(str(tmp_path / "open"))
    assert mode(tmp_path / "open") == 0o700


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file is in its place."""
    (tmp_path / "a").write_text("")
    with pytest.raises(FileError, match=r"create the directory .*/a/b: Not a directory"):
        files.make_private_directory(str(tmp_path / "a" / "b"))


def test_the_directory_of_a_task_goes_on_every_way_out(tmp_path: Path) -> None:
    """Also on a signal or a timeout, which are no Exceptions."""
    for end in (None, ValueError, KeyboardInterrupt):
        try:
            with files.task_directory(str(tmp_path)) as path:
                assert mode(path) == 0o700
                Path(path, "secret").write_text("x")
                if end:
                    raise end
        except (ValueError, KeyboardInterrupt):
            pass
        assert list(tmp_path.iterdir()) == []


def test_what_a_killed_task_left_is_removed_but_not_what_one_at_work_has(tmp_path: Path) -> None:
    """Whoever is at work holds the lock of its directory."""
    (tmp_path / "task-dead").mkdir()
    (tmp_path / "task-dead" / "secret").write_text("x")
    (tmp_path / "kept").mkdir()
    with files.task_directory(str(tmp_path)) as first, files.task_directory(str(tmp_path)) as second:
        assert sorted(str(path) for path in tmp_path.iterdir()) == sorted([str(tmp_path / "kept"), first, second])


def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    """And free again afterwards."""
    with files.locked_directory(str(tmp_path)), pytest.raises(BlockingIOError), files.locked_directory(str(tmp_path)):
        pass
    with files.locked_directory(str(tmp_path)):
        pass


def test_a_lock_ends_for_everybody_who_inherited_it(tmp_path: Path) -> None:
    """A daemon that a command left running does not keep it."""
    with files.locked_directory(str(tmp_path)) as descriptor:
        inherited = os.dup(descriptor)
    with files.locked_directory(str(tmp_path)):
        pass
    os.close(inherited)


def test_removing_what_is_gone_is_no_error(tmp_path: Path) -> None:
    """Removing a directory is."""
    files.remove(str(tmp_path / "gone"))
    with pytest.raises(FileError, match="remove"):
        files.remove(str(tmp_path))
