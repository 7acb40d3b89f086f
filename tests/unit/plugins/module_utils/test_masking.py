# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is hidden, and what is not."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused
from ansible_collections.envforge.terraform.plugins.module_utils._masking import (
    SENSITIVE,
    leaves,
    masked,
    refuse_short_secrets,
    scrubbed,
    secrets_of,
    sensitive_leaves,
    without,
)

VALUE: dict[str, Any] = {
    "user": "app",
    "login": {"password": "secret-1", "hosts": ["a", {"key": "secret-2"}]},
    "port": 5432,
}


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        (None, VALUE),
        (False, VALUE),
        ({}, VALUE),
        (True, SENSITIVE),
        ({"login": True}, {**VALUE, "login": SENSITIVE}),
        ({"port": True}, {**VALUE, "port": SENSITIVE}),
        (
            {"login": {"password": True, "hosts": [False, {"key": True}]}},
            {**VALUE, "login": {"password": SENSITIVE, "hosts": ["a", {"key": SENSITIVE}]}},
        ),
        (
            {"login": {"hosts": [True]}},
            {**VALUE, "login": {**VALUE["login"], "hosts": [SENSITIVE, {"key": "secret-2"}]}},
        ),
        ({"gone": True}, VALUE),
    ],
)
def test_marks_hide_at_every_depth(marks: Any, expected: Any) -> None:
    """As Terraform gives them: true for all of it, or the shape of the value."""
    assert masked(VALUE, marks) == expected


def test_every_hidden_text_is_known() -> None:
    """What masked() hides, sensitive_leaves() names."""
    marks = {"login": {"password": True, "hosts": [False, True]}, "port": True}
    assert set(sensitive_leaves(VALUE, marks)) == {"secret-1", "secret-2", "5432"}


def test_leaves_are_texts_and_numbers() -> None:
    """Hiding `true` or `null` would hide everything."""
    assert list(leaves([1, "a", True, None, {"x": (2.5,)}])) == ["1", "a", "2.5"]


def test_a_longer_secret_is_replaced_before_one_inside_of_it() -> None:
    """Else its rest would remain."""
    assert without("x pass-word-long y pass y", {"pass", "pass-word-long"}) == f"x {SENSITIVE} y {SENSITIVE} y"


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("ends with a line\n", "Output: ends with a line."),
        ("two\nshort lines", "Output: two short lines."),
        ("two\nshort lines", '{"a":"two\\nshort lines"}'),
        ('a "quoted" word', '{"a":"a \\"quoted\\" word"}'),
        ("less < and & more", '{"a":"less \\u003c and \\u0026 more"}'),
        ("-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9\n-----END KEY-----\n", "line 2: MIIEvQIBADANBgkqhkiG9"),
    ],
)
def test_a_secret_is_known_in_every_form_terraform_repeats_it_in(secret: str, text: str) -> None:
    """Trimmed, on one line, by jsonencode(), or a single line of a key."""
    assert SENSITIVE in without(text, {secret})


def test_too_short_a_secret_is_left_alone() -> None:
    """It would be in every other word."""
    assert without("banana", {"an"}) == "banana"


def test_copies_of_a_secret_are_hidden_inside_of_structures() -> None:
    """Also as a part of a text."""
    found = scrubbed({"a": ["postgres://app:secret-1@db", 7, None]}, {"secret-1"})
    assert found == {"a": [f"postgres://app:{SENSITIVE}@db", 7, None]}


@pytest.mark.parametrize("value", ["abc", 123, "", 1.5])
def test_a_secret_that_cannot_be_hidden_is_refused(value: object) -> None:
    """By name; the value is not in the message."""
    with pytest.raises(Refused, match="secret variable pin is shorter than 4") as caught:
        refuse_short_secrets({"pin": value})
    assert not str(value) or str(value) not in str(caught.value).replace("4", "")


def test_secrets_are_collected_from_where_they_are_given() -> None:
    """Values of secret variables at any depth, credentials of a backend, and the process environment."""
    parameters = {
        "secret_values": {"db": {"password": "secret-one"}, "list": ["secret-two"]},
        "backend_config": {
            "secret_key": "secret-three",
            "assume_role": {"external_id": "kept"},
            "bucket": "kept-bucket",
        },
        "process_environment": {
            "AWS_SECRET_ACCESS_KEY": "secret-four",
            "AWS_PROFILE": "prod",
            "AWS_REGION": "us-east-1",
        },
    }
    found = secrets_of(parameters, {"secret-four", "prod", "us-east-1", "abc"})
    assert {"secret-one", "secret-two", "secret-three", "secret-four"} <= found
    assert not found & {"prod", "us-east-1", "kept-bucket", "abc"}
