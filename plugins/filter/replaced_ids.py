# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells the ids of objects before and after they were replaced."""

from __future__ import annotations

DOCUMENTATION = r"""
name: replaced_ids
author: envforge.terraform authors (@envforge)
version_added: 1.1.0
short_description: The ids of objects before and after they were replaced
description:
  - Compares two results of M(envforge.terraform.tf_state_info) with O(envforge.terraform.tf_state_info#module:values).
  - Nothing but the attribute C(id) is told of an object, and a sensitive one is masked.
positional: _input, after, addresses
options:
  _input:
    description: The state before.
    type: dict
    required: true
  after:
    description: The state after.
    type: dict
    required: true
  addresses:
    description: The objects that were replaced.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Tell the old and the new key
  ansible.builtin.debug:
    msg: "{{ before | envforge.terraform.replaced_ids(after, ['aws_iam_access_key.app']) }}"
"""

RETURN = r"""
_value:
  description: For each address the id before and the id after, null where there is none.
  type: list
  elements: dict
  sample:
    - address: aws_iam_access_key.app
      old_id: AKIAIOSFODNN7EXAMPLE
      new_id: AKIAI44QH8DHBEXAMPLE
"""

from typing import TYPE_CHECKING

from ansible_collections.envforge.terraform.plugins.module_utils._rotation import replaced_ids

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterModule:
    """What Ansible asks for filters."""

    def filters(self) -> dict[str, Callable[..., list[dict[str, str | None]]]]:
        return {"replaced_ids": replaced_ids}
