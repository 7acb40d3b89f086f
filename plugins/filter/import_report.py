# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says what an import does."""

from __future__ import annotations

DOCUMENTATION = r"""
name: import_report
author: envforge.terraform authors (@envforge)
version_added: 1.1.0
short_description: What an import does, and the plan afterwards
description:
  - One line for each object, and for each resource that a plan would change afterwards.
options:
  _input:
    description: The result of M(envforge.terraform.tf_import).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what was imported
  ansible.builtin.debug:
    msg: "{{ imports_result | envforge.terraform.import_report }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
  sample:
    - import ticketing-logs as aws_s3_bucket.logs
    - "the plan afterwards: update aws_s3_bucket.logs"
"""

from typing import TYPE_CHECKING

from ansible_collections.envforge.terraform.plugins.module_utils._imports import import_report

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterModule:
    """What Ansible asks for filters."""

    def filters(self) -> dict[str, Callable[..., list[str]]]:
        return {"import_report": import_report}
