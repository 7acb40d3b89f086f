# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the engine, terraform or tofu, and tells which one it is."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ansible_collections.envforge.terraform.plugins.module_utils._errors import EngineError, UnreadableOutput
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.process import Completed

OLDEST = {"terraform": (1, 5), "tofu": (1, 6)}
_NAMES = ("terraform", "tofu")


@dataclass(frozen=True)
class Engine:
    """An executable. identity changes when another version is installed in its place, and costs no process to read."""

    path: str

    @property
    def identity(self) -> dict[str, str | int]:
        real = os.path.realpath(self.path)
        status = os.stat(real)
        return {"path": real, "size": status.st_size, "mtime_ns": status.st_mtime_ns}


@dataclass(frozen=True)
class Version:
    """What `terraform version -json` says: product is terraform or tofu."""

    product: str
    number: tuple[int, ...]

    def __str__(self) -> str:
        return f"{'OpenTofu' if self.product == 'tofu' else 'Terraform'} {'.'.join(map(str, self.number))}"

    @property
    def supported(self) -> bool:
        return self.number[:2] >= OLDEST[self.product]


def find_engine(binary: str | None, environment: Mapping[str, str]) -> Engine:
    """The executable that *binary* names, or terraform, else tofu, on PATH. Raises EngineError."""
    path = environment.get("PATH", os.defpath)
    for name in (binary,) if binary else _NAMES:
        found = shutil.which(os.path.expanduser(name), path=path)
        if found:
            return Engine(os.path.abspath(found))
    if binary:
        raise EngineError(
            f"Looking for the engine failed: {binary} (tf_binary) is not an executable file here, nor on PATH."
        )
    raise EngineError(
        "Looking for the engine failed: neither terraform nor tofu is on PATH. Install one (the role terraform_cli does), "
        "or set tf_binary to its path."
    )


def read_version(
    run: Callable[[list[str], str, Mapping[str, str]], Completed], engine: Engine, environment: Mapping[str, str]
) -> Version:
    """Ask the engine for its version (one process). Raises UnreadableOutput."""
    done = run([engine.path, "version", "-json"], "/", environment)
    product = "tofu" if "tofu" in os.path.basename(os.path.realpath(engine.path)) else "terraform"
    try:
        answer, _end = json.JSONDecoder().raw_decode(done.stdout.lstrip())
        text = str(answer["terraform_version"])
        return Version(product, tuple(int(part) for part in text.split("-", maxsplit=1)[0].split(".")))
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableOutput(
            f"Asking {engine.path} for its version failed: it did not answer as terraform or tofu do. Check tf_binary."
        ) from error
