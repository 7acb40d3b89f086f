#!/usr/bin/python
# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_import: existing objects under the management of a stack."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tf_import
version_added: 1.1.0
short_description: Bring existing objects under the management of a Terraform stack
description:
  - Imports all objects in one write of the state, or none. Nothing else of the configuration is applied along.
  - Each object is imported into a copy of the state first. The live state is written under its own lock, and only if nobody
    has changed it since.
  - An address that manages the wanted object already is left as it is. One that manages another object is an error.
  - Outputs in the state are worked out anew, as C(terraform import) does, see RV(outputs).
  - The state before stays available, see RV(backup).
  - Terraform works out the whole configuration for it. An output or C(for_each) that needs an object which is neither there nor
    imported yet fails the import, as it fails C(terraform import).
author:
  - envforge.terraform authors (@envforge)
extends_documentation_fragment:
  - envforge.terraform.stack
  - envforge.terraform.stack.variables
attributes:
  check_mode:
    support: full
    description: Imports into the copy and says what would be done. The live state, its lock and the root module stay as they are.
  diff_mode:
    support: full
    description: Returns the addresses before and after, and generated configuration.
options:
  imports:
    description: The objects.
    type: list
    elements: dict
    required: true
    suboptions:
      to:
        description: The address the object is to have, with the index of an instance, such as C(aws_s3_bucket.logs["eu"]).
        type: str
        required: true
      id:
        description: What the provider imports by, see the end of the resource's page in the provider's documentation.
        type: str
        required: true
  require_no_changes:
    description:
      - Demand that a plan with the imported objects has no changes at all. Else the import is undone, and the task fails
        with what the plan would change.
    type: bool
    default: false
  generate_config:
    description:
      - Name of a new file in the root module, ending in V(.tf), for configuration of addresses that have none.
      - Terraform writes the configuration, which wants a look before it is committed. Addresses in modules must have
        theirs.
    type: str
seealso:
  - module: envforge.terraform.tf_state
"""

EXAMPLES = r"""
- name: Manage the bucket that was made by hand
  envforge.terraform.tf_import:
    project_path: stacks/ticketing
    data_dir: .envforge/prod/ticketing
    environment: prod
    stack: ticketing
    backend_config: "{{ backend.backend_config | combine({'key': 'prod/ticketing/terraform.tfstate'}) }}"
    imports:
      - to: aws_s3_bucket.attachments
        id: ticketing-attachments-prod
    require_no_changes: true
"""

RETURN = r"""
imported:
  description: The objects that were imported.
  returned: success
  type: list
  elements: dict
  sample:
    - to: aws_s3_bucket.attachments
      id: ticketing-attachments-prod
present:
  description: The objects that were managed already.
  returned: success
  type: list
  elements: dict
  sample: []
backup:
  description: Where the state before is. C(null) when nothing was written, or there was none.
  returned: success
  type: str
  sample: s3://tfstate-prod-us-east-1/prod/ticketing/terraform.tfstate?versionId=3sL4kqtJlcpXroDTDmJ
serial:
  description: The serial of the new state.
  returned: when something was imported
  type: int
  sample: 8
lineage:
  description: The lineage of the state.
  returned: when something was imported
  type: str
  sample: 6a5f8b8e-3f0e-8d2f-9b1a-0c9a4e6c2f11
outputs:
  description: Names of the outputs whose value in the state is another than before.
  returned: success
  type: list
  elements: str
  sample: [attachments_bucket]
generated_config:
  description: The file with generated configuration. C(null) when none was needed.
  returned: success
  type: str
  sample: null
summary:
  description: How many changes of each kind a plan has with the imported objects.
  returned: when something was imported
  type: dict
  sample: {create: 0, update: 1, replace: 0, delete: 0, read: 0, import: 0, move: 0, forget: 0}
resource_changes:
  description: These changes, as in RV(envforge.terraform.tf_plan#module:resource_changes).
  returned: when something was imported
  type: list
  elements: dict
  sample: []
terraform_calls:
  description: How many processes were started.
  returned: always
  type: int
  sample: 5
"""

from ansible_collections.envforge.terraform.plugins.module_utils._arguments import STACK, VARIABLES
from ansible_collections.envforge.terraform.plugins.module_utils._front import run_module
from ansible_collections.envforge.terraform.plugins.module_utils._state.importing import import_core

ARGUMENTS = {
    "argument_spec": {
        **STACK,
        **VARIABLES,
        "imports": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {"to": {"type": "str", "required": True}, "id": {"type": "str", "required": True}},
        },
        "require_no_changes": {"type": "bool", "default": False},
        "generate_config": {"type": "str"},
    },
    "supports_check_mode": True,
}


def main() -> None:
    run_module(ARGUMENTS, import_core)


if __name__ == "__main__":
    main()
