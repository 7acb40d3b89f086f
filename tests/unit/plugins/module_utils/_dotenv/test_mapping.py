# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From outputs to keys: expressions, all outputs, and errors that show names but never a value."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.mapping import (
    expand,
    from_outputs,
    needed_variables,
    sets_of_variables,
)
from ansible_collections.envforge.terraform.plugins.module_utils._errors import DotenvError

OUTPUTS: dict[str, Any] = {
    "db_endpoint": "db.example.com:5432",
    "ports": [80, 443],
    "flag": True,
    "big": 10**20,
    "cluster": {"items": "mine", "name": "main"},
    "absent": None,
    "my-output": "dashed",
    "result": "R",
    "secret": "pl4nted-s3cret",
}
VARIABLES = {"db_password": "p/w@:#'", "key": "pl4nted-s3cret"}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("plain", "plain"),
        ("${db_endpoint}", "db.example.com:5432"),
        (
            "postgres://app:${var.db_password | urlencode}@${db_endpoint}/x",
            "postgres://app:p%2Fw%40%3A%23%27@db.example.com:5432/x",
        ),
        ("$${literal} $ $$ $x {{ y }} {% if %} {# c #}", "${literal} $ $$ $x {{ y }} {% if %} {# c #}"),
        ("$$${db_endpoint}", "$${db_endpoint}"),
        ("${ports}", "[80,443]"),
        ("${ports | join(',')}", "80,443"),
        ("${ports | map('string')}", '["80","443"]'),
        ("${flag}/${flag}", "true/true"),
        ("${big}", "100000000000000000000"),
        ("${ {'a': '}'}['a'] }", "}"),
        ("${ {'a': {'b': 1}} }", '{"a":{"b":1}}'),
        ("${cluster.items} ${cluster['name']}", "mine main"),
        ("${absent | default('other')}", "other"),
        ("${nowhere | default('other')}", "other"),
        ("${'yes' if nowhere is defined else 'no'}", "no"),
        ("${output['my-output']}", "dashed"),
        ("${result}", "R"),
        ("${var['db_password']}", "p/w@:#'"),
        ("${'ä' | b64encode}${'w6Q=' | b64decode}", "w6Q=ä"),
        ("${cluster | to_json}", '{"items":"mine","name":"main"}'),
        ("${('[1, 2]' | from_json)[1]}", "2"),
        ("line\r\n${flag}\r\n", "line\r\ntrue\r\n"),
        ("${flag\r\n  and flag}!", "true!"),
        (5432, "5432"),
        (True, "true"),
        ({"a": "${flag}"}, '{"a":"\\u0024{flag}"}'),
        ("", ""),
    ],
)
def test_values(template: Any, text: str) -> None:
    """What each template becomes."""
    assert expand({"KEY": template}, OUTPUTS, VARIABLES) == {"KEY": text}


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("${nowhere}", "there is no output 'nowhere'; there are: absent, big, cluster, "),
        ("${nowhere | upper}", "there is no output 'nowhere'"),
        ("${output.nowhere}", "there is no output 'nowhere'"),
        ("${[nowhere]}", "there is no output 'nowhere'"),
        ("${var.nowhere}", "there is no variable 'nowhere'; there are: db_password, key."),
        ("${cluster.nowhere}", "the element 'nowhere' is missing"),
        ("${cluster[secret]}", "the element picked by a computed key is missing"),
        ("${absent}", "an expression is null; give it another value with `| default(…)`"),
        ("x${absent}", "an expression is null"),
        (None, "it is null"),
        ("${", "cannot be read by Jinja2: unexpected end of value"),
        ("${flag flag}", "cannot be read by Jinja2"),
        ("${flag | no_such_filter}", "No filter named 'no_such_filter'"),
        ("${secret | from_json}", "a filter or operator does not accept its operands (JSONDecodeError)"),
        ("${secret + 1}", "(TypeError)"),
        ("${secret.__class__}", "(SecurityError)"),
        ("${range(3)}", "there is no output 'range'"),
        ("${ports | random}", "No filter named 'random'"),
        (object(), "(TypeError)"),
    ],
)
def test_failures_name_the_key_and_no_value(template: Any, reason: str) -> None:
    """One sentence, from the key to the way out, whatever Jinja2 would have said."""
    with pytest.raises(DotenvError) as caught:
        expand({"FINE": "x", "THE_KEY": template}, OUTPUTS, VARIABLES)
    message = str(caught.value)
    assert message.startswith("could not make the value of THE_KEY: ")
    assert reason in message
    assert "pl4nted" not in message
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_outputs_cannot_be_changed_by_an_expression() -> None:
    """The sandbox is immutable."""
    with pytest.raises(DotenvError, match="SecurityError"):
        expand({"KEY": "${ports.append(1)}"}, OUTPUTS, {})
    assert OUTPUTS["ports"] == [80, 443]


