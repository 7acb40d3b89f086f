# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How systemd reads an EnvironmentFile=: quotes only where a value begins, `;` comments, no expansion, no `export`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.assignments import (
    Assignment,
    Unreadable,
    end_of,
    line_number,
)

_SPACE = re.compile(r"[ \t\r\n]*")
# Up to systemd 253 a backslash at the end of a comment takes the next line along.
_COMMENT = re.compile(r"[#;](?:\\[\s\S]|[^\\\r\n])*\\?")
_KEY = re.compile(r"[\s\S][^=\r\n]*")
_VALID_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUOTED = re.compile(r"""[ \t]*(?:'(?P<single>[^']*)'?|"(?P<double>(?:\\[\s\S]|[^"\\])*)\\?"?)""")
_BARE = re.compile(r"[ \t]*(?P<body>(?:\\[\s\S]|[^\\\r\n])*)\\?")
_BARE_PIECE = re.compile(r"\\([\s\S])|([ \t]+$)|([^\\])")
_DOUBLE_ESCAPE = re.compile(r'\\(["\\`$\n])')
# utf8_is_valid() of systemd refuses noncharacters.
NONCHARACTER = re.compile(
    "[\ufdd0-\ufdef" + "".join(f"{chr(p + 0xFFFE)}{chr(p + 0xFFFF)}" for p in range(0, 0x110000, 0x10000)) + "]"
)


def read(text: str) -> Iterator[Assignment]:
    """Assignments in order, as parse_env_file_internal() of systemd finds them."""
    broken = NONCHARACTER.search(text)
    if broken:
        raise Unreadable("holds a character that is none in Unicode", line_number(text, broken.start()))
    position = end_of(_SPACE, text, 0)
    while position < len(text):
        if text[position] in "#;":
            position = end_of(_COMMENT, text, position)
        else:
            start, position = position, end_of(_KEY, text, position)
            key = text[start:position].rstrip(" \t")
            if text[position : position + 1] == "=":
                value, position = _read_value(text, position + 1)
                if _VALID_KEY.fullmatch(key):
                    yield Assignment(key, value, start, position)
        position = end_of(_SPACE, text, position)


def _read_value(text: str, position: int) -> tuple[str, int]:
    pieces = []
    while found := _QUOTED.match(text, position):
        position = found.end()
        if found["single"] is not None:
            pieces.append(found["single"])
        else:
            pieces.append(_DOUBLE_ESCAPE.sub(_unescape, found["double"]))
    bare = _BARE.match(text, position)
    if bare:
        pieces.append("".join(_bare_pieces(bare["body"])))
        position = bare.end()
    return "".join(pieces), position


def _bare_pieces(body: str) -> Iterator[str]:
    for found in _BARE_PIECE.finditer(body):
        escaped, trailing, plain = found.groups()
        if escaped is not None:
            # An escaped line break joins two lines.
            yield escaped.strip("\r\n")
        elif trailing is None:
            yield plain


def _unescape(found: re.Match[str]) -> str:
    return found[1].replace("\n", "")
