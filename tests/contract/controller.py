# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook of the Python that runs the tests, in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
BIN = Path(sys.executable).parent
INVENTORY = {
    "all": {
        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}", "own": "own-{{ inventory_hostname }}"},
        "hosts": {"here": {"ansible_connection": "local"}, "far": {"ansible_connection": "faraway"}},
    }
}
# what the person who runs the tests has set must not decide how they end
_FOREIGN = ("ANSIBLE_", "AWS_", "TF_", "AWX_", "JOB_ID")


@dataclass(frozen=True)
class Project:
    """A directory with a playbook, an inventory of two hosts, and the stacks; home is private to it."""

    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.directory / "home"

    @property
    def record(self) -> Path:
        """What the callback saw, one JSON object a line."""
        return self.directory / "record.jsonl"

    def write(self, name: str, content: Any) -> Path:
        """Write *content* as JSON, which is YAML too."""
        path = self.directory / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def command(self, playbook: Path, *options: str, hosts: Mapping[str, Any] | None = None) -> list[str]:
        """The command line that runs *playbook* on *hosts*, by default one for each route."""
        inventory = self.write("inventory.json", hosts or INVENTORY)
        return [str(BIN / "ansible-playbook"), "-i", str(inventory), str(playbook), *options]

    def variables(self) -> dict[str, str]:
        """The environment of a run; nothing in it is in the user's directories."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        return {
            **kept,
            "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]),
            "HOME": str(self.home),
            "TMPDIR": str(self.directory / "tmp"),
            "ANSIBLE_HOME": str(self.home / ".ansible"),
            # modules take the home directory from the user database, not from HOME
            "ANSIBLE_REMOTE_TEMP": str(self.home / ".ansible" / "tmp"),
            "ANSIBLE_ASYNC_DIR": str(self.home / ".ansible_async"),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections"),
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
            "ANSIBLE_CONNECTION_PLUGINS": str(HERE / "connection_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "recorder",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_NOCOLOR": "true",
            "CONTRACT_RECORD": str(self.record),
            **self.environment,
        }

    def play(
        self, plays: Sequence[Mapping[str, Any]], *options: str, name: str = "play.yml"
    ) -> subprocess.CompletedProcess[str]:
        """Run *plays* from another directory than theirs, without a terminal."""
        return subprocess.run(
            self.command(self.write(name, plays), *options),
            cwd=self.home,
            env=self.variables(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def recorded(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.record.read_text().splitlines()]
