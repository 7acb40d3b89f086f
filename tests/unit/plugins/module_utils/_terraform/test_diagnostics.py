# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Diagnostics, from events and from what commands print for people."""

from __future__ import annotations

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._terraform.diagnostics import (
    Diagnostic,
    errors_of,
    from_text,
    sentence_of,
)
from tests.unit.captured import FIXTURES


def printed(name: str) -> list[Diagnostic]:
    return from_text((FIXTURES / name).read_text())


@pytest.mark.parametrize("name", ["terraform-1.11.4-init-broken.txt", "terraform-1.11.4-init-broken-coloured.txt"])
def test_every_error_of_a_text_is_found(name: str) -> None:
    """In a box with colours, and without either."""
    found = {(diagnostic.summary, diagnostic.file, diagnostic.line) for diagnostic in printed(name)}
    assert ("Missing Required Value", "main.tf", 2) in found
    assert ("Unclosed configuration block", "main.tf", 5) in found
    assert {diagnostic.severity for diagnostic in printed(name)} == {"error"}


def test_errors_of_1_5_7_are_found() -> None:
    """Some of them say nothing but what is wrong."""
    found = printed("terraform-1.5.7-init-broken.txt")
    assert found[0] == Diagnostic("error", '"bucket": required field is not set')
    assert [(one.summary, one.line) for one in found[3:]] == [
        ("Unclosed configuration block", 5),
        ("Missing name for resource", 5),
    ]


def test_a_place_without_a_block_is_found() -> None:
    """`on b.json line 1:` has no `, in …` behind it."""
    (found,) = printed("terraform-1.5.7-init-unknown-option-coloured.txt")
    assert (found.file, found.line) == ("b.json", 1)
    assert found.detail == 'No argument or block type is named "endpoints". Did you mean "endpoint"?'


def test_the_lines_of_the_source_are_left_out() -> None:
    """They may hold a secret, and the place is told anyway."""
    for name in sorted(path.name for path in FIXTURES.glob("*init*.txt")):
        assert all('"s3"' not in one.detail and "127.0.0.1" not in one.detail for one in printed(name))


def test_the_sentence_is_about_an_error_that_names_a_place() -> None:
    """The first one of a failed init only says that others follow."""
    sentence = sentence_of(printed("terraform-1.11.4-init-broken.txt"))
    assert sentence.startswith("Missing Required Value (main.tf line 2): ")
    assert sentence.endswith("(and 5 more, see diagnostics)")


def test_warnings_are_told_only_without_errors() -> None:
    """And never counted with them."""
    warning, error = Diagnostic("warning", "Deprecated"), Diagnostic("error", "Broken", "So it is.")
    assert sentence_of([warning, error]) == "Broken: So it is"
    assert sentence_of([warning]) == "Deprecated"
    assert sentence_of([]) == "it gave no reason"
    assert errors_of([warning, error]) == [error]


def test_text_without_diagnostics_has_none() -> None:
    """A success prints other things."""
    assert from_text("Terraform has been successfully initialized!\nNo Error: here\n") == []


def test_a_diagnostic_of_an_event_keeps_its_place_and_address() -> None:
    """A resource has an address, a mistake in a file its line."""
    event = {
        "severity": "error",
        "summary": "Invalid index",
        "detail": "The given key\ndoes not exist.",
        "address": "terraform_data.a",
        "range": {"filename": "main.tf", "start": {"line": 7, "column": 1}},
    }
    found = Diagnostic.from_json(event)
    assert found.as_dict() == {
        "severity": "error",
        "summary": "Invalid index",
        "detail": "The given key\ndoes not exist.",
        "file": "main.tf",
        "line": 7,
        "address": "terraform_data.a",
    }
    assert found.sentence() == "Invalid index (main.tf line 7): The given key does not exist."
    assert Diagnostic.from_json({}).summary == ""


def test_what_made_an_expression_fail_is_known_and_not_told() -> None:
    """Terraform names the references of the failing expression; results stay as they are."""
    values = [{"traversal": "data.terraform_remote_state.network.outputs", "statement": "is object with no attributes"}]
    found = Diagnostic.from_json(
        {"severity": "error", "summary": "Unsupported attribute", "snippet": {"values": values}}
    )
    assert found.reads == ("data.terraform_remote_state.network.outputs",)
    assert "reads" not in found.as_dict()
    assert Diagnostic.from_json({"severity": "error", "summary": "x", "snippet": None}).reads == ()


def test_a_bucket_name_that_is_taken_has_a_way_out() -> None:
    """The provider says that it exists, and not what to do."""
    taken = Diagnostic("error", "creating S3 Bucket (logs): BucketAlreadyExists", address="aws_s3_bucket.logs")
    assert sentence_of([taken]).endswith("set your own name in the variable that it comes from")
    assert "name" not in sentence_of([Diagnostic("error", "NotABucketAlreadyExistsAtAll")])
