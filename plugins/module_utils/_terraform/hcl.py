# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the outline of HCL: blocks, labels and the names of attributes, never the value of an expression.

Enough to know which variables a root module declares and which backend it asks for, without a process. The grammar is
https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md; what it cannot read raises Unreadable, and Terraform says why.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_SPACE = re.compile(r"[ \t\r\n,;]+|#[^\n]*|//[^\n]*|/\*.*?\*/", re.DOTALL)
_BLANK = re.compile(r"[ \t\r]+|/\*.*?\*/", re.DOTALL)
_IDENTIFIER = re.compile(r"[^\W\d][\w-]*")
_HEREDOC = re.compile(r"<<-?([^\W\d][\w-]*)[ \t]*\r?\n")
_COMMENT = re.compile(r"#[^\n]*|//[^\n]*|/\*.*?\*/", re.DOTALL)
_OPENING, _CLOSING = "([{", ")]}"


class Unreadable(Exception):
    """The text is not HCL as far as we understand it."""


@dataclass(frozen=True)
class Attribute:
    """An attribute: expression is its source text, line where its name stands (from 1)."""

    expression: str
    line: int


@dataclass(frozen=True)
class Block:
    """A block: `type "label" { … }`; the outermost one, a file, has no type."""

    type: str
    labels: tuple[str, ...]
    line: int
    attributes: dict[str, Attribute] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def nested(self, type_: str) -> list[Block]:
        return [block for block in self.blocks if block.type == type_]


def parse(text: str) -> Block:
    """The outline of a file. Raises Unreadable."""
    reader = _Reader(text.removeprefix("\ufeff"))
    return reader.body(Block("", (), 1), end="")


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def body(self, block: Block, end: str) -> Block:
        while True:
            self._skip(_SPACE)
            if self._at >= len(self._text) or self._text[self._at] == "}":
                if self._text[self._at : self._at + 1] != end:
                    raise Unreadable
                self._at += 1
                return block
            self._member(block)

    def _member(self, block: Block) -> None:
        line = self._line()
        name = self._name()
        self._skip(_BLANK)
        if self._peek() == "=" and self._text[self._at + 1 : self._at + 2] != "=":
            self._at += 1
            start = self._at
            self._expression()
            block.attributes[name] = Attribute(self._text[start : self._at].strip(), line)
            return
        labels = []
        while self._peek() != "{":
            labels.append(self._label())
            self._skip(_BLANK)
        self._at += 1
        block.blocks.append(self.body(Block(name, tuple(labels), line), end="}"))

    def _label(self) -> str:
        if self._peek() != '"':
            return self._name()
        start = self._at
        self._string()
        return self._text[start + 1 : self._at - 1]

    def _name(self) -> str:
        match = _IDENTIFIER.match(self._text, self._at)
        if match is None and self._peek() == '"':  # an attribute of an object may be quoted
            return self._label()
        if match is None:
            raise Unreadable
        self._at = match.end()
        return match.group()

    def _expression(self) -> None:
        """Move past an expression: to the end of its line, outside of every bracket, string, heredoc and comment."""
        depth = 0
        while self._at < len(self._text):
            character = self._text[self._at]
            if depth == 0 and (character in "\n}" or self._starts_line_comment()):
                return
            if self._jump():
                continue
            depth += (character in _OPENING) - (character in _CLOSING)
            self._at += 1
        if depth:
            raise Unreadable

    def _jump(self) -> bool:
        """Move past a string, heredoc or comment that starts here."""
        if self._peek() == '"':
            self._string()
            return True
        heredoc = _HEREDOC.match(self._text, self._at)
        if heredoc:
            self._heredoc(heredoc)
            return True
        comment = _COMMENT.match(self._text, self._at)
        if comment:
            self._at = comment.end()
        return comment is not None

    def _string(self) -> None:
        self._at += 1
        while self._at < len(self._text):
            two = self._text[self._at : self._at + 2]
            if two[:1] == '"':
                self._at += 1
                return
            if two in {"${", "%{"} and self._text[self._at - 1] != two[0]:
                self._at += 2
                self._template()
            else:
                self._at += 2 if two[:1] == "\\" else 1
        raise Unreadable

    def _template(self) -> None:
        depth = 1
        while depth and self._at < len(self._text):
            if self._jump():
                continue
            depth += (self._text[self._at] == "{") - (self._text[self._at] == "}")
            self._at += 1

    def _heredoc(self, start: re.Match[str]) -> None:
        end = re.compile(rf"^[ \t]*{re.escape(start.group(1))}[ \t]*\r?$", re.MULTILINE).search(self._text, start.end())
        if end is None:
            raise Unreadable
        self._at = end.end()

    def _starts_line_comment(self) -> bool:
        return self._text.startswith(("#", "//"), self._at)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        while match := pattern.match(self._text, self._at):
            self._at = match.end()

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _line(self) -> int:
        return self._text.count("\n", 0, self._at) + 1
