# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jinja2 as the expression language of .env values: a sandbox that knows the outputs and the stack's variables."""

from __future__ import annotations

import base64
import json
import re
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.spelling import NullValue, json_of
from ansible_collections.envforge.terraform.plugins.module_utils._errors import DotenvError

try:
    from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError, nodes
    from jinja2.filters import do_urlencode
    from jinja2.parser import Parser
    from jinja2.runtime import Undefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment
    from jinja2.utils import missing
except ImportError:  # modules are also sent to hosts that may lack Jinja2
    HAS_JINJA2 = False
    ImmutableSandboxedEnvironment = StrictUndefined = object  # type: ignore[assignment,misc]  # stands in where Jinja2 is missing
else:
    HAS_JINJA2 = True

# No text holds these, so a value with {%, {# or {{ is literal text.
_EXPRESSIONS_ONLY = {
    "block_start_string": "\0statement\0",
    "block_end_string": "\0end statement\0",
    "comment_start_string": "\0comment\0",
    "comment_end_string": "\0end comment\0",
    "variable_start_string": "${",
    "variable_end_string": "}",
}
_OPENING = re.compile(r"\$\$\{|\$\{")


class Outputs(dict[str, Any]):
    """The outputs, as `output["name"]` finds those whose names are no names to Jinja2."""


class Variables(dict[str, Any]):
    """The variables of the stack, as `var.name` finds them."""


class Missing(StrictUndefined):
    """A name that is not there; what it says is `kind:name`, for explain() alone: a computed name may be a secret."""

    @property
    def _undefined_message(self) -> str:
        kinds = {type(missing): "output", Outputs: "output", Variables: "variable"}
        return f"{kinds.get(type(self._undefined_obj), 'element')}:{self._undefined_name}"


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2 without anything of Python's or Ansible's around: names are outputs, `output` and `var`."""

    def __init__(self, **delimiters: Any) -> None:
        if not HAS_JINJA2:
            raise DotenvError("could not evaluate the .env's expressions: this Python has no jinja2; install it there.")
        super().__init__(undefined=Missing, keep_trailing_newline=True, **delimiters)
        self.globals.clear()
        # The same outputs must give the same .env.
        del self.filters["random"]
        self.filters.update(
            b64decode=lambda value: base64.b64decode(value, validate=True).decode(),
            b64encode=lambda value: base64.b64encode(str(value).encode()).decode(),
            d=_default,
            default=_default,
            from_json=json.loads,
            to_json=json_of,
            tojson=json_of,
            urlencode=_urlencode,
        )

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Elements of a map before methods of Python: `cluster.items` is an output's element if it has one."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


def expressions_only() -> Sandbox:
    """The sandbox for values: `${…}` and nothing else has a meaning."""
    return Sandbox(**_EXPRESSIONS_ONLY)


def names(outputs: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """What an expression can name."""
    return {"output": Outputs(outputs), **outputs, "var": Variables(variables)}


class Expression:
    """One `${…}` of a value."""

    def __init__(self, sandbox: Sandbox, source: str) -> None:
        self._sandbox = sandbox
        self._source = source
        self.tree = nodes.Template([nodes.Output([Parser(sandbox, source, state="variable").parse_expression()])])

    def evaluate(self, known: Mapping[str, Any]) -> Any:
        """The value, with the type it has; a missing name raises UndefinedError at the latest when it is spelled."""
        return self._sandbox.compile_expression(self._source, undefined_to_none=False)(known)


def split(sandbox: Sandbox, text: str) -> Iterator[str | Expression]:
    """The literal texts and the expressions of a value, in order; `$${` is a literal `${`."""
    position = 0
    while opening := _OPENING.search(text, position):
        yield text[position : opening.start()]
        position = opening.end()
        if opening[0] == "$${":
            yield "${"
            continue
        length = _length(sandbox, text[position:])
        yield Expression(sandbox, text[position : position + length])
        position += length + 1
    yield text[position:]


def _length(sandbox: Sandbox, text: str) -> int:
    """How long the expression at the beginning of *text* is: Jinja2's lexer knows which `}` closes it."""
    length = 0
    # The lexer would shorten line breaks of two characters.
    for _line, kind, raw in sandbox.lexer.tokeniter(text.replace("\r", " "), None, state="variable"):
        if kind == "variable_end":
            return length
        length += len(raw)
    raise TemplateSyntaxError("unexpected end of value, expected '}'", 1)


def static_names(tree: nodes.Node) -> set[str]:
    """The names and elements that an expression spells out."""
    return {
        *(node.name for node in tree.find_all(nodes.Name)),
        *(node.attr for node in tree.find_all(nodes.Getattr)),
        *(node.value for node in tree.find_all(nodes.Const) if isinstance(node.value, str)),
    }


def variables_read(trees: Iterable[nodes.Node]) -> set[str] | None:
    """The variables that `var.name` and `var["name"]` name; None when `var` is used in any other way."""
    found: set[str] = set()
    for tree in trees:
        elements = [_variable(node) for node in tree.find_all((nodes.Getattr, nodes.Getitem))]
        named = [name for name in elements if name is not None]
        if len(named) != sum(node.name == "var" for node in tree.find_all(nodes.Name)):
            return None
        found.update(named)
    return found


def _variable(node: nodes.Expr) -> str | None:
    if not isinstance(node, (nodes.Getattr, nodes.Getitem)) or node.node != nodes.Name("var", "load"):
        return None
    name = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", None)
    return name if isinstance(name, str) else None


def refuse_capturing(tree: nodes.Template) -> None:
    """Raise for statements of a template that would see other text than what its expressions print, or other files."""
    refused = (nodes.FilterBlock, nodes.AssignBlock, nodes.Macro, nodes.CallBlock, nodes.Include, nodes.Import)
    if next(tree.find_all((*refused, nodes.FromImport, nodes.Extends)), None):
        raise DotenvError(
            "could not render the template: filter, set … endset, macro, call, include, import and extends have no "
            "place in it; use filters inside of {{ … }}."
        )


def explain(error: Exception, spelled_out: set[str], known: Mapping[str, Any]) -> str:
    """Why an expression failed, without any value: not even the text of *error*, which may quote one."""
    if isinstance(error, TemplateSyntaxError):
        return f"line {error.lineno} cannot be read by Jinja2: {str(error.message).rstrip('.')}"
    if isinstance(error, NullValue):
        return "an expression is null; give it another value with `| default(…)`"
    if not isinstance(error, UndefinedError):
        return f"a filter or operator does not accept its operands ({type(error).__name__})"
    kind, _colon, name = (error.message or "").partition(":")
    shown = repr(name) if name in spelled_out else "picked by a computed key"
    if kind == "element":
        return f"the element {shown} is missing"
    there = known["var"] if kind == "variable" else known["output"]
    return f"there is no {kind} {shown}; there are: {', '.join(sorted(there)) or 'none'}"


def _default(value: Any, default: Any = "", boolean: bool = False) -> Any:
    """Like Jinja2's own, but null is missing too: Terraform has no other way to leave an output out."""
    if value is None or isinstance(value, Undefined) or (boolean and not value):
        return default
    return value


def _urlencode(value: Any) -> str:
    """Like Jinja2's own, but a text's `/` is encoded too: in the password of a URL it would end the host."""
    if isinstance(value, (Mapping, list, tuple)):
        return do_urlencode(value)
    return urllib.parse.quote(str(value), safe="")