@pytest.mark.parametrize(
    ("templates", "needed"),
    [
        ({}, set()),
        ({"A": "${db_endpoint} var.x $${var.y}", "B": 5}, set()),
        ({"A": "${var.a}", "B": "x${var['b'] | urlencode}${var.a}"}, {"a", "b"}),
        ({"A": "${var[name]}"}, None),
        ({"A": "${var | length}"}, None),
        ({"A": "${cluster.var}"}, set()),
    ],
)
def test_needed_variables(templates: dict[str, Any], needed: set[str] | None) -> None:
    """Only those are asked for whose values are read; a computed name may be any of them."""
    assert needed_variables(templates) == needed


def test_all_outputs() -> None:
    """Upper case, every other character a _, null left out, collections as JSON."""
    assert from_outputs({"db-host": "h", "ports": [1], "Mixed": 1.5, "gone": None}, "APP_") == {
        "APP_DB_HOST": "h",
        "APP_PORTS": "[1]",
        "APP_MIXED": "1.5",
    }


@pytest.mark.parametrize(
    ("name", "value", "keys"),
    [
        ("application_env_vars", {"A": 1, "b_C": "x", "N": None}, {"A": "1", "b_C": "x"}),
        ("env_vars", "A=1\n# note\n\nB='two words'\nC=${X}\n", {"A": "1", "B": "two words", "C": "${X}"}),
        ("app_env_vars", "export A=1 # note\n", {"A": "1"}),
        ("app_env_vars", "no assignment here", {"P_APP_ENV_VARS": "no assignment here"}),
        ("app_env_vars", "A=1\nnor here\n", {"P_APP_ENV_VARS": "A=1\nnor here\n"}),
        ("app_env_vars", {"not-a-name": 1}, {"P_APP_ENV_VARS": '{"not-a-name":1}'}),
        ("app_env_vars", ["A=1"], {"P_APP_ENV_VARS": '["A=1"]'}),
        ("env_vars_of_app", {"A": 1}, {"P_ENV_VARS_OF_APP": '{"A":1}'}),
    ],
)
def test_an_output_that_is_a_set_of_variables_gives_its_own_keys(name: str, value: Any, keys: dict[str, str]) -> None:
    """Without prefix; one that only looks like it by name stays one value."""
    assert from_outputs({name: value}, "P_") == keys


def test_two_outputs_for_one_key_are_refused() -> None:
    """Both are named, so that one can be renamed."""
    with pytest.raises(DotenvError, match="the outputs 'db-host' and 'env_vars' both give DB_HOST"):
        from_outputs({"db-host": "h", "env_vars": {"DB_HOST": "x"}}, "")


def test_only_the_outputs_that_are_sets_of_variables() -> None:
    """Whatever else is put out stays out."""
    assert sets_of_variables({"app_env_vars": "A=1\n", "bucket": "b", "env_vars": {"B": 2}}) == {
        "app_env_vars": "A=1\n",
        "env_vars": {"B": 2},
    }


@pytest.mark.parametrize(
    ("outputs", "reason"),
    [
        ({"bucket": "b"}, "no output has such a name"),
        ({"app_env_vars": "pl4nted-s3cret"}, "the output 'app_env_vars' is neither"),
    ],
)
def test_a_set_of_variables_that_is_none(outputs: dict[str, Any], reason: str) -> None:
    """An empty .env would be taken for a good one; the value is not shown."""
    with pytest.raises(DotenvError, match=reason) as caught:
        sets_of_variables(outputs)
    assert "pl4nted" not in str(caught.value)
