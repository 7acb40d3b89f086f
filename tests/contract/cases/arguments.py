# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases about options: what is required, unknown, of the wrong type, too long, too odd."""

from __future__ import annotations

from tests.contract.cases.case import module
from tests.contract.cases.values import BY_HAND, IN_BACKEND, ODD

workspace, plan, apply = module("tf_workspace"), module("tf_plan"), module("tf_apply")
outputs = module("tf_output_info")

TEMPLATED = {
    "list": "{{ [1, 2] | map('string') | list }}",
    "range": "{{ range(3) | map('string') }}",
    "date": "{{ dated }}",
    "unsafe": "{{ unsafe }}",
}

CASES = [
    workspace("unsupported option", {"nonsense": 1}, ends="failed", says=r"Unsupported parameters for \(envforge"),
    plan("unsupported suboption", {"guards": {"max": 0}}, ends="failed", says=r"guards\.max"),
    plan(
        "required option left out",
        {"stack": "{{ omit }}", "environment": "{{ omit }}"},
        ends="failed",
        says="environment, stack",
    ),
    plan("no integer", {"lock_timeout": "soon"}, ends="failed", says="lock_timeout"),
    plan("no mapping", {"variables": "shape"}, ends="failed", says="variables"),
    plan("no choice", {"guards": {"allow_only": ["rename"]}}, ends="failed", says="rename"),
    plan("text for a list", {"targets": "terraform_data.shape"}, changed=True),
    plan("text for a boolean", {"refresh": "no", "progress": "off"}, changed=True),
    plan("null for a mapping", {"variables": None}, ends="failed", says="variables.*NoneType"),
    plan("null for a list", {"var_files": None}, ends="failed", says="var_files.*NoneType"),
    workspace("key=value", "lock_timeout=5 binary=terraform"),
    workspace("args keyword", {}, task_args={"lock_timeout": 5}),
    plan("templated values", {"variables": {"shape": TEMPLATED}}, task_diff=True, changed=True),
    plan(
        "options as variable",
        "{{ as_variable }}",
        task_diff=True,
        task_vars={"as_variable": {"variables": {"shape": ODD}}},
    ),
    plan("expanded path", {"plan_file": "~/saved-{{ own }}.tfplan"}, shows=lambda r: "~" not in r["plan_file"]),
    plan("dots in a path", {"project_path": "./stacks/../stacks/plain"}, shows=lambda r: r["changed"]),
    plan(
        "bad value beside a secret",
        {"secret_values": {"password": BY_HAND}, "lock_timeout": BY_HAND},
        ends="failed",
        says="lock_timeout",
    ),
    plan(
        "secret in a message",
        {"secret_values": {"password": BY_HAND}, "workspace": f"/{BY_HAND}"},
        ends="failed",
        says=r"\(sensitive\)",
    ),
    plan("short secret", {"secret_values": {"password": "abc"}}, ends="failed", says="shorter than 4"),
    workspace(
        "credentials of the backend",
        {"backend_config": {"bucket": "nowhere-{{ own }}", "token": IN_BACKEND}, "workspace": f"/{IN_BACKEND}"},
        ends="failed",
        says=r"\(sensitive\)",
    ),
]
