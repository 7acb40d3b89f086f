# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes every result, as every callback sees it, into the file CONTRACT_RECORD."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ansible.module_utils.common.json import AnsibleJSONEncoder
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: recorder
type: notification
short_description: Record results
description: Writes every result into a file, for tests.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]  # ansible-core ships no types
    """One line per result, in the order of arrival."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "recorder"

    def _record(self, kind: str, result: Any) -> None:
        row = {
            "kind": kind,
            "task": result._task.get_name(),
            "host": result._host.get_name(),
            "result": result._result,
        }
        with Path(os.environ["CONTRACT_RECORD"]).open("a") as stream:
            stream.write(json.dumps(row, cls=AnsibleJSONEncoder) + "\n")

    def v2_runner_on_ok(self, result: Any) -> None:
        self._record("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._record("failed", result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._record("skipped", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._record("unreachable", result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        self._record("item ok", result)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        self._record("item failed", result)

    def v2_runner_retry(self, result: Any) -> None:
        self._record("retry", result)
