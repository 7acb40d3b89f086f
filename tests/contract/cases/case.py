# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One task that is run on both routes, and how it must end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Result = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A task of the module *module*.

    ends is the kind of its last result. says is a regular expression that the message of a failure must match, and shows
    must be true of a result: without them two routes could agree in the wrong thing.
    """

    name: str
    module: str
    options: Any = field(default_factory=dict)
    keywords: Mapping[str, Any] = field(default_factory=dict)
    ends: str = "ok"
    says: str = ""
    changed: bool | None = None
    shows: Callable[[Result], object] = bool

    def task(self) -> dict[str, Any]:
        return {"name": self.name, self.module: self.options, "ignore_errors": True, **self.keywords}


def module(name: str) -> Callable[..., Case]:
    """Makes the cases of one module of the collection."""

    def case(title: str, options: Any = None, /, **more: Any) -> Case:
        keywords = {key.removeprefix("task_"): more.pop(key) for key in list(more) if key.startswith("task_")}
        return Case(f"{name}: {title}", f"envforge.terraform.{name}", options or {}, keywords, **more)

    return case
