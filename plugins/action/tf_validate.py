# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_validate in the worker process."""

from __future__ import annotations

from ansible_collections.envforge.terraform.plugins.module_utils._stack.validating import validate_core
from ansible_collections.envforge.terraform.plugins.modules.tf_validate import ARGUMENTS
from ansible_collections.envforge.terraform.plugins.plugin_utils._in_worker import InWorkerAction


class ActionModule(InWorkerAction):
    """The module of the same name holds the documentation."""

    ARGUMENTS = ARGUMENTS
    core = staticmethod(validate_core)
