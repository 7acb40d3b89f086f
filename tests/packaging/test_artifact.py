# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The artifact: what it holds, and that the demo runs from it in an empty directory."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import artifact
import pytest


@dataclass(frozen=True)
class Elsewhere:
    """A directory with nothing in it but the examples of the installed collection."""

    directory: Path
    environment: dict[str, str]

    def play(self, playbook: str, *options: str) -> str:
        """What ansible-playbook prints; the test fails with it if the run does."""
        command = ["ansible-playbook", f"envforge.terraform.{playbook}", "-i", "inventories/sandbox", *options]
        run = subprocess.run(
            command, cwd=self.directory, env=self.environment, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout


@pytest.fixture
def elsewhere(installed: Path, tmp_path: Path) -> Iterator[Elsewhere]:
    """The sandbox's inventory and stacks copied out of the collection; the emulator is stopped at the end."""
    for part in ("inventories/sandbox", "stacks"):
        shutil.copytree(installed / part, tmp_path / part)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    place = Elsewhere(tmp_path, {**environment, "ANSIBLE_COLLECTIONS_PATH": str(installed.parents[2])})
    yield place
    place.play("sandbox", "-e", "sandbox_state=absent")


def changes(printed: str) -> dict[str, int]:
    """The changed tasks of each host, from the recap."""
    return {host: int(count) for host, count in re.findall(r"^(\S+)\s+: ok=\d+\s+changed=(\d+)", printed, re.MULTILINE)}


def test_the_artifact_holds_every_plugin_role_and_playbook(members: set[str]) -> None:
    """Nothing that runs is left out by build_ignore."""
    kinds = ("plugins/", "roles/", "playbooks/", "meta/runtime.yml", "inventories/sandbox/", "stacks/")
    wanted = {str(path) for path in artifact.sources() if str(path).startswith(kinds)}
    assert wanted - members == set()


def test_the_artifact_holds_nothing_else_of_the_workshop(members: set[str]) -> None:
    """No tests, tools, link or environment: they are of no use in an installed collection."""
    workshop = re.compile(r"(\.|tests/(?!config\.yml)|collections/|extensions/|requirements/|apps/|noxfile|Makefile)")
    assert {name for name in members if workshop.match(name)} == set()


def test_the_artifact_holds_no_secret_and_no_state(members: set[str]) -> None:
    """A .env, a state or a plan lying about where the artifact is built does not get into it."""
    assert {name for name in members if re.search(r"(^|/)\.env$|\.tfstate|\.tfplan|/\.terraform/", name)} == set()


def test_the_demo_runs_from_the_installed_artifact(elsewhere: Elsewhere) -> None:
    """In an empty directory the whole job works the first time, and changes nothing the second time."""
    first = elsewhere.play("site")
    written = list(elsewhere.directory.rglob(".env"))
    second = elsewhere.play("site")
    assert written
    assert sum(changes(first).values()) > 0
    assert set(changes(second).values()) == {0}, second
