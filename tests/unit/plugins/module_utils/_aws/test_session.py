# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door to AWS: where it leads, as whom, and what failures become."""

from __future__ import annotations

import sys
import threading
from typing import Any

import botocore.exceptions
import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import (
    Connection,
    connect,
    while_trying_to,
)
from ansible_collections.envforge.terraform.plugins.module_utils._errors import (
    AwsConflict,
    AwsDenied,
    AwsError,
    AwsMissing,
    AwsUnreachable,
    TfError,
)
from tests.unit.plugins.module_utils._aws.clients import refused


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("NoSuchKey", AwsMissing),
        ("404", AwsMissing),
        ("ResourceNotFoundException", AwsMissing),
        ("AccessDeniedException", AwsDenied),
        ("403", AwsDenied),
        ("ExpiredToken", AwsDenied),
        ("ConditionalCheckFailedException", AwsConflict),
        ("PreconditionFailed", AwsConflict),
        ("OperationAborted", AwsConflict),
        ("ValidationException", AwsError),
    ],
)
def test_each_refusal_has_a_kind_and_keeps_its_code(code: str, kind: type[AwsError]) -> None:
    """Callers decide on types, and on AWS's code where it matters; never on prose."""
    with (
        pytest.raises(kind, match=f"^Could not read bucket x: {code}: no.") as raised,
        while_trying_to("read bucket x"),
    ):
        raise refused(code)
    assert type(raised.value) is kind
    assert raised.value.details["aws_code"] == code


def test_an_unknown_code_with_status_403_is_a_denial() -> None:
    """S3-compatible services invent codes; the status tells."""
    with pytest.raises(AwsDenied, match="Give these credentials that permission"), while_trying_to("read bucket x"):
        raise refused("Whatever", status=403)


def test_the_region_of_a_bucket_elsewhere_is_kept() -> None:
    """S3 names it in a header of its refusal."""
    with pytest.raises(AwsError) as raised, while_trying_to("look at bucket x"):
        raise refused("301", status=301, **{"x-amz-bucket-region": "eu-west-1"})
    assert raised.value.details["bucket_region"] == "eu-west-1"


@pytest.mark.parametrize(
    ("error", "way_out"),
    [
        (botocore.exceptions.NoCredentialsError(), "an emulator takes any"),
        (botocore.exceptions.EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "Is the emulator running"),
        (botocore.exceptions.EndpointConnectionError(endpoint_url="https://s3.amazonaws.com"), "Check the network"),
        (botocore.exceptions.UnauthorizedSSOTokenError(), "aws sso login"),
    ],
)
def test_silence_says_what_to_do(error: Exception, way_out: str) -> None:
    """No answer at all: no credentials, an emulator that died, no network."""
    with pytest.raises(AwsUnreachable, match=way_out), while_trying_to("ask whose credentials these are"):
        raise error


def test_every_exception_of_botocore_becomes_ours() -> None:
    """Whatever botocore adds later crosses the border as an AwsError."""
    with pytest.raises(AwsError, match="Could not wait"), while_trying_to("wait"):
        raise botocore.exceptions.WaiterError("BucketExists", "Max attempts exceeded", {})


def test_errors_of_our_own_cross_the_border_unchanged() -> None:
    """The border is for foreign exceptions only."""
    error = TfError("ours")
    with pytest.raises(TfError) as raised, while_trying_to("do something"):
        raise error
    assert raised.value is error


def test_without_boto3_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is raised when a connection is wanted, not before: a task may need none of it."""
    monkeypatch.setitem(sys.modules, "boto3", None)  # as if it were not installed
    with pytest.raises(AwsUnreachable, match="pip install boto3"):
        connect(Connection("us-east-1"))


def test_an_unknown_profile_is_named() -> None:
    """boto3 notices it before anything is sent."""
    with pytest.raises(AwsError, match="use the AWS profile nowhere: The config profile"):
        connect(Connection("us-east-1", profile="nowhere"))


def test_an_endpoint_that_is_no_url_is_named() -> None:
    """botocore raises a ValueError, not one of its own exceptions."""
    with pytest.raises(AwsError, match="Check endpoint_url"):
        connect(Connection("us-east-1", endpoint_url="localhost:5000")).client("s3")


@pytest.mark.parametrize(
    ("connection", "environment", "endpoint"),
    [
        (Connection("us-east-1"), {}, None),
        (Connection("us-east-1", endpoint_url="http://a"), {"AWS_ENDPOINT_URL": "http://b"}, "http://a"),
        (Connection("us-east-1", endpoint_url="http://a", endpoints={"s3": "http://c"}), {}, "http://c"),
        (Connection("us-east-1"), {"AWS_ENDPOINT_URL": "http://b"}, "http://b"),
        (Connection("us-east-1"), {"AWS_ENDPOINT_URL": "http://b", "AWS_ENDPOINT_URL_S3": "http://d"}, "http://d"),
    ],
)
def test_the_narrowest_endpoint_wins(
    connection: Connection, environment: dict[str, str], endpoint: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The backend's own for a service, then the option, then the environment's for a service, then its general one."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert connection.endpoint_of("s3") == endpoint


def test_buckets_stand_in_the_path_where_an_endpoint_is_named() -> None:
    """An emulator on an address cannot have a host name for each bucket."""
    style = connect(Connection("us-east-1", endpoint_url="http://localhost:5000")).client("s3").meta.config.s3
    assert style == {"addressing_style": "path"}
    assert connect(Connection("us-east-1")).client("s3").meta.config.s3 is None


def test_calls_are_given_up_within_seconds() -> None:
    """A dead emulator must not hold a playbook for minutes."""
    configuration = connect(Connection("us-east-1")).client("sts").meta.config
    assert configuration.connect_timeout == 5
    assert configuration.retries["total_max_attempts"] == 3


def test_one_client_for_all_threads() -> None:
    """Sessions of boto3 are not thread-safe; the door makes each client once."""
    aws = connect(Connection("us-east-1"))
    clients: list[Any] = []
    threads = [threading.Thread(target=lambda: clients.append(aws.client("sts"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(client) for client in clients}) == 1


def test_a_known_owner_shares_the_clients() -> None:
    """Once the account is known the same connection goes on, demanding that owner."""
    aws = connect(Connection("us-east-1"))
    owned = aws.owned_by("123456789012")
    assert owned.account_id == "123456789012"
    assert owned.client("sts") is aws.client("sts")
