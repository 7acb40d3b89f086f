# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which file may reach for what: one door to each outside world, and dependencies in one direction."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gates.checkout import NAMESPACE, PLUGINS, imported, name, python_files

LIBRARY = python_files("plugins/module_utils")
# what reaches outside → the one file of the library that may import it
DOORS = {
    "subprocess": "_terraform/process.py",
    "ansible.module_utils.urls": "_http.py",
    "boto3": "_aws/session.py",
    "botocore": "_aws/session.py",
}
# a room of the library that is pure → the rooms it may use beside itself
PURE = {"_dotenv": {"_errors"}}


def matches(module: str, wanted: str) -> bool:
    return module == wanted or module.startswith(f"{wanted}.")


@pytest.mark.parametrize("door", DOORS)
def test_one_file_opens_each_door(door: str) -> None:
    """Processes are started in one file, AWS and HTTP are called from one each, so a test can stand in for any."""
    openers = {path for path in python_files("plugins") if any(matches(module, door) for module in imported(path))}
    assert {str(path.relative_to(PLUGINS)) for path in openers} == {f"module_utils/{DOORS[door]}"}


@pytest.mark.parametrize("path", LIBRARY, ids=name)
def test_the_library_knows_no_fronts(path: Path) -> None:
    """Modules and actions use the library, never the other way round."""
    fronts = [f"{NAMESPACE}.{kind}" for kind in ("modules", "action", "plugin_utils", "filter", "lookup")]
    assert [module for module in imported(path) if any(matches(module, front) for front in fronts)] == []


@pytest.mark.parametrize("path", LIBRARY, ids=name)
def test_the_library_knows_ansible_only_at_its_front(path: Path) -> None:
    """Below main() nothing can end the process or print a result: only _front.py knows AnsibleModule, _http.py its requests."""
    allowed = {"_front.py": "ansible.module_utils.basic", "_http.py": "ansible.module_utils.urls"}.get(path.name, "-")
    known = [module for module in imported(path) if matches(module, "ansible")]
    assert [module for module in known if not matches(module, allowed)] == []


@pytest.mark.parametrize("room", PURE)
def test_a_pure_room_stays_pure(room: str) -> None:
    """What is pure imports no door: no process, no network, no file."""
    impure = ("subprocess", "socket", "os", "pathlib", "shutil", "tempfile", "boto3")
    for path in python_files(f"plugins/module_utils/{room}"):
        assert [module for module in imported(path) if any(matches(module, outside) for outside in impure)] == []


@pytest.mark.parametrize("room", PURE)
def test_a_pure_room_knows_only_its_neighbours(room: str) -> None:
    """A pure room uses nothing of the collection but itself and the errors."""
    library = f"{NAMESPACE}.module_utils."
    allowed = {room, *PURE[room]}
    for path in python_files(f"plugins/module_utils/{room}"):
        own = {module.removeprefix(library).split(".")[0] for module in imported(path) if module.startswith(library)}
        assert own <= allowed, name(path)
