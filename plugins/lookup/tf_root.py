# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory that relative paths of an inventory start from, when the inventory does not say."""

from __future__ import annotations

DOCUMENTATION = r"""
name: tf_root
author: envforge.terraform authors (@envforge)
version_added: 1.0.0
short_description: The directory that relative paths of the inventory start from
description:
  - The directory of the playbook named on the command line.
  - The current directory where that is a playbook of a collection, given by its full name, or where there is no
    playbook, as with C(ansible).
  - Neither C(inventory_dir) nor C(playbook_dir) would do. Under AWX the inventory is written elsewhere, and inside an
    imported playbook of a collection C(playbook_dir) is the collection's.
  - The roles of this collection use it as the default of the variable C(tf_root).
options: {}
"""

EXAMPLES = r"""
- name: Show where tf_path starts
  ansible.builtin.debug:
    msg: "{{ lookup('envforge.terraform.tf_root') }}"
"""

RETURN = r"""
_raw:
  description: The absolute path, as a list of one.
  type: list
  elements: str
  sample: [/srv/infrastructure]
"""

from ansible.plugins.lookup import LookupBase

from ansible_collections.envforge.terraform.plugins.plugin_utils._paths import root


class LookupModule(LookupBase):  # type: ignore[misc]  # ansible-core ships no types
    """Takes no terms and no options."""

    def run(self, terms: list[object], variables: object = None, **kwargs: object) -> list[str]:
        return [root()]
