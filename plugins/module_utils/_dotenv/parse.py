# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An existing .env text taken apart without losing a byte, and what a dialect's readers make of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.assignments import Assignment, Unreadable
from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.dialects import READERS, dialect_named
from ansible_collections.envforge.terraform.plugins.module_utils._errors import DotenvError


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A line, or as many as a multi-line value takes. Joined, the raw texts of all lines are the text again."""

    raw: str
    assignments: tuple[Assignment, ...] = ()
    comment: str = ""
    exported: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(assignment.key for assignment in self.assignments)


def lines(text: str, dialect: str) -> list[Line]:
    """*text* as the layout reader of *dialect* divides it; what it does not understand is a line without a key."""
    result: list[Line] = []
    position = 0
    for start, end, held in _extents(text, assignments(text, dialect_named(dialect).layout)):
        result.extend(Line(raw) for raw in _split(text[position:start]))
        result.append(_held(text, start, end, held))
        position = end
    result.extend(Line(raw) for raw in _split(text[position:]))
    return result


def values(text: str, dialect: str) -> dict[str, str]:
    """What *dialect* reads: of several lines with one key the last. Values that the text alone does not tell are left out.

    For `portable`: the keys that all of its readers read alike.
    """
    first, *others = [read(text, reader) for reader in dialect_named(dialect).readers]
    known = {key: value for key, value in first.items() if value is not None}
    return {key: value for key, value in known.items() if all(other.get(key) == value for other in others)}


def missing(required: Iterable[str], text: str, dialect: str) -> list[str]:
    """Those of *required* that *text* does not set, or sets to nothing."""
    found = read(text, dialect_named(dialect).layout)
    return [key for key in required if found.get(key, "") == ""]


def read(text: str, reader: str) -> dict[str, str | None]:
    """What one reader reads; None for a value that depends on the environment or on running something."""
    return {found.key: found.value for found in assignments(text, reader)}


def assignments(text: str, reader: str) -> list[Assignment]:
    """The assignments that *reader* finds, in order."""
    try:
        return list(READERS[reader](text))
    except Unreadable as error:
        raise DotenvError(
            f"could not read the .env text as {reader} does: line {error.line} {error.reason}; correct or remove that line.",
            line=error.line,
        ) from None


def _extents(text: str, found: Iterable[Assignment]) -> Iterator[tuple[int, int, tuple[Assignment, ...]]]:
    """Start and end of each run of whole lines that belongs together, with the assignments in it."""
    held: list[Assignment] = []
    start = end = 0
    for one in found:
        if held and one.start >= end:
            yield start, end, tuple(held)
            held = []
        if not held:
            start = text.rfind("\n", 0, one.start) + 1
        held.append(one)
        end = (text.find("\n", one.end) + 1) or len(text)
    if held:
        yield start, end, tuple(held)


def _held(text: str, start: int, end: int, held: tuple[Assignment, ...]) -> Line:
    tail = text[held[-1].end : end].strip()
    return Line(
        text[start:end],
        held,
        comment=tail if tail.startswith("#") else "",
        exported=text[held[0].start :].startswith("export") and not held[0].key.startswith("export"),
    )


def _split(text: str) -> list[str]:
    # Not splitlines(): that would also split at characters that are no line breaks to any of the readers.
    return [piece for piece in text.replace("\n", "\n\0").split("\0") if piece]
