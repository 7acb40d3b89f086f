# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backend configuration of an S3 state: where the state lies, how to reach it, how an engine spells it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Connection
from ansible_collections.envforge.terraform.plugins.module_utils._errors import EngineError, Refused

_WORKSPACE_PREFIX = "env:"
_BACKUP = re.compile(r"(?:state-)?backups/(.+)/[0-9]{8,}-[0-9a-f]{12}\.tfstate")
_SERVICES = ("s3", "dynamodb", "kms", "sts", "iam")

# https://developer.hashicorp.com/terraform/language/backend/s3: what tf_backend sets from its own options …
OWN_OPTIONS = frozenset({"bucket", "region", "encrypt", "kms_key_id", "dynamodb_table", "use_lockfile", "profile"})
# … what must not stand in a configuration that Terraform stores in clear …
CREDENTIALS = frozenset({"access_key", "secret_key", "token", "web_identity_token", "sse_customer_key"})
# … and what may be passed through.
_PASSED_OPTIONS = frozenset(
    {
        "acl",
        "allowed_account_ids",
        "assume_role",
        "assume_role_with_web_identity",
        "custom_ca_bundle",
        "ec2_metadata_service_endpoint",
        "ec2_metadata_service_endpoint_mode",
        "endpoints",
        "forbidden_account_ids",
        "http_proxy",
        "https_proxy",
        "insecure",
        "max_retries",
        "no_proxy",
        "retry_mode",
        "shared_config_files",
        "shared_credentials_files",
        "skip_credentials_validation",
        "skip_metadata_api_check",
        "skip_region_validation",
        "skip_requesting_account_id",
        "skip_s3_checksum",
        "sts_region",
        "use_dualstack_endpoint",
        "use_fips_endpoint",
        "use_path_style",
        "workspace_key_prefix",
    }
)

_OLD_ENDPOINTS = {
    "s3": "endpoint",
    "dynamodb": "dynamodb_endpoint",
    "sts": "sts_endpoint",
    "iam": "iam_endpoint",
}
_OLD_ROLE = {
    "role_arn": "role_arn",
    "session_name": "session_name",
    "external_id": "external_id",
    "policy": "assume_role_policy",
    "policy_arns": "assume_role_policy_arns",
    "tags": "assume_role_tags",
    "transitive_tag_keys": "assume_role_transitive_tag_keys",
}
_NEW_CHECKS = frozenset({"allowed_account_ids", "forbidden_account_ids", "skip_requesting_account_id"})
_NEW_OPTIONS = frozenset(
    {
        "assume_role_with_web_identity",
        "custom_ca_bundle",
        "ec2_metadata_service_endpoint",
        "ec2_metadata_service_endpoint_mode",
        "http_proxy",
        "https_proxy",
        "insecure",
        "no_proxy",
        "retry_mode",
        "shared_config_files",
        "skip_s3_checksum",
        "sts_region",
        "use_dualstack_endpoint",
        "use_fips_endpoint",
    }
)


def refuse_unusable(config: Mapping[str, Any]) -> None:
    """Raise Refused for options that tf_backend cannot pass on: its own, credentials, a stack's key, a misspelling."""
    for name in sorted(config):
        if name == "key":
            raise Refused("The backend option key belongs to a stack, not to its backend: set tf_backend_key there.")
        if name in OWN_OPTIONS:
            raise Refused(f"The backend option {name} follows from tf_backend's own options: remove it from config.")
        if name not in _PASSED_OPTIONS:
            _refuse_misspelt(name)
    for secret in sorted(CREDENTIALS & set(_names_in(config))):
        raise Refused(
            f"The backend option {secret} is a credential, and Terraform stores backend options in clear: remove it"
            " from config and give credentials by profile, role or process_environment."
        )


def _refuse_misspelt(name: str) -> None:
    """A close miss is a mistake; anything else may be an option newer than this collection and goes to the engine."""
    close = difflib.get_close_matches(name, sorted(_PASSED_OPTIONS | OWN_OPTIONS), n=1, cutoff=0.8)
    if close:
        raise Refused(f"The S3 backend has no option {name}: did you mean {close[0]}?")


