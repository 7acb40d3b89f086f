# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""States for tests, in the form of state files (version 4)."""

from __future__ import annotations

from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._state.document import Document

LINEAGE = "aa012de6-c2ef-e014-4e6f-448a370be800"
PROVIDER = 'provider["terraform.io/builtin/terraform"]'


def resource(name: str, *instances: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A resource terraform_data.NAME; without instances it has one, without a key."""
    return {
        "mode": "managed",
        "type": "terraform_data",
        "name": name,
        "provider": PROVIDER,
        "instances": list(instances) or [{"attributes": {"id": name}}],
        **more,
    }


def document(*resources: dict[str, Any], serial: int = 7, **more: Any) -> Document:
    head = {"version": 4, "terraform_version": "1.11.4", "serial": serial, "lineage": LINEAGE}
    return Document({**head, "outputs": {}, "resources": list(resources), "check_results": None, **more})
