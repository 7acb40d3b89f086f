# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The core of tf_workspace: a stack that is initialised against its backend."""

from __future__ import annotations

from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._stack.readiness import make_ready, why_not_ready
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import working_on


def workspace_core(arguments: dict[str, Any], doors: Doors) -> dict[str, Any]:
    """tf_workspace. Raises TfError.

    changed stays false: init fills a directory of this machine, and changes nothing that anybody else could see. The
    workspace itself appears in the backend with its first state.
    """
    with working_on(arguments, doors) as work:
        reason = why_not_ready(work) if doors.check_mode else make_ready(work)
        return {
            "changed": False,
            "initialised": reason is not None,
            "reason": reason,
            "workspace": work.stack.workspace,
            "data_dir": work.stack.data_dir,
        }
