# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking a backend down: what is looked at first, and what stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._aws import dynamodb, kms, s3, s3_bucket
from ansible_collections.envforge.terraform.plugins.module_utils._backend.found import MARK, Found, NotRead
from ansible_collections.envforge.terraform.plugins.module_utils._backend.removal import (
    Contents,
    Kept,
    is_shared,
    refuse_loss,
    refuse_window,
    removal_steps,
    resources_in,
)
from ansible_collections.envforge.terraform.plugins.module_utils._backend.wanted import Wanted
from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused, StateEndangered

GOAL = Wanted("b", "us-east-1", kms_alias="alias/b", lock_table="t")
TABLE = dynamodb.Table("arn", "ACTIVE", (("LockID", "S"),), "PAY_PER_REQUEST", 0, 0, True, True)
KEY = kms.Key("1", "arn", "Enabled", managed_by_aws=False)
FOUND = Found("1", s3_bucket.Bucket("b", "us-east-1"), {}, KEY, {"tags": {MARK: "b"}}, TABLE)
THERE = Contents((s3.Version("k", "1", True, False, ""),), ("b/k-md5",))


def actions(found: Found, there: Contents, days: int | None = None) -> list[str]:
    return [f"{step.object}: {step.action}" for step in removal_steps(GOAL, found, there, days)]


@pytest.mark.parametrize(
    ("body", "resources"),
    [
        (b'{"version": 4, "resources": []}', 0),
        (b'{"version": 4}', 0),
        (b'{"version": 4, "resources": [{"mode": "managed", "instances": [{}, {}]}]}', 2),
        (b'{"version": 4, "resources": [{"mode": "data", "instances": [{}]}]}', 0),
        (b"{}", None),
        (b"[]", None),
        (b"not json", None),
        (b"\xff", None),
        (b'{"version": 4, "resources": [1]}', None),
    ],
)
def test_resources_of_a_state(body: bytes, resources: int | None) -> None:
    """Data sources are nothing to lose; what is no state is not ours to delete."""
    assert resources_in(body) == resources


@pytest.mark.parametrize("days", [6, 31])
def test_a_window_kms_would_refuse_is_refused_first(days: int) -> None:
    """By then bucket and table would have gone."""
    with pytest.raises(Refused, match=f"cannot be deleted in {days} days"):
        refuse_window(days)


@pytest.mark.parametrize("days", [None, 7, 30])
def test_a_window_kms_takes_is_fine(days: int | None) -> None:
    """None keeps the key."""
    refuse_window(days)


def test_everything_that_would_be_lost_is_named() -> None:
    """With the way out."""
    with pytest.raises(
        StateEndangered, match=r"prod/x has 3 resources.*Destroy these stacks first.*force: true"
    ) as raised:
        refuse_loss(GOAL, replace(THERE, reasons=(Kept("prod/x", "has 3 resources"),)))
    assert raised.value.details["in_use"] == [{"name": "prod/x", "reason": "has 3 resources"}]


def test_many_are_counted() -> None:
    """A message has to be readable."""
    reasons = tuple(Kept(f"state{number}", "has 1 resource") for number in range(15))
    with pytest.raises(StateEndangered, match="; and 5 more"):
        refuse_loss(GOAL, replace(THERE, reasons=reasons))


def test_an_unused_backend_is_not_refused() -> None:
    """Empty states and old versions are nothing to lose."""
    refuse_loss(GOAL, THERE)


def test_the_order_of_removal() -> None:
    """A table is protected until the last moment; the key stays unless asked for."""
    assert actions(FOUND, THERE) == [
        "bucket b: delete all versions of its objects (1)",
        "bucket b: delete it",
        "lock table t: turn off deletion protection",
        "lock table t: delete it",
    ]


def test_a_table_with_rows_of_others_stays() -> None:
    """Only our rows go."""
    there = replace(THERE, rows=("b/k-md5", "other/k-md5"))
    assert is_shared(GOAL, there)
    assert actions(FOUND, there)[2:] == ["lock table t: delete the rows of bucket b (1), other buckets use the table"]


def test_a_bucket_whose_name_begins_alike_is_another() -> None:
    """b is not b-2."""
    assert is_shared(GOAL, replace(THERE, rows=("b-2/k",)))


def test_what_has_gone_takes_no_step() -> None:
    """A removal that was stopped half way goes on."""
    assert actions(replace(FOUND, bucket=None), Contents())[0] == "lock table t: turn off deletion protection"
    assert actions(Found("1"), Contents(), 7) == []


def test_our_key_goes_when_asked() -> None:
    """The key before its alias: were we stopped in between, the alias still leads to it."""
    assert actions(Found("1", key=KEY, key_settings={"tags": {MARK: "b"}}), Contents(), 7) == [
        "KMS key alias/b: schedule its deletion in 7 days",
        "KMS key alias/b: delete the alias",
    ]
    doomed = replace(KEY, state="PendingDeletion")
    assert actions(Found("1", key=doomed, key_settings={"tags": {MARK: "b"}}), Contents(), 7) == [
        "KMS key alias/b: delete the alias"
    ]


@pytest.mark.parametrize("tags", [{}, {MARK: "other"}, None, NotRead("AccessDenied")])
def test_a_key_that_is_not_ours_stays(tags: object) -> None:
    """Its states, or other data, would be unreadable for ever."""
    assert actions(Found("1", key=KEY, key_settings={"tags": tags}), Contents(), 7) == []
