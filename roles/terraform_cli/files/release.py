# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs the executable of a Terraform or OpenTofu release, after its checksum was verified.

A release is a directory with <product>_<version>_<os>_<arch>.zip and <product>_<version>_SHA256SUMS, as both projects
publish them. An executable that has the wanted version already is left alone. The answer is one JSON object.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import platform
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}
_SCHEMES = ("https://", "http://", "file://")


class ReleaseError(Exception):
    """What was being done, why it failed, what to do next."""


@dataclass(frozen=True)
class Release:
    """A version of a product, and where it is published."""

    url: str
    product: str
    version: str

    @property
    def archive(self) -> str:
        machine = platform.machine().lower()
        return f"{self.product}_{self.version}_{sys.platform}_{_ARCHITECTURES.get(machine, machine)}.zip"

    @property
    def sums(self) -> str:
        return f"{self.product}_{self.version}_SHA256SUMS"

    def read(self, name: str, seconds: float) -> bytes:
        address = f"{self.url.rstrip('/')}/{name}"
        try:
            with urllib.request.urlopen(address, timeout=seconds) as answer:  # noqa: S310 - main() checks the scheme
                content: bytes = answer.read()
                return content
        except (OSError, urllib.error.URLError) as error:
            reason = getattr(error, "reason", None) or error
            raise ReleaseError(
                f"Downloading {address} failed: {reason}. Set terraform_cli_release_url to the directory that holds it."
            ) from error

    def verified_archive(self, seconds: float) -> bytes:
        """The archive, if its checksum is the published one."""
        lines = [line.split() for line in self.read(self.sums, seconds).decode("utf-8", "replace").splitlines()]
        wanted = next((line[0] for line in lines if line[1:] in ([self.archive], [f"*{self.archive}"])), None)
        if wanted is None:
            raise ReleaseError(
                f"Installing {self.product} {self.version} failed: {self.sums} has no checksum for {self.archive}. The"
                " release may not be made for this machine."
            )
        content = self.read(self.archive, seconds)
        found = hashlib.sha256(content).hexdigest()
        if found != wanted:
            raise ReleaseError(
                f"Installing {self.product} {self.version} failed: {self.archive} has the checksum {found}, but"
                f" {self.sums} says {wanted}. Nothing was installed; the download is damaged or was tampered with."
            )
        return content


def installed_version(binary: Path) -> str | None:
    """What the executable says of itself; None when there is none, or it does not answer."""
    try:
        asked = subprocess.run(  # noqa: S603 - the executable in question
            [str(binary), "version", "-json"],
            env={**os.environ, "CHECKPOINT_DISABLE": "1"},
            capture_output=True,
            check=True,
            timeout=60,
        )
        return str(json.loads(asked.stdout)["terraform_version"])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError):
        return None


def install(release: Release, directory: Path, *, check: bool, seconds: float) -> dict[str, Any]:
    """The result: the executable, and whether it was, or with *check* would be, written."""
    binary = directory / release.product
    before = installed_version(binary)
    result = {"changed": before != release.version, "binary": str(binary), "before": before}
    if result["changed"] and not check:
        _replace(binary, _executable(release.verified_archive(seconds), release), release)
    return result


def _executable(archive: bytes, release: Release) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            return opened.read(release.product)
    except (zipfile.BadZipFile, KeyError) as error:
        raise ReleaseError(f"Unpacking {release.archive} failed: {error}. It should hold {release.product}.") from error


def _replace(binary: Path, content: bytes, release: Release) -> None:
    """In one step, and only by what was asked for: a run that goes on at the same time has the old one or the new one."""
    binary.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=binary.parent, prefix=f".{binary.name}-")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        Path(name).chmod(0o755)
        _demand_version(Path(name), release)
        Path(name).replace(binary)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _demand_version(binary: Path, release: Release) -> None:
    found = installed_version(binary)
    if found != release.version:
        raise ReleaseError(
            f"Installing {release.product} {release.version} failed: the executable in the release is {found or 'broken'}."
            " Set terraform_cli_version to the version that terraform_cli_release_url holds."
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", required=True, help="the directory of the release; https, http or file")
    parser.add_argument("--product", choices=["terraform", "tofu"], required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--timeout", type=float, default=60, help="seconds without an answer")
    parser.add_argument("--check", type=json.loads, default=False, help="true: only say whether it would be installed")
    arguments = parser.parse_args()
    try:
        if not arguments.url.startswith(_SCHEMES):
            raise ReleaseError(f"The address {arguments.url} of a release begins with one of {', '.join(_SCHEMES)}.")
        release = Release(arguments.url, arguments.product, arguments.version)
        result = install(release, arguments.directory, check=arguments.check, seconds=arguments.timeout)
    except (ReleaseError, OSError) as error:
        result = {"changed": False, "msg": str(error)}
    print(json.dumps(result))
    return 1 if "msg" in result else 0


if __name__ == "__main__":
    sys.exit(main())
