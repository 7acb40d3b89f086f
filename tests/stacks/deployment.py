# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job on one of the five systems: site.yml with the environment's own inventory, on the emulator.

Only what says where AWS is gets overridden: the account, which is a placeholder in the inventory, and the processes'
environment. The states, locks and policies are real traffic to the emulator.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import artifact
import dotenv as python_dotenv

from tests.contract import emulator
from tests.e2e.project import BINARY
from tests.e2e.site import Played, Site
from tests.stacks.provider import Provider

ACCOUNT = "123456789012"  # the emulator's, and the stand-in's


@dataclass(frozen=True)
class Deployment:
    """A stack in an environment, in a checkout of its own."""

    site: Site
    stack: str
    environment: str
    variables: Mapping[str, Any] = field(default_factory=dict)

    def having(self, **variables: Any) -> Deployment:
        """The same with further extra variables; what is in tf_process_environment comes on top of what is there."""
        mine = dict(self.variables)
        process = {**mine["tf_process_environment"], **variables.pop("tf_process_environment", {})}
        return replace(self, variables={**mine, **variables, "tf_process_environment": process})

    def play(self, playbook: str = "site.yml", *options: str) -> Played:
        """Run a playbook on this stack alone."""
        given = self.site.home.with_name(f"{self.site.home.name}-given.json")
        given.touch(0o600)
        given.write_text(json.dumps(self.variables))
        inventory = f"inventories/{self.environment}"
        return self.site.play(playbook, "-i", inventory, "--limit", self.stack, "-e", f"@{given}", *options)

    def applied(self, *options: str) -> int:
        """How many tasks of a successful run of site.yml changed something."""
        return self.play("site.yml", *options).succeeded().changed[self.stack]

    def dotenv(self, path: str) -> dict[str, str]:
        """The .env file, as python-dotenv reads it; its mode is 0600."""
        file = self.site.directory / path
        assert file.stat().st_mode & 0o777 == 0o600
        return {name: value or "" for name, value in python_dotenv.dotenv_values(file, interpolate=False).items()}


def deployment(stack: str, environment: str, directory: Path, provider: Provider, aws: emulator.Emulator) -> Deployment:
    """Export the checkout into *directory*; Terraform's temporary sockets need a short TMPDIR."""
    checkout = artifact.export(directory / "checkout")
    process = {**aws.environment, **provider.environment}
    variables = {"tf_account_id": ACCOUNT, "tf_binary": BINARY, "tf_process_environment": process}
    inherited = {"TMPDIR": os.environ.get("TMPDIR", "/tmp")}
    return Deployment(Site(checkout, checkout / "collections", inherited), stack, environment, variables)
