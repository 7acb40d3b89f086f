# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an import does, in lines for a person. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def import_report(result: Mapping[str, Any]) -> list[str]:
    """*result* is that of tf_import. No value of any attribute is among the lines."""
    lines = [f"import {item['id']} as {item['to']}" for item in result.get("imported") or ()]
    lines += [f"{item['to']} is managed already" for item in result.get("present") or ()]
    lines += [f"output {name} gets its value" for name in result.get("outputs") or ()]
    if not result.get("changed"):
        return [*lines, "nothing is to be imported"]
    if result.get("generated_config"):
        lines.append(f"configuration is generated into {result['generated_config']}")
    changes = result.get("resource_changes") or ()
    lines += [f"the plan afterwards: {'/'.join(change['actions'])} {change['address']}" for change in changes]
    return lines if changes else [*lines, "the plan afterwards has no changes of resources"]
