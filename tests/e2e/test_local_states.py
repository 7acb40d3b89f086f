# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""States in files: those who wait for their lock, those who share them, and those who may only read them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._files import remove
from ansible_collections.envforge.terraform.plugins.module_utils._state import local
from tests.e2e import forked
from tests.e2e.project import BINARY, CHECK, REAL, Answer, Given, Project, run, tree_of

ONE = """
variable "size" {
  default = 1
}
resource "terraform_data" "disk" {
  input = var.size
}
"""
ID = "11111111-2222-3333-4444-555555555555"
PLANNED = "waiting.tfplan"
COMMANDS = [["plan", "-var=size=3"], ["apply", "-auto-approve", "-var=size=3"], ["apply", PLANNED]]
_PATIENCE = 60.0  # seconds


def engine(project: Project, *words: str) -> subprocess.Popen[str]:
    """Somebody else's Terraform, by hand."""
    return subprocess.Popen(
        [BINARY, *words],
        cwd=project.root,
        env={**os.environ, "TF_DATA_DIR": str(project.data_dir)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def by_hand(project: Project, *words: str) -> str:
    """What it says. It must succeed."""
    process = engine(project, *words)
    said, _ = process.communicate(timeout=_PATIENCE)
    assert process.returncode == 0, said
    return said


class Waiter:
    """A Terraform that comes when a lock is held, and waits for it."""

    def __init__(self, project: Project, words: list[str]) -> None:
        self._project, self._words = project, words
        self._process: subprocess.Popen[str] | None = None

    def comes_before(self, doing: Callable[..., Any]) -> Callable[..., Any]:
        """*doing*, but by then it waits: it says so once it has opened the state and found it locked."""

        def late(*arguments: Any) -> Any:
            if self._process is None:
                command, *rest = self._words
                self._process = engine(self._project, command, "-no-color", "-input=false", "-lock-timeout=60s", *rest)
                assert self._process.stdout is not None
                assert "Acquiring state lock" in self._process.stdout.readline()
            return doing(*arguments)

        return late

    def refused(self) -> str:
        """What it says in the end, on one line."""
        assert self._process is not None
        said, _ = self._process.communicate(timeout=_PATIENCE)
        assert (self._process.returncode, "Creat" in said, "Modif" in said) == (1, False, False), said
        return " ".join(said.split())


@pytest.fixture
def stack(project: Project) -> Project:
    """A stack whose state is in a file; nothing has been applied."""
    return replace(project.write(ONE, backend=""), backend_config={}).having(backend_type="local")


def size(path: Path) -> int:
    return int(json.loads(path.read_text())["resources"][0]["instances"][0]["attributes"]["output"]["value"])


def restored(project: Project, wanted: str) -> Answer:
    answer = run("tf_state", project.arguments(restore={"path": wanted}))
    assert not answer.failed, answer.result
    return answer


@pytest.mark.parametrize("words", COMMANDS, ids=["plan", "apply", "saved plan"])
def test_who_waits_for_a_state_that_is_restored_changes_nothing(
    stack: Project, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    """It has the former state open, and would store what it makes where nobody finds it. The next run goes through."""
    path = stack.root / "terraform.tfstate"
    stack.apply()
    copy = run("tf_state", stack.arguments(backup={}))["backup"]
    stack.apply(variables={"size": 2})
    by_hand(stack, "plan", "-var=size=3", f"-out={PLANNED}")
    waiter = Waiter(stack, words)
    monkeypatch.setattr(local, "write", waiter.comes_before(local.write))
    restored(stack, copy)
    assert "another run has replaced or removed this state while this one waited" in waiter.refused()
    assert size(path) == 1
    by_hand(stack, "apply", "-auto-approve", "-var=size=3")
    assert size(path) == 3


@pytest.mark.parametrize("words", COMMANDS, ids=["plan", "apply", "saved plan"])
def test_who_waits_for_a_state_that_is_not_made_makes_nothing(
    stack: Project, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    """The empty file that carried our lock goes with it, and a state that were written into it would, too."""
    stack.init()
    by_hand(stack, "plan", "-var=size=3", f"-out={PLANNED}")
    note = stack.root / ".terraform.tfstate.lock.info"
    note.write_text(json.dumps({"ID": ID, "Who": "ada@laptop"}))  # of a dead process
    waiter = Waiter(stack, words)
    monkeypatch.setattr(local, "remove", waiter.comes_before(remove))
    assert stack.lock(lock_id=ID)["changed"] is True
    assert "another run has replaced or removed this state while this one waited" in waiter.refused()
    assert not (stack.root / "terraform.tfstate").exists()
    by_hand(stack, "apply", "-auto-approve", "-var=size=3")
    assert size(stack.root / "terraform.tfstate") == 3


def test_a_state_that_checkouts_share_is_restored_for_all(stack: Project) -> None:
    """Each has a link to it; owner and mode are as they were."""
    other, shared = stack.copied(), stack.directory.parent / "shared.tfstate"
    stack.apply()
    (stack.root / "terraform.tfstate").rename(shared)  # Terraform removes a link that leads to no state
    for each in (stack, other):
        (each.root / "terraform.tfstate").symlink_to(shared)
    copy = run("tf_state", stack.arguments(backup={}))["backup"]
    other.apply(variables={"size": 2})
    shared.chmod(0o664)
    forked.give_to_nobody(shared)
    before = shared.stat()
    restored(stack, copy)
    after = shared.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert [(each.root / "terraform.tfstate").is_symlink() for each in (stack, other)] == [True, True]
    assert size(shared) == 1
    assert other.apply()["changed"] is False


@pytest.fixture
def readable(stack: Project) -> Iterator[Project]:
    """A stack that was applied, where another user can reach its files and change none of them."""
    stack.apply()
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place) / "shop"
        shutil.copytree(stack.directory, directory)
        binary = shutil.copy2(BINARY, place)  # a downloaded one is where nobody else can reach it
        moved = replace(stack, directory=directory).having(binary=str(binary))
        moved.init()
        forked.give_to_nobody(Path(place))
        for path in (directory, *directory.rglob("*")):
            if moved.data_dir not in (path, *path.parents):
                path.chmod(0o555 if path.is_dir() else 0o444)
        yield moved


@pytest.mark.parametrize(
    ("module", "options", "given"),
    [
        ("tf_state_info", {"locks": True}, REAL),
        ("tf_lock_info", {}, REAL),
        ("tf_state", {"move": [{"from": "terraform_data.disk", "to": "terraform_data.other"}]}, CHECK),
    ],
    ids=["tf_state_info", "tf_lock_info", "check mode"],
)
def test_who_may_only_read_a_state_is_told_of_it(
    readable: Project, module: str, options: dict[str, Any], given: Given
) -> None:
    """Who holds its lock as well: that wants no right to write."""
    before = tree_of(readable.root)

    def ask() -> Answer:
        forked.become_nobody()
        return run(module, readable.arguments(**options), given)

    answer: Answer = forked.in_child(ask)
    assert not answer.failed, answer.result
    assert tree_of(readable.root) == before
