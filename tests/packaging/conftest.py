# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as others get it: built and installed, or checked out by a controller."""

from __future__ import annotations

import tarfile
from pathlib import Path

import artifact
import pytest


@pytest.fixture(scope="session")
def members(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of the files in the artifact."""
    tarball = artifact.build(tmp_path_factory.mktemp("built"))
    with tarfile.open(tarball) as archive:
        return {member.name for member in archive.getmembers() if not member.isdir()}


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the collection, installed from its artifact into an empty directory."""
    return artifact.install(tmp_path_factory.mktemp("collections"))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A bare checkout: what git has, no virtual environment, nothing that a run has left."""
    project = tmp_path / "project"
    project.mkdir()
    return artifact.export(project)
