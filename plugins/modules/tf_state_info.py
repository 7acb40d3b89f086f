#!/usr/bin/python
# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_state_info: what is in the state of a stack, and which earlier states are kept."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tf_state_info
version_added: 1.1.0
short_description: Look into the state of a Terraform stack
description:
  - Lists the resources in the state of a stack, and on request their values, the versions and backups that are kept of it,
    and who holds its lock.
  - A state in S3 or in a local file is read directly, without a process, without a lock and without the engine's help.
    Terraform is asked for O(values), and where another backend keeps the state.
  - A stack that has no state yet has no resources. Nothing is created by asking. A backend other than V(s3) and V(local)
    may create an empty state for a workspace that does not exist.
author:
  - envforge.terraform authors (@envforge)
extends_documentation_fragment:
  - envforge.terraform.stack
attributes:
  check_mode:
    support: full
    description: Only reads.
  diff_mode:
    support: none
    description: Only reads.
options:
  values:
    description:
      - Return the attributes of resources and the outputs as well.
      - What Terraform or a provider takes for sensitive is masked at every depth, and wherever else the same text occurs.
    type: bool
    default: false
  versions:
    description: List the versions that a bucket keeps of the state. For each one the first 512 bytes are read.
    type: bool
    default: false
  full:
    description: Read the whole of every version, which is needed to count its resources.
    type: bool
    default: false
  backups:
    description: List the copies that M(envforge.terraform.tf_state) made with O(envforge.terraform.tf_state#module:backup).
    type: bool
    default: false
  locks:
    description: Tell who holds the lock of the state.
    type: bool
    default: false
seealso:
  - module: envforge.terraform.tf_state
  - module: envforge.terraform.tf_output_info
"""

EXAMPLES = r"""
- name: Look for a state that can be restored
  envforge.terraform.tf_state_info:
    project_path: stacks/ticketing
    data_dir: .envforge/prod/ticketing
    environment: prod
    stack: ticketing
    backend_config: "{{ backend.backend_config | combine({'key': 'prod/ticketing/terraform.tfstate'}) }}"
    versions: true
    full: true
  register: ticketing
"""

RETURN = r"""
exists:
  description: Whether there is a state.
  returned: success
  type: bool
  sample: true
serial:
  description: The serial of the state, null without one.
  returned: success
  type: int
  sample: 12
lineage:
  description: The lineage of the state, null without one.
  returned: success
  type: str
  sample: aa012de6-c2ef-e014-4e6f-448a370be800
terraform_version:
  description: The version of the engine that wrote the state.
  returned: success
  type: str
  sample: 1.11.4
last_change:
  description: When the state was last written; null where only Terraform could tell.
  returned: success
  type: str
  sample: "2026-11-21T15:30:00Z"
resources:
  description: Every resource instance; C(values) only with O(values).
  returned: success
  type: list
  elements: dict
  sample:
    - address: module.web.aws_instance.this[0]
      mode: managed
      type: aws_instance
      name: this
      module: module.web
      index: 0
      provider: provider["registry.terraform.io/hashicorp/aws"]
      depends_on: [aws_vpc.main]
      tainted: false
      deposed: null
outputs:
  description: The outputs by name, sensitive ones masked.
  returned: with O(values) and a state
  type: dict
  sample:
    password:
      value: (sensitive)
      sensitive: true
      type: string
versions:
  description: The versions of the state, newest first. C(resources) is counted with O(full) only.
  returned: with O(versions)
  type: list
  elements: dict
  sample:
    - version_id: 5c5e2f3c-8a0b-4a3a-9f5c-2f2b4a0a5a11
      time: "2026-11-21T15:30:00Z"
      size: 18231
      current: true
      deleted: false
      serial: 12
      lineage: aa012de6-c2ef-e014-4e6f-448a370be800
      resources: 14
backups:
  description: The backups of the state, newest first, with the file or the key in the bucket to restore from.
  returned: with O(backups)
  type: list
  elements: dict
  sample:
    - address: s3://tfstate-prod/backups/prod/ticketing/terraform.tfstate/00000012-0c1f5d0a7d3e.tfstate
      key: backups/prod/ticketing/terraform.tfstate/00000012-0c1f5d0a7d3e.tfstate
      file: null
      time: "2026-11-21T15:30:00Z"
      size: 18231
      serial: 12
      lineage: aa012de6-c2ef-e014-4e6f-448a370be800
locks:
  description: Who holds the lock, once for each mechanism.
  returned: with O(locks)
  type: list
  elements: dict
  sample: []
terraform_calls:
  description: How many processes were started.
  returned: always
  type: int
  sample: 0
"""

from ansible_collections.envforge.terraform.plugins.module_utils._arguments import STACK
from ansible_collections.envforge.terraform.plugins.module_utils._front import run_module
from ansible_collections.envforge.terraform.plugins.module_utils._state.info import state_info_core

ARGUMENTS = {
    "argument_spec": {
        **STACK,
        **{option: {"type": "bool", "default": False} for option in ("values", "versions", "full", "backups", "locks")},
    },
    "supports_check_mode": True,
}


def main() -> None:
    run_module(ARGUMENTS, state_info_core)


if __name__ == "__main__":
    main()
