# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases of the modules that make and inspect a backend."""

from __future__ import annotations

from tests.contract.cases.case import module

backend, info = module("tf_backend"), module("tf_backend_info")

BUCKET = {"bucket": "made-{{ own }}", "region": "us-east-1"}
MADE = {**BUCKET, "lock_table": "made-{{ own }}", "tags": {"owner": "contract", "number": 5}}
LOCKFILE = {**BUCKET, "encryption": "aes256", "lock": "lockfile"}

CASES = [
    info("missing", BUCKET, shows=lambda r: not r["exists"]),
    backend("would be made", MADE, task_check_mode=True, task_diff=True, changed=True, shows=lambda r: r["predicted"]),
    info("still missing", BUCKET, shows=lambda r: not r["exists"]),
    backend("made", MADE, task_diff=True, changed=True, shows=lambda r: r["backend_config"]["encrypt"]),
    backend("made already", MADE, changed=False, shows=lambda r: r["steps"] == []),
    backend("one setting", {**MADE, "noncurrent_version_expiration_days": 30}, task_diff=True, changed=True),
    info("made", MADE, shows=lambda r: r["exists"]),
    info(
        "usage",
        {**MADE, "usage": True},
        shows=lambda r: (r["usage"]["versions"], r["usage"]["locks"], r["usage"]["oldest_lock"]) == (0, 0, None),
    ),
    backend("no bucket", {"region": "us-east-1"}, ends="failed", says="bucket"),
    backend("invalid bucket", {**BUCKET, "bucket": "Not_A_Bucket"}, ends="failed", says="Not_A_Bucket"),
    backend("no lock table", BUCKET, ends="failed", says="lock_table"),
    backend(
        "placeholder account", {**LOCKFILE, "account_id": "REPLACE_WITH_PROD_ACCOUNT_ID"}, ends="failed", says="REPLACE"
    ),
    backend("another account", {**LOCKFILE, "account_id": "210987654321"}, ends="failed", says="210987654321"),
    backend("unsupported option", {**LOCKFILE, "buckett": "x"}, ends="failed", says="Unsupported parameters.*buckett"),
    backend("no choice", {**LOCKFILE, "lock": "flock"}, ends="failed", says="flock"),
    backend("credentials", {**LOCKFILE, "config": {"secret_key": "whatever-it-is"}}, ends="failed", says="secret_key"),
    backend("another type", {"type": "local", "config": {"path": "x.tfstate"}}, changed=False),
    backend("unreachable", {**LOCKFILE, "endpoint_url": "http://127.0.0.1:9"}, ends="failed", says="127.0.0.1:9"),
    backend(
        "own environment", LOCKFILE, task_environment={"AWS_PROFILE": "no-such-profile"}, ends="failed", says="no-such"
    ),
    backend("no_log", MADE, task_no_log=True, changed=True),
    backend("loop", "{{ item }}", task_loop=[MADE, LOCKFILE], ends="ok"),
    info("async", MADE, task_async=60, task_poll=1, shows=lambda r: r["exists"]),
    info("delegated", MADE, task_delegate_to="far", shows=lambda r: r["exists"]),
    backend("would be removed", {**MADE, "state": "absent"}, task_check_mode=True, changed=True),
    backend("removed", {**MADE, "state": "absent"}, changed=True),
    backend("removed already", {**MADE, "state": "absent"}, changed=False),
]
