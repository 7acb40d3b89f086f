# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Binds a plan file to what it was made for, so that it is applied there or nowhere.

Terraform takes the backend from the plan file and the workspace from the environment: a plan of one workspace applied in
another writes an empty state there before it fails.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._errors import PlanRefused
from ansible_collections.envforge.terraform.plugins.module_utils._files import (
    read_json,
    remove,
    while_trying_to,
    write_atomically,
)

_MEANING = {
    "plan_hash": "content of the plan file",
    "backend": "backend address",
    "root": "root module",
    "engine": "terraform executable",
    "variables": "set of variables",
}


@dataclass(frozen=True)
class Binding:
    """What a plan file was made for. total is the number of its changes, lineage and serial are those of its prior state."""

    plan_hash: str
    environment: str
    stack: str
    workspace: str
    backend: Mapping[str, Any]
    root: str
    engine: Mapping[str, Any]
    variables: str | None
    changed: bool
    total: int
    lineage: str
    serial: int

    def save(self, plan_file: str) -> None:
        write_atomically(sidecar(plan_file), json.dumps(asdict(self), indent=1))


def sidecar(plan_file: str) -> str:
    return f"{plan_file}.binding.json"


def load(plan_file: str) -> Binding:
    """The binding of a plan file. Raises PlanRefused when there is none that can be read."""
    found = read_json(sidecar(plan_file))
    try:
        return Binding(**{field.name: found[field.name] for field in fields(Binding)})
    except (KeyError, TypeError) as error:
        raise PlanRefused(
            f"Applying {plan_file} was refused: there is no record beside it of what it was made for. Make it with tf_plan, "
            "and keep both files together."
        ) from error


def demand_equal(found: Binding, wanted: Mapping[str, Any], plan_file: str) -> None:
    """Raises PlanRefused naming each part of *wanted* that differs from what the plan was made for."""
    different = [name for name, value in wanted.items() if getattr(found, name) != value]
    if not different:
        return
    told = ", ".join(_told(name, getattr(found, name), wanted[name]) for name in different)
    raise PlanRefused(
        f"Applying {plan_file} was refused: it was made for another {told}. Make a new plan for this stack.",
        differences=different,
    )


def hash_of(plan_file: str) -> str:
    with while_trying_to(f"read the plan file {plan_file}"), open(plan_file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def prior_state(plan_file: str) -> Mapping[str, Any]:
    """The state a plan starts from, which every plan file carries; empty when it cannot be read (a cloud plan)."""
    try:
        with zipfile.ZipFile(plan_file) as archive:
            found = json.loads(archive.read("tfstate"))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return {}
    return found if isinstance(found, dict) else {}


def discard(plan_file: str) -> None:
    """Remove a plan file and its record: both tell too much to be left behind."""
    remove(plan_file)
    remove(sidecar(plan_file))


def _told(name: str, was: Any, now: Any) -> str:
    what = _MEANING.get(name, name)
    return (
        f"{what} ({was}, not {now})"
        if isinstance(was, str) and name in {"environment", "stack", "workspace", "root"}
        else what
    )
