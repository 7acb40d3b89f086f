# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the value of a secret variable comes from, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible.errors import AnsiblePromptInterrupt, AnsiblePromptNoninteractive

from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused
from ansible_collections.envforge.terraform.plugins.plugin_utils import _secrets
from tests.unit.plugins.plugin_utils.plain import Templar

VARIABLE = "TF_VAR_token"


class Terminal:
    """Stands in for Display: counts the prompts and gives one answer to all."""

    def __init__(self, answer: bytes | Exception) -> None:
        self.prompts: list[str] = []
        self._answer = answer

    def prompt_until(self, prompt: str, *, private: bool) -> bytes:
        assert private
        self.prompts.append(prompt)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in (VARIABLE, "AWX_ISOLATED_DATA_DIR", "JOB_ID"):
        monkeypatch.delenv(name, raising=False)
    yield
    _secrets._write_answers({})


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes | Exception], Terminal]:
    def at(answer: bytes | Exception) -> Terminal:
        made = Terminal(answer)
        monkeypatch.setattr(_secrets, "Display", lambda: made)
        return made

    return at


def found(variables: dict[str, Any] | None = None, **given: Any) -> dict[str, Any]:
    arguments = {"stack": "app", "secret_variables": ["token"], **given}
    return _secrets.with_secret_values(arguments, variables or {}, Templar(vaulted="from-vault"))


def test_the_ansible_variable_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vault, `-e @file` and surveys all end in a variable of that name, and it may be a template."""
    monkeypatch.setenv(VARIABLE, "from-environment")
    assert found({"token": "{{ vaulted }}"})["secret_values"] == {"token": "from-vault"}


def test_a_value_keeps_its_type() -> None:
    """A secret may be a mapping."""
    assert found({"token": {"key": ["value"]}})["secret_values"] == {"token": {"key": ["value"]}}


def test_the_environment_comes_next_and_is_passed_on_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Terraform reads it as an expression; as a value it would be taken literally."""
    monkeypatch.setenv(VARIABLE, '{"key":"value"}')
    result = found(process_environment={"AWS_PROFILE": "x"})
    assert result["process_environment"] == {"AWS_PROFILE": "x", VARIABLE: '{"key":"value"}'}
    assert result["secret_values"] == {}


@pytest.mark.parametrize(
    "given", [{"secret_values": {"token": "by-hand"}}, {"process_environment": {VARIABLE: "by-process"}}]
)
def test_what_the_task_gives_is_taken(given: dict[str, Any]) -> None:
    """Nothing is looked up for a value that is there already."""
    assert found({"token": "other"}, **given) == {
        "stack": "app",
        "secret_variables": ["token"],
        "secret_values": {},
        "process_environment": {},
        **given,
    }


def test_a_person_is_asked_once_for_each_stack(terminal: Callable[[bytes], Terminal]) -> None:
    """Plan and apply are two tasks; the answer is kept in memory between them."""
    asked = terminal(b"typed-in")
    assert [found()["secret_values"], found()["secret_values"]] == [{"token": "typed-in"}] * 2
    found(stack="network")
    assert asked.prompts == ["[app] token: ", "[network] token: "]


@pytest.mark.parametrize("answer", [b"", AnsiblePromptNoninteractive("no terminal")])
def test_no_answer_is_refused_with_the_ways_out(
    answer: bytes | Exception, terminal: Callable[[bytes | Exception], Terminal]
) -> None:
    """An empty answer is none; the next task asks again."""
    terminal(answer)
    with pytest.raises(Refused, match=r"token has no value: .*vault.*TF_VAR_token"):
        found()


@pytest.mark.parametrize("variable", ["AWX_ISOLATED_DATA_DIR", "JOB_ID"])
def test_nobody_is_asked_under_a_runner(
    variable: str, terminal: Callable[[bytes], Terminal], monkeypatch: pytest.MonkeyPatch
) -> None:
    """There a terminal is no sign of a person."""
    asked = terminal(b"typed-in")
    monkeypatch.setenv(variable, "x")
    with pytest.raises(Refused, match="token has no value"):
        found()
    assert asked.prompts == []


def test_an_interrupt_at_the_prompt_stops(terminal: Callable[[Exception], Terminal]) -> None:
    """The message says that nothing was done."""
    terminal(AnsiblePromptInterrupt("user interrupt"))
    with pytest.raises(Refused, match="interrupted; nothing was done"):
        found()


def test_too_many_long_answers_are_refused(terminal: Callable[[bytes], Terminal]) -> None:
    """The memory for answers has a fixed size, and says so before it is full."""
    terminal(b"x" * (1 << 16))
    with pytest.raises(Refused, match="too long to be kept"):
        found()


@pytest.mark.parametrize("given", [{"secret_values": {"token": "abc"}}, {"process_environment": {VARIABLE: "abc"}}])
def test_a_short_secret_is_refused_by_name(given: dict[str, Any]) -> None:
    """It could not be masked without wrecking results."""
    with pytest.raises(Refused, match="secret variable token is shorter than 4"):
        found(**given)


def test_a_short_value_that_is_no_secret_is_none_of_our_business() -> None:
    """process_environment may set other variables of Terraform, too."""
    short = {"TF_VAR_count": "3"}
    assert found({"token": "long-enough"}, process_environment=short)["process_environment"] == short


def test_options_may_come_as_text() -> None:
    """As in key=value: a name is not taken for a list of letters."""
    given = {"secret_variables": "token,other", "process_environment": '{"A": "b"}'}
    result = found({"token": "first-value", "other": "second-value"}, **given)
    assert result["secret_values"] == {"token": "first-value", "other": "second-value"}
    assert result["process_environment"] == {"A": "b"}


@pytest.mark.parametrize("option", ["secret_values", "process_environment"])
def test_what_has_the_wrong_type_is_left_to_the_validation(option: str) -> None:
    """It says so on either route, in the same words."""
    given = {"stack": "app", "secret_variables": ["token"], option: "no mapping"}
    assert _secrets.with_secret_values(given, {}, Templar()) == given
