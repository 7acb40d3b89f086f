# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The core of tf_workspace: a stack that is initialised against its backend, and its workspace there, gone, or brought along."""

from __future__ import annotations

from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused
from ansible_collections.envforge.terraform.plugins.module_utils._stack.readiness import (
    make_ready,
    recorded,
    why_not_ready,
)
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Work, working_on
from ansible_collections.envforge.terraform.plugins.module_utils._state.migrating import (
    migrate,
    others_in_the_way,
    sources_of,
)
from ansible_collections.envforge.terraform.plugins.module_utils._state.relocking import change_locks, locks_differ
from ansible_collections.envforge.terraform.plugins.module_utils._state.removing import remove_workspace


def workspace_core(arguments: dict[str, Any], doors: Doors) -> dict[str, Any]:
    """tf_workspace. Raises TfError.

    For initialising alone changed stays false: init fills a directory of this machine, and changes nothing that anybody else
    could see. The workspace itself appears in the backend with its first state.
    """
    _refuse_contradiction(arguments)
    with working_on(arguments, doors) as work:
        about = {"workspace": work.stack.workspace, "data_dir": work.stack.data_dir}
        if arguments["state"] == "absent":
            return {**about, **remove_workspace(work, arguments["force"])}
        moved = _moved(work, arguments) if arguments["migrate"] else {"changed": False}
        reason = _ready(work, moved)
        return {**about, "initialised": reason is not None, "reason": reason, **moved}


def _refuse_contradiction(arguments: dict[str, Any]) -> None:
    if arguments["migrate"] and arguments["state"] == "absent":
        raise Refused("A workspace is either migrated or removed: leave out migrate, or state: absent.")
    if not arguments["migrate"] and (arguments["migrate_from"] or arguments["remove_source"]):
        raise Refused(
            "migrate_from and remove_source belong to migrate: true, which is not set. Set it, or leave them out."
        )


def _moved(work: Work, arguments: dict[str, Any]) -> dict[str, Any]:
    """A state that came from elsewhere, or a lock of another kind."""
    given = arguments["migrate_from"]
    sources = sources_of(work, given)
    known = sources if given else [was for was in [recorded(work.stack)] if was is not None]
    for old in known:
        if locks_differ(old, work.stack):
            return change_locks(work, old)
    return migrate(work, sources, given=bool(given), remove_source=arguments["remove_source"])


def _ready(work: Work, moved: dict[str, Any]) -> str | None:
    """Why the stack was initialised, or would be; None when it was not."""
    if work.doors.check_mode:
        return why_not_ready(work)
    left = others_in_the_way(work.stack) if "migration" in moved else []
    if left:
        work.doors.warn(
            f"{work.stack.label} was not initialised: Terraform refuses that while states of other workspaces are in the root "
            f"module {work.stack.root}. Migrate them too: {', '.join(left)}."
        )
        return None
    return make_ready(work)
