# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_import in the worker process."""

from __future__ import annotations

from ansible_collections.envforge.terraform.plugins.module_utils._state.importing import import_core
from ansible_collections.envforge.terraform.plugins.modules.tf_import import ARGUMENTS
from ansible_collections.envforge.terraform.plugins.plugin_utils._before_forking import load_aws
from ansible_collections.envforge.terraform.plugins.plugin_utils._in_worker import InWorkerAction

load_aws()


class ActionModule(InWorkerAction):
    """The module of the same name holds the documentation."""

    ARGUMENTS = ARGUMENTS
    core = staticmethod(import_core)
