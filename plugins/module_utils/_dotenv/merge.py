# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wanted keys merged into an existing .env text: what is not ours stays as it is, what we wrote is written down."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv import parse
from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.dialects import (
    Dialect,
    dialect_named,
    spell,
)
from ansible_collections.envforge.terraform.plugins.module_utils._errors import DotenvError

MARKER = "# managed by envforge.terraform:"
_MARKER_LINE = re.compile(rf"{re.escape(MARKER)}(?P<keys>(?: [A-Za-z_][A-Za-z0-9_]*)*)[ \t]*\r?\n?")
_FIRST_LINE_OF_WINDOWS = re.compile(r"[^\n]*\r\n")
# It would hide the first key from shells, systemd and python-dotenv.
_BYTE_ORDER_MARK = "\ufeff"


@dataclasses.dataclass(frozen=True, slots=True)
class Merged:
    """The new text, and what became of each key, by name only."""

    text: str
    added: list[str]
    changed: list[str]
    removed: list[str]
    unchanged: list[str]
    duplicates: list[str]


def merge(existing: str | None, wanted: Mapping[str, str], dialect: str, *, prune: bool) -> Merged:
    """*existing* with every wanted key set, in its place or at the end; merging again changes nothing.

    *duplicates* are the keys that stood in several lines; of a wanted one, the last line alone is kept. With *prune*,
    keys go that an earlier merge wrote and that are no longer wanted. Raises DotenvError, naming keys and lines only.
    """
    rules = dialect_named(dialect)
    before = (existing or "").removeprefix(_BYTE_ORDER_MARK)
    plan = _Plan(before, wanted, rules, prune=prune)
    text = "".join(plan.marked(plan.lines()))
    for reader in rules.readers:
        _verify(reader, before, text, wanted, plan.removed)
    return Merged(text, plan.added, plan.changed, plan.removed, plan.unchanged, plan.duplicates)


class _Plan:
    """One merge: what happens to each key is decided first, then the lines follow from it."""

    def __init__(self, text: str, wanted: Mapping[str, str], rules: Dialect, *, prune: bool) -> None:
        self.rules = rules
        self.wanted = {key: spell(key, value, rules.name) for key, value in wanted.items()}
        self.existing = parse.lines(text, rules.name)
        self.break_line = "\r\n" if _FIRST_LINE_OF_WINDOWS.match(text) and not rules.line_feed_only else "\n"
        self.last = {key: number for number, line in enumerate(self.existing) for key in line.keys}
        counted = Counter(key for line in self.existing for key in line.keys)
        equal = _equal(text, wanted, rules)
        written_before = _written_before(self.existing)
        self.added = [key for key in wanted if key not in self.last]
        self.changed = [key for key in wanted if key in self.last and key not in equal]
        self.unchanged = [key for key in wanted if key in self.last and key in equal]
        self.duplicates = [key for key, times in counted.items() if times > 1]
        gone = [key for key in self.last if key in written_before and key not in wanted] if prune else []
        self.removed = [key for key in gone if all(line.keys == (key,) for line in self.existing if key in line.keys)]
        kept = (written_before & self.last.keys()).difference(self.removed)
        self.written = sorted(kept.union(self.added, self.changed))

    def lines(self) -> Iterator[tuple[bool, str]]:
        """Each line of the new text, and whether this merge wrote it."""
        appended = list(self.added)
        for number, line in enumerate(self.existing):
            if len(line.keys) != 1:
                # A line with several keys is never taken apart: ours goes to the end, where it prevails.
                appended.extend(key for key in self.changed if self.last[key] == number)
                yield False, line.raw
            else:
                yield from self._line(number, line)
        for key in appended:
            yield True, self.wanted[key] + self.break_line

    def _line(self, number: int, line: parse.Line) -> Iterator[tuple[bool, str]]:
        key = line.keys[0]
        if key in self.removed:
            return
        superseded = key in self.wanted and self.last[key] > number
        if key not in self.changed and not superseded:
            yield False, line.raw
            return
        if line.comment:
            # Beside the value some readers would take it for a part of that.
            yield False, line.comment + self.break_line
        if superseded:
            return
        export = "export " if line.exported and self.rules.knows_export else ""
        yield True, export + self.wanted[key] + self.break_line

    def marked(self, lines: Iterable[tuple[bool, str]]) -> Iterator[str]:
        """The lines with the marker where it stood, else before the first line written."""
        held = list(lines)
        places = [number for number, (_ours, raw) in enumerate(held) if _MARKER_LINE.fullmatch(raw)]
        place = next(iter(places or [number for number, (ours, _raw) in enumerate(held) if ours]), len(held))
        for number, (_ours, raw) in enumerate(held):
            if number == place:
                yield self._marker(raw if places else "")
            if number not in places:
                # The last line of a file may lack its end.
                yield raw if raw.endswith("\n") or number == len(held) - 1 else raw + self.break_line

    def _marker(self, before: str) -> str:
        same = _MARKER_LINE.fullmatch(before)
        if same and same["keys"].split() == self.written and before.endswith("\n"):
            return before
        return f"{MARKER} {' '.join(self.written)}{self.break_line}" if self.written else ""


def _equal(text: str, wanted: Mapping[str, str], rules: Dialect) -> set[str]:
    """The keys that all readers read as wanted already; none when one of them cannot read the text."""
    try:
        found = parse.values(text, rules.name)
    except DotenvError:
        return set()
    return {key for key, value in wanted.items() if found.get(key) == value}


def _written_before(existing: Iterable[parse.Line]) -> set[str]:
    markers = (_MARKER_LINE.fullmatch(line.raw) for line in existing if not line.keys)
    return {key for marker in markers if marker for key in marker["keys"].split()}


def _verify(reader: str, before: str, text: str, wanted: Mapping[str, str], removed: Iterable[str]) -> None:
    """Raise unless *reader* finds every wanted value in *text*, and every foreign key spelled as *before*."""
    found = parse.read(text, reader)
    wrong = [key for key, value in wanted.items() if found.get(key) != value]
    spelled = _spelled(text, reader)
    foreign = _spelled(before, reader).items()
    wrong.extend(key for key, own in foreign if key not in {*wanted, *removed} and spelled.get(key) != own)
    if wrong:
        raise DotenvError(
            f"could not merge {', '.join(wanted)}: in the new text {reader} would read another value of "
            f"{', '.join(wrong)}; look for an open quote or a line continued with a backslash.",
            keys=wrong,
        )


def _spelled(text: str, reader: str) -> dict[str, str]:
    """The spelling of each key, as *reader* delimits it; of none, when it cannot read the text."""
    try:
        return {found.key: text[found.start : found.end] for found in parse.assignments(text, reader)}
    except DotenvError:
        return {}
