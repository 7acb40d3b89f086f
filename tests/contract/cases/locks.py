# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases of the modules that look at locks and release them. A state under the key of a lock file is a malformed lock."""

from __future__ import annotations

from tests.contract.cases.case import module

apply, info, lock = module("tf_apply"), module("tf_lock_info"), module("tf_lock")

STATE = {"backend_config": "{{ lockfile_backend | combine({'key': 'locked/' ~ own}) }}"}
LOCK = {
    "backend_config": "{{ lockfile_backend | combine({'key': 'locked/' ~ own ~ '.tflock', 'use_lockfile': false}) }}"
}
ANOTHER = "99999999-0000-0000-0000-000000000000"

CASES = [
    info("lock of nobody", STATE, changed=False, shows=lambda r: not r["locked"] and r["terraform_calls"] == 0),
    lock("nothing to release", {**STATE, "lock_id": ANOTHER}, changed=False, shows=lambda r: r["released"] == []),
    apply("makes a malformed lock", {**LOCK, "data_dir": ".envforge/lock-{{ own }}"}, changed=True),
    info(
        "malformed lock",
        STATE,
        shows=lambda r: r["locks"][0]["malformed"] and r["locks"][0]["fingerprint"].count("|") == 9,
    ),
    info(
        "every lock",
        {**STATE, "all": True},
        task_no_log=True,  # those of the other route are among them, or not, as it happens
        shows=lambda r: "locks" not in r,
    ),
    lock("another ID", {**STATE, "lock_id": ANOTHER}, ends="failed", says="none of its locks has the ID UUID"),
    lock("no choice of a lock", STATE, ends="failed", says="name the one to release"),
    lock("too young", {**STATE, "older_than": "2h"}, ends="failed", says="at least 7200"),
    lock("no duration", {**STATE, "older_than": "soon"}, ends="failed", says="'soon'.*not one such as"),
    lock("not shown", {**STATE, "force": True, "shown": []}, ends="failed", says="since the locks were shown"),
    lock("would be released", {**STATE, "force": True}, task_check_mode=True, task_diff=True, changed=True),
    lock("released", {**STATE, "force": True}, task_diff=True, changed=True, shows=lambda r: len(r["released"]) == 1),
    lock("released already", {**STATE, "force": True}, changed=False),
    lock("lock of another backend", {"backend_type": "http"}, ends="failed", says="force-unlock"),
    info(
        "all of another backend",
        {"backend_type": "local", "backend_config": {}, "all": True},
        ends="failed",
        says="all",
    ),
]
