# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stdout callback that writes one JSON object a line, as it happens."""

from __future__ import annotations

import json
import sys
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: lines
type: stdout
short_description: One JSON object a line
description: Anything else on standard output breaks whoever parses it.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]  # ansible-core ships no types
    """Tells of tasks and results."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "lines"

    def _say(self, event: str, name: str) -> None:
        sys.stdout.write(json.dumps({"event": event, "name": name}) + "\n")
        sys.stdout.flush()

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._say("task", task.get_name())

    def v2_runner_on_ok(self, result: Any) -> None:
        self._say("ok", result._host.get_name())

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._say("failed", result._host.get_name())
