# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step with both mechanisms between two ways to lock."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._state.relocking import mechanism, with_both

TABLE: dict[str, Any] = {"dynamodb_table": "locks"}
FILE: dict[str, Any] = {"use_lockfile": True}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (TABLE, FILE),
        (FILE, TABLE),
        (FILE, {**TABLE, "use_lockfile": False}),
        (TABLE, {**FILE, "dynamodb_table": None}),
        (TABLE, {**FILE, "dynamodb_table": ""}),
        (TABLE, {**TABLE, **FILE}),
    ],
)
def test_the_old_mechanism_is_held_along_with_the_new_one(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Also where the new configuration says that the old one is off; else nobody would look who holds it."""
    assert mechanism(with_both({"bucket": "b", **old}, {"bucket": "b", **new})) == "dynamodb locks and lockfile"


def test_of_two_tables_the_new_one_is_meant() -> None:
    """Two cannot be held at once."""
    assert with_both(TABLE, {"dynamodb_table": "other"}) == {"dynamodb_table": "other"}
