# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which file is written, and what git's answers mean for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import EngineError, FileError
from ansible_collections.envforge.terraform.plugins.module_utils._stack.env_file import Target, find_target
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.process import Completed
from tests.unit.stacks import doors_of, no_process

Look = Callable[[list[str], str, Mapping[str, str]], Completed]


def git(status: int) -> Look:
    return lambda argv, directory, environment: Completed(tuple(argv), status, "", "")


def found(path: Path, look: Look = no_process, *, allow_tracked: bool = False) -> tuple[Target, list[str]]:
    """The target of a definition, and what was warned of."""
    warnings: list[str] = []
    doors: Doors = replace(
        doors_of(environment={"GIT_DIR": "/elsewhere", "PATH": "/bin"}), look=look, warn=warnings.append
    )
    return find_target({"path": str(path), "allow_tracked": allow_tracked}, doors), warnings


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    return tmp_path


def test_outside_of_a_repository_git_is_not_asked(tmp_path: Path) -> None:
    """It may not even be there; and a file that is to be made has no owner, mode or text yet."""
    assert found(tmp_path / "apps" / ".env") == (Target(str(tmp_path / "apps" / ".env"), None, None, None), [])


def test_what_the_file_is_now_is_kept(tmp_path: Path) -> None:
    """Line ends included."""
    path = tmp_path / ".env"
    path.write_bytes(b"A=1\r\n")
    path.chmod(0o640)
    target, _ = found(path)
    assert (target.text, target.mode) == ("A=1\r\n", 0o640)
    assert target.owner == (path.stat().st_uid, path.stat().st_gid)


def test_a_tracked_file_is_refused_unless_that_is_allowed(repository: Path) -> None:
    """Then git is not even asked."""
    with pytest.raises(FileError, match=r"git rm --cached .* \.gitignore, or set tf_dotenv\.allow_tracked"):
        found(repository / ".env", git(0))
    assert found(repository / ".env", allow_tracked=True)[1] == []


def test_an_untracked_file_is_fine(repository: Path) -> None:
    """git ls-files --error-unmatch exits with 1."""
    assert found(repository / "apps" / "web" / ".env", git(1))[1] == []


def test_a_repository_that_git_refuses_to_read_is_a_warning(repository: Path) -> None:
    """Such as that of another owner: no reason to fail, none to be silent either."""
    _, (warning,) = found(repository / ".env", git(128))
    assert [text in warning for text in (str(repository / ".env"), "128")] == [True, True]


def test_without_git_nobody_commits(repository: Path) -> None:
    """A deployment image has a checkout, but often no git."""

    def missing(argv: list[str], directory: str, environment: Mapping[str, str]) -> Any:
        raise EngineError("no git")

    assert found(repository / ".env", missing)[1] == []


def test_git_is_asked_about_this_repository(repository: Path) -> None:
    """Not about the one that a hook's GIT_DIR names; about the real file, in a directory that is there."""
    asked: list[tuple[list[str], Mapping[str, str]]] = []

    def look(argv: list[str], directory: str, environment: Mapping[str, str]) -> Completed:
        asked.append((argv, environment))
        return Completed(tuple(argv), 1, "", "")

    (repository / "real").mkdir()
    (repository / "link").symlink_to("real")
    found(repository / "link" / "apps" / ".env", look)
    ((argv, environment),) = asked
    assert argv[:3] == ["git", "-C", str(repository / "real")]
    assert argv[-1] == str(repository / "real" / "apps" / ".env")
    assert environment == {"PATH": "/bin"}
