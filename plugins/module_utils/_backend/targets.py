# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each setting of a backend should become, given what was found; equal to it where nothing is to be done (pure).

Settings nobody asked about stay: foreign statements, rules and tags are kept, and None stands for "never made".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._backend.arns import bucket_arn
from ansible_collections.envforge.terraform.plugins.module_utils._backend.wanted import Wanted

Json = dict[str, Any]
TLS_ONLY = "EnvforgeTlsOnly"
OLD_VERSIONS, UPLOADS = "envforge-noncurrent-versions", "envforge-incomplete-uploads"
_SWITCHES = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_DEFAULT_CAPACITY = 5


def versioning(wanted: Wanted, found: str | None) -> str:
    """Versions are what a lost state is restored from."""
    return "Enabled"


def encryption(wanted: Wanted, found: Json | None) -> Json | None:
    """By the wanted KMS key, or by S3's own keys; left alone while the wanted key is not known."""
    rule = dict(found or {})
    if not wanted.encrypts_by_kms:
        return {**rule, "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    if not wanted.key_arn:
        return found
    named = (rule.get("ApplyServerSideEncryptionByDefault") or {}).get("KMSMasterKeyID")
    key = named if named in wanted.key_names else wanted.key_arn
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    return {**rule, "ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}


def public_access_block(wanted: Wanted, found: Mapping[str, bool] | None) -> dict[str, bool]:
    """All four switches on."""
    return dict.fromkeys(_SWITCHES, True)


def object_ownership(wanted: Wanted, found: str | None) -> str:
    """No ACLs."""
    return "BucketOwnerEnforced"


def policy(wanted: Wanted, found: Json | None) -> Json:
    """The policy found, with a statement that refuses plain HTTP; one that already does so is enough."""
    document = found or {"Version": "2012-10-17", "Statement": []}
    statements = _list(document["Statement"])
    if any(_is_tls_only(wanted, statement) for statement in statements):
        return document
    kept = [statement for statement in statements if statement.get("Sid") != TLS_ONLY]
    return {**document, "Statement": [*kept, tls_only(wanted)]}


def tls_only(wanted: Wanted) -> Json:
    """The statement of https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html."""
    arn = bucket_arn(wanted.region, wanted.bucket)
    return {
        "Sid": TLS_ONLY,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _is_tls_only(wanted: Wanted, statement: Json) -> bool:
    model, given = tls_only(wanted), dict(statement)
    given.pop("Sid", None)
    model.pop("Sid")
    principal = given.get("Principal")
    return (
        set(given) == set(model)
        and given["Effect"] == "Deny"
        and (principal == "*" or (isinstance(principal, Mapping) and _list(principal.get("AWS")) == ["*"]))
        and _list(given["Action"]) == ["s3:*"]
        and set(_list(given["Resource"])) == set(model["Resource"])
        and set(given["Condition"]) == {"Bool"}
        and set(given["Condition"]["Bool"]) == {"aws:SecureTransport"}
        and [str(value).lower() for value in _list(given["Condition"]["Bool"]["aws:SecureTransport"])] == ["false"]
    )


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def lifecycle(wanted: Wanted, found: Json | None) -> Json | None:
    """The rules found, with ours by their ids; 0 days means that ours is not there."""
    ours = {rule["ID"]: rule for rule in _our_rules(wanted)}
    rules = list((found or {}).get("Rules", ()))
    alike = {rule.get("ID") for rule in rules if _plain(rule) == _plain(ours.get(rule.get("ID"), {}))}
    kept = [rule for rule in rules if rule.get("ID") not in (OLD_VERSIONS, UPLOADS) or rule.get("ID") in alike]
    new = [rule for name, rule in ours.items() if name not in alike]
    if len(kept) == len(rules) and not new:
        return found
    return {**(found or {}), "Rules": [*kept, *new]}


def _our_rules(wanted: Wanted) -> list[Json]:
    rules: list[Json] = []
    everywhere = {"Status": "Enabled", "Filter": {"Prefix": ""}}
    if wanted.noncurrent_days:
        rules.append(
            {
                "ID": OLD_VERSIONS,
                **everywhere,
                "NoncurrentVersionExpiration": {"NoncurrentDays": wanted.noncurrent_days},
                # each lock file leaves a delete marker
                "Expiration": {"ExpiredObjectDeleteMarker": True},
            }
        )
    if wanted.multipart_days:
        uploads = {"DaysAfterInitiation": wanted.multipart_days}
        rules.append({"ID": UPLOADS, **everywhere, "AbortIncompleteMultipartUpload": uploads})
    return rules


def _plain(rule: Mapping[str, Any]) -> Json:
    """S3 may answer an empty filter as {}, as {"Prefix": ""} or as a Prefix beside the rule."""
    chosen = {name: value for name, value in rule.items() if name not in ("Filter", "Prefix")}
    prefix = rule.get("Prefix") or (rule.get("Filter") or {}).get("Prefix")
    others = {name: value for name, value in (rule.get("Filter") or {}).items() if name != "Prefix"}
    return {**chosen, **({"Prefix": prefix} if prefix else {}), **({"Filter": others} if others else {})}


def rules_that_expire_states(found: Json | None) -> list[str]:
    """The ids of rules that delete current objects, which here are states."""
    rules = (found or {}).get("Rules", ())
    return [
        str(rule.get("ID", "without an id"))
        for rule in rules
        if rule.get("Status") == "Enabled" and {"Days", "Date"} & set(rule.get("Expiration") or {})
    ]


def tags(wanted: Wanted, found: Mapping[str, str] | None) -> Mapping[str, str] | None:
    """Tags are added and changed, never removed."""
    return {**(found or {}), **wanted.tags} if wanted.tags else found


def access_log(wanted: Wanted, found: Json | None) -> Json | None:
    """Another bucket, and the prefix there; a prefix that was chosen for it stays."""
    if not wanted.access_log_bucket or (found or {}).get("TargetBucket") == wanted.access_log_bucket:
        return found
    return {"TargetBucket": wanted.access_log_bucket, "TargetPrefix": f"{wanted.bucket}/"}


def billing(wanted: Wanted, found: Mapping[str, Any] | None) -> Json:
    """The billing mode; a provisioned capacity nobody asked for stays, autoscaling may have chosen it."""
    if wanted.billing_mode == "PAY_PER_REQUEST":
        return {"billing_mode": "PAY_PER_REQUEST", "read_capacity": 0, "write_capacity": 0}
    there = found or {}
    return {
        "billing_mode": "PROVISIONED",
        "read_capacity": wanted.read_capacity or there.get("read_capacity") or _DEFAULT_CAPACITY,
        "write_capacity": wanted.write_capacity or there.get("write_capacity") or _DEFAULT_CAPACITY,
    }


def switched_on(wanted: Wanted, found: bool | None) -> bool:
    """Rotation, encryption, protection and backups are simply on."""
    return True
