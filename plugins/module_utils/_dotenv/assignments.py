# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every reader of .env text yields, whatever its rules: assignments with their place in the text."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping


@dataclasses.dataclass(frozen=True, slots=True)
class Assignment:
    """One KEY=value as a reader sees it; *start* and *end* enclose all of its spelling, not what follows on the line.

    *value* is None where it depends on more than the text: the environment, or a command that would have to run.
    """

    key: str
    value: str | None
    start: int
    end: int


Reader = Callable[[str], Iterator[Assignment]]


class Unreadable(Exception):
    """A reader gives up on the whole text. Never carries any of the text: that may be a secret."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(f"line {line} {reason}")
        self.reason = reason
        self.line = line


def line_number(text: str, position: int) -> int:
    """The line of *position*, counted from 1 as editors do."""
    return text.count("\n", 0, position) + 1


def end_of(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Where *pattern*, which matches at *position* or takes nothing, ends."""
    found = pattern.match(text, position)
    return found.end() if found else position


def universal_newlines(text: str) -> str:
    """*text* as readers see it that open files in text mode."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def substitute(reference: re.Pattern[str], value: str, known: Mapping[str, str | None]) -> str | None:
    """*value* with each reference replaced from *known*, None when one is unknown; the group that matched is the name."""
    if any(known.get(found[found.lastindex or 0]) is None for found in reference.finditer(value)):
        return None
    return reference.sub(lambda found: known[found[found.lastindex or 0]] or "", value)
