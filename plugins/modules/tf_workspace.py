#!/usr/bin/python
# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_workspace: initialises a stack against its backend."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tf_workspace
version_added: 1.0.0
short_description: Initialise a Terraform stack against its backend and workspace
description:
  - Runs C(terraform init) for a root module when that is needed, and starts no process when it is not.
  - It is needed when the data directory is new, or when the backend, the engine, the dependency lock file, the place of the
    root module or its installed modules differ from those of the last time.
  - The data directory is outside of the root module, so that one checkout serves several environments at the same time.
  - Refuses to turn away from a state with resources to an address that has none.
author:
  - envforge.terraform authors (@envforge)
extends_documentation_fragment:
  - envforge.terraform.stack
attributes:
  check_mode:
    support: full
    description: Says whether the stack would be initialised.
  diff_mode:
    support: none
    description: What changes is a directory of Terraform's own.
notes:
  - RV(ignore:changed) is always false. Initialising fills a directory of this machine and changes nothing that others could see.
  - A workspace appears in the backend with its first state. Nothing is written there before the first apply.
"""

EXAMPLES = r"""
- name: Initialise the stack
  envforge.terraform.tf_workspace:
    project_path: stacks/ticketing
    data_dir: .envforge/prod/ticketing
    environment: prod
    stack: ticketing
    workspace: prod
    backend_config:
      bucket: tfstate-prod-us-east-1
      key: prod/ticketing/terraform.tfstate
      region: us-east-1
      dynamodb_table: tf-locks-prod
"""

RETURN = r"""
initialised:
  description: Whether init was run, or would be in check mode.
  returned: success
  type: bool
  sample: true
reason:
  description: Why it was, V(null) when it was not.
  returned: success
  type: str
  sample: the backend's configuration changed
workspace:
  description: The workspace.
  returned: success
  type: str
  sample: prod
data_dir:
  description: The data directory of the stack, as an absolute path.
  returned: success
  type: str
  sample: /srv/deploy/.envforge/prod/ticketing
terraform_calls:
  description: How many processes were started.
  returned: always
  type: int
  sample: 1
"""

from ansible_collections.envforge.terraform.plugins.module_utils._arguments import STACK
from ansible_collections.envforge.terraform.plugins.module_utils._front import run_module
from ansible_collections.envforge.terraform.plugins.module_utils._stack.workspace import workspace_core

ARGUMENTS = {"argument_spec": STACK, "supports_check_mode": True}


def main() -> None:
    run_module(ARGUMENTS, workspace_core)


if __name__ == "__main__":
    main()
