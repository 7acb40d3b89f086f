# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan on a copy of a state, in a place that is gone afterwards: what Terraform would make of it, nothing live touched."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._errors import CommandFailed
from ansible_collections.envforge.terraform.plugins.module_utils._files import make_private_directory, write_atomically
from ansible_collections.envforge.terraform.plugins.module_utils._stack.prediction import in_shadow
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Work
from ansible_collections.envforge.terraform.plugins.module_utils._terraform import commands
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.cli import CHANGES, FAILED, Ended
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.diagnostics import as_data, sentence_of
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.plan import Plan


@dataclass(frozen=True)
class Rehearsal:
    """What a plan says, masked."""

    changed: bool
    summary: dict[str, int]
    resource_changes: list[dict[str, Any]]
    outputs: tuple[str, ...]

    @classmethod
    def of(cls, plan: Plan, ended: Ended) -> Rehearsal:
        outputs = tuple(name for name, change in plan.output_changes.items() if change["actions"] != ["no-op"])
        changes = [change.as_data() for change in plan.acting]
        return cls(ended.status == CHANGES, plan.summary(), changes, outputs)

    def told(self) -> dict[str, Any]:
        return {"summary": self.summary, "resource_changes": self.resource_changes}


def rehearse(work: Work, body: bytes) -> Rehearsal:
    """Plan with *body* as the state, on a local backend in a shadow of the root module. Raises CommandFailed."""
    ready = in_shadow(work)
    path = _state_file(ready)
    make_private_directory(os.path.dirname(path))
    write_atomically(path, body)
    plan_file = os.path.join(work.directory, "rehearsed.tfplan")
    options = commands.Plan(plan_file, work.variables.write(work.directory), lock=False)
    ended = ready.terraform.plan(options, lambda event: None)
    if ended.status == FAILED:
        found = ended.log.diagnostics
        raise CommandFailed(
            f"Rehearsing with a copy of the state of {work.stack.label} failed: {sentence_of(found)}.",
            diagnostics=as_data(found),
            rc=ended.status,
        )
    return Rehearsal.of(Plan.from_json(ready.terraform.show(plan_file)), ended)


def said(planned: Rehearsal) -> str:
    """The changes of a plan in a few words."""
    shown = [f"{'/'.join(change['actions'])} {change['address']}" for change in planned.resource_changes]
    shown += [f"change output {name}" for name in planned.outputs]
    more = f" and {len(shown) - 5} more" if len(shown) > 5 else ""
    return f"the plan would {', '.join(shown[:5])}{more}"


def _state_file(work: Work) -> str:
    """Where a local backend without options looks for the state of this workspace."""
    workspace = work.stack.workspace
    parts = ["terraform.tfstate"] if workspace == "default" else ["terraform.tfstate.d", workspace, "terraform.tfstate"]
    return os.path.join(work.terraform.root, *parts)
