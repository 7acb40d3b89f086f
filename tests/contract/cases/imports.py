# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases of tf_import, in a workspace of their own."""

from __future__ import annotations

from typing import Any

from tests.contract.cases.case import module
from tests.contract.cases.values import BY_HAND

import_ = module("tf_import")

HERE = {"workspace": "imports", "data_dir": ".envforge/imports-{{ own }}", "project_path": "stacks/slow"}
SECRET = {**HERE, "project_path": "stacks/plain", "secret_values": {"password": BY_HAND}}


def to(address: str, identity: str = "id-1", **more: Any) -> dict[str, Any]:
    return {**HERE, "imports": [{"to": address, "id": identity}], **more}


CASES = [
    import_("no imports", HERE, ends="failed", says="imports"),
    import_("nothing to import", {**HERE, "imports": []}, changed=False, shows=lambda r: r["terraform_calls"] == 0),
    import_("no id", {**HERE, "imports": [{"to": "a.b"}]}, ends="failed", says="id found in imports"),
    import_(
        "named twice",
        {**HERE, "imports": [{"to": "a.b", "id": 1}, {"to": "a.b", "id": 2}]},
        ends="failed",
        says="2 times",
    ),
    import_("would be imported", to("terraform_data.slow"), task_check_mode=True, task_diff=True, changed=True),
    import_("imported", to("terraform_data.slow"), task_diff=True, changed=True, shows=lambda r: r["serial"] == 1),
    import_("managed already", to("terraform_data.slow"), changed=False, shows=lambda r: len(r["present"]) == 1),
    import_("another object", to("terraform_data.slow", "id-2"), ends="failed", says="manages another object already"),
    import_("no such address", to("terraform_data.none"), ends="failed", says="does not exist in the configuration"),
    import_(
        "a secret for an id",
        {**SECRET, "imports": [{"to": "terraform_data.none", "id": BY_HAND}]},
        ends="failed",
        says=r"Importing \(sensitive\) as terraform_data.none",
    ),
]
