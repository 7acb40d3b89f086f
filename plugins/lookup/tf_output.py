# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads outputs of a stack."""

from __future__ import annotations

DOCUMENTATION = r"""
name: tf_output
author: envforge.terraform authors (@envforge)
version_added: 1.1.0
short_description: Outputs of a Terraform stack
description:
  - Reads outputs from the state of a stack of the inventory, as M(envforge.terraform.tf_output_info) does.
  - The backend must be known in this run. Use the role backend before, or one of the playbooks.
notes:
  - Ansible runs a lookup in a variable at every use of that variable, and each run starts a process. Where a value is
    needed more than once, use M(envforge.terraform.tf_output_info) and register its result.
  - A lookup does not see the task's C(environment). Credentials come from C(tf_process_environment) or from the environment
    of Ansible itself.
  - What it returns for O(sensitive=true) is masked nowhere. Set C(no_log) on the task.
options:
  _terms:
    description: Names of outputs. Without any there is one mapping of all outputs.
    type: list
    elements: str
  stack:
    description: Name of the stack. The default is the host that the task is for.
    type: str
  sensitive:
    description:
      - Return sensitive outputs, too.
      - Else naming one is an error, and a mapping of all outputs does not have them.
    type: bool
    default: false
seealso:
  - module: envforge.terraform.tf_output_info
  - plugin: envforge.terraform.tf_remote_state
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Say where the application is
  ansible.builtin.debug:
    msg: "{{ lookup('envforge.terraform.tf_output', 'alb_url', stack='ticketing') }}"

- name: Use all outputs that are not sensitive
  ansible.builtin.debug:
    msg: "{{ lookup('envforge.terraform.tf_output') }}"
"""

RETURN = r"""
_raw:
  description: The value of each output that was named, or one mapping of all.
  type: list
  elements: raw
  sample: [https://tickets.example.com]
"""

import os
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display

from ansible_collections.envforge.terraform.plugins.module_utils._arguments import STACK
from ansible_collections.envforge.terraform.plugins.module_utils._contract import options
from ansible_collections.envforge.terraform.plugins.module_utils._doors import real_doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import TfError
from ansible_collections.envforge.terraform.plugins.module_utils._front import process_environment
from ansible_collections.envforge.terraform.plugins.module_utils._stack.outputs import output_info_core
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.process import Processes
from ansible_collections.envforge.terraform.plugins.plugin_utils._other_stacks import backend_of, variables_of
from ansible_collections.envforge.terraform.plugins.plugin_utils._paths import root
from ansible_collections.envforge.terraform.plugins.plugin_utils._plain import as_a_module_sees_it

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEFAULTS = {name: option.get("default") for name, option in STACK.items()}


class LookupModule(LookupBase):  # type: ignore[misc]  # ansible-core ships no types
    """Runs the core of tf_output_info where the template is rendered."""

    def run(self, terms: list[str], variables: Mapping[str, Any] | None = None, **kwargs: object) -> list[Any]:
        self.set_options(var_options=variables, direct=kwargs)
        known = variables or {}
        stack = str(self.get_option("stack") or known["inventory_hostname"])
        shown = bool(self.get_option("sensitive"))
        try:
            outputs = _outputs(stack, terms, known, shown)
        except TfError as error:
            raise AnsibleLookupError(str(error)) from error
        if not terms:
            return [{name: found["value"] for name, found in outputs.items() if shown or not found["sensitive"]}]
        hidden = [name for name in terms if outputs[name]["sensitive"] and not shown]
        if hidden:
            raise AnsibleLookupError(
                f"The output {hidden[0]} of {stack} is sensitive: ask for it with sensitive=true, and set no_log on the task."
            )
        return [outputs[name]["value"] for name in terms]


def _outputs(stack: str, names: list[str], known: Mapping[str, Any], shown: bool) -> dict[str, Any]:
    """By name, as tf_output_info returns them."""
    there, backend = variables_of(stack, known), backend_of(stack, known)
    if not backend:
        raise AnsibleLookupError(
            f"The backend of {stack} is not known: use the role backend before, or add {stack} to the run."
        )
    place = str(there.get("tf_root") or root())
    found = options(stack, there.get, place, as_a_module_sees_it(backend), [])
    arguments = {**_DEFAULTS, **as_a_module_sees_it(found), "names": names, "show_sensitive": shown}
    with process_environment(arguments):
        doors = real_doors(
            Processes(),
            check_mode=bool(known.get("ansible_check_mode")),
            diff=False,
            progress=lambda line: None,
            warn=Display().warning,
            environment=dict(os.environ),
        )
        outputs: dict[str, Any] = output_info_core(arguments, doors)["outputs"]
    return outputs
