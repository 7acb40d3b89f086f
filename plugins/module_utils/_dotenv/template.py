# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The older habit of a `.env.j2`: ordinary Jinja2, of which only the keys and values are taken, never the quoting."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv import expressions, python_dotenv
from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.assignments import line_number
from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.mapping import dotenv_text
from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.spelling import text_of
from ansible_collections.envforge.terraform.plugins.module_utils._errors import DotenvError

if TYPE_CHECKING:
    from jinja2.nodes import Template

_PLACEHOLDER = re.compile("\0([0-9]+)\0")


def render_template(text: str, outputs: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, str]:
    """The keys that the rendered template sets. A value may hold anything: it cannot end a line or a quote of the template.

    A `{{ … }}` alone on its line stands for as many assignments as its value has. Raises DotenvError as expand() does.
    """
    if "\0" in text:
        raise DotenvError("could not render the template: it holds a NUL character; is it a text file?")
    rendering = _Rendering()
    return rendering.keys_of(rendering.render(text, expressions.names(outputs, variables)))


def needed_by_template(text: str) -> set[str] | None:
    """The variables whose values render_template() will read; None for all, when one is picked by a computed name."""
    return expressions.variables_read([_parse(_Rendering().sandbox, text)])


class _Rendering:
    """One template on its way to keys: what expressions print is set aside, and put back once the text is divided."""

    def __init__(self) -> None:
        self.printed: list[str] = []
        self.sandbox = expressions.Sandbox(trim_blocks=True, finalize=self._set_aside)

    def _set_aside(self, value: Any) -> str:
        self.printed.append(text_of(value))
        return f"\0{len(self.printed) - 1}\0"

    def render(self, text: str, known: Mapping[str, Any]) -> str:
        tree = _parse(self.sandbox, text)
        expressions.refuse_capturing(tree)
        try:
            return self.sandbox.from_string(text).render(known)
        except Exception as error:  # noqa: BLE001 # only what explain() says gets out
            raise _failed(error, expressions.static_names(tree), known) from None

    def keys_of(self, rendered: str) -> dict[str, str]:
        result: dict[str, str] = {}
        position = 0
        for found in python_dotenv.read_literally(rendered):
            self._between(rendered, position, found.start, result)
            if found.value is None:
                self._between(rendered, found.start, found.end, result)
            else:
                result[self._put_back(found.key)] = self._put_back(found.value)
            position = found.end
        self._between(rendered, position, len(rendered), result)
        return result

    def _between(self, rendered: str, start: int, end: int, result: dict[str, str]) -> None:
        """Lines that are no assignments: comments, or one printed text that brings its own."""
        for number, line in enumerate(rendered[start:end].split("\n"), line_number(rendered, start)):
            if line.strip() and not line.strip().startswith("#"):
                placeholder = _PLACEHOLDER.fullmatch(line.strip())
                own = dotenv_text(self._put_back(line.strip())) if placeholder else None
                if own is None:
                    raise DotenvError(
                        f"could not take the keys from the rendered template: line {number} of it is no KEY=value; "
                        "correct the template.",
                        line=number,
                    )
                result.update(own)

    def _put_back(self, text: str) -> str:
        return _PLACEHOLDER.sub(lambda found: self.printed[int(found[1])], text)


def _parse(sandbox: expressions.Sandbox, text: str) -> Template:
    try:
        return sandbox.parse(text)
    except Exception as error:  # noqa: BLE001 # as above
        raise _failed(error, set(), {}) from None


def _failed(error: Exception, spelled_out: set[str], known: Mapping[str, Any]) -> DotenvError:
    return DotenvError(f"could not render the template: {expressions.explain(error, spelled_out, known)}.")
