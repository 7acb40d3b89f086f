# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""moto's server, in which a bucket policy can refuse connections without TLS and still let everybody else in.

moto (5.2) takes a condition it cannot evaluate as met, so a statement that denies on a condition denies always, and no
state could be written under the policy of a real backend. Here such a statement says nothing. The loopback interface,
which nobody else can listen to, passes for TLS. A table has an id, as on AWS; other collections rely on it.

The AWS provider relies on more: a trail is found by its ARN, and without the others; the redrive policy of a queue has no
spaces, its redrive allow policy is kept, and setting either leaves the queue's own policy alone; a bucket takes logs below
the prefix that its policy names; and the policies that AWS manages are there.

A response is written in one piece. werkzeug writes the head and the body each by itself and closes the connection; about
once in a thousand requests Go's HTTP client then sees the end before it has read the body ("use of closed network
connection"), and Terraform's SDK repeats a request that had been carried out: it meets its own lock.
"""

from __future__ import annotations

import fnmatch
import json
import os
import uuid
from collections.abc import Callable
from typing import Any

os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"  # moto reads it while it is imported

from moto.cloudtrail.models import CloudTrailBackend
from moto.cloudtrail.responses import CloudTrailResponse
from moto.dynamodb.models.table import Table
from moto.iam.access_control import IAMPolicyStatement, PermissionResult
from moto.s3.models import FakeBucket
from moto.server import main
from moto.sqs.models import Queue
from werkzeug.serving import WSGIRequestHandler

_EVALUATE = IAMPolicyStatement.is_action_permitted
_DESCRIBE = Table.describe
_DESCRIBE_TRAILS = CloudTrailResponse.describe_trails
_ATTRIBUTES = Queue.attributes.fget
_SET_ATTRIBUTES = Queue._set_attributes


def evaluate(
    statement: IAMPolicyStatement,
    action: str,
    resource: str = "*",
    principal: str | None = None,
    incoming_condition_values: dict[str, str] | None = None,
) -> PermissionResult:
    """What moto says, except for a denial that hangs on a condition."""
    document = statement._statement
    if document.get("Effect") == "Deny" and document.get("Condition"):
        return PermissionResult.NEUTRAL
    return _EVALUATE(statement, action, resource, principal, incoming_condition_values)


def describe(table: Table, base_key: str = "TableDescription") -> dict[str, Any]:
    """What moto says, and the table's id."""
    description: dict[str, Any] = _DESCRIBE(table, base_key)
    description[base_key]["TableId"] = str(uuid.uuid5(uuid.NAMESPACE_URL, table.table_arn))
    return description


def attributes(queue: Queue) -> dict[str, Any]:
    """What moto says, its JSON spelled as AWS spells it."""
    found: dict[str, Any] = _ATTRIBUTES(queue)
    if queue.redrive_policy:
        found["RedrivePolicy"] = json.dumps(queue.redrive_policy, separators=(",", ":"))
    return found


def set_attributes(queue: Queue, attributes: dict[str, Any], now: float | None = None) -> None:
    """What moto does, but a queue keeps its policy when something else is set."""
    _SET_ATTRIBUTES(queue, {"Policy": getattr(queue, "policy", None), **attributes}, now)


def takes_logs(target_bucket: FakeBucket, target_prefix: str | None) -> bool:
    """Whether the policy lets S3's logging write there; moto fails at a principal that is no mapping."""
    wanted = f"arn:{target_bucket.partition}:s3:::{target_bucket.name}/{target_prefix or ''}log"
    statements = json.loads(target_bucket.policy or b'{"Statement": []}')["Statement"]
    return any(
        statement["Effect"] == "Allow"
        and "logging.s3.amazonaws.com" in str(statement.get("Principal"))
        and "s3:PutObject" in statement["Action"]
        and fnmatch.fnmatchcase(wanted, statement["Resource"])
        for statement in statements
    )


def by_name(operation: Callable[..., Any]) -> Callable[..., Any]:
    """An operation on a trail, which may be named by its ARN: that ends in a slash and the name."""

    def named(trails: CloudTrailBackend, name: str) -> Any:
        return operation(trails, name.rpartition("/")[2])

    return named


def described(trails: CloudTrailResponse) -> str:
    """What moto says, but only of the trails that were asked for."""
    wanted = trails._get_param("trailNameList")
    found = json.loads(_DESCRIBE_TRAILS(trails))["trailList"]
    return json.dumps({"trailList": [one for one in found if not wanted or {one["Name"], one["TrailARN"]} & {*wanted}]})


for operation in ("start_logging", "stop_logging", "delete_trail"):
    setattr(CloudTrailBackend, operation, by_name(getattr(CloudTrailBackend, operation)))
CloudTrailResponse.describe_trails = described  # type: ignore[method-assign]  # what this file is for
WSGIRequestHandler.wbufsize = 64 * 1024  # bytes
FakeBucket._log_permissions_enabled_policy = staticmethod(takes_logs)  # type: ignore[method-assign]  # what this file is for
Queue.BASE_ATTRIBUTES = [*Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"]
Queue.redrive_allow_policy = None  # type: ignore[attr-defined]  # until it is set
Queue._set_attributes = set_attributes  # type: ignore[method-assign]  # what this file is for
Queue.attributes = property(attributes)  # type: ignore[method-assign]  # what this file is for
Table.describe = describe  # type: ignore[method-assign]  # what this file is for
IAMPolicyStatement.is_action_permitted = evaluate  # type: ignore[assignment, method-assign]  # what this file is for

if __name__ == "__main__":
    main()