def _names_in(value: Any) -> list[str]:
    if not isinstance(value, Mapping):
        return []
    return [*value, *(name for inner in value.values() for name in _names_in(inner))]


def state_path(config: Mapping[str, Any], workspace: str = "default") -> str:
    """The key of a workspace's state in the bucket."""
    key = str(config["key"])
    if workspace == "default":
        return key
    return f"{config.get('workspace_key_prefix') or _WORKSPACE_PREFIX}/{workspace}/{key}"


def backup_of(key: str) -> str | None:
    """The key of the state that the object *key* is a backup of (tf_state makes them); None for any other object."""
    found = _BACKUP.fullmatch(key)
    return found[1] if found else None


def lock_id(config: Mapping[str, Any], workspace: str = "default") -> str:
    """The LockID of the state's row in the lock table; the digest's row has -md5 behind it."""
    return f"{config['bucket']}/{state_path(config, workspace)}"


def connection_of(config: Mapping[str, Any]) -> Connection:
    """How to reach the AWS that *config*, a mapping as tf_backend returns it, is about."""
    endpoints = {name: str(url) for name, url in dict(config.get("endpoints") or {}).items() if url}
    accounts = list(config.get("allowed_account_ids") or ())
    return Connection(
        region=str(config.get("region") or ""),
        profile=config.get("profile") or None,
        endpoints={name: endpoints[name] for name in _SERVICES if name in endpoints},
        role=dict(config.get("assume_role") or {}),
        # several allowed accounts say nothing about the bucket's owner
        account_id=str(accounts[0]) if len(accounts) == 1 else None,
    )


def for_engine(config: Mapping[str, Any], modern: bool, locks_by_file: bool = True) -> dict[str, Any]:
    """*config* as the engine spells it: modern from Terraform and OpenTofu 1.6, locks_by_file from 1.10 of either.

    Raises EngineError for what the engine cannot do.
    """
    if config.get("use_lockfile") and not (modern and locks_by_file):
        raise EngineError(
            "The backend locks by a lock file (use_lockfile), which needs Terraform 1.10 or OpenTofu 1.10: use a newer"
            " engine, or lock: dynamodb."
        )
    if modern:
        return dict(config)
    unknown = sorted(name for name in _NEW_OPTIONS if config.get(name))
    if unknown:
        raise EngineError(
            f"The backend options {', '.join(unknown)} need Terraform 1.6 or OpenTofu 1.6: use a newer engine, or"
            " remove them from tf_backend.config."
        )
    return _spelt_before_1_6(config)


def _spelt_before_1_6(config: Mapping[str, Any]) -> dict[str, Any]:
    nested = {"endpoints", "assume_role", "use_path_style", "use_lockfile", "shared_credentials_files"}
    old = {name: value for name, value in config.items() if name not in nested | _NEW_CHECKS | _NEW_OPTIONS}
    endpoints, role = dict(config.get("endpoints") or {}), dict(config.get("assume_role") or {})
    old.update({theirs: endpoints[ours] for ours, theirs in _OLD_ENDPOINTS.items() if endpoints.get(ours)})
    old.update({theirs: role[ours] for ours, theirs in _OLD_ROLE.items() if role.get(ours)})
    if role.get("duration"):
        old["assume_role_duration_seconds"] = _seconds(str(role["duration"]))
    if config.get("use_path_style"):
        old["force_path_style"] = True
    files = list(config.get("shared_credentials_files") or ())
    if len(files) > 1:
        raise EngineError("Before Terraform 1.6 a backend reads one file of credentials: name one, or use a profile.")
    return {**old, **({"shared_credentials_file": files[0]} if files else {})}


def _seconds(duration: str) -> int:
    """Go's spelling of a duration, as far as a role can be assumed for: 1h30m, 90m, 3600s."""
    units = {"h": 3600, "m": 60, "s": 1}
    total, digits = 0, ""
    for character in duration:
        if character.isdigit():
            digits += character
        elif character in units and digits:
            total, digits = total + int(digits) * units[character], ""
        else:
            raise EngineError(f"The duration {duration} of assume_role is not one such as 1h30m.")
    return total
