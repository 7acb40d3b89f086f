# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An existing .env taken apart: nothing lost, and the values that its reader sees."""

from __future__ import annotations

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv import parse
from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.dialects import DIALECTS
from ansible_collections.envforge.terraform.plugins.module_utils._errors import DotenvError

FILE = "# head\r\n\r\nexport A=1 # note\r\nPEM='one\ntwo'\r\nbroken line\r\nalone\r\nA=2"


def test_lines_hold_everything_in_order() -> None:
    """Comments, blank lines, broken lines, line ends and a missing last one are all kept."""
    taken = parse.lines(FILE, "python-dotenv")
    assert "".join(line.raw for line in taken) == FILE
    assert [line.keys for line in taken] == [(), (), ("A",), ("PEM",), (), ("alone",), ("A",)]
    assert [line.comment for line in taken if line.comment] == ["# note"]
    assert [line.exported for line in taken if line.keys == ("A",)] == [True, False]


def test_a_multi_line_value_is_one_line() -> None:
    """The raw text of an entry spans what its quotes span."""
    (pem,) = [line for line in parse.lines(FILE, "node") if line.keys == ("PEM",)]
    assert pem.raw == "PEM='one\ntwo'\r\n"


def test_several_assignments_of_a_line_stay_together() -> None:
    """A shell's `A=1 B=2` is one line with two keys."""
    assert [line.keys for line in parse.lines("A=1 B=2\nC=3\n", "bash")] == [("A", "B"), ("C",)]


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        ("bash", {"A": "x", "C": "a\\nb"}),
        ("posix", {"A": "x", "C": "a\\nb"}),
        ("python-dotenv", {"A": "x", "B": "a b", "C": "a\nb"}),
        ("node", {"A": "x", "B": "a b", "C": "a\nb"}),
        ("compose", {"A": "x", "B": "a b", "C": "a\nb"}),
        ("docker", {"A": "'x' # y", "B": "a b", "C": '"a\\nb"'}),
        ("systemd", {"A": "x# y", "B": "a b", "C": "a\\nb"}),
        ("portable", {}),
    ],
)
def test_values_are_those_of_the_dialect(dialect: str, expected: dict[str, str]) -> None:
    """One text, eight readings; portable knows what all of its readers agree on."""
    assert parse.values("A=1\nA='x' # y\nB=a b\nC=\"a\\nb\"\n", dialect) == expected


def test_a_value_that_depends_on_more_than_the_text_is_left_out() -> None:
    """Neither the environment nor a command is guessed at."""
    text = "A=$HOME/x\nB=$(date)\nC=1\nD=$C/y\nE=`date`\n"
    assert parse.values(text, "bash") == {"C": "1", "D": "1/y"}
    assert parse.values("A=${HOME}\nB=1\nD=${B}/y\n", "python-dotenv") == {"B": "1", "D": "1/y"}


@pytest.mark.parametrize("dialect", ["bash", "posix", "compose"])
def test_an_open_quote_is_named_by_its_line(dialect: str) -> None:
    """Readers that give up make us give up, saying where, and showing nothing of the text."""
    with pytest.raises(DotenvError, match=f"as {dialect} does: line 2 opens a quote that is never closed") as caught:
        parse.values("A=1\nB='s3cret\n", dialect)
    assert "s3cret" not in str(caught.value)
    assert caught.value.details == {"line": 2}


@pytest.mark.parametrize("text", ["a b=1\n", "=1\n"])
def test_docker_refuses_the_whole_file_for_one_name(text: str) -> None:
    """So do we, before it does."""
    with pytest.raises(DotenvError, match="line 1 has no variable name that docker accepts"):
        parse.lines(text, "docker")


def test_missing_names_what_is_absent_or_empty() -> None:
    """A key that is there but empty is of no use to whoever requires it; one set from elsewhere is there."""
    text = "A=1\nB=\nC=''\nD=$(date)\n"
    assert parse.missing(["A", "B", "C", "D", "E"], text, "bash") == ["B", "C", "E"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_is_read_from_nothing(dialect: str) -> None:
    """An empty text has no lines and no values."""
    assert parse.lines("", dialect) == []
    assert parse.values("", dialect) == {}
