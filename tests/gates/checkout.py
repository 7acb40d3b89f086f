# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as files: what the gates read."""

from __future__ import annotations

import ast
import importlib
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from ansible.plugins.loader import init_plugin_loader

ROOT = Path(__file__).resolve().parents[2]
init_plugin_loader([str(ROOT / "collections")])  # actions are imported as ansible-playbook imports them
PLUGINS = ROOT / "plugins"
NAMESPACE = "ansible_collections.envforge.terraform.plugins"


def python_files(*directories: str) -> list[Path]:
    """All Python files below these directories of the checkout, empty ones left out."""
    found = (path for directory in directories for path in (ROOT / directory).rglob("*.py"))
    return sorted(path for path in found if path.stat().st_size)


def name(path: Path) -> str:
    """A file as pytest shows it."""
    return str(path.relative_to(ROOT))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> set[str]:
    """Every module a file imports, wherever in it, by its full name."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def plugin(kind: str, of: str) -> Any:
    """The imported plugin of a kind, such as modules or action."""
    return importlib.import_module(f"{NAMESPACE}.{kind}.{of}")


def plugin_names(kind: str) -> set[str]:
    return {path.stem for path in (PLUGINS / kind).glob("*.py") if path.stem != "__init__"}


def load_yaml(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))
