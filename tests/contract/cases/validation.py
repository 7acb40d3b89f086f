# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases of tf_validate, which knows no backend."""

from __future__ import annotations

from tests.contract.cases.case import module

validate = module("tf_validate")

CASES = [
    validate("a good module", {"project_path": "stacks/plain"}, changed=False, shows=lambda r: r["valid"]),
    validate("in check mode", {"project_path": "stacks/plain"}, task_check_mode=True, shows=lambda r: "diff" not in r),
    validate(
        "an invalid module", {"project_path": "stacks/invalid"}, ends="failed", says="stack invalid failed.*nowhere"
    ),
    validate(
        "with a report",
        {"project_path": "stacks/plain", "junit": "reports/{{ own }}.xml", "stack": "{{ own }}"},
        changed=False,
        shows=lambda r: r["terraform_calls"] == 3,
    ),
    validate("no directory", {"project_path": "stacks/gone"}, ends="failed", says="stacks/gone"),
    validate("no engine", {"project_path": "stacks/plain", "binary": "no-such-engine"}, ends="failed", says="no-such"),
    validate(
        "option of a stack", {"project_path": "stacks/plain", "workspace": "x"}, ends="failed", says="Unsupported"
    ),
]
