# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialects of .env files: who reads each, and how a value is spelled so that they read it back exactly."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Callable, Iterator

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv import (
    compose,
    docker,
    node,
    python_dotenv,
    shell,
    systemd,
)
from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.assignments import Reader, Unreadable
from ansible_collections.envforge.terraform.plugins.module_utils._errors import DotenvError

READERS: dict[str, Reader] = {
    "bash": shell.read_bash,
    "posix": shell.read_posix,
    "python-dotenv": python_dotenv.read,
    "node": node.read,
    "compose": compose.read,
    "docker": docker.read,
    "systemd": systemd.read,
}


@dataclasses.dataclass(frozen=True, slots=True)
class Dialect:
    """*readers* must all read a value back; *layout* is the one of them that says which lines hold which key."""

    name: str
    readers: tuple[str, ...]
    layout: str

    @property
    def line_feed_only(self) -> bool:
        """Whether a carriage return before the line break would become part of the value."""
        return not {"bash", "posix"}.isdisjoint(self.readers)

    @property
    def knows_export(self) -> bool:
        return {"docker", "systemd"}.isdisjoint(self.readers)


# `docker run --env-file` knows no quotes, so nothing that needs them could be read by it and by the others too.
# The npm package dotenv-expand is not among the readers of "node": it replaces $NAME even in single quotes.
_PORTABLE = tuple(name for name in READERS if name != "docker")
DIALECTS: dict[str, Dialect] = {name: Dialect(name, (name,), name) for name in READERS}
# python-dotenv recovers from any broken line, so a file that others refuse is still taken apart.
DIALECTS["portable"] = Dialect("portable", _PORTABLE, "python-dotenv")

_KEPT = {"bash": shell.KEPT_BY_BASH, "posix": shell.KEPT_BY_POSIX}
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_BARE = re.compile(r"[A-Za-z0-9_@%+=:,./-]*", re.ASCII)
# Further lines that offer each quote again: a reader that takes \' for an escaped quote where the value just
# ends in a backslash only shows it when another quote follows somewhere.
_TRAP = "\nZ='\n'\nZ=\"\n\"\n"
_BACKTICK_TRAP = "Z=`\n`\n"


def dialect_named(name: str) -> Dialect:
    """The dialect called *name*."""
    if name not in DIALECTS:
        raise DotenvError(f"{name!r} is not a dialect of .env files; there are {', '.join(DIALECTS)}.")
    return DIALECTS[name]


def spell(key: str, value: str, dialect: str) -> str:
    """`KEY=spelling` in the simplest spelling that every reader of *dialect* reads back exactly.

    Raises DotenvError naming the key, the kind of text that does not fit and the dialects that could carry the value;
    never the value.
    """
    rules = dialect_named(dialect)
    check_key(key, rules)
    spelling = _spelling(value, rules)
    if spelling is not None:
        return f"{key}={spelling}"
    others = [name for name, other in DIALECTS.items() if _spelling(value, other) is not None]
    way_out = f"these dialects can carry it: {', '.join(others)}" if others else "no dialect can carry it"
    raise DotenvError(
        f"could not write {key}: the dialect {dialect} has no spelling for a value with {_obstacle(value, rules)}; {way_out}.",
        key=key,
        dialects=others,
    )


def check_key(key: str, rules: Dialect) -> None:
    """Raise unless every reader of the dialect sets a variable of this name."""
    if not _KEY.fullmatch(key):
        raise DotenvError(
            f"could not write {key!r}: it is no variable name; use letters, digits and _, not beginning with a digit.",
            key=key,
        )
    keeping = [reader for reader in rules.readers if key in _KEPT.get(reader, ())]
    if keeping:
        raise DotenvError(
            f"could not write {key}: {' and '.join(keeping)} keep this name for themselves; "
            f"use another name, or another dialect than {rules.name}.",
            key=key,
        )


def _bare(value: str) -> str | None:
    return value if _BARE.fullmatch(value) else None


def _quoted(quote: str, escapes: dict[str, str]) -> Callable[[str], str | None]:
    table = str.maketrans(escapes)

    def spelled(value: str) -> str | None:
        return None if quote in value and quote not in escapes else f"{quote}{value.translate(table)}{quote}"

    return spelled


