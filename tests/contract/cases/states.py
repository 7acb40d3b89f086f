# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases of the modules that look into states, keep them, restore them and edit them."""

from __future__ import annotations

from tests.contract.cases.case import module
from tests.contract.cases.values import BY_HAND

apply, info, state = module("tf_apply"), module("tf_state_info"), module("tf_state")

WORKSPACE = {"workspace": "states"}
SECRET = {**WORKSPACE, "secret_values": {"password": BY_HAND}}
FILE = {**WORKSPACE, "backup": {"path": "kept/{{ own }}.tfstate"}}
THERE = {"from": "terraform_data.shape", "to": "terraform_data.form"}
BACK = {"from": "terraform_data.form", "to": "terraform_data.shape"}

CASES = [
    info("of no state", {**WORKSPACE, "versions": True, "backups": True}, shows=lambda r: not r["exists"]),
    state("backup of no state", {**WORKSPACE, "backup": {}}, changed=False, shows=lambda r: r["backup"] is None),
    apply("for its state", SECRET, changed=True),
    info("without values", WORKSPACE, shows=lambda r: len(r["resources"]) == 2 and r["terraform_calls"] == 0),
    info(
        "with everything",
        {**WORKSPACE, "values": True, "versions": True, "full": True, "backups": True, "locks": True},
        shows=lambda r: r["outputs"]["from_child"]["value"] == "(sensitive)" and r["versions"][0]["resources"] == 2,
    ),
    info("with values in check mode", {**WORKSPACE, "values": True}, task_check_mode=True),
    info("with an unknown option", {**WORKSPACE, "value": True}, ends="failed", says="Unsupported parameters"),
    state("nothing to do", WORKSPACE, ends="failed", says="one of the following is required: backup, restore"),
    state("too much", {**WORKSPACE, "backup": {}, "remove": []}, ends="failed", says="mutually exclusive"),
    state("backup predicted", {**WORKSPACE, "backup": {}}, task_check_mode=True, changed=True),
    state("backup", {**WORKSPACE, "backup": {}}, changed=True, shows=lambda r: "/backups/env:/" in r["backup"]),
    state("backup again", {**WORKSPACE, "backup": {}}, changed=False),
    state("backup to a file", FILE, changed=True),
    info("with a backup", {**WORKSPACE, "backups": True}, shows=lambda r: len(r["backups"]) == 1),
    state("restore of nothing named", {**WORKSPACE, "restore": {}}, ends="failed", says="There is: version_id .*key "),
    state("restore of an unknown version", {**WORKSPACE, "restore": {"version_id": "x"}}, ends="failed", says="none"),
    state(
        "restore of no file", {**WORKSPACE, "restore": {"path": "nowhere"}}, ends="failed", says="/nowhere .*no such"
    ),
    state("restore of no state", {**WORKSPACE, "restore": {"path": "vaulted.yml"}}, ends="failed", says="is not a"),
    state("restore of what is there", {**WORKSPACE, "restore": {"path": "kept/{{ own }}.tfstate"}}, changed=False),
    state("move predicted", {**WORKSPACE, "move": [THERE]}, task_check_mode=True, task_diff=True, changed=True),
    state("move", {**WORKSPACE, "move": [THERE]}, task_diff=True, changed=True, shows=lambda r: r["diff"]),
    state("move again", {**WORKSPACE, "move": [THERE]}, changed=False),
    state(
        "move that the plan forbids",
        {**SECRET, "move": [{"from": "module.child", "to": "module.other"}], "require_no_changes": True},
        ends="failed",
        says="was refused: the plan would .*the former state was put back",
    ),
    state("move with a demand", {**SECRET, "move": [BACK], "require_no_changes": True}, changed=True),
    state("move of nothing", {**WORKSPACE, "move": [BACK]}, changed=False),
    state("remove of nothing", {**WORKSPACE, "remove": ["a.b"]}, ends="failed", says="a.b is not in the state"),
    state("remove of nothing, knowingly", {**WORKSPACE, "remove": ["a.b"], "ignore_missing": True}, changed=False),
    state("remove", {**WORKSPACE, "remove": ["module.child"]}, changed=True, shows=lambda r: len(r["removed"]) == 1),
    state(
        "rehearsal",
        {**SECRET, "restore": {"rehearse": True}},
        changed=False,
        shows=lambda r: r["resource_changes"] == [] and len(r["resources"]) == 2,
    ),
    state("restore", {**SECRET, "restore": {"path": "kept/{{ own }}.tfstate"}}, task_diff=True, changed=True),
    state("of a backend of its own", {"backend_type": "http", "backup": {}}, ends="failed", says="backend"),
]
