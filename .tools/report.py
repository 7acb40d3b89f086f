# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one check found: written by the sessions of noxfile.py, read by the summary."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

PLACE = Path(".cache/reports")


@dataclass(frozen=True)
class Report:
    """Counts of one check; `reasons` says why something was skipped, each reason once."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    reasons: tuple[str, ...] = ()

    def __add__(self, other: Report) -> Report:
        reasons = tuple(dict.fromkeys(self.reasons + other.reasons))
        return Report(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped, reasons)


def _stem(session: str) -> str:
    return re.sub(r"\W+", "-", session).strip("-")


def log(session: str) -> Path:
    return PLACE / f"{_stem(session)}.log"


def junit(session: str, part: str) -> Path:
    """Where pytest writes what it counted; a session may run it once for each of several parts."""
    return PLACE / f"{_stem(session)}.{part}.xml"


def _all_junit(session: str) -> list[Path]:
    return sorted(PLACE.glob(f"{_stem(session)}.*.xml"))


def skipped(session: str) -> Path:
    """Where a session that cannot run here writes why."""
    return PLACE / f"{_stem(session)}.skipped"


def forget(session: str) -> None:
    PLACE.mkdir(parents=True, exist_ok=True)
    for path in (log(session), skipped(session), *_all_junit(session)):
        path.unlink(missing_ok=True)


def read(session: str, status: int) -> Report:
    """The counts of a session that ended with this exit status; one that ran no pytest counts as one."""
    if skipped(session).exists():
        return Report(skipped=1, reasons=(skipped(session).read_text().strip(),))
    counted = sum(map(_read_junit, _all_junit(session)), start=Report())
    if status != 0 and counted.failed == 0:
        return counted + Report(failed=1)
    if counted.passed + counted.failed + counted.skipped == 0:
        return Report(passed=1)
    return counted


def _read_junit(path: Path) -> Report:
    total = Report()
    for case in ET.parse(path).iter("testcase"):  # noqa: S314 - pytest wrote it a moment ago
        total += _read_case(case)
    return total


def _read_case(case: ET.Element) -> Report:
    if case.find("failure") is not None or case.find("error") is not None:
        return Report(failed=1)
    skip = case.find("skipped")
    if skip is not None:
        return Report(skipped=1, reasons=(skip.get("message") or "no reason given",))
    return Report(passed=1)
