# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of an audited backend: what init needs, the names of its objects, the policies (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.envforge.terraform.plugins.module_utils._aws import kms
from ansible_collections.envforge.terraform.plugins.module_utils._backend.arns import bucket_arn, table_arn
from ansible_collections.envforge.terraform.plugins.module_utils._backend.found import Found
from ansible_collections.envforge.terraform.plugins.module_utils._backend.policies import policies
from ansible_collections.envforge.terraform.plugins.module_utils._backend.wanted import Wanted

Json = dict[str, Any]
_AWS_DOMAINS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".c2s.ic.gov", ".sc2s.sgov.gov")


def with_key(wanted: Wanted, found: Found) -> Wanted:
    """*wanted*, knowing its key: from the key itself, or from the bucket where the key may not be looked at."""
    names = {wanted.kms_key_id, wanted.kms_alias}
    if isinstance(found.key, kms.Key):
        names |= {found.key.key_id, found.key.arn, _alias_arn(wanted, found.account_id)}
        return _knowing(wanted, found.key.arn, names)
    in_use = _key_in_use(found)
    if found.key is not None and wanted.encrypts_by_kms and in_use:
        return _knowing(wanted, in_use, names)
    return wanted


def discovered(wanted: Wanted, found: Found) -> Wanted:
    """*wanted*, encrypted as the bucket is: for looking at a backend about whose key nothing was said."""
    in_use = _key_in_use(found)
    return _knowing(replace(wanted, kms_key_id=in_use), in_use, {in_use}) if in_use else wanted


def _key_in_use(found: Found) -> str:
    """The ARN of the key that the bucket's default encryption names; empty when it names none, or an alias."""
    rule = found.bucket_settings.get("encryption")
    default = rule.get("ApplyServerSideEncryptionByDefault", {}) if isinstance(rule, dict) else {}
    named = str(default.get("KMSMasterKeyID", ""))
    return named if ":key/" in named else ""


def _knowing(wanted: Wanted, arn: str, names: set[str | None]) -> Wanted:
    return replace(wanted, key_arn=arn, key_names=frozenset(name for name in names if name))


def _alias_arn(wanted: Wanted, account_id: str) -> str | None:
    table = table_arn(wanted.region, account_id, "")
    return wanted.kms_alias and table.replace(":dynamodb:", ":kms:").replace("table/", wanted.kms_alias)


def backend_config(wanted: Wanted, account_id: str, endpoints: Mapping[str, str]) -> Json:
    """The configuration for init, without key and credentials; *endpoints* are those that are not AWS's defaults.

    With KMS both encrypt and the key: encrypt alone makes Terraform write AES256 over the bucket's own default.
    """
    config: Json = {
        "bucket": wanted.bucket,
        "region": wanted.region,
        "encrypt": True,
        "allowed_account_ids": [account_id],
    }
    if wanted.key_arn:
        config["kms_key_id"] = wanted.key_arn
    if wanted.lock_table:
        config["dynamodb_table"] = wanted.lock_table
    if wanted.lockfile:
        config["use_lockfile"] = True
    if wanted.profile:
        config["profile"] = wanted.profile
    return {**config, **_whereabouts(endpoints), **wanted.config}


def _whereabouts(endpoints: Mapping[str, str]) -> Json:
    if not endpoints:
        return {}
    there: Json = {"endpoints": dict(endpoints), "use_path_style": True}
    if any(not _is_aws(url) for url in endpoints.values()):
        # an emulator has no instance metadata and may use any region; it does know accounts, which stay checked
        there |= dict.fromkeys(
            ("skip_credentials_validation", "skip_metadata_api_check", "skip_region_validation"), True
        )
    return there


def _is_aws(url: str) -> bool:
    return (urlsplit(url).hostname or "").endswith(_AWS_DOMAINS)


def described(wanted: Wanted, found: Found, endpoints: Mapping[str, str]) -> Json:
    """The keys that tf_backend and tf_backend_info share."""
    table = wanted.lock_table and table_arn(wanted.region, found.account_id, wanted.lock_table)
    return {
        "backend_type": "s3",
        "backend_config": backend_config(wanted, found.account_id, endpoints),
        "account_id": found.account_id,
        "bucket_arn": bucket_arn(wanted.region, wanted.bucket),
        "lock_table_arn": table,
        "kms_key_arn": wanted.key_arn or None,
        "policies": policies(wanted, found.account_id),
        "settings_not_read": found.not_read,
    }
