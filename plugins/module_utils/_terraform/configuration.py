# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a root module declares, as far as it matters before any process: backend, variables, whether modules are called."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._errors import RootModuleError
from ansible_collections.envforge.terraform.plugins.module_utils._files import read_text
from ansible_collections.envforge.terraform.plugins.module_utils._terraform import hcl

_NATIVE, _JSON = (".tf", ".tofu"), (".tf.json", ".tofu.json")


@dataclass(frozen=True)
class Variable:
    """A declared input variable; an ephemeral one is in no plan file and must be given again to apply."""

    name: str
    ephemeral: bool = False


@dataclass(frozen=True)
class Configuration:
    """readable is False when a file is not understood: then nothing may be concluded from what is missing here."""

    backend: str | None
    variables: Mapping[str, Variable]
    calls_modules: bool
    readable: bool

    @property
    def ephemeral(self) -> bool:
        return any(variable.ephemeral for variable in self.variables.values())


def read_configuration(root: str) -> Configuration:
    """The configuration of the root module in directory *root*. Raises RootModuleError when it is none."""
    if not os.path.isdir(root):
        raise RootModuleError(f"Reading the root module failed: the directory {root} (tf_path) does not exist.")
    names = sorted(name for name in os.listdir(root) if _is_configuration(name))
    if not names:
        raise RootModuleError(f"Reading the root module failed: {root} (tf_path) has no .tf file.")
    outlines = [_outline(os.path.join(root, name)) for name in names]
    blocks = [block for outline in outlines if outline for block in outline.blocks]
    return Configuration(
        backend=next(_backends(blocks), None),
        variables={block.labels[0]: _variable(block) for block in blocks if block.type == "variable" and block.labels},
        calls_modules=any(block.type == "module" for block in blocks),
        readable=None not in outlines,
    )


def require_backend(configuration: Configuration, backend_type: str, root: str) -> None:
    """Raises RootModuleError unless the root module asks for a backend of this type, with the lines to add."""
    found = configuration.backend
    if found == backend_type or not configuration.readable or (backend_type == "local" and found is None):
        return
    block = "cloud {\n    …\n  }" if backend_type == "cloud" else f'backend "{backend_type}" {{}}'
    lines = f"terraform {{\n  {block}\n}}"
    if found is None:
        raise RootModuleError(
            f"Initialising {root} failed: its .tf files have no backend block, so its state would stay in that directory. "
            f"Add these lines to one of them:\n{lines}"
        )
    raise RootModuleError(
        f"Initialising {root} failed: its .tf files ask for the backend {found}, the inventory (tf_backend.type) for "
        f"{backend_type}. Make them agree; for {backend_type} the lines are:\n{lines}"
    )


def _is_configuration(name: str) -> bool:
    return name.endswith((*_NATIVE, *_JSON)) and not name.startswith((".", "#")) and not name.endswith("~")


def _outline(path: str) -> hcl.Block | None:
    text = read_text(path) or ""
    try:
        return _from_json(json.loads(text)) if path.endswith(_JSON) else hcl.parse(text)
    except (hcl.Unreadable, ValueError):
        return None


def _backends(blocks: list[hcl.Block]) -> Iterator[str]:
    for block in blocks:
        if block.type == "terraform":
            yield from (nested.labels[0] for nested in block.nested("backend") if nested.labels)
            yield from ("cloud" for _block in block.nested("cloud"))


def _variable(block: hcl.Block) -> Variable:
    ephemeral = block.attributes.get("ephemeral")
    return Variable(block.labels[0], ephemeral is not None and ephemeral.expression.lower() == "true")


# JSON syntax: https://developer.hashicorp.com/terraform/language/syntax/json
_LABELS = {"variable": 1, "module": 1, "data": 2, "terraform": 0, "backend": 1, "cloud": 0}


def _from_json(document: Any) -> hcl.Block:
    outer = hcl.Block("", (), 1)
    for name, value in document.items():
        outer.blocks.extend(_json_blocks(name, value, (), _LABELS.get(name, 0)))
    return outer


def _json_blocks(name: str, value: Any, labels: tuple[str, ...], depth: int) -> Iterator[hcl.Block]:
    if depth and isinstance(value, dict):
        for label, inner in value.items():
            yield from _json_blocks(name, inner, (*labels, label), depth - 1)
        return
    for body in value if isinstance(value, list) else [value]:
        block = hcl.Block(name, labels, 1)
        for key, inner in body.items() if isinstance(body, dict) else ():
            if key in {"backend", "cloud"}:
                block.blocks.extend(_json_blocks(key, inner, (), _LABELS[key]))
            else:
                block.attributes[key] = hcl.Attribute(str(inner), 1)
        yield block
