# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role terraform_cli: it finds an executable that is new enough, or installs a release that is what it says."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.project import BINARY
from tests.e2e.site import REPOSITORY, Played, Site

RELEASE = REPOSITORY / "roles" / "terraform_cli" / "files" / "release.py"
MACHINE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


def script(version: str) -> str:
    """An executable that says of itself what Terraform does."""
    return f"#!/bin/sh\necho '{json.dumps({'terraform_version': version})}'\n"


def publish(directory: Path, version: str, *, says: str | None = None, holds: str = "terraform") -> Path:
    """A release as a vendor publishes it; *says* is the version that its executable prints."""
    directory.mkdir(parents=True, exist_ok=True)
    archive = directory / f"terraform_{version}_{sys.platform}_{MACHINE}.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(holds, script(says or version))
        opened.writestr("LICENSE.txt", "…")
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    (directory / f"terraform_{version}_SHA256SUMS").write_text(
        f"{'0' * 64}  terraform_other.zip\n{digest}  {archive.name}\n"
    )
    return archive


def executable(path: Path, version: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script(version))
    path.chmod(0o755)
    return path


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path / "site")
    made.directory.mkdir()
    play = {"hosts": "stacks", "gather_facts": False, "roles": [{"role": "envforge.terraform.terraform_cli"}]}
    (made.directory / "cli.yml").write_text(json.dumps([play]))
    made.inventory({"app": {}})
    return made


def play(site: Site, *options: str, **variables: Any) -> Played:
    return site.play("cli.yml", *options, "-e", json.dumps(variables))


def test_it_finds_the_terraform_of_this_machine(site: Site) -> None:
    """And keeps its name and version as facts; nothing is changed."""
    played = play(site).succeeded()
    (kept,) = [row["result"]["ansible_facts"] for row in played.results if "ansible_facts" in row["result"]]
    assert kept["terraform_cli_binary"] == BINARY
    asked = subprocess.run([BINARY, "version", "-json"], capture_output=True, text=True, check=True).stdout
    assert kept["terraform_cli_found_version"] == json.loads(asked)["terraform_version"]
    assert played.changed == {"app": 0}


def test_one_that_is_too_old_or_missing_is_refused(site: Site, tmp_path: Path) -> None:
    """The message says what was found, which version is wanted, and three ways out."""
    old, missing = executable(tmp_path / "old" / "terraform", "1.4.9"), tmp_path / "missing"
    played = play(site, terraform_cli_candidates=[str(missing), str(old)])
    assert played.status == 2
    message = played.failures["app"]
    named = [str(missing), str(old), "1.4.9", "1.5", "PATH", "tf_binary", "terraform_cli_release_url"]
    assert [text for text in named if text not in message] == [], message


def test_a_release_is_installed_once(site: Site, tmp_path: Path) -> None:
    """Check mode only says so; then it is the one that is used, before any on PATH; the second run changes nothing."""
    publish(tmp_path / "release", "1.9.1")
    wanted = {
        "terraform_cli_release_url": (tmp_path / "release").as_uri(),
        "terraform_cli_version": "1.9.1",
        "terraform_cli_directory": str(tmp_path / "bin"),
    }
    checked = play(site, "--check", **wanted).succeeded()
    assert (checked.changed, (tmp_path / "bin").exists()) == ({"app": 1}, False)
    first = play(site, **wanted).succeeded()
    (kept,) = [row["result"]["ansible_facts"] for row in first.results if "ansible_facts" in row["result"]]
    assert (kept["terraform_cli_binary"], kept["terraform_cli_found_version"]) == (
        str(tmp_path / "bin/terraform"),
        "1.9.1",
    )
    assert (first.changed, play(site, **wanted).succeeded().changed) == ({"app": 1}, {"app": 0})
    (tmp_path / "bin/terraform").unlink()
    (archive,) = (tmp_path / "release").glob("*.zip")
    archive.write_bytes(archive.read_bytes() + b"tampered")
    refused = play(site, **wanted)
    assert [text in refused.failures["app"] for text in (archive.name, "checksum", "Nothing was installed")] == [
        True
    ] * 3
    assert list((tmp_path / "bin").iterdir()) == []


def install(url: str, version: str, directory: Path) -> dict[str, Any]:
    """What the role's program answers, without a playbook."""
    command = [sys.executable, str(RELEASE), f"--url={url}", "--product=terraform", f"--version={version}"]
    ran = subprocess.run([*command, f"--directory={directory}"], capture_output=True, text=True, check=False)
    answer: dict[str, Any] = json.loads(ran.stdout)
    assert ("msg" in answer) == (ran.returncode != 0)
    return answer


def test_an_update_replaces_the_old_executable(tmp_path: Path) -> None:
    """In its place, and says what was there before."""
    binary = executable(tmp_path / "bin" / "terraform", "1.9.0")
    publish(tmp_path / "release", "1.9.1")
    answer = install((tmp_path / "release").as_uri(), "1.9.1", tmp_path / "bin")
    assert (answer["changed"], answer["before"], binary.read_text()) == (True, "1.9.0", script("1.9.1"))
    assert list(binary.parent.iterdir()) == [binary]


@pytest.mark.parametrize("damage", ["no release", "no checksum", "another executable", "another version", "no archive"])
def test_a_release_that_is_not_what_it_says_is_refused(tmp_path: Path, damage: str) -> None:
    """The old executable stays what it was."""
    binary = executable(tmp_path / "bin" / "terraform", "1.9.0")
    directory = tmp_path / "release"
    says, holds = (
        ("1.8.0" if damage == "another version" else None),
        ("tofu" if damage == "another executable" else "terraform"),
    )
    archive = publish(directory, "1.9.1", says=says, holds=holds)
    if damage == "no release":
        directory = tmp_path / "nowhere"
    elif damage == "no checksum":
        (directory / "terraform_1.9.1_SHA256SUMS").write_text(f"{'0' * 64}  terraform_other.zip\n")
    elif damage == "no archive":
        archive.unlink()
    named = {
        "no release": "terraform_cli_release_url",
        "no checksum": archive.name,
        "another executable": archive.name,
        "another version": "1.8.0",
        "no archive": archive.name,
    }
    assert named[damage] in install(directory.as_uri(), "1.9.1", tmp_path / "bin")["msg"]
    assert binary.read_text() == script("1.9.0")


def test_only_addresses_of_releases_are_opened(tmp_path: Path) -> None:
    """Not whatever urllib can open."""
    message = install("ftp://example.com/terraform", "1.9.1", tmp_path / "bin")["msg"]
    assert [text in message for text in ("ftp://example.com/terraform", "https://")] == [True, True]
