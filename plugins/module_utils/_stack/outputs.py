# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the outputs of a stack: from a kept plan where that is as good, else from its state."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused
from ansible_collections.envforge.terraform.plugins.module_utils._masking import SENSITIVE
from ansible_collections.envforge.terraform.plugins.module_utils._stack import state
from ansible_collections.envforge.terraform.plugins.module_utils._stack.planning import identity
from ansible_collections.envforge.terraform.plugins.module_utils._stack.prediction import without_writing
from ansible_collections.envforge.terraform.plugins.module_utils._stack.readiness import make_ready
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Work, working_on
from ansible_collections.envforge.terraform.plugins.module_utils._terraform import binding
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.plan import Plan

Outputs = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Read:
    """Outputs as `output -json` gives them; plan is there when they came out of one."""

    outputs: Outputs
    plan: Plan | None = None


def output_info_core(arguments: dict[str, Any], doors: Doors) -> dict[str, Any]:
    """tf_output_info. Raises TfError, also for a name that is no output."""
    with working_on(arguments, doors) as work:
        outputs = read_outputs(work).outputs
        missing = sorted(set(arguments["names"]) - set(outputs))
        if missing:
            names = ", ".join(sorted(outputs)) or "none"
            raise Refused(
                f"Reading the outputs of {work.stack.label} failed: it has no output {', '.join(missing)}. It has: {names}."
            )
        chosen = {
            name: found for name, found in outputs.items() if not arguments["names"] or name in arguments["names"]
        }
        return {
            "changed": False,
            "outputs": {name: _told(found, arguments["show_sensitive"]) for name, found in chosen.items()},
        }


def read_outputs(work: Work, plan_file: str | None = None) -> Read:
    """All outputs, values in clear. A plan without changes holds them too, and reading it sends no request."""
    if plan_file and os.path.exists(plan_file):
        bound = binding.load(plan_file)
        binding.demand_equal(bound, {**identity(work), "plan_hash": binding.hash_of(plan_file)}, plan_file)
        if not bound.changed:
            plan = Plan.from_json(work.terraform.show(plan_file))
            return Read(plan.outputs, plan)
    if state.exists(work.stack, work.doors) is False:
        return Read({})
    if work.doors.check_mode:
        return Read(without_writing(work).terraform.output())
    make_ready(work)
    return Read(work.terraform.output())


def _told(found: Mapping[str, Any], show_sensitive: bool) -> dict[str, Any]:
    hidden = found.get("sensitive") and not show_sensitive
    return {
        "value": SENSITIVE if hidden else found.get("value"),
        "sensitive": bool(found.get("sensitive")),
        "type": found.get("type"),
    }
