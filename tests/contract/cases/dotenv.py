# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases of the module that writes a .env; they come after those that apply the stack."""

from __future__ import annotations

from typing import Any

from tests.contract.cases.case import module
from tests.contract.cases.values import BY_HAND

dotenv = module("tf_outputs_to_env")


def file(**more: Any) -> dict[str, Any]:
    return {
        "dotenv": {
            "path": "apps/{{ own }}/.env",
            "variables": {"PASSWORD": "${password}", "A": "${shape.truth}"},
            **more,
        }
    }


CASES = [
    dotenv("would be written", file(), task_check_mode=True, task_diff=True, changed=True),
    dotenv("written", file(), task_diff=True, changed=True, shows=lambda r: r["added"] == ["PASSWORD", "A"]),
    dotenv("written already", file(), task_diff=True, changed=False, shows=lambda r: r["added"] == []),
    dotenv(
        "changed",
        {**file(variables={"A": "${var.password}"}), "secret_variables": ["password"]},
        task_vars={"password": "{{ vaulted }}"},
        task_diff=True,
        changed=True,
        shows=lambda r: r["updated"] == ["A"],
    ),
    dotenv(
        "changed by hand",
        {**file(variables={"A": "${var.password}"}), "secret_values": {"password": BY_HAND}},
        task_diff=True,
        changed=True,
    ),
    dotenv("pruned", file(variables={"A": "${password}"}, prune=True), task_diff=True, changed=True),
    dotenv("all outputs", file(variables={}, outputs="all", prefix="TF_"), task_diff=True, changed=True),
    dotenv("loop over dialects", file(dialect="{{ item }}"), task_loop=["bash", "systemd"]),
    dotenv("no output of that name", file(variables={"A": "${passwort}"}), ends="failed", says="passwort"),
    dotenv("bad expression", file(variables={"A": "${password | }"}), ends="failed", says="A"),
    dotenv(
        "what a dialect cannot carry",
        file(variables={"A": "${password}\n"}, dialect="docker"),
        ends="failed",
        says="A.*docker|docker.*A",
    ),
    dotenv("required key", file(required=["MISSING"]), ends="failed", says="MISSING"),
    dotenv("a directory", file(path="apps/{{ own }}"), ends="failed", says="directory"),
    dotenv("no path", {"dotenv": {"variables": {"A": "x"}}}, ends="failed", says="path found in dotenv"),
    dotenv("no mapping", {"dotenv": {"path": "x", "variables": "text"}}, ends="failed", says="variables"),
    dotenv("no choice", file(dialect="csh"), ends="failed", says="csh"),
    dotenv("of a state that is missing", {**file(), "workspace": "nowhere"}, ends="failed", says="password"),
    dotenv("async", file(), task_async=60, task_poll=1),
    dotenv("delegated", file(), task_delegate_to="far", changed=False),
    dotenv("no_log", file(variables={"A": "${shape.fraction}"}), task_no_log=True, changed=True),
]
