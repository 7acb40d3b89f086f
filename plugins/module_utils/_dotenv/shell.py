# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How bash and a POSIX shell read .env text that they source: assignments understood, commands never run.

What only running would tell – a command substitution, a name from the environment – makes a value unknown (None).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import TypeAlias

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.assignments import (
    Assignment,
    Unreadable,
    end_of,
    line_number,
)

_BLANK = re.compile(r"(?:[ \t]|\\\n)*")
_COMMENT = re.compile(r"#[^\n]*")
_ASSIGNMENT = re.compile(r"(?P<key>[A-Za-z_][A-Za-z0-9_]*)(?P<append>\+?)=")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_EXPORT = re.compile(r"export(?=[ \t])")
_PLAIN = re.compile(r"[^ \t\n;&|<>()'\"\\$`~]+")
_SINGLE = re.compile(r"'([^']*)'")
_DOUBLE_PLAIN = re.compile(r'[^"\\$`]+')
_REFERENCE = re.compile(r"\$(?:(?P<plain>[A-Za-z_][A-Za-z0-9_]*)|\{(?P<braced>[A-Za-z_][A-Za-z0-9_]*)\})")
_ANSI_C = re.compile(r"\$'((?:\\[\s\S]|[^'\\])*)'")
# Also a dollar whose name follows on the next line, joined by a backslash.
_PARAMETER = re.compile(r"\$(?:[0-9?#@*!$_-]|\\\n)")
_BACKTICKS = re.compile(r"`(?:\\[\s\S]|[^`\\])*`")
_END_OF_WORD = frozenset(" \t\n;&|<>()")
_CLOSING = {"(": ")", "{": "}"}
# $[…] is bash's old way to calculate.
_CLOSING_IN_BASH = {**_CLOSING, "[": "]"}

# Assigning to these fails, or does something other than setting a variable that programs will see.
KEPT_BY_BASH = frozenset(
    [
        "BASHOPTS",
        "BASHPID",
        "BASH_ALIASES",
        "BASH_ARGC",
        "BASH_ARGV",
        "BASH_ARGV0",
        "BASH_CMDS",
        "BASH_LINENO",
        "BASH_SOURCE",
        "BASH_SUBSHELL",
        "BASH_VERSINFO",
        "COMP_WORDBREAKS",
        "DIRSTACK",
        "EPOCHREALTIME",
        "EPOCHSECONDS",
        "EUID",
        "FUNCNAME",
        "GROUPS",
        "HISTCMD",
        "LINENO",
        "OPTIND",
        "PIPESTATUS",
        "PPID",
        "RANDOM",
        "SECONDS",
        "SHELLOPTS",
        "SHLVL",
        "SRANDOM",
        "UID",
        "_",
    ]
)
KEPT_BY_POSIX = frozenset({"OPTIND"})

# None stands for text that only running would tell.
Piece: TypeAlias = "str | None"  # in quotes: ansible-test takes it for what an older Python runs


def read_bash(text: str) -> Iterator[Assignment]:
    """Assignments in order, as `set -a; . file` makes them in bash."""
    return _Script(text, ansi_c=True).assignments()


def read_posix(text: str) -> Iterator[Assignment]:
    """Assignments in order, as `set -a; . file` makes them in a POSIX shell such as dash."""
    return _Script(text, ansi_c=False).assignments()


