# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the five systems share: the providers, the emulator, plans made once, and deployments."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.contract import emulator
from tests.e2e import conftest as e2e
from tests.stacks import deployment, provider
from tests.stacks.deployment import Deployment
from tests.stacks.plans import Copy, Plan, copy_of
from tests.stacks.provider import Provider

aws = e2e.aws


class Planned(Protocol):
    """Plans a root module of stacks/ with an environment's tfvars; the same plan is made once a session."""

    def __call__(
        self, root: str, *var_files: str, variables: Mapping[str, Any] | None = None, workspace: str = "default"
    ) -> Plan: ...


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Provider:
    """The real hashicorp/aws."""
    found = provider.real(tmp_path_factory.mktemp("real"))
    if found is None:
        pytest.skip("no filesystem mirror with hashicorp/aws on this machine (ENVFORGE_TEST_PROVIDERS names one)")
    return found


@pytest.fixture(scope="session")
def stand_in() -> Provider:
    """The stand-in for hashicorp/aws."""
    found = provider.stand_in()
    if found is None:
        pytest.skip("no stand-in for hashicorp/aws on this machine (ENVFORGE_MOCK_AWS_PROVIDER names its directory)")
    return found


@pytest.fixture(scope="session")
def planned(stand_in: Provider, aws: emulator.Emulator, tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """Plans with the stand-in, which takes tenths of a second."""
    return _planning(stand_in, aws, tmp_path_factory)


@pytest.fixture(scope="session")
def really_planned(real: Provider, aws: emulator.Emulator, tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """Plans with the real provider, which checks values too and asks the emulator for what it reads; seconds each.

    A root module has to be valid first.
    """
    return _planning(real, aws, tmp_path_factory, valid=True)


def _planning(
    chosen: Provider, aws: emulator.Emulator, directories: pytest.TempPathFactory, *, valid: bool = False
) -> Planned:
    copies: dict[str, Copy] = {}
    plans: dict[str, Plan] = {}

    def planned(
        root: str, *var_files: str, variables: Mapping[str, Any] | None = None, workspace: str = "default"
    ) -> Plan:
        if root not in copies:
            copies[root] = copy_of(root, directories.mktemp("planned"), chosen, aws.environment)
            if valid:
                assert json.loads(copies[root].terraform("validate", "-json").stdout)["diagnostics"] == []
        made = json.dumps([root, var_files, dict(variables or {}), workspace])
        if made not in plans:
            plans[made] = copies[root].planned(*var_files, variables=variables, workspace=workspace)
        return plans[made]

    return planned


@pytest.fixture
def copied(stand_in: Provider, aws: emulator.Emulator, tmp_path: Path) -> Callable[[str], Copy]:
    """A copy of a stack of the test's own, to be broken."""
    return lambda root: copy_of(root, tmp_path / "copied", stand_in, aws.environment)


@pytest.fixture
def empty_aws(aws: emulator.Emulator) -> emulator.Emulator:
    """The emulator with nothing in it."""
    urllib.request.urlopen(urllib.request.Request(f"{aws.url}/moto-api/reset", method="POST"), timeout=30).close()
    return aws


@pytest.fixture
def deployed(stand_in: Provider, empty_aws: emulator.Emulator, tmp_path: Path) -> Callable[[str, str], Deployment]:
    """A stack and environment to run playbooks on: the backend in the emulator, the resources by the stand-in."""
    return lambda stack, environment: deployment.deployment(stack, environment, tmp_path, stand_in, empty_aws)


@pytest.fixture
def really_deployed(real: Provider, empty_aws: emulator.Emulator, tmp_path: Path) -> Callable[[str, str], Deployment]:
    """The same with the real provider: the resources are in the emulator too."""
    return lambda stack, environment: deployment.deployment(stack, environment, tmp_path, real, empty_aws)
