# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release that is installed, with a real archive, its checksum, and an executable that tells its version."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[3] / "roles" / "terraform_cli" / "files" / "release.py"


def load() -> ModuleType:
    specification = importlib.util.spec_from_file_location("release", SCRIPT)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["release"] = module  # dataclasses look their module up
    specification.loader.exec_module(module)
    return module


RELEASE = load()


def publish(directory: Path, version: str, *, told: str | None = None, member: str = "terraform") -> object:
    """A release of *version* whose executable says it is *told*."""
    release = RELEASE.Release(f"file://{directory}", "terraform", version)
    script = f'#!/bin/sh\necho \'{{"terraform_version": "{told or version}"}}\'\n'
    with zipfile.ZipFile(directory / release.archive, "w") as archive:
        archive.writestr(member, script)
    sums = hashlib.sha256((directory / release.archive).read_bytes()).hexdigest()
    (directory / release.sums).write_text(
        f"{'0' * 64}  terraform_{version}_plan9_mips.zip\n{sums}  {release.archive}\n"
    )
    return release


def install(release: object, directory: Path, *, check: bool = False) -> dict[str, object]:
    found: dict[str, object] = RELEASE.install(release, directory, check=check, seconds=5)
    return found


def test_it_is_installed_once(tmp_path: Path) -> None:
    """The second time the executable has the version already, and stays as it is."""
    release, target = publish(tmp_path, "1.11.4"), tmp_path / "bin"
    assert install(release, target) == {"changed": True, "binary": str(target / "terraform"), "before": None}
    before = (target / "terraform").stat()
    assert install(release, target)["changed"] is False
    assert (target / "terraform").stat().st_ino == before.st_ino
    assert before.st_mode & 0o777 == 0o755


def test_another_version_is_replaced(tmp_path: Path) -> None:
    """The result says what it was before."""
    install(publish(tmp_path, "1.5.7"), tmp_path / "bin")
    assert install(publish(tmp_path, "1.11.4"), tmp_path / "bin")["before"] == "1.5.7"


def test_check_mode_installs_nothing(tmp_path: Path) -> None:
    """It says that it would."""
    assert install(publish(tmp_path, "1.11.4"), tmp_path / "bin", check=True)["changed"] is True
    assert not (tmp_path / "bin").exists()


def test_a_wrong_checksum_installs_nothing(tmp_path: Path) -> None:
    """Both checksums are named, and the executable from before stays."""
    install(publish(tmp_path, "1.5.7"), tmp_path / "bin")
    release = publish(tmp_path, "1.11.4")
    (tmp_path / RELEASE.Release("", "terraform", "1.11.4").archive).write_bytes(b"something else")
    with pytest.raises(RELEASE.ReleaseError, match=r"has the checksum [0-9a-f]{64}, but .* Nothing was installed"):
        install(release, tmp_path / "bin")
    assert RELEASE.installed_version(tmp_path / "bin" / "terraform") == "1.5.7"


def test_a_release_for_other_machines_is_refused(tmp_path: Path) -> None:
    """Without a checksum nothing is even downloaded."""
    release = publish(tmp_path, "1.11.4")
    (tmp_path / "terraform_1.11.4_SHA256SUMS").write_text(f"{'0' * 64}  terraform_1.11.4_plan9_mips.zip\n")
    with pytest.raises(RELEASE.ReleaseError, match="has no checksum for"):
        install(release, tmp_path / "bin")


def test_an_address_without_a_release_is_named(tmp_path: Path) -> None:
    """So that it can be tried by hand."""
    with pytest.raises(
        RELEASE.ReleaseError, match=r"Downloading file://.*SHA256SUMS failed.*terraform_cli_release_url"
    ):
        install(RELEASE.Release(f"file://{tmp_path}", "terraform", "1.11.4"), tmp_path / "bin")


def test_an_archive_without_the_executable_is_refused(tmp_path: Path) -> None:
    """The product may be the wrong one."""
    with pytest.raises(RELEASE.ReleaseError, match="It should hold terraform"):
        install(publish(tmp_path, "1.11.4", member="tofu"), tmp_path / "bin")


def test_an_executable_of_another_version_is_refused(tmp_path: Path) -> None:
    """The URL and the version do not fit together."""
    with pytest.raises(RELEASE.ReleaseError, match=r"the executable in the release is 1\.2\.3"):
        install(publish(tmp_path, "1.11.4", told="1.2.3"), tmp_path / "bin")
