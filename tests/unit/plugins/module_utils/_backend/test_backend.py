# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cores as a whole, and the writes that take more than one call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Aws, Connection
from ansible_collections.envforge.terraform.plugins.module_utils._backend import making
from ansible_collections.envforge.terraform.plugins.module_utils._backend.backend import backend, backend_info
from ansible_collections.envforge.terraform.plugins.module_utils._backend.found import MARK
from ansible_collections.envforge.terraform.plugins.module_utils._backend.wanted import Wanted
from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors, real_doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import AwsDenied
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.process import Processes
from ansible_collections.envforge.terraform.plugins.modules.tf_backend import ARGUMENTS
from ansible_collections.envforge.terraform.plugins.modules.tf_backend_info import ARGUMENTS as INFO_ARGUMENTS
from tests.unit.plugins.module_utils._aws.clients import ACCOUNT, Client, aws_of, aws_with, refused

GOAL = Wanted("b", "us-east-1", kms_alias="alias/b", lock_table="t", tags={"env": "dev"})
ENABLED = {"KeyMetadata": {"KeyId": "made", "Arn": "arn:made", "KeyState": "Enabled"}}


def doors(aws: Callable[[Connection], Aws], *, check_mode: bool = False, said: list[str] | None = None) -> Doors:
    told = [] if said is None else said
    real = real_doors(
        Processes(), check_mode=check_mode, diff=False, progress=told.append, warn=told.append, environment={}
    )
    return replace(real, aws=aws)


def options(specification: dict[str, Any] = ARGUMENTS, **given: Any) -> dict[str, Any]:
    defaults = {name: option.get("default") for name, option in specification["argument_spec"].items()}
    return {**defaults, **given}


def closed(connection: Connection) -> Aws:
    raise AssertionError("nothing is to be asked")


@pytest.mark.parametrize("kind", ["local", "http", "gcs", "cloud"])
def test_other_backends_pass_through(kind: str) -> None:
    """Nothing is made and nobody is asked, whatever else is set."""
    config = {"address": "https://example.com", "password": "x"}
    result = backend(options(type=kind, config=config, account_id="REPLACE_WITH_IT"), doors(closed))
    assert result == {"changed": False, "backend_type": kind, "backend_config": config, "steps": []}
    info = backend_info(options(INFO_ARGUMENTS, type=kind, config=config), doors(closed))
    assert info == {"changed": False, "backend_type": kind, "backend_config": config}


def missing(**answers: Any) -> dict[str, Client]:
    absent = refused("404", status=404)
    none = {"head_bucket": absent, "describe_key": refused("NotFoundException"), **answers}
    none.update(describe_table=refused("ResourceNotFoundException"), get_caller_identity={"Account": ACCOUNT})
    none.update(describe_continuous_backups=refused("TableNotFoundException"))
    return {service: Client(none) for service in ("s3", "kms", "dynamodb", "sts")}


def test_the_connection_takes_role_and_endpoints_from_the_configuration() -> None:
    """The states' account may be reached by a role only; the account is not demanded before it is known."""
    seen: list[Connection] = []

    def aws(connection: Connection) -> Aws:
        seen.append(connection)
        return aws_of(missing(), account_id=None)

    role = {"role_arn": "arn:aws:iam::123456789012:role/x"}
    config = {"assume_role": role, "endpoints": {"s3": "http://s3"}, "allowed_account_ids": [ACCOUNT]}
    given = options(bucket="bbb", region="us-east-1", lock="none", encryption="aes256", profile="p", config=config)
    backend(given, doors(aws, check_mode=True))
    assert seen == [Connection("us-east-1", profile="p", role=role, endpoints={"s3": "http://s3"})]


def test_a_failure_half_way_tells_what_was_done() -> None:
    """The next run goes on from there."""
    doubles = missing(put_public_access_block=refused("AccessDenied", status=403))
    said: list[str] = []
    given = options(bucket="bbb", region="us-east-1", lock="none", encryption="aes256")
    with pytest.raises(AwsDenied, match="Could not set the public access block of bucket bbb") as raised:
        backend(given, doors(lambda connection: aws_of(doubles, account_id=None), said=said))
    assert raised.value.details["changed"] is True
    assert [step["action"] for step in raised.value.details["steps"]] == [
        "create it in us-east-1",
        "turn on versioning",
    ]
    assert said[-1] == "bucket bbb: block public access"


def test_a_key_is_made_marked_and_named() -> None:
    """The mark tells it is ours, for a run that is stopped before it has a name."""
    client = Client({"list_keys": {"Keys": []}, "list_aliases": {"Aliases": []}})
    client.answers.update(create_key=ENABLED, describe_key=ENABLED)
    making.make_key(aws_with(kms=client), "alias/b", GOAL)
    made = dict(client.calls)["create_key"]
    assert made["Tags"] == [{"TagKey": "env", "TagValue": "dev"}, {"TagKey": MARK, "TagValue": "b"}]
    assert dict(client.calls)["create_alias"] == {"AliasName": "alias/b", "TargetKeyId": "made"}


def test_a_key_an_earlier_run_left_without_a_name_is_taken_up() -> None:
    """Keys cost money, and nobody would find it again."""
    keys = {"Keys": [{"KeyId": "theirs"}, {"KeyId": "left"}]}
    tags = [{"Tags": []}, {"Tags": [{"TagKey": MARK, "TagValue": "b"}]}]
    client = Client({"list_keys": keys, "list_aliases": {"Aliases": []}, "describe_key": ENABLED})
    client.answers["list_resource_tags"] = [tags[1], tags[0]]
    making.make_key(aws_with(kms=client), "alias/b", GOAL)
    assert "create_key" not in client.asked
    assert dict(client.calls)["create_alias"]["TargetKeyId"] == "left"


@pytest.mark.parametrize("call", ["list_keys", "list_resource_tags"])
def test_whoever_may_not_look_for_a_key_makes_one(call: str) -> None:
    """Looking is a kindness, not a condition."""
    keys = {"Keys": [{"KeyId": "left"}]}
    client = Client(
        {"list_keys": keys, "list_aliases": {"Aliases": []}, "create_key": ENABLED, "describe_key": ENABLED}
    )
    client.answers[call] = refused("AccessDeniedException")
    making.make_key(aws_with(kms=client), "alias/b", GOAL)
    assert "create_key" in client.asked


def test_rows_are_forgotten_only_as_they_were_seen() -> None:
    """A lock taken meanwhile stays."""
    client = Client({"get_item": [{"Item": {"LockID": {"S": "b/k-md5"}, "Digest": {"S": "0"}}}, {}]})
    making.forget_rows(aws_with(dynamodb=client), "t", ["b/k-md5", "b/gone-md5"])
    assert client.asked == ["get_item", "delete_item", "get_item"]
    assert client.calls[1][1]["ExpressionAttributeValues"] == {":0": {"S": "b/k-md5"}, ":1": {"S": "0"}}
