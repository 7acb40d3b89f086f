# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that nobody here wrote: our models see in them what the real readers see, or say that they cannot tell."""

from __future__ import annotations

import re
from collections.abc import Callable

import hypothesis
import pytest
from hypothesis import strategies as st

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv import dialects, parse
from ansible_collections.envforge.terraform.plugins.module_utils._errors import DotenvError
from tests.dialects.corpus import CORPUS
from tests.dialects.real import REAL, Read

# No redirection, pipe, group or substitution: shells really run what is made of these.
HARMLESS = [
    *"'\"\\$#=:;%,- \t\n\r",
    "A",
    "B",
    "A=",
    "B=",
    "\nA=",
    "\nB='",
    '\nA="',
    "\nexport B=",
    " #",
    "${A}",
    "$B",
    "\\n",
    "é",
    "\n",
]
# Not modelled: a name that goes on in the next line, a command that expands to nothing.
BEYOND_OUR_SHELL = re.compile(r"\w\\\n|(?:^|[\s;])\$")
# These only read.
ODD = [*HARMLESS, "export ", "`", "$$", "${", *"{}[]!", "\u00a0", "\u2028", "A: ", "~", "(", "\v", "\f", "\x85"]


def assert_agreement(reader: str, text: str, read: Read) -> None:
    """What the model knows is what the real reader says; what it does not know, it does not claim."""
    told = read(text)
    if told is not None:
        # compose-go keeps what stands alone in the last line under an empty name.
        told = {key: value for key, value in told.items() if key}
    try:
        model = parse.read(text, reader)
    except DotenvError:
        assert told is None or reader in {"bash", "posix"}
        return
    assert told is not None
    unknown = {key for key, value in model.items() if value is None}
    assert {key: value for key, value in told.items() if key not in unknown} == {
        key: value for key, value in model.items() if key not in unknown
    }


@pytest.mark.parametrize("reader", REAL)
@pytest.mark.parametrize("name", CORPUS)
def test_corpus(name: str, reader: str, real: Callable[[str], Read]) -> None:
    """Files as people write them, from Windows line ends to shell functions."""
    assert_agreement(reader, CORPUS[name], real(reader))


@pytest.mark.parametrize("reader", sorted(REAL))
def test_random_texts(reader: str, real: Callable[[str], Read]) -> None:
    """Texts put together from all that has a meaning to any reader."""
    read = real(reader)
    fragments = HARMLESS if reader in {"bash", "posix"} else ODD

    @hypothesis.given(st.lists(st.sampled_from(fragments), max_size=25).map("".join))
    def check(text: str) -> None:
        hypothesis.assume(reader not in {"bash", "posix"} or not BEYOND_OUR_SHELL.search(text))
        assert_agreement(reader, text, read)

    check()


@pytest.mark.parametrize("dialect", dialects.DIALECTS)
def test_taking_apart_loses_nothing(dialect: str) -> None:
    """The lines of a text, joined, are the text, whatever it is."""

    @hypothesis.given(st.lists(st.sampled_from(ODD), max_size=25).map("".join))
    def check(text: str) -> None:
        try:
            taken = parse.lines(text, dialect)
        except DotenvError:
            hypothesis.reject()
        assert "".join(line.raw for line in taken) == text

    check()
