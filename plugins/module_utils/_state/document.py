# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A state as a document: what every state has, and the one thing in it that may be rewritten, its serial.

Terraform's state files are not a public format; version 4 has been written since 0.12
(https://github.com/hashicorp/terraform/blob/main/internal/states/statefile/version4.go). Only its head is relied on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused

FORMAT = 4


@dataclass(frozen=True)
class Document:
    """A parsed state. raw is the whole of it."""

    raw: dict[str, Any]

    @property
    def lineage(self) -> str:
        return str(self.raw["lineage"])

    @property
    def serial(self) -> int:
        return int(self.raw["serial"])

    @property
    def resources(self) -> list[dict[str, Any]]:
        return list(self.raw["resources"] or [])

    @property
    def outputs(self) -> dict[str, dict[str, Any]]:
        return dict(self.raw.get("outputs") or {})

    @property
    def terraform_version(self) -> str:
        return str(self.raw.get("terraform_version") or "")

    def with_serial(self, serial: int) -> bytes:
        """The same state under another serial, spelt as Terraform spells it."""
        return (json.dumps({**self.raw, "serial": serial}, indent=2, ensure_ascii=False) + "\n").encode()


def read_document(body: bytes, where: str) -> Document:
    """Raises Refused for what is not a state of format 4; *where* names it in the message."""
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict) or "lineage" not in found or "serial" not in found:
        raise Refused(f"{where} is not a Terraform state: it has no lineage and serial. Name a state file.")
    if found.get("version") != FORMAT or not isinstance(found.get("resources"), list | None):
        raise Refused(
            f"{where} is a state of format {found.get('version')}; format {FORMAT} (Terraform 0.12 and later) is needed. "
            "Upgrade it with the Terraform that wrote it."
        )
    return Document({**found, "resources": found.get("resources") or []})
