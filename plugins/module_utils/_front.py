# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module route: AnsibleModule around a core, and what both routes do alike."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.envforge.terraform.plugins.module_utils._doors import Core, Doors, real_doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import TfError
from ansible_collections.envforge.terraform.plugins.module_utils._masking import scrubbed, secrets_of, without
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.process import Interrupted, Processes


def run_module(arguments: dict[str, Any], core: Core) -> None:
    """The whole of a module: *arguments* are the keywords of AnsibleModule, *core* does the work."""
    module = AnsibleModule(**arguments)
    module.no_log_values = secrets_of(module.params, module.no_log_values)
    processes = Processes()
    try:
        with process_environment(module.params):
            doors = real_doors(
                processes,
                check_mode=module.check_mode,
                diff=module._diff,
                progress=lambda line: None,  # a module has nowhere to show a line before its result
                warn=lambda text: module.warn(without(text, module.no_log_values)),
                environment=dict(os.environ),
            )
            result = run_core(module._name, core, module.params, doors, processes)
    except Interrupted as interrupted:
        interrupted.end_process()
        raise
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


def run_core(name: str, core: Core, parameters: dict[str, Any], doors: Doors, processes: Processes) -> dict[str, Any]:
    """The result of *core*, failures included (key failed): the same on both routes. Raises Interrupted only."""
    try:
        with processes.stopping():
            result = core(parameters, doors)
    except TfError as error:
        result = {"failed": True, "changed": False, "msg": str(error), **error.details}
    except Exception as error:  # noqa: BLE001 - a bug is reported as a failed task, on both routes alike
        report = f"{name} has a bug: {type(error).__name__}: {error}. Please report it."
        result = {"failed": True, "changed": False, "msg": report, "exception": traceback.format_exc()}
    # Ansible masks, too, but in no order: of two secrets that overlap it may leave the rest of one
    shown = scrubbed(result, secrets_of(parameters, set()))
    return {"changed": False, **shown, "terraform_calls": processes.started}


@contextmanager
def process_environment(parameters: Mapping[str, Any]) -> Iterator[None]:
    """The option process_environment in force for Terraform and for AWS calls alike, undone afterwards."""
    with environment_with(parameters.get("process_environment") or {}):
        yield


@contextmanager
def environment_with(wanted: Mapping[str, Any]) -> Iterator[None]:
    """Variables in this process's environment while this lasts."""
    values = {str(name): str(value) for name, value in wanted.items()}
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
