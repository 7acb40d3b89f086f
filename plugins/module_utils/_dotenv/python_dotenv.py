# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How python-dotenv reads .env text: escapes in both kinds of quotes, and ${NAME} replaced everywhere."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.assignments import (
    Assignment,
    end_of,
    substitute,
    universal_newlines,
)

_SPACE = re.compile(r"\s*")
_EXPORT = re.compile(r"(?:export[^\S\r\n]+)?")
_KEY = re.compile(r"'(?P<quoted>[^']+)'|(?!')(?P<plain>[^=\#\s]+)")
_BLANK = re.compile(r"[^\S\r\n]*")
_EQUALS = re.compile(r"=[^\S\r\n]*")
# For each kind of quotes: the whole spelling, and the escapes inside.
_QUOTED = {
    "'": (re.compile(r"'((?:\\'|[^'])*)'"), re.compile(r"\\[\\']")),
    '"': (re.compile(r'"((?:\\"|[^"])*)"'), re.compile(r"\\[\\'\"abfnrtv]")),
}
_UNQUOTED = re.compile(r"[^\r\n]*")
_UNQUOTED_COMMENT = re.compile(r"\s+#.*")
_COMMENT = re.compile(r"(?:[^\S\r\n]*#[^\r\n]*)?")
_END_OF_LINE = re.compile(r"[^\S\r\n]*(?:\r\n|\n|\r|\Z)")
_REST_OF_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)?")
_REFERENCE = re.compile(r"\$\{([^}:]*)(?::-[^}]*)?\}")


def read(text: str) -> Iterator[Assignment]:
    """Assignments in order, references replaced by what the text itself says further up."""
    known: dict[str, str | None] = {}
    for found in read_literally(text):
        # A name alone on its line takes away what was said of it before.
        value = None if found.value is None else substitute(_REFERENCE, found.value, known)
        known[found.key] = value
        yield Assignment(found.key, value, found.start, found.end)


def read_literally(text: str) -> Iterator[Assignment]:
    """Assignments in order, with ${NAME} left as it is (`interpolate=False`)."""
    position = 0
    while position < len(text):
        assignment, position = _read_binding(text, position)
        if assignment:
            yield assignment


def _read_binding(text: str, position: int) -> tuple[Assignment | None, int]:
    """The assignment at *position*, if it is a good one, and where the next binding begins."""
    start = end_of(_SPACE, text, position)
    position = end_of(_EXPORT, text, start)
    key = _KEY.match(text, position)
    if not key:
        # A comment, the end, or a broken line: the original gives up on the rest of the line where it stands.
        return None, end_of(_REST_OF_LINE, text, position)
    position = end_of(_BLANK, text, key.end())
    equals = _EQUALS.match(text, position)
    value, end = _read_value(text, equals.end()) if equals else (None, position)
    close = _END_OF_LINE.match(text, end_of(_COMMENT, text, end))
    if not close:
        return None, end_of(_REST_OF_LINE, text, end_of(_COMMENT, text, end))
    return Assignment(key["quoted"] or key["plain"], value, start, end), close.end()


def _read_value(text: str, position: int) -> tuple[str | None, int]:
    """The value spelled at *position*, None for an open quote, and the end of its spelling."""
    quote = text[position : position + 1]
    if quote not in _QUOTED:
        value = _UNQUOTED_COMMENT.sub("", text[position : end_of(_UNQUOTED, text, position)]).rstrip()
        return value, position + len(value)
    quoted, escape = _QUOTED[quote]
    found = quoted.match(text, position)
    if not found:
        return None, position
    value = escape.sub(lambda one: codecs.decode(one[0], "unicode-escape"), universal_newlines(found[1]))
    return value, found.end()
