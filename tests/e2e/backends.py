# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_backend and tf_backend_info at work in an emulated account, behind a proxy that sees and sometimes refuses requests."""

from __future__ import annotations

import functools
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Aws, Connection, connect
from ansible_collections.envforge.terraform.plugins.module_utils._backend.backend import backend, backend_info
from ansible_collections.envforge.terraform.plugins.module_utils._doors import Core, real_doors
from ansible_collections.envforge.terraform.plugins.module_utils._front import run_core
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.process import Processes
from ansible_collections.envforge.terraform.plugins.modules import tf_backend, tf_backend_info
from tests.contract.emulator import ACCESS_KEY, REGION, SECRET_KEY
from tests.e2e.proxy import Fault, Proxy

ACCOUNT = "123456789012"
STATE = {"version": 4, "lineage": "x", "serial": 1, "resources": [{"mode": "managed", "instances": [{}, {}]}]}
EMPTY = {**STATE, "resources": []}


@dataclass
class Traffic:
    """What the clients of one door sent: how many at the same time, and which of S3's calls named no owner."""

    running: int = 0
    most: int = 0
    without_owner: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def door(self, connection: Connection) -> Aws:
        aws = connect(connection)
        for service in ("sts", "s3", "kms", "dynamodb"):
            events = aws.client(service).meta.events
            events.register("before-send", self.sent)
            events.register("response-received", self.received)
        return aws

    def sent(self, request: Any, event_name: str, **_: Any) -> None:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        service, operation = event_name.split(".")[1:]
        if service == "s3" and "x-amz-expected-bucket-owner" not in request.headers:
            self.without_owner.append(operation)
        time.sleep(0.1)  # long enough for the others of the same round

    def received(self, **_: Any) -> None:
        with self.lock:
            self.running -= 1


@functools.cache  # clients are dear
def _connected(connection: Connection) -> Aws:
    return connect(connection)


@functools.cache
def _client(service: str, endpoint_url: str) -> Any:
    session: Any = boto3.Session(ACCESS_KEY, SECRET_KEY, region_name=REGION)
    return session.client(service, endpoint_url=endpoint_url)


@dataclass
class World:
    """An emulated account behind a proxy, and the modules at work in it."""

    proxy: Proxy
    name: str
    warnings: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    door: Callable[[Connection], Aws] = field(default=_connected)

    def client(self, service: str) -> Any:
        """A client past the proxy: for looking behind the scenes."""
        return _client(service, self.proxy.target)

    def options(self, **given: Any) -> dict[str, Any]:
        names: dict[str, Any] = {"bucket": self.name, "region": REGION, "lock_table": f"{self.name}-locks"}
        return {**names, "endpoint_url": self.proxy.url, **given}

    def run(self, core: Core, arguments: Any, options: dict[str, Any], check: bool) -> dict[str, Any]:
        outcome = ArgumentSpecValidator(arguments["argument_spec"]).validate(options)
        assert outcome.error_messages == []
        self.proxy.requests.clear()
        self.warnings.clear()
        processes = Processes()
        real = real_doors(
            processes,
            check_mode=check,
            diff=True,
            progress=self.said.append,
            warn=self.warnings.append,
            environment={},
        )
        doors = replace(real, aws=self.door)
        result = run_core("tf_backend", core, outcome.validated_parameters, doors, processes)
        plain: dict[str, Any] = json.loads(json.dumps(result))  # as it reaches the user
        return plain

    def backend(self, check: bool = False, **given: Any) -> dict[str, Any]:
        return self.run(backend, tf_backend.ARGUMENTS, self.options(**given), check)

    def info(self, **given: Any) -> dict[str, Any]:
        return self.run(backend_info, tf_backend_info.ARGUMENTS, self.options(**given), False)

    def put_state(self, key: str, state: object) -> None:
        self.client("s3").put_object(Bucket=self.name, Key=key, Body=json.dumps(state).encode())

    def refuse(self, containing: str) -> None:
        """Answer 403 to every request with this in its path or body, or of this operation."""
        self.proxy.faults.append(
            Fault(lambda request: containing in request.path or containing in request.operation, 403)
        )


def writes(world: World) -> list[str]:
    """What was sent that is no reading."""
    reads = {"GetCallerIdentity"}
    return [text for text in world.proxy.writes if text.split(" ")[0] not in reads]
