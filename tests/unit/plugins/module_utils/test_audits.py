# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the audited backends of a run are like, as data and as a table."""

from __future__ import annotations

from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._audits import audit_table, audits

LOCK = {"path": "states/app.tfstate", "who": "ada@laptop", "age": 7265}
USAGE = {"objects": 2, "versions": 4, "bytes": 18231, "noncurrent_bytes": 999, "locks": 1, "oldest_lock": LOCK}
RESULT = {
    "backend_type": "s3",
    "backend_config": {"bucket": "states"},
    "exists": True,
    "steps": [{"object": "bucket states", "action": "turn on versioning"}],
    "found": {"kms_key": {"rotation": False}},
    "settings_not_read": {},
    "usage": USAGE,
}
ORDER = {"tf_order": {"leader": {"app": "app", "network": "app", "alone": "alone"}}}


def run(**results: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {stack: {**ORDER, **variables} for stack, variables in results.items()}


def test_stacks_that_share_a_backend_are_one_entry() -> None:
    """It was looked at once, by their leader."""
    found = audits(
        ["app", "network"],
        run(app={"backend_audit_result": RESULT}, network={"backend_audit_result": {"skipped": True}}),
    )
    assert [(audit["backend"], audit["stacks"], audit["key_rotation"]) for audit in found] == [
        ("states", ["app", "network"], False)
    ]


def test_the_table_names_what_is_wrong_and_who_is_in_the_way() -> None:
    """A head, the differences, the size, the rotation of the key, the oldest lock."""
    assert audit_table(audits(["app", "network"], run(app={"backend_audit_result": RESULT}, network={}))) == [
        "states (app, network): 1 setting is not as wanted",
        "  bucket states: turn on versioning",
        "  stored: 18.2 kB in 4 versions of 2 objects, 999 bytes of it no longer current",
        "  key rotation: off",
        "  locks: 1, the oldest on states/app.tfstate by ada@laptop for 2 hours",
    ]


def test_a_backend_that_could_not_be_looked_at_says_why() -> None:
    """And does not stand for one that is as wanted."""
    broken = run(
        app={"backend_audit_result": {"failed": True, "msg": "No access."}},
        alone={"tf_refused": {"failed": True, "msg": "No."}},
    )
    assert audit_table(audits(["app", "alone"], broken)) == [
        "app (app): failed: No access.",
        "alone (alone): failed: No.",
    ]
    assert audit_table(audits(["app"], run(app={}))) == ["app (app): failed: It was not looked at."]


def test_what_may_not_be_read_is_named() -> None:
    """Without usage there is nothing to say about it."""
    result = {**RESULT, "steps": [], "usage": None, "settings_not_read": {"usage": "Could not list: AccessDenied."}}
    assert audit_table(audits(["app"], run(app={"backend_audit_result": result}))) == [
        "states (app): as wanted",
        "  usage could not be read: Could not list: AccessDenied.",
    ]


def test_other_backends_are_named_only() -> None:
    """And one that is not there yet."""
    local = {"backend_type": "local", "backend_config": {"path": "x"}}
    assert audit_table(audits(["app"], run(app={"backend_audit_result": local}))) == [
        "local (app): is not made by this collection"
    ]
    missing = {**RESULT, "exists": False, "steps": [], "usage": None}
    assert audit_table(audits(["app"], run(app={"backend_audit_result": missing}))) == ["states (app): does not exist"]
