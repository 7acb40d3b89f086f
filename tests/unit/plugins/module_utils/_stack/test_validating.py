# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of a module that was validated."""

from __future__ import annotations

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._stack.validating import Findings, _shown

# of Terraform 1.11.4
CHILD = """--- old/child/main.tf
+++ new/child/main.tf
@@ -1,3 +1,3 @@
 locals {
-    odd=1
+  odd = 1
 }
"""
VALUES = """--- old/NAME
+++ new/NAME
@@ -1,3 +1,3 @@
 user = "hunter1"
-password="hunter2"
\\ No newline at end of file
+password = "hunter2"
\\ No newline at end of file
"""


@pytest.mark.parametrize("name", ["terraform.tfvars", "secret.auto.tfvars", "environments/prod.tfvars"])
def test_the_lines_of_a_file_of_values_are_never_shown(name: str) -> None:
    """Only that it is not formatted. Those of other files are, before it and after it."""
    values = VALUES.replace("NAME", name)
    found = Findings(formatting=_shown(f"child/main.tf\n{CHILD}{name}\n{values}child/main.tf\n{CHILD}"))
    assert found.unformatted == ["child/main.tf", name, "child/main.tf"]
    assert found.formatting.count(CHILD) == 2
    assert "hunter" not in found.formatting
    assert f"+++ new/{name}\n(its lines are not shown: they are values)\n" in found.formatting
