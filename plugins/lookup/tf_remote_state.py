# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says where the state of another stack lies."""

from __future__ import annotations

DOCUMENTATION = r"""
name: tf_remote_state
author: envforge.terraform authors (@envforge)
version_added: 1.0.0
short_description: Where the state of another stack lies, for terraform_remote_state
description:
  - The C(config) of Terraform's data source C(terraform_remote_state) for another stack of the inventory with a backend of
    type s3. Hand it to the root module in a variable.
  - It has the endpoints of an emulator and the role of another account just as the backend has them, no lock, and is
    spelled as the engine wants it, which was different before Terraform 1.6.
  - The other stack should be in C(tf_depends_on). It need not be in this run when it has the same backend.
options:
  _terms:
    description: Names of stacks.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
# host_vars/app.yml, for
#   data "terraform_remote_state" "network" {
#     backend = "s3"
#     config  = var.network_state
#   }
tf_depends_on: [network]
tf_variables:
  network_state: "{{ lookup('envforge.terraform.tf_remote_state', 'network') }}"
"""

RETURN = r"""
_raw:
  description: One mapping for each stack.
  type: list
  elements: dict
  sample:
    - bucket: tfstate-prod-us-east-1
      key: prod/network/terraform.tfstate
      region: us-east-1
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.envforge.terraform.plugins.module_utils._contract import data_dir, remote_state
from ansible_collections.envforge.terraform.plugins.plugin_utils._other_stacks import backend_of, variables_of
from ansible_collections.envforge.terraform.plugins.plugin_utils._paths import root

if TYPE_CHECKING:
    from collections.abc import Mapping


class LookupModule(LookupBase):  # type: ignore[misc]  # ansible-core ships no types
    """Looks at the variables of the other stack, and at what was registered when its backend was made."""

    def run(
        self, terms: list[str], variables: Mapping[str, Any] | None = None, **kwargs: object
    ) -> list[dict[str, Any]]:
        known = variables or {}
        return [_config(name, known) for name in terms]


def _config(name: str, known: Mapping[str, Any]) -> dict[str, Any]:
    there = variables_of(name, known)
    backend = backend_of(name, known)
    if "bucket" not in backend.get("backend_config", {}):
        raise AnsibleLookupError(f"The backend of {name} is not known here, or not of type s3: add {name} to the run.")
    stamp = Path(data_dir(name, there.get, str(there.get("tf_root") or root()))) / "initialised.json"
    modern = json.loads(stamp.read_text()).get("modern", True) if stamp.is_file() else True
    return remote_state(there.get, backend["backend_config"], modern)
