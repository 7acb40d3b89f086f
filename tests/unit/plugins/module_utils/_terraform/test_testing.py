# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test runs, read from what Terraform 1.11.4 and OpenTofu 1.6.3 really said."""

from __future__ import annotations

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._terraform.testing import TestLog, TestRun
from tests.unit.captured import FIXTURES


def log_of(*lines: str) -> TestLog:
    log = TestLog()
    for line in lines:
        log.line(line)
    return log


@pytest.mark.parametrize("engine", ["terraform-1.11.4", "opentofu-1.6.3"])
def test_each_run_ends_once_with_its_own_diagnostics(engine: str) -> None:
    """Terraform also tells when a run begins, OpenTofu 1.6 only when it has ended."""
    log = log_of(*(FIXTURES / f"{engine}-test-events.jsonl").read_text().splitlines())
    assert [(run.file, run.name, run.status) for run in log.runs] == [
        ("tests/size.tftest.hcl", "plans", "pass"),
        ("tests/size.tftest.hcl", "wrong", "fail"),
        ("tests/size.tftest.hcl", "after", "pass"),
    ]
    assert [[one.detail for one in run.diagnostics] for run in log.runs] == [[], ["not two"], []]
    assert log.diagnostics == []


def test_a_diagnostic_of_no_run_is_kept() -> None:
    """Such as that of a file that cannot be parsed; what is no event is ignored."""
    found = log_of("no JSON", "[]", '{"type":"diagnostic","diagnostic":{"severity":"error","summary":"Bad file"}}')
    assert ([one.summary for one in found.diagnostics], found.runs) == (["Bad file"], [])


@pytest.mark.parametrize(("status", "failed"), [("pass", False), ("skip", False), ("fail", True), ("error", True)])
def test_a_skipped_run_has_not_failed(status: str, failed: bool) -> None:
    """It was skipped because of another one, which is told."""
    assert TestRun("f", "r", status).failed is failed
