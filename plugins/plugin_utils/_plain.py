# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values as a module gets them, whatever Ansible made of them on the way."""

from __future__ import annotations

import json
from typing import Any

from ansible.module_utils.common.json import AnsibleJSONEncoder


def as_a_module_sees_it(arguments: Any) -> Any:
    """Plain dict, list, str, int…, dates as text, as AnsiballZ sends them: no tags, lazy containers or vault objects."""
    return json.loads(json.dumps(arguments, cls=AnsibleJSONEncoder, vault_to_text=True))
