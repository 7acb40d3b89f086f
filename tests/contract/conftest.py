# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the contract tests share: the emulator, and one run of every case on both routes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.contract import emulator
from tests.contract.controller import HERE, Project


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[emulator.Emulator]:
    with emulator.running(tmp_path_factory.mktemp("emulator")) as started:
        yield started


@pytest.fixture(scope="session")
def new_project(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Project]:
    """Makes a directory with the stacks, and a private home and temporary directory."""

    def make(name: str, **environment: str) -> Project:
        project = Project(tmp_path_factory.mktemp(name), environment)
        shutil.copytree(HERE / "stacks", project.directory / "stacks")
        for private in ("home", "tmp"):
            Path(project.directory / private).mkdir(mode=0o700)
        return project

    return make
