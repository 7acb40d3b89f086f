# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Docker Compose reads .env text (compose-go): escapes and $NAME in double quotes, `\\'` in single ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.assignments import (
    Assignment,
    Unreadable,
    end_of,
    line_number,
    substitute,
)

# Go's unicode.IsSpace, and the subset compose-go skips inside a line.
_INLINE = "\t\v\f\r \u0085\u00a0"
_SPACES = _INLINE + "\n\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_SKIPPED = re.compile(rf"(?:[{_SPACES}]+|#[^\n]*)*")
_EXPORT = re.compile(rf"(?:export(?=[\t\n\f\r ])[{_INLINE}]*)?")
_KEY = re.compile(rf"(?P<key>[\w.\[\]{_INLINE}-]*)(?:(?P<separator>[=:\n])|\Z)")
_INLINE_SPACE = re.compile(f"[{_INLINE}]*")
_LINE = re.compile(r"[^\n]*")
_SINGLE = re.compile(r"'((?:\\[\s\S]|[^'\\])*)'")
_DOUBLE = re.compile(r'"((?:\\[\s\S]|[^"\\])*)"')
_ESCAPE = re.compile(r'\\(?:0([0-9]{0,3})|[abcfnrtv$"\\])')
_OCTAL_BYTE = re.compile(r"[0-3][0-7]{2}")
_ESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "$": "$$", "\\": "\\"}
_INVALID = re.compile(r"\$\{(?![A-Za-z_][A-Za-z0-9_]*(?:\}|:?[-+?].*\}))")
_CONDITIONAL = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*:?[-+?]")
_REFERENCE = re.compile(r"\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})")
_ESCAPED_DOLLAR = re.compile(r"(\$\$)")


def read(text: str) -> Iterator[Assignment]:
    """Assignments in order, as github.com/compose-spec/compose-go/v2/dotenv finds them."""
    known: dict[str, str | None] = {}
    position = 1 if text.startswith("\ufeff") else 0
    while (position := end_of(_SKIPPED, text, position)) < len(text):
        start = position
        name = _KEY.match(text, end_of(_EXPORT, text, position))
        if not name or not name[0] or (name["separator"] and " " in name["key"].rstrip(_SPACES)):
            raise Unreadable("has no variable name that compose accepts", line_number(text, start))
        key, value, end = name["key"].rstrip(_SPACES), None, name.end("key")
        position = name.end()
        if name["separator"] in {"=", ":"}:
            value, end = _read_value(text, end_of(_INLINE_SPACE, text, position), known)
            position = end
        if key and name["separator"]:
            # A name alone on its line is taken from the environment, if it is there.
            known[key] = value
            yield Assignment(key, value, start, end)


def _read_value(text: str, position: int, known: Mapping[str, str | None]) -> tuple[str | None, int]:
    """The value spelled at *position* and the end of its spelling."""
    quote = text[position : position + 1]
    if quote not in {"'", '"'}:
        line = text[position : end_of(_LINE, text, position)]
        value = line.partition(" #")[0].rstrip(_SPACES)
        return _expand(value, known, line_number(text, position)), position + len(value)
    found = (_SINGLE if quote == "'" else _DOUBLE).match(text, position)
    if not found:
        raise Unreadable("opens a quote that is never closed", line_number(text, position))
    body = found[1].replace("\\\\", "\0").replace("\\" + quote, quote).replace("\0", "\\\\")
    if quote == "'":
        return body, found.end()
    return _expand(_ESCAPE.sub(_unescape, body), known, line_number(text, position)), found.end()


def _unescape(found: re.Match[str]) -> str:
    digits = found[1]
    if digits is None:
        return _ESCAPED.get(found[0][1], found[0])
    # Go wants three octal digits that make one byte; compose-go has dropped the 0 before it notices.
    return chr(int(digits, 8)) if _OCTAL_BYTE.fullmatch(digits) else f"\\{digits}"


def _expand(value: str, known: Mapping[str, str | None], line: int) -> str | None:
    """*value* with $NAME and ${NAME} replaced; None where the environment decides."""
    pieces = []
    for piece in _ESCAPED_DOLLAR.split(value):
        if piece == "$$":
            pieces.append("$")
            continue
        if _INVALID.search(piece):
            raise Unreadable("holds a ${ that compose cannot expand", line)
        expanded = None if _CONDITIONAL.search(piece) else substitute(_REFERENCE, piece, known)
        if expanded is None:
            return None
        pieces.append(expanded)
    return "".join(pieces)
