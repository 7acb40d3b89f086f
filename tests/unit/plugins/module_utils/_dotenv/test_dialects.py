# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""spell(): the simplest spelling of a value in each dialect, and why there is none."""

from __future__ import annotations

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.dialects import DIALECTS, spell
from ansible_collections.envforge.terraform.plugins.module_utils._errors import DotenvError

QUOTING = sorted(set(DIALECTS) - {"docker"})


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("value", ["", "plain", "postgres://app@db.example.com:5432/x,y=1", "a+b-c_d%20"])
def test_plain_values_are_written_bare(value: str, dialect: str) -> None:
    """Nothing is quoted that needs no quotes."""
    assert spell("KEY", value, dialect) == f"KEY={value}"


@pytest.mark.parametrize("dialect", QUOTING)
@pytest.mark.parametrize("value", ["two words", "a#b", " edge ", 'say "x"', "{}", "*", "~", "größer", "a\nb", "a\\b"])
def test_single_quotes_are_the_first_choice(value: str, dialect: str) -> None:
    """Whatever has no single quote, reference or doubled backslash is single-quoted, the same in every dialect."""
    assert spell("KEY", value, dialect) == f"KEY='{value}'"


@pytest.mark.parametrize("dialect", QUOTING)
def test_an_apostrophe_is_double_quoted(dialect: str) -> None:
    """`it's` needs no escape in double quotes."""
    assert spell("KEY", "it's", dialect) == 'KEY="it\'s"'


@pytest.mark.parametrize(
    ("dialects", "spelling"),
    [
        (["bash", "posix", "systemd"], r'''KEY="it's \"\$5\" \\ \`x\`"'''),
        (["compose"], r'''KEY="it's \"\$5\" \\ `x`"'''),
        (["python-dotenv"], r"""KEY='it\'s "$5" \\ `x`'"""),
        (["node", "docker"], r"""KEY=it's "$5" \ `x`"""),
    ],
)
def test_escapes_are_those_of_the_dialect(dialects: list[str], spelling: str) -> None:
    """All of quotes, dollar, backslash and backtick at once: each dialect has its own way."""
    for dialect in dialects:
        assert spell("KEY", r"""it's "$5" \ `x`""", dialect) == spelling


def test_what_one_more_escape_cannot_mend_is_left_unquoted() -> None:
    """python-dotenv and node take a backslash before any closing quote for an escape; without quotes there is none."""
    assert spell("KEY", "it's C:\\", "python-dotenv") == "KEY=it's C:\\"
    assert spell("KEY", "C:\\", "node") == "KEY=C:\\"


def test_a_carriage_return_is_escaped_where_the_file_is_read_in_text_mode() -> None:
    """node and python-dotenv turn a real one into a line feed."""
    assert spell("KEY", "a\rb", "node") == spell("KEY", "a\rb", "python-dotenv") == r'KEY="a\rb"'
    assert spell("KEY", "a\rb", "bash") == "KEY='a\rb'"


def test_node_minds_only_the_outer_quotes() -> None:
    """All three kinds of quotes in a value that cannot stand bare: it is quoted all the same."""
    assert spell("KEY", "'a\"b` ", "node") == "KEY=''a\"b` '"


@pytest.mark.parametrize(
    ("dialect", "value", "obstacle", "carrier"),
    [
        ("docker", "a\nb", "a line break", "portable"),
        ("docker", "x" * 70000, "more than 64 KiB", "bash"),
        ("python-dotenv", "a${b}", "a ${…}", "bash"),
        ("node", "a\n\\", "a line break together with a backslash at its end", "bash"),
        ("portable", "${x}", "a ${…}", "node"),
        ("portable", "'$[", "a $ together with a single quote", "posix"),
        ("portable", "it's $5", "a $ together with a single quote", "bash"),
        ("portable", 'it\'s "x"', "a single quote together with a double quote", "bash"),
        ("portable", "a\\\\b", "two backslashes in a row", "bash"),
        ("portable", "dir\\", "a backslash at its end", "docker"),
        ("portable", "a\r\nb", "a carriage return", "python-dotenv"),
        ("systemd", "\ufffe", "a noncharacter of Unicode", "bash"),
        ("systemd", "a\ufeff", "a byte order mark", "bash"),
    ],
)
def test_a_refusal_names_the_obstacle_and_who_could_carry_it(
    dialect: str, value: str, obstacle: str, carrier: str
) -> None:
    """The message has the key, the kind of text in the way and the way out; it never has the value."""
    with pytest.raises(DotenvError) as caught:
        spell("SECRET_KEY", value, dialect)
    message = str(caught.value)
    assert "SECRET_KEY" in message
    assert f"the dialect {dialect} has no spelling for a value with {obstacle};" in message
    assert carrier in caught.value.details["dialects"]
    assert value.strip("\n") not in message or len(value) < 4


@pytest.mark.parametrize("value", ["a\0b", "\ud800"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_no_environment_can_hold_is_refused_everywhere(value: str, dialect: str) -> None:
    """NUL and lone surrogates are no text of an environment variable."""
    with pytest.raises(DotenvError, match="no dialect can carry it"):
        spell("KEY", value, dialect)


@pytest.mark.parametrize("key", ["", "1A", "A-B", "A.B", "Ä", "A B", "A\n", "export A"])
def test_keys_are_names_of_variables(key: str) -> None:
    """A key that a shell would not take is refused in every dialect."""
    with pytest.raises(DotenvError, match="no variable name"):
        spell(key, "x", "node")


def test_names_that_shells_keep_are_refused_for_shells_only() -> None:
    """bash cannot set UID, so portable cannot either; compose can."""
    assert spell("UID", "1000", "compose") == "UID=1000"
    for dialect in ("bash", "portable"):
        with pytest.raises(DotenvError, match="bash keep this name"):
            spell("UID", "1000", dialect)


def test_an_unknown_dialect_is_answered_with_the_known_ones() -> None:
    """A typing error shows what there is."""
    with pytest.raises(DotenvError, match=r"'zsh' is not a dialect.*bash, posix, .*portable"):
        spell("KEY", "x", "zsh")
