# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever spell() writes for a dialect, the real readers of that dialect read back exactly, and so do our models."""

from __future__ import annotations

import string
from collections.abc import Callable

import hypothesis
import pytest
from hypothesis import strategies as st

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv import dialects, parse
from ansible_collections.envforge.terraform.plugins.module_utils._errors import DotenvError
from tests.dialects.real import Read

FRAGMENTS = [
    *"'\"`\\$#;=:!&|<>(){}[]~*?% \t\n\r",
    "\\n",
    "\\'",
    "${X}",
    "$X",
    "$(x)",
    "\\\\",
    " #",
    "''",
    "\n\n",
    "X=1",
    "export ",
    "é",
    "\u2028",
    "\u00a0",
    "\x85",
    "\x01",
    "\x7f",
    "a",
]
nasty = st.lists(st.sampled_from(FRAGMENTS), max_size=8).map("".join)
unicode_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.lists(nasty | unicode_text, min_size=1, max_size=8)
simple = st.text(sorted(set(string.printable) - set("'\"\\$`\n\r\v\f")), max_size=20)


def written(contents: list[str], dialect: str) -> tuple[str, dict[str, str]]:
    """A file with those of *contents* that *dialect* has a spelling for, and what should be read from it."""
    wanted: dict[str, str] = {}
    spelled = []
    for number, value in enumerate(contents):
        try:
            spelled.append(dialects.spell(f"KEY_{number}", value, dialect) + "\n")
        except DotenvError:
            continue
        wanted[f"KEY_{number}"] = value
    return "".join(spelled), wanted


@pytest.mark.parametrize(
    ("dialect", "reader"),
    [(name, reader) for name, rules in dialects.DIALECTS.items() for reader in rules.readers],
)
def test_real_readers_read_back_what_is_written(dialect: str, reader: str, real: Callable[[str], Read]) -> None:
    """A whole file of accepted values, one after the other, comes back unchanged."""
    read = real(reader)

    @hypothesis.given(values)
    def check(contents: list[str]) -> None:
        text, wanted = written(contents, dialect)
        assert read(text) == wanted

    check()


@pytest.mark.parametrize("dialect", dialects.DIALECTS)
def test_models_read_back_what_is_written(dialect: str) -> None:
    """parse.values() agrees with the real readers on all that spell() writes."""

    @hypothesis.given(values)
    def check(contents: list[str]) -> None:
        text, wanted = written(contents, dialect)
        assert parse.values(text, dialect) == wanted

    check()


@pytest.mark.parametrize("dialect", dialects.DIALECTS)
def test_simple_values_are_never_refused(dialect: str) -> None:
    """Printable text without quotes, backslash, dollar and backtick is written in every dialect."""

    @hypothesis.given(simple)
    def check(value: str) -> None:
        assert dialects.spell("KEY", value, dialect)

    check()


@pytest.mark.parametrize("dialect", ["bash", "posix", "compose"])
def test_shells_and_compose_carry_everything(dialect: str) -> None:
    """These three dialects have an escape for every character that an environment can hold."""

    @hypothesis.given(unicode_text | nasty)
    def check(value: str) -> None:
        hypothesis.assume("\0" not in value)
        assert dialects.spell("KEY", value, dialect)

    check()
