# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns the variables that an inventory sets for a stack into options of the modules."""

from __future__ import annotations

DOCUMENTATION = r"""
name: tf_stack
author: envforge.terraform authors (@envforge)
version_added: 1.0.0
short_description: The options of modules that describe a stack, from the variables of the inventory
description:
  - Made to be used once for several modules, as C(module_defaults) of the group C(envforge.terraform.terraform). The roles
    of this collection do so.
  - C(tf_environment), C(tf_path), C(tf_backend) and, for a backend of type s3, C(tf_backend_key) have to be set.
  - C(tf_workspace), C(tf_binary), C(tf_lock_timeout) and C(tf_process_environment) may be.
  - The options C(stack) and C(environment) are the name of the host and C(tf_environment). The option C(data_dir) is
    C(.envforge), C(tf_environment) and the name of the host, in C(tf_root).
  - Relative paths start at C(tf_root), or else where the lookup P(envforge.terraform.tf_root#lookup) says.
  - The options C(backend_type) and C(backend_config) come from the variable C(backend_result) that the role backend
    registers, on the host that C(backend_leader) names or else on the host itself.
  - When a playbook of this collection has not made that backend, the only option is C(refused), a sentence that says why. The
    modules of this collection fail with it, and do nothing.
options:
  _terms:
    description:
      - Further options to return.
      - V(inputs) adds C(variables), C(var_files) and C(secret_variables), from C(tf_variables), C(tf_var_files) and
        C(tf_secret_variables).
      - V(plan) adds C(guards), C(destroy), C(targets), C(replace), C(refresh), C(parallelism), C(progress) and
        C(plan_file), from variables of these names with C(stack_) before them; C(guards) else from C(tf_guards).
      - V(apply) adds C(keep_plan) from C(stack_keep_plan).
      - V(dotenv) adds C(dotenv), from C(dotenv_definition) or else C(tf_dotenv), and C(plan_file) and C(outputs_pending),
        from C(dotenv_plan_file) and the variable C(stack_result) that the role stack registers.
      - V(imports) adds C(imports), from C(imports_objects) or else C(tf_imports).
      - V(health) adds C(checks), from C(health_checks) or else C(tf_health).
    type: list
    elements: str
    choices: [inputs, plan, health, apply, imports, dotenv]
seealso:
  - plugin: envforge.terraform.tf_root
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Look at outputs of every stack
  hosts: stacks
  gather_facts: false
  roles:
    - envforge.terraform.backend
  module_defaults:
    group/envforge.terraform.terraform: "{{ lookup('envforge.terraform.tf_stack') }}"
  tasks:
    - name: Read the outputs
      envforge.terraform.tf_output_info:
"""

RETURN = r"""
_raw:
  description: One mapping of options.
  type: list
  elements: dict
  sample:
    - project_path: /srv/infrastructure/stacks/network
      data_dir: /srv/infrastructure/.envforge/prod/network
      environment: prod
      stack: network
      backend_type: s3
      backend_config:
        bucket: tfstate-prod-us-east-1
        key: prod/network/terraform.tfstate
        region: us-east-1
      lock_timeout: 120
"""

import functools
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.envforge.terraform.plugins.module_utils._contract import PARTS, options
from ansible_collections.envforge.terraform.plugins.module_utils._errors import TfError
from ansible_collections.envforge.terraform.plugins.module_utils._order import refusal
from ansible_collections.envforge.terraform.plugins.plugin_utils._paths import root

if TYPE_CHECKING:
    from collections.abc import Mapping


class LookupModule(LookupBase):  # type: ignore[misc]  # ansible-core ships no types
    """In Python, because Jinja would compile some thirty expressions for every task of every stack."""

    def run(
        self,
        terms: list[str],
        variables: Mapping[str, Any] | None = None,
        **kwargs: object,
    ) -> list[dict[str, Any]]:
        known = variables or {}
        unknown = sorted(set(terms) - set(PARTS))
        if unknown:
            raise AnsibleLookupError(f"tf_stack knows {', '.join(PARTS)}, but not {', '.join(unknown)}.")

        @functools.cache  # some are asked for several times, and each costs a rendering
        def value(name: str) -> object:
            found = known.get(name)
            return found if found is None or isinstance(found, (bool, int)) else self._templar.template(found)

        stack = str(known["inventory_hostname"])
        backend = known["hostvars"][value("backend_leader") or stack].get("backend_result")
        made = isinstance(backend, dict) and "backend_config" in backend
        reason = _refusal(stack, known, made)
        if reason:
            return [{"refused": reason}]
        if not made:
            raise AnsibleLookupError(f"The backend of {stack} is not known: use the role backend before.")
        try:
            return [options(stack, value, str(value("tf_root") or root()), backend, terms)]
        except TfError as error:
            raise AnsibleLookupError(str(error)) from error


def _refusal(stack: str, known: Mapping[str, Any], made: bool) -> str:
    """Why the stack is not touched, where a playbook of this collection has ordered the stacks and tried to make the backends."""
    ordered = known.get("tf_order")
    if not isinstance(ordered, dict) or stack not in ordered.get("needs", {}):
        return ""
    if made:
        return str(ordered["refused"].get(stack, ""))
    return refusal(stack, ordered, known["hostvars"], alone=True)
