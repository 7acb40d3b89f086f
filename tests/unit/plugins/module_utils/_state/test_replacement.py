# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The states that a replacement may write, and what is said of its plan."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

from ansible_collections.envforge.terraform.plugins.module_utils._errors import StateEndangered
from ansible_collections.envforge.terraform.plugins.module_utils._state.places import S3Place, Stored
from ansible_collections.envforge.terraform.plugins.module_utils._state.rehearsal import Rehearsal, said
from ansible_collections.envforge.terraform.plugins.module_utils._state.replacement import (
    Replacement,
    readable,
    take_back,
)
from tests.unit.plugins.module_utils._aws.clients import Client, aws_with, refused
from tests.unit.states import document, resource


def replacement(before: bytes | None) -> Replacement:
    return Replacement("Moving", "OperationTypeStateWrite", Stored(before), document(resource("b"), serial=8))


def test_the_way_back_has_a_serial_above_the_new_one() -> None:
    """Else Terraform would take the state that was taken back for the older one."""
    wanted = replacement(document(resource("a")).with_serial(7))
    assert wanted.way_back is not None
    back = json.loads(wanted.way_back)
    assert (json.loads(wanted.body)["serial"], back["serial"], back["resources"][0]["name"]) == (8, 9, "a")


def test_a_broken_state_goes_back_as_it_was() -> None:
    """And where there was none, there is none to go back to."""
    assert replacement(b"garbage").way_back == b"garbage"
    assert replacement(None).way_back is None
    assert (readable(Stored(b"garbage")), readable(Stored(None))) == (None, None)


def test_a_state_that_cannot_be_put_back_is_told_with_its_reason() -> None:
    """Both reasons and where the former state is: the new one may be there now."""
    client = Client({"get_object": refused("SlowDown", status=503)})
    place = S3Place(aws_with(s3=client), {"bucket": "b", "key": "k"}, "default")
    error = StateEndangered("Moving was refused: the plan would create a.b.")
    wanted = replacement(document(resource("a")).with_serial(7))
    assert take_back(place, wanted, wanted.way_back, error, "s3://b/k?versionId=1") is False
    beginning = "Moving was refused: the plan would create a.b; the former state could not be put back, and "
    assert str(error).startswith(
        f"{beginning}the former state is in s3://b/k?versionId=1. Could not read k in bucket b"
    )


def test_what_somebody_else_has_written_is_not_overwritten() -> None:
    """Nor what was never overwritten; the error says more only of the former."""
    for there, outcome in ((b"theirs", "; the state is what somebody else has written since."), (b"former", ".")):
        client = Client({"get_object": {"Body": io.BytesIO(there), "ETag": '"e"', "LastModified": datetime.now(UTC)}})
        place = S3Place(aws_with(s3=client), {"bucket": "b", "key": "k"}, "default")
        error = StateEndangered("Moving failed.")
        assert take_back(place, replacement(b"former"), b"former", error, None) is True
        assert (client.asked, str(error)) == (["get_object"], f"Moving failed{outcome}")


def test_changes_are_told_in_a_few_words() -> None:
    """Five of them, outputs among them."""
    changes = [{"address": f"a.b[{number}]", "actions": ["delete", "create"], "reason": None} for number in range(5)]
    few = Rehearsal(True, {}, changes[:1], ("url",))
    assert said(few) == "the plan would delete/create a.b[0], change output url"
    assert said(Rehearsal(True, {}, changes, ("url",))).endswith("a.b[4] and 1 more")
