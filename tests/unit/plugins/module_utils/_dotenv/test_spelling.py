# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of Terraform as text."""

from __future__ import annotations

import decimal
import json
from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.dialects import DIALECTS, spell
from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.spelling import NullValue, json_of, text_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it is\n", "as it is\n"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-5432, "-5432"),
        (10**20, "100000000000000000000"),
        (1e20, "100000000000000000000"),
        (1e-7, "0.0000001"),
        (1.5, "1.5"),
        (3.0, "3"),
        (100.0, "100"),
        (decimal.Decimal("0.12345678901234567890"), "0.1234567890123456789"),
        (decimal.Decimal("1E+3"), "1000"),
        ([], "[]"),
        ({"b": [1, None, True], "a": {"x": "y"}}, '{"b":[1,null,true],"a":{"x":"y"}}'),
        ((n for n in (1, 2)), "[1,2]"),
    ],
)
def test_values_are_spelled_as_terraform_prints_them(value: Any, text: str) -> None:
    """Numbers in full, booleans in lower case, collections as compact JSON in their own order."""
    assert text_of(value) == text


def test_null_has_no_text() -> None:
    """Whether it means empty or absent is for the caller to say."""
    with pytest.raises(NullValue):
        text_of(None)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_json_fits_every_dialect(dialect: str) -> None:
    """Quotes, references and backslashes have another spelling in JSON that no reader of .env files minds."""
    value = {"it's": 'say "${x}" $5', "path": "C:\\dir\\", "pem": "a\r\nb", "mark": "\ufeff", "letter": "ß"}
    assert json.loads(json_of(value)) == value
    assert spell("KEY", json_of(value), dialect)
