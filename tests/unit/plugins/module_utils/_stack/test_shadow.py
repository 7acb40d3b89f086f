# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A shadow of a root module."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._stack.shadow import make_shadow


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a root module two levels down, and what running Terraform leaves in it."""
    top = tmp_path / "repository"
    root = top / "stacks" / "shop"
    root.mkdir(parents=True)
    (top / ".git").mkdir()
    (top / "modules").mkdir()
    (top / "modules" / "main.tf").write_text("# a module\n")
    (top / "stacks" / "common.tfvars").write_text("a = 1\n")
    (root / "main.tf").write_text("# the root module\n")
    (root / "templates").mkdir()
    (root / ".terraform.lock.hcl").write_text("# locked\n")
    for name in ("terraform.tfstate", "terraform.tfstate.backup", "errored.tfstate"):
        (root / name).write_text("{}")
    (root / ".terraform").mkdir()
    return top


def shadow_of(repository: Path, tmp_path: Path, *, local_backend: bool = True) -> Path:
    return Path(
        make_shadow(str(repository / "stacks" / "shop"), str(tmp_path / "scratch"), local_backend=local_backend)
    )


def test_it_holds_what_the_root_module_holds(repository: Path, tmp_path: Path) -> None:
    """But no state, no data directory, nothing an earlier run left."""
    shadow = shadow_of(repository, tmp_path)
    assert sorted(path.name for path in shadow.iterdir()) == [
        ".terraform.lock.hcl",
        "envforge_shadow_override.tf",
        "main.tf",
        "templates",
    ]
    assert (shadow / "main.tf").read_text() == "# the root module\n"


def test_relative_paths_out_of_it_lead_where_they_led(repository: Path, tmp_path: Path) -> None:
    """Up to the top of the repository: module sources are written so."""
    shadow = shadow_of(repository, tmp_path)
    assert (shadow / "../../modules/main.tf").read_text() == "# a module\n"
    assert (shadow / "../common.tfvars").read_text() == "a = 1\n"


def test_a_lock_file_is_copied(repository: Path, tmp_path: Path) -> None:
    """init would write through a link."""
    (shadow_of(repository, tmp_path) / ".terraform.lock.hcl").write_text("# changed\n")
    assert (repository / "stacks/shop/.terraform.lock.hcl").read_text() == "# locked\n"


def test_its_backend_is_empty_and_local_or_that_of_the_root_module(repository: Path, tmp_path: Path) -> None:
    """The second where only the lock file must not be written."""
    override = shadow_of(repository, tmp_path) / "envforge_shadow_override.tf"
    assert 'backend "local" {}' in override.read_text()
    other = shadow_of(repository, tmp_path / "other", local_backend=False)
    assert not (other / override.name).exists()


def test_everything_it_makes_is_private(repository: Path, tmp_path: Path) -> None:
    """Configuration can hold what not everybody may read."""
    place = shadow_of(repository, tmp_path)
    while place != tmp_path / "scratch":
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        place = place.parent


def test_a_root_module_may_be_the_top_itself(tmp_path: Path) -> None:
    """There is nothing above it to mirror."""
    top = tmp_path / "repository"
    (top / ".git").mkdir(parents=True)
    (top / "main.tf").write_text("")
    shadow = Path(make_shadow(str(top), str(tmp_path / "scratch"), local_backend=False))
    assert [path.name for path in shadow.iterdir()] == [".git", "main.tf"] or (shadow / "main.tf").exists()


def test_without_a_repository_a_few_levels_are_mirrored(tmp_path: Path) -> None:
    """Nothing says where to stop."""
    root = tmp_path / "a" / "b"
    root.mkdir(parents=True)
    (root / "main.tf").write_text("")
    (tmp_path / "a" / "shared").write_text("here")
    shadow = Path(make_shadow(str(root), str(tmp_path / "scratch"), local_backend=True))
    assert (shadow / "../shared").read_text() == "here"
