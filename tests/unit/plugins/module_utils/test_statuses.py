# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How stacks are doing, as data and as a table."""

from __future__ import annotations

from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._statuses import status_table, statuses

LOCK = {"id": "an-id", "who": "ada@laptop", "created": "2026-01-02T03:04:05Z", "mechanism": "dynamodb"}
STATE: dict[str, Any] = {
    "exists": True,
    "serial": 12,
    "lineage": "aa01",
    "terraform_version": "1.11.4",
    "last_change": "2026-11-21T15:30:00Z",
    "locks": [],
    "resources": [{"address": "a.b", "mode": "managed"}, {"address": "data.a.b", "mode": "data"}],
}
NONE = {**STATE, "exists": False, "serial": None, "last_change": None, "resources": []}


def test_a_table_of_stacks() -> None:
    """Data sources are no resources; one lock by two mechanisms is one holder; a failure says why."""
    found = statuses(
        ["app", "network", "new", "broken", "late"],
        {
            "app": {"status_result": STATE, "tf_workspace": "blue"},
            "network": {"status_result": {**STATE, "serial": 3, "locks": [LOCK, {**LOCK, "mechanism": "lockfile"}]}},
            "new": {"status_result": NONE},
            "broken": {"status_result": {"failed": True, "msg": "It is no state."}},
            "late": {},
        },
    )
    *lines, late = status_table(found)
    assert late.endswith("failed: It was not looked at, because the run ended before its turn.")
    assert lines == [
        "stack    workspace  serial  last change           resources",
        "app      blue           12  2026-11-21T15:30:00Z          1",
        "network  default         3  2026-11-21T15:30:00Z          1  locked by ada@laptop since 2026-01-02T03:04:05Z",
        "new      default         -  -                             0  no state yet",
        "broken   default         -  -                             -  failed: It is no state.",
    ]


def test_drift_has_a_column_when_somebody_looked_for_it() -> None:
    """What could not be found out is a dash with its reason, not a zero."""
    found = statuses(
        ["app", "network"],
        {
            "app": {"status_result": STATE, "drift_result": {"drift": [{"address": "a.b"}]}},
            "network": {"status_result": STATE, "drift_result": {"failed": True, "msg": "No provider."}},
        },
    )
    assert [each["drift"] for each in found] == [["a.b"], None]
    table = status_table(found)
    assert table[0].split() == ["stack", "workspace", "serial", "last", "change", "resources", "drift"]
    assert table[1].split()[-1] == "1"
    assert table[2].endswith("-  drift unknown: No provider.")
