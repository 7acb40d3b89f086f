# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for boto3: clients that answer what a test says and remember what they were asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import botocore.exceptions

from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Aws, Connection

ACCOUNT = "123456789012"


def refused(code: str, message: str = "no", status: int = 400, **headers: str) -> botocore.exceptions.ClientError:
    """What a boto3 client raises when AWS answers with an error."""
    answer: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": headers},
    }
    return botocore.exceptions.ClientError(answer, "Operation")


class Client:
    """Answers by the name of a call: a value, an exception to raise, or a list of these to use up."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = dict(answers)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        members = SimpleNamespace(members=("LocationConstraint", "Tags"))
        self.meta = SimpleNamespace(service_model=SimpleNamespace(shape_for=lambda name: members))

    @property
    def asked(self) -> list[str]:
        return [name for name, _ in self.calls]

    def __getattr__(self, name: str) -> Any:
        def call(**arguments: Any) -> Any:
            self.calls.append((name, arguments))
            answer = self.answers.get(name, {})
            if isinstance(answer, list):
                answer = answer.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call

    def get_paginator(self, name: str) -> Any:
        def paginate(**arguments: Any) -> Iterator[Any]:
            yield getattr(self, name)(**arguments)

        return SimpleNamespace(paginate=paginate)

    def get_waiter(self, name: str) -> Any:
        return SimpleNamespace(wait=getattr(self, f"wait_{name}"))


class Session:
    """A boto3 session whose clients are those of a test."""

    def __init__(self, clients: Mapping[str, Client]) -> None:
        self.clients = clients

    def client(self, service: str, **arguments: Any) -> Client:
        return self.clients[service]


def aws_with(region: str = "us-east-1", account_id: str | None = ACCOUNT, **clients: Client) -> Aws:
    """A door to these clients."""
    return aws_of(clients, region, account_id)


def aws_of(clients: Mapping[str, Client], region: str = "us-east-1", account_id: str | None = ACCOUNT) -> Aws:
    """A door to the clients of these services."""
    return Aws(Connection(region, account_id=account_id), Session(clients))
