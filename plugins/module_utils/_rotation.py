# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rotation has replaced, by the ids of the objects. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def replaced_ids(
    before: Mapping[str, Any], after: Mapping[str, Any], addresses: Sequence[str]
) -> list[dict[str, str | None]]:
    """Of each address the attribute `id` before and after; *before* and *after* are results of tf_state_info with values.

    None where there is none; a sensitive one is masked in both, and nothing but the ids is told.
    """
    old, new = _ids(before), _ids(after)
    return [{"address": one, "old_id": old.get(one), "new_id": new.get(one)} for one in addresses]


def _ids(state: Mapping[str, Any]) -> dict[str, str]:
    found = {one["address"]: (one.get("values") or {}).get("id") for one in state.get("resources") or []}
    return {address: str(value) for address, value in found.items() if value is not None}
