# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which lock may go, and which digest may be put right."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._backend.digest import DigestMismatch
from ansible_collections.envforge.terraform.plugins.module_utils._backend.locks import Lock, lock_of
from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused, StateEndangered, StateLocked
from ansible_collections.envforge.terraform.plugins.module_utils._masking import SHORTEST_SECRET, scrubbed
from ansible_collections.envforge.terraform.plugins.module_utils._state.lock_info import age_of, note_of, told_of
from ansible_collections.envforge.terraform.plugins.module_utils._state.releasing import (
    Request,
    choose,
    repairable,
    seconds_of,
)

OLD = json.dumps({"ID": "1", "Who": "ann@laptop", "Created": "2020-01-31T12:00:00.123456789Z"})
ROW = lock_of(OLD, "b/k", "dynamodb")
FILE = lock_of(OLD, "b/k", "lockfile", '"e"')
UNREADABLE = lock_of("no json", "b/k", "dynamodb")
ANYTHING = Request(None, None, force=True)


def ours(*md5: str) -> Lock:
    return replace(ROW, info=json.dumps({"doing": "moving", "backup": "", "md5": list(md5)}))


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("15m", 900), (" 2h ", 7200), ("1d", 86400)])
def test_a_duration_has_one_unit(text: str, seconds: int) -> None:
    """Seconds without one."""
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "h", "1.5h", "1h30m", "-5", "1w"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(Refused, match="90s, 15m, 2h or 1d"):
        seconds_of(text)


@pytest.mark.parametrize(
    "request_",
    [Request("1", None, force=False), Request(None, 60, force=False), Request("1", 60, force=False), ANYTHING],
)
def test_both_locks_of_a_holder_go_together(request_: Request) -> None:
    """By ID, by age, by both, by force."""
    assert choose([ROW, FILE], request_, "b/k") == [ROW, FILE]
    assert choose([], request_, "b/k") == []


@pytest.mark.parametrize("request_", [Request("1", None, force=False), ANYTHING])
def test_only_what_was_shown_goes(request_: Request) -> None:
    """Not even by force: between showing and releasing somebody may have come."""
    shown = replace(request_, shown=[told_of(FILE), told_of(ROW)])
    assert choose([ROW, FILE], shown, "b/k") == [ROW, FILE]
    for newer in (lock_of(OLD.replace("ann@laptop", "bob@desk"), "b/k", "dynamodb"), replace(FILE, etag='"later"')):
        with pytest.raises(StateLocked, match="taken it since the locks were shown"):
            choose([newer], shown, "b/k")
    with pytest.raises(StateLocked, match="taken it since the locks were shown"):
        choose([ROW], replace(request_, shown=[]), "b/k")


def test_what_was_shown_is_known_although_it_was_masked() -> None:
    """Results hide every value of process_environment that is not public, also where it is part of a path or a user."""
    shown = scrubbed([told_of(ROW), told_of(FILE)], {"ann@laptop", "dynamodb"})
    assert shown[0]["who"] == "(sensitive)"
    assert choose([ROW, FILE], replace(ANYTHING, shown=shown), "b/k") == [ROW, FILE]


@pytest.mark.parametrize("number", range(20))
def test_no_secret_is_found_in_a_fingerprint_by_chance(number: int) -> None:
    """A password of four hexadecimal digits would be part of many a digest, which masking would change then."""
    fingerprint = lock_of(f'{{"ID": "{number}"}}', "b/k", "dynamodb").fingerprint
    assert not re.search(rf"[^|]{{{SHORTEST_SECRET}}}", fingerprint)


@pytest.mark.parametrize(
    ("held", "request_", "reason"),
    [
        ([ROW], Request(None, None, force=False), "name the one to release"),
        ([ROW], Request("2", None, force=False), "none of its locks has the ID 2"),
        ([UNREADABLE], Request("1", None, force=False), "none of its locks has the ID 1"),
        ([UNREADABLE], Request(None, 0, force=False), "nobody can say how old"),
        ([replace(FILE, modified_ago=30.0)], Request("1", 60, force=False), "30 seconds old"),
        ([ROW, replace(FILE, modified_ago=30.0)], Request(None, 60, force=False), "30 seconds old"),
    ],
)
def test_a_lock_that_is_not_meant_stays(held: list[Lock], request_: Request, reason: str) -> None:
    """All that are chosen, or none."""
    with pytest.raises(StateLocked, match=reason) as raised:
        choose(held, request_, "b/k")
    assert raised.value.details["locks"][0]["path"] == "b/k"
    assert choose(held, ANYTHING, "b/k") == held


def test_the_clock_of_s3_is_believed_first() -> None:
    """A holder's clock may be wrong; one that is ahead makes nothing younger than new."""
    assert age_of(replace(FILE, modified_ago=5.0)) == 5.0
    assert (age_of(FILE) or 0) > 86400
    assert age_of(replace(ROW, created="2999-01-01T00:00:00")) == 0.0
    assert age_of(UNREADABLE) is None


@pytest.mark.parametrize("info", ["", "text", "[]", '{"md5": "x"}'])
def test_only_a_note_of_ours_is_one(info: str) -> None:
    """Info is free text of whoever holds the lock."""
    assert note_of(replace(ROW, info=info)) == {}


def test_a_digest_is_repaired_when_the_state_is_known() -> None:
    """It is the one our run was to write; a Terraform notes nothing, and whoever releases its lock vouches for it."""
    wrong = DigestMismatch("b/k", "old", "new")
    assert repairable(None, [ROW], force=False) is None
    assert repairable(wrong, [ours("new", "back")], force=False) == wrong
    assert repairable(wrong, [ROW], force=False) == wrong
    assert repairable(wrong, [ours("else")], force=True) == wrong


@pytest.mark.parametrize(("actual", "chosen"), [("new", [ours("else")]), (None, [])], ids=["unknown", "gone"])
def test_a_state_that_nobody_expects_is_looked_at_first(actual: str | None, chosen: list[Lock]) -> None:
    """Written by somebody without a lock, or gone."""
    with pytest.raises(StateEndangered):
        repairable(DigestMismatch("b/k", "old", actual), chosen, force=False)


def test_the_digest_of_a_lost_state_does_not_keep_its_lock() -> None:
    """Restoring, which brings the state back, has to take that lock."""
    assert repairable(DigestMismatch("b/k", "old", None), [ours("else")], force=False) is None
