# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the npm package dotenv reads .env text: one regular expression over the whole text, three kinds of quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.assignments import (
    Assignment,
    universal_newlines,
)

# JavaScript's \s, and the line terminators that its ^, $ and . know, spelled out: Python's differ.
_JS_SPACE = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_JS_BREAK = "\n\r\u2028\u2029"
_S = f"[{_JS_SPACE}]"
_ASSIGNMENT = re.compile(
    rf"(?<![^{_JS_BREAK}]){_S}*(?P<export>export{_S}+)?(?P<key>[A-Za-z0-9_.-]+)(?:{_S}*={_S}*?|:{_S}+?)"
    rf"(?P<value>{_S}*'(?:\\'|[^'])*'|{_S}*\"(?:\\\"|[^\"])*\"|{_S}*`(?:\\`|[^`])*`|[^#\r\n]+)?"
    rf"{_S}*(?:\#[^{_JS_BREAK}]*)?(?=[{_JS_BREAK}]|\Z)"
)
_OUTER_QUOTES = re.compile(rf"(?<![^{_JS_BREAK}])(['\"`])([\s\S]*)\1(?=[{_JS_BREAK}]|\Z)")
_SPACES = "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))


def read(text: str) -> Iterator[Assignment]:
    """Assignments in order, as dotenv 15 to 18 find them."""
    for found in _ASSIGNMENT.finditer(text):
        spelling = (found["value"] or "").rstrip(_SPACES)
        start = found.start("export") if found["export"] else found.start("key")
        end = found.start("value") + len(spelling) if found["value"] else found.end("key") + 1
        yield Assignment(found["key"], _value(universal_newlines(spelling).strip(_SPACES)), start, end)


def _value(spelling: str) -> str:
    value = _OUTER_QUOTES.sub(r"\2", spelling)
    if spelling.startswith('"'):
        return value.replace(r"\n", "\n").replace(r"\r", "\r")
    return value
