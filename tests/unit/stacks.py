# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stacks for tests of the stack room, on a disk but without an engine."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NoReturn

from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Stack
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.engine import Engine


def no_process(*arguments: Any, **keywords: Any) -> NoReturn:
    raise AssertionError("no process may be started here")


def doors_of(
    *, check_mode: bool = False, progress: Callable[[str], None] = print, environment: dict[str, str] | None = None
) -> Doors:
    """Doors that lead nowhere."""
    return Doors(
        check_mode=check_mode,
        diff=False,
        progress=progress,
        warn=print,
        environment=environment or {},
        run=no_process,
        look=no_process,
        aws=no_process,
        undivided=nullcontext,
    )


def stack_in(directory: Path, **different: Any) -> Stack:
    """A stack whose root module and data directory exist."""
    for name in ("root", "data"):
        (directory / name).mkdir(exist_ok=True)
    engine = directory / "terraform"
    engine.touch(mode=0o755)
    values: dict[str, Any] = {
        "name": "shop",
        "environment": "dev",
        "root": str(directory / "root"),
        "data_dir": str(directory / "data"),
        "workspace": "default",
        "backend_type": "s3",
        "backend_config": {"bucket": "b", "key": "k", "region": "us-east-1"},
        "lock_timeout": 0,
        "engine": Engine(str(engine)),
    }
    return Stack(**{**values, **different})
