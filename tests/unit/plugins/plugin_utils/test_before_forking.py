# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a worker inherits from the controller instead of loading it at every task."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ansible_collections.envforge.terraform.plugins.plugin_utils._before_forking import LOOKUPS

ROOT = Path(__file__).resolve().parents[4]
_PROBE = """
import sys
from ansible.plugins.loader import init_plugin_loader
init_plugin_loader([])
from ansible.plugins.loader import filter_loader, lookup_loader, test_loader
import ansible_collections.envforge.terraform.plugins.plugin_utils._in_worker
before = set(sys.modules)
for lookup in sys.argv[1:]:
    assert lookup_loader.get(f"envforge.terraform.{lookup}") is not None
for plugin in (filter_loader.get("ansible.builtin.combine"), filter_loader.get("envforge.terraform.refusal")):
    assert plugin is not None
assert test_loader.get("ansible.builtin.failed") is not None
"".encode("cp437")
print(sorted(set(sys.modules) - before))
"""


def test_every_lookup_of_the_collection_is_among_them() -> None:
    """A lookup that is left out costs each task of each stack its import and the parsing of its documentation."""
    assert set(LOOKUPS) == {path.stem for path in (ROOT / "plugins" / "lookup").glob("tf_*.py")}


def test_whoever_imports_the_base_of_the_actions_loads_no_plugin_afterwards() -> None:
    """In a process of its own, because plugins stay loaded."""
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections")}
    command = [sys.executable, "-c", _PROBE, *LOOKUPS]
    probe = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (probe.returncode, probe.stdout.strip()) == (0, "[]"), probe.stderr
