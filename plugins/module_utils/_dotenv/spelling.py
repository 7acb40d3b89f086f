# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a value of Terraform becomes text: as Terraform prints it, maps and lists as JSON that every dialect can carry."""

from __future__ import annotations

import decimal
import json
from collections.abc import Mapping
from typing import Any

# Inside JSON these have another spelling, and in it no reader of .env files sees a quote, an escape or a reference.
_JSON_ESCAPES = {"'": r"\u0027", "$": r"\u0024", "\ufeff": r"\ufeff"}


class NullValue(ValueError):
    """A null where a text is needed."""


def text_of(value: Any) -> str:
    """*value* as the text of a variable; null has none."""
    if value is None:
        raise NullValue
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (bool, int, float, decimal.Decimal)):
        return _scalar(value)
    return json_of(value)


def json_of(value: Any) -> str:
    """*value* as compact JSON in the order given, numbers as Terraform prints them."""
    if isinstance(value, str):
        text = json.dumps(str(value), ensure_ascii=False).replace(r"\\", r"\u005c")
        return "".join(_JSON_ESCAPES.get(character, character) for character in text)
    if value is None:
        return "null"
    if isinstance(value, (bool, int, float, decimal.Decimal)):
        return _scalar(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json_of(str(key))}:{json_of(held)}" for key, held in value.items()) + "}"
    # Whatever else can be gone through is a list: filters return generators. A missing name says so when tried.
    return "[" + ",".join(json_of(held) for held in value) + "]"


def _scalar(value: bool | float | decimal.Decimal) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    # Not 1e+20, not 3.0: the digits of the shortest text that means this number.
    text = format(decimal.Decimal(repr(value) if isinstance(value, float) else value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