def _unquoted(value: str) -> str:
    return value


def _unescaped(value: str) -> str:
    return f"'{value}'"


# From the simplest to the most marked. Which of them a dialect reads back is for its readers to say.
_SPELLINGS: tuple[Callable[[str], str | None], ...] = (
    _bare,
    _quoted("'", {}),
    _quoted('"', {}),
    _quoted("`", {}),
    _quoted('"', {"\\": r"\\", '"': r"\"", "$": r"\$", "`": r"\`"}),
    _quoted('"', {"\\": r"\\", '"': r"\"", "$": r"\$"}),
    _quoted("'", {"\\": r"\\", "'": r"\'"}),
    _quoted('"', {"\\": r"\\", '"': r"\"", "\r": r"\r"}),
    _quoted('"', {"\r": r"\r"}),
    _unquoted,
    # node alone: three kinds of quotes in one value leave none to put around it, and it minds only the outer ones.
    _unescaped,
)


def _spelling(value: str, rules: Dialect) -> str | None:
    if "\0" in value or not _encodable(value) or ("\ufeff" in value and "systemd" in rules.readers):
        return None
    candidates: Iterator[str | None] = (spelled(value) for spelled in _SPELLINGS)
    return next((one for one in candidates if one is not None and _reads_back(one, value, rules)), None)


def _encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _reads_back(spelling: str, value: str, rules: Dialect) -> bool:
    return all(_read_one(spelling, reader) == value for reader in rules.readers)


def _read_one(spelling: str, reader: str) -> str | None:
    """The value of a first line with *spelling*, provided that the second line still begins where it should."""
    text = f"K={spelling}"
    trap = "\nZ=\n" if reader == "docker" else _TRAP + (_BACKTICK_TRAP if reader == "node" else "")
    try:
        found = list(itertools.islice(READERS[reader](text + trap), 2))
    except Unreadable:
        return None
    if len(found) < 2 or found[0].key != "K" or found[1].start != len(text) + 1:
        return None
    return found[0].value


# What may stand in the way, each with the shortest value that shows it.
_OBSTACLES = {
    "a NUL character": "\0",
    "a lone surrogate": "\ud800",
    "a byte order mark": "\ufeff",
    "a noncharacter of Unicode": "\ufffe",
    "a line break": "a\na",
    "a carriage return": "a\ra",
    "a backslash at its end": "a\\",
    "two backslashes in a row": "a\\\\a",
    "a ${…}": "a${a}a",
    "a $": "a$a",
    "a single quote": "a'a",
    "a double quote": 'a"a',
    "a backtick": "a`a",
    "a backslash": "a\\a",
    "a literal \\n": "a\\na",
    "a #": "a #a",
    "white space at an end": " a ",
    "more than 64 KiB": "a" * 64 * 1024,
}
_PRESENT: dict[str, Callable[[str], bool]] = {
    "a lone surrogate": lambda value: not _encodable(value),
    "a noncharacter of Unicode": lambda value: bool(systemd.NONCHARACTER.search(value)),
    "a backslash at its end": lambda value: value.endswith("\\"),
    "white space at an end": lambda value: value != value.strip(),
    "a ${…}": lambda value: "${" in value,
    "a #": lambda value: "#" in value,
    "more than 64 KiB": lambda value: len(value.encode("utf-8", "surrogatepass")) > 64_000,
}


def _obstacle(value: str, rules: Dialect) -> str:
    """The least combination of obstacles in *value* that *rules* have no spelling for, in words."""
    present = [name for name, sample in _OBSTACLES.items() if _PRESENT.get(name, _holds(sample))(value)]
    for size in (1, 2, 3):
        for names in itertools.combinations(present, size):
            # What must stand at the end goes last.
            samples = sorted((_OBSTACLES[name] for name in names), key=lambda sample: sample.endswith("\\"))
            if _spelling("".join(samples), rules) is None:
                return " together with ".join(names)
    return "this combination of quotes and escapes"


def _holds(sample: str) -> Callable[[str], bool]:
    return lambda value: sample.strip("a") in value
