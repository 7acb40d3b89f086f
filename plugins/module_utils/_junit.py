# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test results as JUnit XML, for CI systems (https://github.com/testmoapp/junitxml describes what these read). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 has no place for them


@dataclass(frozen=True)
class Case:
    """One test. kind is passed, failure (what was tested is not as it should be), error (it could not be tested) or skipped."""

    group: str
    name: str
    kind: str = "passed"
    message: str = ""
    text: str = ""


def junit(suite: str, cases: Sequence[Case]) -> str:
    """A document with one suite."""
    counts = {
        f"{kind}s" if kind != "skipped" else kind: _count(cases, kind) for kind in ("failure", "error", "skipped")
    }
    attributes = {"name": suite, "tests": str(len(cases)), **counts}
    root = ET.Element("testsuites")
    element = ET.SubElement(root, "testsuite", {name: _printable(text) for name, text in attributes.items()})
    for case in cases:
        _add(element, case)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _count(cases: Sequence[Case], kind: str) -> str:
    return str(sum(case.kind == kind for case in cases))


def _add(suite: ET.Element, case: Case) -> None:
    names = {"classname": _printable(case.group), "name": _printable(case.name)}
    element = ET.SubElement(suite, "testcase", names)
    if case.kind != "passed":
        ET.SubElement(element, case.kind, message=_printable(case.message)).text = _printable(case.text) or None


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)
