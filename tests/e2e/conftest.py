# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the end-to-end tests share: an emulated AWS, a proxy in front of it, stacks in it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest

from tests.contract import emulator
from tests.e2e import proxy as proxies
from tests.e2e.backends import World
from tests.e2e.cloud import Cloud
from tests.e2e.project import Project

_FOREIGN = ("AWS_", "TF_", "ANSIBLE_")
_numbers = itertools.count()


@pytest.fixture(scope="session", autouse=True)
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[emulator.Emulator]:
    """The emulator of this test process; nothing the person who runs the tests has set reaches it."""
    with emulator.running(tmp_path_factory.mktemp("emulator")) as started, pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(_FOREIGN)]:
            patch.delenv(name)
        patch.setenv("AWS_ACCESS_KEY_ID", emulator.ACCESS_KEY)
        patch.setenv("AWS_SECRET_ACCESS_KEY", emulator.SECRET_KEY)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield started


@pytest.fixture(scope="session")
def cloud(aws: emulator.Emulator) -> Cloud:
    """A look behind the backend: what is really in the bucket and the table."""
    aws.make_backend("states")
    session = boto3.Session(emulator.ACCESS_KEY, emulator.SECRET_KEY, region_name=emulator.REGION)
    return Cloud("states", session.client("s3", endpoint_url=aws.url), session.client("dynamodb", endpoint_url=aws.url))


@pytest.fixture
def project(aws: emulator.Emulator, cloud: Cloud, tmp_path: Path) -> Project:
    """A stack of its own, without configuration yet."""
    return new_project(aws, cloud, tmp_path)


@pytest.fixture
def another(aws: emulator.Emulator, cloud: Cloud, tmp_path: Path) -> Callable[[], Project]:
    """Makes further stacks."""
    return lambda: new_project(aws, cloud, tmp_path)


def new_project(aws: emulator.Emulator, cloud: Cloud, directory: Path) -> Project:
    number = next(_numbers)
    place = directory / f"stack-{number}"
    place.mkdir()
    (place / ".git").mkdir()  # where a shadow of the root module ends
    config = aws.backend_config(cloud.bucket, f"stack-{number}/terraform.tfstate")
    return Project(place, {**config, "skip_region_validation": True})


@pytest.fixture
def proxy(aws: emulator.Emulator) -> Iterator[proxies.Proxy]:
    """A proxy in front of the emulator: `project.through(proxy.url)` goes through it."""
    with proxies.running(aws.url) as started:
        yield started


@pytest.fixture(scope="module")
def one_proxy(aws: emulator.Emulator) -> Iterator[proxies.Proxy]:
    with proxies.running(aws.url) as started:
        yield started


@pytest.fixture
def world(one_proxy: proxies.Proxy) -> World:
    """An account in which there is no backend yet."""
    one_proxy.heal()
    return World(one_proxy, f"backend-{next(_numbers)}")


@pytest.fixture
def made(world: World) -> World:
    """An account in which the backend has been made."""
    assert world.backend()["changed"]
    return world