class _Script:
    """One text on its way through; *position* is where the shell would read next."""

    def __init__(self, text: str, *, ansi_c: bool) -> None:
        self.text = text
        self.ansi_c = ansi_c
        self.position = 0
        self.known: dict[str, Piece] = {}

    def assignments(self) -> Iterator[Assignment]:
        while self.position < len(self.text):
            before = dict(self.known)
            found = self.statement()
            if found is None:
                self.known = before
            else:
                # `export` expands all of its words before it sets the first.
                self.known.update((one.key, one.value) for one in found)
                yield from found
            self.position += 1

    def statement(self) -> list[Assignment] | None:
        """The assignments up to a line break or `;`, None when they are only the environment of a command."""
        found: list[Assignment] = []
        command = False
        start = self.skip(_BLANK)
        if self.peek() == ";":
            raise Unreadable("has a ; with nothing before it", line_number(self.text, start))
        exported = self.take(_EXPORT) is not None
        while self.next_word():
            if self.peek() in "&|":
                command = True
                self.position += 1
            elif exported:
                found.extend(self.exported())
            else:
                held = self.assigned()
                found.extend(held)
                command = command or not held
        if exported and found:
            found[0] = dataclasses.replace(found[0], start=start)
        return None if command else found

    def next_word(self) -> bool:
        """Go to the next word of this statement; whether there is one."""
        if self.skip(_BLANK) < len(self.text) and self.peek() == "#":
            self.skip(_COMMENT)
        if self.position < len(self.text) and self.peek() in "<>()":
            raise Unreadable("has <, >, ( or ) outside of quotes", line_number(self.text, self.position))
        return self.position < len(self.text) and self.peek() not in "\n;"

    def assigned(self) -> list[Assignment]:
        """The assignment that the next word is, if it is one."""
        name = self.take(_ASSIGNMENT)
        value = self.word()
        if not name:
            return []
        self.known[name["key"]] = None if name["append"] else value
        return [Assignment(name["key"], self.known[name["key"]], name.start(), self.position)]

    def exported(self) -> list[Assignment]:
        """What `export` makes of the next word: a name, KEY=value, `"KEY=value"`, or an error."""
        start = self.position
        name = self.take(_ASSIGNMENT)
        if name:
            value = self.word()
            return [Assignment(name["key"], None if name["append"] else value, start, self.position)]
        key, equals, text = (self.word() or "").partition("=")
        if not _NAME.fullmatch(key) and not self.ansi_c:
            # bash goes on after a bad name, a POSIX shell may leave the file.
            raise Unreadable("exports something that is no name", line_number(self.text, start))
        return [Assignment(key, text, start, self.position)] if equals and _NAME.fullmatch(key) else []

    def word(self) -> Piece:
        pieces = []
        while self.position < len(self.text) and self.peek() not in _END_OF_WORD:
            pieces.append(self.piece())
        return _join(pieces)

    def piece(self) -> Piece:
        """The next quoted or bare part of a word."""
        plain = self.take(_PLAIN)
        if plain:
            return plain[0]
        if self.peek() == "'":
            return self.take_or_give_up(_SINGLE)[1]
        if self.peek() == '"':
            return self.double()
        if self.peek() == "\\":
            return self.escaped()
        return self.expansion(quoted=False)

    def escaped(self) -> Piece:
        self.position += 2
        if self.position > len(self.text):
            # Shells differ in what a backslash at the very end means.
            return None
        return self.text[self.position - 1].replace("\n", "")

    def double(self) -> Piece:
        opened = self.position
        self.position += 1
        pieces: list[Piece] = []
        while self.peek() != '"':
            if self.position >= len(self.text):
                raise Unreadable("opens a quote that is never closed", line_number(self.text, opened))
            plain = self.take(_DOUBLE_PLAIN)
            if plain:
                pieces.append(plain[0])
            elif self.peek() == "\\":
                pieces.append(self.escaped_in_double())
            else:
                pieces.append(self.expansion(quoted=True))
        self.position += 1
        return _join(pieces)

    def escaped_in_double(self) -> str:
        self.position += 2
        pair = self.text[self.position - 2 : self.position]
        return pair[1:].replace("\n", "") if pair[1:] in {"$", "`", '"', "\\", "\n"} else pair

    def expansion(self, *, quoted: bool) -> Piece:
        """What `$…`, backticks or `~` stand for."""
        if reference := self.take(_REFERENCE):
            return self.known.get(reference["plain"] or reference["braced"])
        if self.take(_PARAMETER):
            return None
        if self.peek() == "`":
            self.take_or_give_up(_BACKTICKS)
            return None
        follower = self.text[self.position + 1 : self.position + 2]
        closing = (_CLOSING_IN_BASH if self.ansi_c else _CLOSING).get(follower)
        if self.peek() == "$" and closing:
            self.skip_nested(follower, closing)
            return None
        if self.peek() == "$" and self.ansi_c and not quoted and follower in {"'", '"'}:
            return self.dollar_quoted(follower)
        self.position += 1
        # A tilde that may name a home directory is left to the shell.
        return "$" if self.text[self.position - 1] == "$" else self.tilde()

    def tilde(self) -> Piece:
        before = self.text[self.position - 2 : self.position - 1]
        return None if before in {"=", ":"} else "~"

    def dollar_quoted(self, quote: str) -> Piece:
        if quote == "'":
            body = self.take_or_give_up(_ANSI_C)[1]
            # Escapes of $'…' are left to bash: nothing here writes them.
            return None if "\\" in body else body
        self.position += 1
        return self.double()

    def skip_nested(self, opening: str, closing: str) -> None:
        """Past the end of $(…) or ${…}, counting brackets outside of quotes."""
        opened, depth = self.position, 0
        while self.position < len(self.text):
            if self.take(_SINGLE) or self.take(_BACKTICKS):
                continue
            character = self.peek()
            self.position += 1
            depth += (character == opening) - (character == closing)
            if character == closing and depth == 0:
                return
        raise Unreadable("opens a bracket that is never closed", line_number(self.text, opened))

    def peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def skip(self, pattern: re.Pattern[str]) -> int:
        self.position = end_of(pattern, self.text, self.position)
        return self.position

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.position)
        if found:
            self.position = found.end()
        return found

    def take_or_give_up(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = self.take(pattern)
        if not found:
            raise Unreadable("opens a quote that is never closed", line_number(self.text, self.position))
        return found


def _join(pieces: list[Piece]) -> Piece:
    known = [piece for piece in pieces if piece is not None]
    return "".join(known) if len(known) == len(pieces) else None
