# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JUnit documents, as a CI system reads them."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from ansible_collections.envforge.terraform.plugins.module_utils._junit import Case, junit

CASES = [
    Case("drift.prod", "clean"),
    Case("drift.prod", "drifted", "failure", "1 drifted", "aws_sqs_queue.jobs: tags"),
    Case("drift.prod", "gone", "error", "No such directory."),
    Case("drift.prod", "later", "skipped", "not asked for"),
]


def test_failures_errors_and_skipped_tests_are_told_apart() -> None:
    """By their elements, and by the counts of the suite."""
    suite = ET.fromstring(junit("drift", CASES))[0]
    assert suite.attrib == {"name": "drift", "tests": "4", "failures": "1", "errors": "1", "skipped": "1"}
    assert [(case.get("name"), [child.tag for child in case]) for case in suite] == [
        ("clean", []),
        ("drifted", ["failure"]),
        ("gone", ["error"]),
        ("later", ["skipped"]),
    ]
    assert (suite[1][0].get("message"), suite[1][0].text) == ("1 drifted", "aws_sqs_queue.jobs: tags")


def test_what_xml_cannot_hold_is_replaced() -> None:
    """Colours and zero bytes in a message would make the document unreadable; markup is only text."""
    (case,) = ET.fromstring(junit("x", [Case("a<b", 'c"&', "error", "\x1b[31mred\x00", "]]> </error>")]))[0]
    assert (case.get("classname"), case.get("name")) == ("a<b", 'c"&')
    assert (case[0].get("message"), case[0].text) == ("\ufffd[31mred\ufffd", "]]> </error>")
