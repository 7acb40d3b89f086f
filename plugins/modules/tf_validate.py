#!/usr/bin/python
# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_validate: whether a root module is formatted and valid, and passes its tests."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tf_validate
version_added: 1.1.0
short_description: Validate a Terraform root module without its backend
description:
  - Runs C(fmt -check), C(init -backend=false) in a scratch data directory, C(validate), and C(test) where the module has
    tests. Fails when any of them finds something, and returns all of it.
  - Needs no backend and no credentials, and writes nothing but O(junit).
author:
  - envforge.terraform authors (@envforge)
extends_documentation_fragment:
  - envforge.terraform.stack.process
attributes:
  check_mode:
    support: full
    description: Does the same, and does not write O(junit).
  diff_mode:
    support: full
    description: Returns what C(fmt) would change. Of C(*.tfvars) files only the names, for their values may be secrets.
options:
  project_path:
    description:
      - Directory of the root module.
      - A relative path starts at the variable C(tf_root), or at the directory of the playbook named on the command line.
    type: path
    required: true
  stack:
    description: What it is called in messages. The default is the name of its directory.
    type: str
  binary:
    description: Name or path of the engine. The default is C(terraform) on E(PATH), else C(tofu).
    type: str
  fmt:
    description: Look at the formatting, of the modules below the root module as well.
    type: bool
    default: true
  tests:
    description:
      - Run the tests of the root module, those in its directory C(tests) included.
      - Engines before 1.6 have none. A warning says so.
    type: bool
    default: true
  with_credentials:
    description:
      - Let the engine have the credentials of AWS, Google, Azure, Vault and Terraform Cloud that the environment holds. Without
        them a test that is not written with mocks cannot make real objects.
    type: bool
    default: false
  junit:
    description: A file for the findings as JUnit, with what C(fmt) would change, again without the lines of C(*.tfvars) files.
    type: path
"""

EXAMPLES = r"""
- name: Validate a root module
  envforge.terraform.tf_validate:
    project_path: stacks/ticketing
    junit: reports/ticketing.xml
"""

RETURN = r"""
valid:
  description: Whether the configuration is valid.
  returned: success, and after findings
  type: bool
  sample: true
unformatted:
  description: Files that C(fmt) would change.
  returned: success, and after findings
  type: list
  elements: str
  sample: [main.tf]
tests:
  description: Each run of each test file, with its C(status), V(pass), V(fail), V(error), V(skip) or V(pending).
  returned: success, and after findings
  type: list
  elements: dict
  sample: [{"file": "tests/size.tftest.hcl", "run": "small", "status": "pass", "diagnostics": []}]
diagnostics:
  description: Errors and warnings of C(init), C(validate), and of tests as a whole.
  returned: success, and after findings
  type: list
  elements: dict
  sample: []
terraform_calls:
  description: How many processes were started.
  returned: always
  type: int
  sample: 3
"""

from ansible_collections.envforge.terraform.plugins.module_utils._arguments import PROCESS
from ansible_collections.envforge.terraform.plugins.module_utils._front import run_module
from ansible_collections.envforge.terraform.plugins.module_utils._stack.validating import validate_core

ARGUMENTS = {
    "argument_spec": {
        **PROCESS,
        "project_path": {"type": "path", "required": True},
        "stack": {"type": "str"},
        "binary": {"type": "str"},
        "fmt": {"type": "bool", "default": True},
        "tests": {"type": "bool", "default": True},
        "with_credentials": {"type": "bool", "default": False},
        "junit": {"type": "path"},
    },
    "supports_check_mode": True,
}


def main() -> None:
    run_module(ARGUMENTS, validate_core)


if __name__ == "__main__":
    main()
