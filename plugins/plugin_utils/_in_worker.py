# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An action that runs a module's core in the worker process, or hands over to the module of the same name.

Not in any public API of ansible-core, and covered by tests/contract: ValidationResult's _no_log_values, _deprecations and
_warnings; ActionBase._compute_environment_string, _execute_module and _connection.become.
"""

from __future__ import annotations

import copy
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from ansible import constants
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.json import AnsibleJSONEncoder
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors, real_doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused, TfError
from ansible_collections.envforge.terraform.plugins.module_utils._front import (
    environment_with,
    process_environment,
    run_core,
)
from ansible_collections.envforge.terraform.plugins.module_utils._masking import secrets_of, without
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.process import Interrupted, Processes
from ansible_collections.envforge.terraform.plugins.plugin_utils._before_forking import load_plugins
from ansible_collections.envforge.terraform.plugins.plugin_utils._paths import absolute_paths
from ansible_collections.envforge.terraform.plugins.plugin_utils._plain import as_a_module_sees_it
from ansible_collections.envforge.terraform.plugins.plugin_utils._secrets import with_secret_values

_SPECIFICATION = (
    "argument_spec",
    "mutually_exclusive",
    "required_together",
    "required_one_of",
    "required_if",
    "required_by",
)
load_plugins()
_HAS_INVOCATION_SWITCH = "INJECT_INVOCATION" in constants.config.get_configuration_definitions()  # ansible-core 2.21


class InWorkerAction(ActionBase):  # type: ignore[misc]  # ansible-core ships no types
    """Subclasses name ARGUMENTS (the keywords of AnsibleModule) and core ((parameters, doors) -> result, raises TfError)."""

    _supports_check_mode = True
    _supports_async = True
    ARGUMENTS: ClassVar[dict[str, Any]]
    core: ClassVar[staticmethod[[dict[str, Any], Doors], dict[str, Any]]]

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        variables = task_vars or {}
        try:
            with self._environment():
                arguments = self._arguments(variables)
        except TfError as error:
            return {"failed": True, "changed": False, "msg": str(error), "terraform_calls": 0, **error.details}
        why = self._why_not_here(variables)
        if why is None:
            return self._run_here(arguments, variables)
        Display().vvv(f"{self._task.action} runs as a module, because {why}", host=variables.get("inventory_hostname"))
        answer: dict[str, Any] = self._execute_module(
            module_args=arguments, task_vars=self._same_python(variables), wrap_async=bool(self._task.async_val)
        )
        return answer

    def _arguments(self, variables: dict[str, Any]) -> dict[str, Any]:
        """A copy (_execute_module writes into what it is given, a retry would see that) that no longer needs this controller."""
        options = self.ARGUMENTS["argument_spec"]
        given = as_a_module_sees_it(self._task.args)
        if "refused" in given:  # by the lookup tf_stack, which could only fail with many words around the reason
            raise Refused(str(given["refused"]))
        if "secret_values" in options:
            given = with_secret_values(given, variables, self._templar)
        return absolute_paths(given, options, variables, self._templar)

    # which route

    def _why_not_here(self, variables: dict[str, Any]) -> str | None:
        if self._connection.transport != "local":  # the connection after delegate_to, not a variable
            return f"the connection is {self._connection.transport}"
        if self._connection.become is not None:
            return "of become"
        if self._task.async_val:
            return "of async"
        interpreter = self._interpreter(variables)
        if interpreter and os.path.realpath(interpreter) != os.path.realpath(sys.executable):
            return f"ansible_python_interpreter is {interpreter}"
        return None

    def _interpreter(self, variables: dict[str, Any]) -> str | None:
        """What the user set for the host that the connection is to; None where Ansible would go looking."""
        named = self._connection_variables(variables).get("ansible_python_interpreter")
        named = str(self._templar.template(named)) if named else ""
        return None if not named or named.startswith("auto") else named

    def _connection_variables(self, variables: dict[str, Any]) -> dict[str, Any]:
        if self._task.delegate_to:
            delegated: dict[str, Any] = variables.get("ansible_delegated_vars", {}).get(self._task.delegate_to, {})
            return delegated
        return variables

    def _same_python(self, variables: dict[str, Any]) -> dict[str, Any]:
        """On this machine the module gets this Python, which has boto3, and not the one that discovery finds."""
        if self._connection.transport != "local" or self._interpreter(variables):
            return variables
        chosen = {**self._connection_variables(variables), "ansible_python_interpreter": sys.executable}
        if self._task.delegate_to:
            delegated = {**variables["ansible_delegated_vars"], self._task.delegate_to: chosen}
            return {**variables, "ansible_delegated_vars": delegated}
        return chosen

    # in the worker

    def _run_here(self, given: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        warnings: list[str] = []
        with self._environment():  # also for fallback=(env_fallback, …)
            # a copy: validating fills the defaults in the specification itself, and the same worker validates again
            specification = copy.deepcopy({k: v for k, v in self.ARGUMENTS.items() if k in _SPECIFICATION})
            outcome = ArgumentSpecValidator(**specification).validate(given)
            parameters = {**given, **outcome.validated_parameters}
            secrets = secrets_of(parameters, outcome._no_log_values)
            warnings += [f"Both option {w['option']} and its alias {w['alias']} are set." for w in outcome._warnings]
            if outcome.error_messages:  # not outcome.errors: that is an exception, always true
                result = {"failed": True, "msg": self._refusal(outcome)}
            else:
                result = self._run_core(parameters, warnings, secrets, variables)
        if not _HAS_INVOCATION_SWITCH or constants.config.get_config_value("INJECT_INVOCATION", variables=variables):
            result["invocation"] = {"module_args": parameters}
        messages = {"warnings": warnings, "deprecations": list(outcome._deprecations)}
        result.update({name: said for name, said in messages.items() if said})
        return _as_a_module_returns_it(result, secrets)

    def _run_core(
        self, parameters: dict[str, Any], warnings: list[str], secrets: set[str], variables: dict[str, Any]
    ) -> dict[str, Any]:
        processes = Processes()
        try:
            with process_environment(parameters):
                doors = real_doors(
                    processes,
                    check_mode=self._task.check_mode,
                    diff=self._task.diff,
                    progress=self._progress(variables, secrets),
                    warn=lambda text: warnings.append(without(text, secrets)),
                    environment=dict(os.environ),
                )
                return run_core(self._task.action, type(self).core, parameters, doors, processes)
        except Interrupted as interrupted:  # every temporary file is gone by now
            interrupted.end_process()
            raise

    def _refusal(self, outcome: Any) -> str:
        message: str = outcome.errors.msg
        if isinstance(outcome.errors[0], UnsupportedError):
            return f"Unsupported parameters for ({self._task.action}) module: {message}"
        return message

    def _progress(self, variables: dict[str, Any], secrets: set[str]) -> Callable[[str], None]:
        if self._task.no_log:
            return lambda line: None
        host = variables.get("inventory_hostname", "")
        # stderr: at once even where stdout is a file, and no stdout callback's JSON is broken
        return lambda line: Display().display(f"[{host}] {without(line, secrets)}", stderr=True)

    @contextmanager
    def _environment(self) -> Iterator[None]:
        """The task's `environment:` in force, as the module route has it."""
        wanted: dict[str, Any] = {}
        self._compute_environment_string(wanted)
        # undone afterwards: the same worker goes on to the next item of a loop
        with environment_with(as_a_module_sees_it(wanted)):
            yield


def _as_a_module_returns_it(result: dict[str, Any], secrets: set[str]) -> dict[str, Any]:
    """As AnsibleModule._return_formatted does it: masked, but top-level bools and None kept; tuples are lists, keys are text."""
    kept = {name: value for name, value in result.items() if value is None or isinstance(value, bool)}
    plain: dict[str, Any] = json.loads(json.dumps({**remove_values(result, secrets), **kept}, cls=AnsibleJSONEncoder))
    return plain
