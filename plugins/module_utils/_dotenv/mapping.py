# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From outputs and variables to the keys of a .env: an explicit mapping, all outputs, or which variables it needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv import expressions, python_dotenv
from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.expressions import Expression
from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.spelling import text_of
from ansible_collections.envforge.terraform.plugins.module_utils._errors import DotenvError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_ENV_VARS = re.compile(r"(?:.*_)?env_vars", re.DOTALL)


def expand(templates: Mapping[str, Any], outputs: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, str]:
    """Each key's text with its `${…}` replaced; values that are no text are spelled as Terraform prints them.

    Raises DotenvError naming the key, the missing name and the names there are; never a value.
    """
    sandbox = expressions.expressions_only()
    known = expressions.names(outputs, variables)
    return {key: _expand_one(sandbox, key, template, known) for key, template in templates.items()}


def needed_variables(templates: Mapping[str, Any]) -> set[str] | None:
    """The variables whose values expand() will read; None for all, when one is picked by a computed name."""
    sandbox = expressions.expressions_only()
    parts = [part for key, template in templates.items() for part in _parse(sandbox, key, template)]
    return expressions.variables_read(part.tree for part in parts if isinstance(part, Expression))


def from_outputs(outputs: Mapping[str, Any], prefix: str) -> dict[str, str]:
    """All outputs: `db_endpoint` becomes `<prefix>DB_ENDPOINT`, maps and lists become JSON, null is left out.

    An output called `env_vars` or `…_env_vars` that is a map of variables or dotenv text gives its own keys instead,
    without prefix. Raises DotenvError when two outputs give one key.
    """
    result: dict[str, str] = {}
    origin: dict[str, str] = {}
    for name, value in outputs.items():
        for key, text in _keys_of(name, value, prefix):
            if key in origin:
                raise DotenvError(
                    f"could not name the keys: the outputs {origin[key]!r} and {name!r} both give {key}; "
                    "map one of them explicitly, or rename it.",
                    key=key,
                )
            origin[key] = name
            result[key] = text
    return result


def sets_of_variables(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs called `env_vars` or `…_env_vars`. Raises DotenvError when there is none, or one is no such set."""
    chosen = {name: value for name, value in outputs.items() if _ENV_VARS.fullmatch(name)}
    odd = [name for name, value in chosen.items() if _own_keys(value) is None]
    if odd or not chosen:
        found = f"the output {odd[0]!r} is neither" if odd else "no output has such a name"
        raise DotenvError(
            f"could not name the keys: {found}; outputs: env_vars wants outputs whose names end in env_vars, "
            "each a map of variables or lines of a .env file.",
        )
    return chosen


def _expand_one(sandbox: expressions.Sandbox, key: str, template: Any, known: Mapping[str, Any]) -> str:
    pieces = []
    for part in _parse(sandbox, key, template):
        if isinstance(part, str):
            pieces.append(part)
            continue
        try:
            pieces.append(text_of(part.evaluate(known)))
        except Exception as error:  # noqa: BLE001 # whatever an expression raises may quote a value: none gets out
            raise _failed(key, expressions.explain(error, expressions.static_names(part.tree), known)) from None
    return "".join(pieces)


def _parse(sandbox: expressions.Sandbox, key: str, template: Any) -> list[str | Expression]:
    if template is None:
        raise _failed(key, "it is null; give it a value, or leave the key out")
    try:
        return list(expressions.split(sandbox, template)) if isinstance(template, str) else [text_of(template)]
    except Exception as error:  # noqa: BLE001 # as above
        raise _failed(key, expressions.explain(error, set(), {})) from None


def _failed(key: str, reason: str) -> DotenvError:
    return DotenvError(f"could not make the value of {key}: {reason}.", key=key)


def _keys_of(name: str, value: Any, prefix: str) -> Iterator[tuple[str, str]]:
    own = _own_keys(value) if _ENV_VARS.fullmatch(name) else None
    if own is not None:
        yield from own.items()
    elif value is not None:
        yield prefix + re.sub(r"[^A-Z0-9_]", "_", name.upper()), text_of(value)


def _own_keys(value: Any) -> dict[str, str] | None:
    """The keys of an output that is itself a set of variables; None when it is not."""
    if isinstance(value, str):
        return dotenv_text(value)
    if isinstance(value, Mapping) and all(_NAME.fullmatch(key) for key in value):
        return {key: text_of(held) for key, held in value.items() if held is not None}
    return None


def dotenv_text(text: str) -> dict[str, str] | None:
    """The keys of *text* if each of its lines is an assignment, a comment or blank; references stay as they are."""
    found = list(python_dotenv.read_literally(text))
    rest = text
    for one in reversed(found):
        rest = rest[: one.start] + rest[one.end :]
    leftover = [line for line in rest.splitlines() if line.strip() and not line.strip().startswith("#")]
    if leftover or not found or any(one.value is None or not _NAME.fullmatch(one.key) for one in found):
        return None
    return {one.key: one.value for one in found if one.value is not None}
