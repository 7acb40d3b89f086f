# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Habits that no linter knows: headers, docstrings of tests, complete roles, suppressions that give a reason."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gates.checkout import ROOT, load_yaml, name, python_files, tree

PYTHON = [ROOT / "noxfile.py", *python_files("plugins", "tests", ".tools")]
PLAYBOOKS = sorted((ROOT / "playbooks").rglob("*.yml"))
TESTS = [path for path in PYTHON if path.name.startswith("test_")]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir()) if (ROOT / "roles").is_dir() else []
# what a playbook may do itself: put roles in order, and say why not
ORDERING = {
    "import_tasks",
    "include_tasks",
    "import_role",
    "include_role",
    "fail",
    "meta",
    "tf_order",
    "copy",
    "debug",
    "pause",
}
# REUSE-IgnoreStart
HEADER = (
    "# Copyright (c) 2026 The envforge.terraform authors",
    "# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)",
    "# SPDX-License-Identifier: GPL-3.0-or-later",
)
# REUSE-IgnoreEnd
# a suppression names its rule and, after it, the reason
SUPPRESSION = re.compile(r"# (?:noqa|type: ignore)(?P<rest>.*)$", re.MULTILINE)
REASONED = re.compile(r"(?:: [A-Z]+\d+(?:, [A-Z]+\d+)*|\[[a-z-]+(?:, ?[a-z-]+)*\]) +(?:# |- )\S")


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_a_python_file_begins_with_the_header(path: Path) -> None:
    """Owner and licence stand first, after the interpreter line of a module."""
    lines = path.read_text(encoding="utf-8").splitlines()
    start = 1 if lines[0].startswith("#!") else 0
    assert tuple(lines[start : start + 3]) == HEADER


def test_package_files_of_the_library_are_empty() -> None:
    """Ansible ships module_utils' __init__.py to the target; ansible-test 2.16 accepts only empty ones."""
    assert [name(path) for path in (ROOT / "plugins").rglob("__init__.py") if path.stat().st_size] == []


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_a_suppression_names_its_rule_and_its_reason(path: Path) -> None:
    """Silencing a linter is a decision, and a decision has a reason."""
    text = path.read_text(encoding="utf-8")
    found = [match.group(0) for match in SUPPRESSION.finditer(text) if "re.compile" not in text_of_line(text, match)]
    assert [comment for comment in found if not REASONED.search(comment)] == []


def text_of_line(text: str, match: re.Match[str]) -> str:
    return text[text.rfind("\n", 0, match.start()) + 1 : match.end()]


@pytest.mark.parametrize("path", TESTS, ids=name)
def test_every_test_says_what_it_is_about(path: Path) -> None:
    """A test is a statement about the product: its docstring is a sentence."""
    tests = [
        node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    silent = [test.name for test in tests if not (ast.get_docstring(test) or "").rstrip().endswith((".", "?", "!"))]
    assert silent == []


def test_no_file_carries_a_note_to_do_it_later() -> None:
    """What is not done is an issue, not a comment."""
    marker = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    files = [path for path in PYTHON if marker.search(path.read_text(encoding="utf-8"))]
    assert [name(path) for path in files] == []


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_complete(role: str) -> None:
    """A role has a table of contents, defaults, checked arguments, metadata and a page with an example."""
    wanted = ("README.md", "meta/main.yml", "meta/argument_specs.yml", "defaults/main.yml", "tasks/main.yml")
    assert [part for part in wanted if not (ROOT / "roles" / role / part).exists()] == []


@pytest.mark.parametrize("role", ROLES)
def test_the_defaults_of_a_role_are_the_documented_ones(role: str) -> None:
    """Every default is an argument of an entry point, a stated default is that one, and the names carry the role's."""
    entries = load_yaml(f"roles/{role}/meta/argument_specs.yml")["argument_specs"]
    arguments = {key: option for entry in entries.values() for key, option in (entry.get("options") or {}).items()}
    defaults = load_yaml(f"roles/{role}/defaults/main.yml") or {}
    assert set(defaults) <= set(arguments)
    stated = {key: option["default"] for key, option in arguments.items() if "default" in option}
    assert stated == {key: defaults.get(key) for key in stated}
    assert [key for key in defaults if not key.startswith(f"{role}_")] == []


def modules_of(tasks: list[dict[str, Any]]) -> Iterator[str]:
    """The short names of the modules that tasks call, those in blocks included."""
    for task in tasks:
        yield from (key.rpartition(".")[2] for key in task if "." in key)
        for part in ("block", "rescue", "always"):
            yield from modules_of(task.get(part, []))


@pytest.mark.parametrize("path", PLAYBOOKS, ids=name)
def test_a_playbook_only_puts_roles_in_order(path: Path) -> None:
    """What works is in roles, where it has arguments and a scenario that tests it."""
    entries: list[dict[str, Any]] = load_yaml(name(path))
    tasks = [task for entry in entries for task in (entry.get("tasks", []) if "hosts" in entry else [entry])]
    assert set(modules_of(tasks)) <= ORDERING
