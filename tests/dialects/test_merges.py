# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merging into files of all kinds: what the real readers see afterwards is what was wanted, and the rest is as before."""

from __future__ import annotations

from collections.abc import Callable

import hypothesis
import pytest
from hypothesis import strategies as st

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv import dialects, parse
from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.merge import MARKER, merge
from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.shell import KEPT_BY_BASH, KEPT_BY_POSIX
from ansible_collections.envforge.terraform.plugins.module_utils._errors import DotenvError
from tests.dialects.corpus import CORPUS, PEM
from tests.dialects.real import Read, Shell

EXISTING = [
    *["A=1\n", "B='x y'\n", "# note\n", "\n", "export A=2 # why\n", "C=$A\n", "A: 3\n", "A\n", 'B="q\nr"\n', "D=a b\n"],
    *["A=1 B=2\n", "C='open\n", "x y z\n", "B=1\r\n", f"{MARKER} A C\n", "E=5", "# back\\\n"],
]
KEYS = ["A", "B", "C", "NEW"]
VALUES = ["1", "2", "", "x y", "it's", 'say "x"', "two\nlines", PEM, '{"a":"b"}', "$5", "#", "größer"]
existing_texts = st.lists(st.sampled_from(EXISTING), max_size=7).map("".join) | st.sampled_from(sorted(CORPUS.values()))
wanted_keys = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=4)


@pytest.mark.parametrize("dialect", dialects.DIALECTS)
def test_a_merge_is_complete_idempotent_and_leaves_the_rest(dialect: str) -> None:
    """Wanted keys have their values, foreign lines are all there in order, and a second merge does nothing."""

    @hypothesis.given(existing_texts, wanted_keys, st.booleans())
    def check(existing: str, wanted: dict[str, str], prune: bool) -> None:
        try:
            first = merge(existing, wanted, dialect, prune=prune)
        except DotenvError:
            hypothesis.reject()
        found = parse.values(first.text, dialect)
        assert {key: found.get(key) for key in wanted} == wanted
        again = merge(first.text, wanted, dialect, prune=prune)
        assert (again.text, again.added, again.changed, again.removed) == (first.text, [], [], [])
        ours = {*wanted, *first.removed}
        assert foreign(existing.removeprefix("\ufeff"), dialect, ours) == foreign(first.text, dialect, ours)

    check()


def foreign(text: str, dialect: str, ours: set[str]) -> list[str]:
    """The lines that no merge may touch, less the end of the last one; comments can come in from beside a value."""
    return [
        line.raw.rstrip("\r\n")
        for line in parse.lines(text, dialect)
        if not (ours.issuperset(line.keys) and line.keys) and not line.raw.startswith("#")
    ]


@pytest.mark.parametrize(
    ("dialect", "reader"),
    [(name, reader) for name, rules in dialects.DIALECTS.items() for reader in rules.readers],
)
def test_real_readers_see_what_was_wanted(dialect: str, reader: str, real: Callable[[str], Read]) -> None:
    """Into a file of any kind; and if our own reading back let it pass, the real reader does too."""
    read = real(reader)

    @hypothesis.settings(max_examples=60)
    @hypothesis.given(existing_texts, wanted_keys)
    def check(existing: str, wanted: dict[str, str]) -> None:
        try:
            text = merge(existing, wanted, dialect, prune=False).text
        except DotenvError:
            hypothesis.reject()
        found = read(text) or {}
        assert {key: found.get(key) for key in wanted} == wanted

    check()


@pytest.mark.parametrize(("reader", "kept"), [("bash", KEPT_BY_BASH), ("posix", KEPT_BY_POSIX)])
def test_shells_keep_exactly_these_names(reader: str, kept: frozenset[str], real: Callable[[str], Read]) -> None:
    """Each of them really cannot be set, and names like them can."""
    read = real(reader)
    assert isinstance(read, Shell)
    for key in sorted(kept | {"USER", "HOME", "PATH", "GROUP", "BASH_ENV"}):
        found = read(f"{key}='7 x'\n") or {}
        assert (found.get(key) != "7 x") == (key in kept), key
