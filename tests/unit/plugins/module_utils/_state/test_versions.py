# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serial and lineage out of the first bytes, and times."""

from __future__ import annotations

import json

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused
from ansible_collections.envforge.terraform.plugins.module_utils._state.versions import (
    count_resources,
    head_of,
    moment,
    spelled,
)
from tests.unit.states import LINEAGE, document, resource


def test_serial_and_lineage_stand_in_the_first_512_bytes() -> None:
    """Indented as Terraform writes it, and compact as OpenTofu 1.12 does."""
    raw = document(*[resource(f"r{number}") for number in range(50)], serial=12).raw
    for text in (json.dumps(raw, indent=2), json.dumps(raw, separators=(",", ":"))):
        assert head_of(text.encode()[:512]) == (12, LINEAGE)
    assert head_of(b"garbage") == (None, None)


def test_managed_instances_are_counted() -> None:
    """Data sources are not; what is no state has no number."""
    state = document(resource("a", {"index_key": 0}, {"index_key": 1}), resource("b", mode="data"))
    assert count_resources(state.with_serial(1)) == 2
    assert count_resources(b"{}") is None


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-21T15:30:00Z", "2026-11-21T15:30:00Z"),
        ("2026-11-21 15:30:00.5+02:00", "2026-11-21T13:30:00Z"),
        ("2026-11-21T15:30", "2026-11-21T15:30:00Z"),
        ("2026-11-21", "2026-11-21T00:00:00Z"),
    ],
)
def test_a_time_without_a_zone_is_utc(text: str, utc: str) -> None:
    """As S3 tells it, as a person types it."""
    assert spelled(moment(text)) == utc


@pytest.mark.parametrize("text", ["yesterday", "15:30", "1795273435 "])
def test_what_is_no_time_is_refused(text: str) -> None:
    """The message says how to write one."""
    with pytest.raises(Refused, match="ISO 8601"):
        moment(text)
