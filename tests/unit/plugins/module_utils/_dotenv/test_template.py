# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A `.env.j2`: only keys and values are taken from it, so no value can break out of its line."""

from __future__ import annotations

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.template import (
    needed_by_template,
    render_template,
)
from ansible_collections.envforge.terraform.plugins.module_utils._errors import DotenvError

NASTY = 'it\'s "x"\nEVIL=1 # ${A} \\'
OUTPUTS = {
    "nasty": NASTY,
    "settings": {"DEBUG": False, "NAME": NASTY},
    "application_env_vars": "Q=1\nR='two words'\n",
    "absent": None,
}


def test_a_template_of_every_kind_of_line() -> None:
    """Statements, loops, quotes, comments, export, static text, and an output that brings its own lines."""
    template = """# for {{ nasty }}
{% if not settings.DEBUG %}
BARE={{ nasty }}
QUOTED="before {{ nasty }} after"
{% endif %}
{% for key, value in settings.items() %}
{{ key }}={{ value }}
{% endfor %}
{{ application_env_vars }}
export PASSWORD='{{ var.password }}' # note
STATIC=${X}
"""
    assert render_template(template, OUTPUTS, {"password": "p'w"}) == {
        "BARE": NASTY,
        "QUOTED": f"before {NASTY} after",
        "DEBUG": "false",
        "NAME": NASTY,
        "Q": "1",
        "R": "two words",
        "PASSWORD": "p'w",
        "STATIC": "${X}",
    }


def test_statements_leave_no_line_break_behind() -> None:
    """As Ansible's template module has it, which these files were written for."""
    assert render_template('A="x\n{% if true %}\ny\n{% endif %}\n"', {}, {}) == {"A": "x\ny\n"}


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("A={{ nowhere }}", "there is no output 'nowhere'; there are: absent, "),
        ("A={{ var.nowhere }}", "there is no variable 'nowhere'; there are: none"),
        ("A={{ absent }}", "an expression is null"),
        ("A={{ nasty | from_json }}", "(JSONDecodeError)"),
        ("A={% if %}", "cannot be read by Jinja2"),
        ("A={{ lookup('x') }}", "there is no output 'lookup'"),
        ("A=1\nno assignment", "line 2 of it is no KEY=value"),
        ("A=1\n\n{{ nasty }}", "line 3 of it is no KEY=value"),
        ("A='{{ nasty }}", "line 1 of it is no KEY=value"),
        ("A=\0", "NUL"),
    ],
)
def test_failures_say_where_and_show_no_value(template: str, reason: str) -> None:
    """The same sentences as for expressions."""
    with pytest.raises(DotenvError) as caught:
        render_template(template, OUTPUTS, {})
    assert reason in str(caught.value)
    assert "EVIL" not in str(caught.value)


@pytest.mark.parametrize(
    "statement",
    [
        "A={% filter upper %}x{% endfilter %}",
        "{% set x %}y{% endset %}A={{ x }}",
        "{% macro m() %}x{% endmacro %}A={{ m() }}",
        "{% include 'x' %}",
        "{% import 'x' as x %}",
        "{% from 'x' import y %}",
        "{% extends 'x' %}",
    ],
)
def test_statements_that_would_see_the_stand_ins_of_values_are_refused(statement: str) -> None:
    """A filter over a block would change what stands for a value instead of the value."""
    with pytest.raises(DotenvError, match=r"use filters inside of \{\{ … \}\}"):
        render_template(statement, OUTPUTS, {})


def test_needed_variables() -> None:
    """As for expressions; a statement reads variables too."""
    assert needed_by_template("{% if var.a %}A={{ var['b'] }}{% endif %}") == {"a", "b"}
    assert needed_by_template("A={{ var[x] }}") is None
