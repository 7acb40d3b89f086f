# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Orders the stacks of the inventory. An action, because only the controller knows every host's variables."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ansible_collections.envforge.terraform.plugins.module_utils._errors import TfError
from ansible_collections.envforge.terraform.plugins.plugin_utils._order_of import order_of

ARGUMENTS: dict[str, dict[str, Any]] = {
    "group": {"type": "str", "default": "stacks"},
    "backwards": {"type": "bool", "default": False},
}


class ActionModule(ActionBase):  # type: ignore[misc]  # ansible-core ships no types
    """Pure but for reading variables, so check mode makes no difference."""

    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        outcome = ArgumentSpecValidator(ARGUMENTS).validate(dict(self._task.args))
        if outcome.error_messages:
            return {"failed": True, "msg": "; ".join(outcome.error_messages)}
        try:
            return order_of(outcome.validated_parameters, task_vars or {})
        except TfError as error:
            return {"failed": True, "msg": str(error)}
