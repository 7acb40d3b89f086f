# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the value of each secret variable in the worker, so that none has to be written into a task."""

from __future__ import annotations

import json
import mmap
import multiprocessing
import os
from typing import Any

from ansible.errors import AnsiblePromptInterrupt, AnsiblePromptNoninteractive
from ansible.module_utils.common.json import AnsibleJSONEncoder
from ansible.module_utils.common.validation import check_type_dict, check_type_list
from ansible.utils.display import Display

from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused
from ansible_collections.envforge.terraform.plugins.module_utils._masking import refuse_short_secrets

# Answers given at a prompt, for the later tasks of this run. ansible-playbook imports an action once and forks its workers
# from there, so this memory is shared by all of them, never reaches a disk, and is gone with the run.
_ANSWERS = mmap.mmap(-1, 1 << 16)
_ASKING = multiprocessing.get_context("fork").Lock()


def with_secret_values(given: dict[str, Any], variables: dict[str, Any], templar: Any) -> dict[str, Any]:
    """*given* with secret_values and process_environment holding the values of the names in secret_variables.

    The Ansible variable of that name comes first, then TF_VAR_<name> of the environment (passed on as the text it is,
    which Terraform reads as an expression), then a prompt. Raises Refused when there is none of them.
    """
    try:  # nothing is validated yet: an option may still be text, as in key=value
        names = check_type_list(given.get("secret_variables", []))
        values = dict(check_type_dict(given.get("secret_values", {})))
        environment = dict(check_type_dict(given.get("process_environment", {})))
    except TypeError:
        return given  # the validation says what is wrong with it, on either route
    for name in names:
        variable = f"TF_VAR_{name}"
        if name in values or variable in environment:
            continue
        if name in variables:
            values[name] = _plain(templar.template(variables[name]))
        elif variable in os.environ:
            environment[variable] = os.environ[variable]
        else:
            values[name] = _asked(str(given.get("stack") or ""), name)
    named = {name: environment.get(f"TF_VAR_{name}") for name in names}
    refuse_short_secrets({**named, **values})
    return {**given, "secret_values": values, "process_environment": environment}


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, cls=AnsibleJSONEncoder, vault_to_text=True))


def _asked(stack: str, name: str) -> str:
    with _ASKING:  # one prompt at a time, and one for all tasks of a stack
        answers = _read_answers()
        known = f"{stack}/{name}"
        if known not in answers:
            answers[known] = _ask(f"[{stack}] {name}: ", name)
            _write_answers(answers)
        return answers[known]


def _ask(prompt: str, name: str) -> str:
    answer = None
    # ansible-runner and AWX run us on a pty that nobody types on: a prompt there would wait for ever
    if not (os.environ.get("AWX_ISOLATED_DATA_DIR") or os.environ.get("JOB_ID")):
        try:
            answer = Display().prompt_until(prompt, private=True).decode()
        except AnsiblePromptNoninteractive:
            answer = None
        except AnsiblePromptInterrupt as error:
            raise Refused(f"The prompt for the secret variable {name} was interrupted; nothing was done.") from error
    if not answer:
        raise Refused(
            f"The secret variable {name} has no value: set the Ansible variable {name} (vault, -e @file, AWX survey) or "
            f"TF_VAR_{name} in the environment, or run at a terminal to be asked for it."
        )
    return str(answer)


def _read_answers() -> dict[str, str]:
    _ANSWERS.seek(0)
    text = _ANSWERS.read().rstrip(b"\0")
    found: dict[str, str] = json.loads(text) if text else {}
    return found


def _write_answers(answers: dict[str, str]) -> None:
    text = json.dumps(answers).encode()
    if len(text) > len(_ANSWERS):
        raise Refused(
            "The answers given at prompts are too long to be kept for this run; use vault or a file for some of them."
        )
    _ANSWERS.seek(0)
    _ANSWERS.write(text.ljust(len(_ANSWERS), b"\0"))
