# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door to AWS: the only file that imports boto3, and the border where botocore's exceptions become ours.

It is imported where it is first needed: that takes 0.15 s, and most tasks on a stack that is ready need none of it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._aws.failures import refusal, silence
from ansible_collections.envforge.terraform.plugins.module_utils._errors import AwsError, AwsUnreachable

_ATTEMPTS, _CONNECT_SECONDS, _READ_SECONDS = 3, 5, 30


@dataclass(frozen=True)
class Connection:
    """Where and as whom to call AWS. Credentials, AWS_PROFILE and AWS_ENDPOINT_URL* are in the environment.

    An empty region is the environment's or the profile's.
    endpoints names single services (s3, dynamodb, kms, sts) and wins over endpoint_url; role is the mapping
    assume_role of Terraform's S3 backend; account_id, when known, is demanded as the owner of every bucket.
    """

    region: str
    endpoint_url: str | None = None
    profile: str | None = None
    endpoints: Mapping[str, str] = field(default_factory=dict, hash=False)
    role: Mapping[str, Any] = field(default_factory=dict, hash=False)
    account_id: str | None = None

    def endpoint_of(self, service: str) -> str | None:
        """The endpoint this connection or the environment names for *service*; None means AWS itself."""
        return (
            self.endpoints.get(service)
            or self.endpoint_url
            or os.environ.get(f"AWS_ENDPOINT_URL_{service.upper()}")
            or os.environ.get("AWS_ENDPOINT_URL")
            or None
        )


class Aws:
    """One connection and its clients, made when first asked for; safe to share between threads."""

    def __init__(self, connection: Connection, session: Any) -> None:
        self.connection = connection
        self._session = session
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()  # boto3 sessions are not thread-safe, clients are

    @property
    def account_id(self) -> str | None:
        """The account every bucket has to belong to, where it is known."""
        return self.connection.account_id

    def owned_by(self, account_id: str) -> Aws:
        """The same clients, with *account_id* demanded as the owner of every bucket."""
        same = Aws(replace(self.connection, account_id=account_id), self._session)
        same._clients, same._lock = self._clients, self._lock
        return same

    def client(self, service: str) -> Any:
        """The boto3 client of *service*."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._make_client(service)
            return self._clients[service]

    def _make_client(self, service: str) -> Any:
        import botocore.config

        endpoint = self.connection.endpoint_of(service)
        # an emulator is one host: bucket names cannot be labels of its name
        style: Any = {"addressing_style": "path"} if endpoint and service == "s3" else None
        configuration = botocore.config.Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            s3=style,
        )
        with while_trying_to(
            f"prepare calls to {service} in {self.connection.region or 'the region of the environment'}"
        ):
            return self._session.client(
                service, region_name=self.connection.region or None, endpoint_url=endpoint, config=configuration
            )


def connect(connection: Connection) -> Aws:
    """The door for *connection*; sends nothing yet, unless a role has to be assumed."""
    boto3 = load_boto3()
    with while_trying_to(f"use the AWS profile {connection.profile or os.environ.get('AWS_PROFILE', 'default')}"):
        session: Any = boto3.session.Session(profile_name=connection.profile or None)
    return Aws(connection, _in_role(Aws(connection, session), session) if connection.role else session)


def load_boto3() -> Any:
    """The package. Raises AwsUnreachable when it is not installed."""
    try:
        import boto3
    except ImportError as error:
        raise AwsUnreachable(
            f"Calling AWS needs the Python packages boto3 and botocore ({error}): install them for the Python that runs this "
            "task, for example with pip install boto3."
        ) from error
    return boto3


_ROLE_ARGUMENTS = {
    "role_arn": "RoleArn",
    "session_name": "RoleSessionName",
    "external_id": "ExternalId",
    "source_identity": "SourceIdentity",
    "policy": "Policy",
}


def _in_role(aws: Aws, session: Any) -> Any:
    role = {"session_name": "envforge-terraform", **aws.connection.role}
    request: dict[str, Any] = {theirs: role[ours] for ours, theirs in _ROLE_ARGUMENTS.items() if role.get(ours)}
    if role.get("tags"):
        request["Tags"] = [{"Key": str(key), "Value": str(value)} for key, value in role["tags"].items()]
    with while_trying_to(f"assume the role {role.get('role_arn')}"):
        credentials = aws.client("sts").assume_role(**request)["Credentials"]
    return load_boto3().session.Session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        region_name=session.region_name,
    )


@contextmanager
def while_trying_to(action: str) -> Iterator[None]:
    """Turn what botocore raises into an AwsError that says what we were doing: `while_trying_to("read bucket x")`."""
    import botocore.exceptions

    try:
        yield
    except botocore.exceptions.ClientError as error:
        raise refusal(action, error.response) from error
    except botocore.exceptions.BotoCoreError as error:
        raise silence(action, error) from error
    except ValueError as error:  # botocore's answer to an endpoint that is no URL
        raise AwsError(f"Could not {action}: {error}. Check endpoint_url and region.") from error
