# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Terraform's AWS provider (5.100) reads back after it wrote it, and moto (5.2) does not keep or tells otherwise.

Without these a provider waits in vain, or finds a difference in every plan.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.cloudfront.models import DefaultCacheBehaviour, Origin, ViewerCertificate
from moto.cloudtrail.models import CloudTrailBackend
from moto.cloudtrail.responses import CloudTrailResponse
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.s3.models import FakeBucket
from moto.sqs.models import Queue

_LOGGING = "logging.s3.amazonaws.com"


def meet() -> None:
    """Change moto's classes."""
    _queues()
    _trails()
    _functions()
    _distributions()
    SecurityGroupRule.description = property(described)
    FakeBucket._log_permissions_enabled_policy = staticmethod(takes_logs)


def described(rule: SecurityGroupRule) -> str | None:
    """The description, also of a rule that names a group and no addresses."""
    return rule.ip_range.get("Description") or rule.source_group.get("Description")


def _queues() -> None:
    """JSON is spelled as AWS spells it; a redrive allow policy is kept; what is set leaves the queue's policy alone."""
    told, set_some = Queue.attributes.fget, Queue._set_attributes

    def attributes(queue: Queue) -> dict[str, Any]:
        found: dict[str, Any] = told(queue)
        if queue.redrive_policy:
            found["RedrivePolicy"] = json.dumps(queue.redrive_policy, separators=(",", ":"))
        return found

    def set_attributes(queue: Queue, given: Mapping[str, Any], now: float | None = None) -> None:
        set_some(queue, {"Policy": getattr(queue, "policy", None), **given}, now)
        queue.redrive_allow_policy = queue.redrive_allow_policy or None  # set to nothing it is gone

    Queue.BASE_ATTRIBUTES = [*Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"]
    Queue.redrive_allow_policy = None
    Queue._set_attributes = set_attributes
    Queue.attributes = property(attributes)


def _trails() -> None:
    """A trail is found by its ARN too, which ends in a slash and its name, and without the others."""
    describe = CloudTrailResponse.describe_trails

    def by_name(operation: Callable[..., Any]) -> Callable[..., Any]:
        return lambda trails, name: operation(trails, name.rpartition("/")[2])

    def chosen(trails: CloudTrailResponse) -> str:
        wanted = trails._get_param("trailNameList") or []
        found = json.loads(describe(trails))["trailList"]
        named = [trail for trail in found if not wanted or {trail["Name"], trail["TrailARN"]} & {*wanted}]
        return json.dumps({"trailList": named})

    for operation in ("start_logging", "stop_logging", "delete_trail"):
        setattr(CloudTrailBackend, operation, by_name(getattr(CloudTrailBackend, operation)))
    CloudTrailResponse.describe_trails = chosen


def _functions() -> None:
    """A function keeps its key and its dead letter queue."""
    make, tell = LambdaFunction.__init__, LambdaFunction.get_configuration

    def made(function: LambdaFunction, account_id: str, spec: dict[str, Any], *others: Any, **named: Any) -> None:
        make(function, account_id, spec, *others, **named)
        function.kept = {name: spec[name] for name in ("DeadLetterConfig", "KMSKeyArn") if spec.get(name)}

    def told(function: LambdaFunction, on_create: bool = False) -> dict[str, Any]:
        return {**tell(function, on_create), **function.kept}

    LambdaFunction.__init__ = made
    LambdaFunction.get_configuration = told


def _distributions() -> None:
    """A distribution has the origin access control, and only those settings, that it was given."""

    def also(model: type, kept: Callable[[Any, Mapping[str, Any]], None]) -> None:
        make = model.__init__

        def made(self: Any, config: dict[str, Any]) -> None:
            given = dict(config)
            make(self, config)
            kept(self, given)

        model.__init__ = made

    def origin(self: Any, given: Mapping[str, Any]) -> None:
        self.origin_access_control_id = given.get("OriginAccessControlId") or ""

    def behaviour(self: Any, given: Mapping[str, Any]) -> None:
        if not given.get("ForwardedValues"):
            self.forwarded_values = None

    def certificate(self: Any, given: Mapping[str, Any]) -> None:
        self.ssl_support_method = given.get("SSLSupportMethod")

    also(Origin, origin)
    also(DefaultCacheBehaviour, behaviour)
    also(ViewerCertificate, certificate)


def takes_logs(target_bucket: FakeBucket, target_prefix: str | None) -> bool:
    """Whether the policy lets S3's logging write below the prefix; moto compares the texts."""
    wanted = f"arn:{target_bucket.partition}:s3:::{target_bucket.name}/{target_prefix or ''}log"
    statements = json.loads(target_bucket.policy or b'{"Statement": []}')["Statement"]
    return any(
        statement["Effect"] == "Allow"
        and _LOGGING in str(statement.get("Principal"))
        and "s3:PutObject" in statement["Action"]
        and fnmatch.fnmatchcase(wanted, statement["Resource"])
        for statement in statements
    )
