# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The events of `test -json`, read line by line: which runs passed, and why others did not.

The same in Terraform and OpenTofu since 1.6, where a run that has ended is the one that has a status
(https://developer.hashicorp.com/terraform/internals/machine-readable-ui).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._terraform.diagnostics import Diagnostic, as_data

PASSED, SKIPPED = frozenset({"pass"}), frozenset({"skip", "pending"})
_Key = tuple[str, str]


@dataclass(frozen=True)
class TestRun:
    """One `run` block. status is pass, fail, error, skip or pending."""

    __test__ = False  # pytest would take it for a class of tests

    file: str
    name: str
    status: str
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def failed(self) -> bool:
        return self.status not in PASSED | SKIPPED

    def as_data(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "run": self.name,
            "status": self.status,
            "diagnostics": as_data(self.diagnostics),
        }


@dataclass
class TestLog:
    """Feed it lines. diagnostics are those of no run: a file that cannot be read, an object that could not be destroyed."""

    __test__ = False

    diagnostics: list[Diagnostic] = field(default_factory=list)
    _runs: dict[_Key, TestRun] = field(default_factory=dict)

    @property
    def runs(self) -> list[TestRun]:
        return list(self._runs.values())

    def line(self, text: str) -> None:
        """Take one line of output; anything that is no event is ignored."""
        try:
            event = json.loads(text)
        except ValueError:
            return
        if isinstance(event, dict) and event.get("type") == "test_run":
            self._take_run(event.get("test_run") or {})
        elif isinstance(event, dict) and event.get("type") == "diagnostic":
            self._take_diagnostic(event)

    def _take_run(self, run: dict[str, Any]) -> None:
        if run.get("status"):
            key = (str(run.get("path", "")), str(run.get("run", "")))
            self._runs[key] = TestRun(*key, str(run["status"]))

    def _take_diagnostic(self, event: dict[str, Any]) -> None:
        """That of a run comes after the run."""
        found = Diagnostic.from_json(event.get("diagnostic") or {})
        run = self._runs.get((str(event.get("@testfile", "")), str(event.get("@testrun", ""))))
        if run is None:
            self.diagnostics.append(found)
        else:
            self._runs[run.file, run.name] = replace(run, diagnostics=(*run.diagnostics, found))
