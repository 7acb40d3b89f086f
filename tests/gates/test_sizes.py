# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Budgets of size. A file that outgrows its budget has more than one reason to exist."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gates.checkout import PLUGINS, name, python_files, tree

LIBRARY, MODULE, FUNCTION = 250, 60, 30
LAYOUT = {tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT, tokenize.ENDMARKER}


def code_lines(text: str) -> set[int]:
    """The numbers of the lines that hold code: no comment, no docstring, no documentation in a long string."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        long_text = token.type == tokenize.STRING and token.start[0] != token.end[0]
        if token.type not in LAYOUT and not long_text:
            lines.update(range(token.start[0], token.end[0] + 1))
    return lines - docstring_lines(ast.parse(text))


def docstring_lines(module: ast.Module) -> set[int]:
    found: set[int] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            found.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return found


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", python_files("plugins"), ids=name)
def test_a_file_of_the_collection_keeps_its_budget(path: Path) -> None:
    """A module is a front of 60 lines of code, a file of the library has at most 250."""
    budget = MODULE if path.parent == PLUGINS / "modules" else LIBRARY
    assert len(code_lines(path.read_text(encoding="utf-8"))) <= budget


@pytest.mark.parametrize("path", python_files("plugins", "tests", ".tools"), ids=name)
def test_no_function_is_longer_than_a_screen(path: Path) -> None:
    """A function has at most 30 lines of code, its signature included."""
    code = code_lines(path.read_text(encoding="utf-8"))
    sizes = {
        function.name: len(code & set(range(function.lineno, (function.end_lineno or 0) + 1)))
        for function in functions(path)
    }
    assert {name: size for name, size in sizes.items() if size > FUNCTION} == {}
