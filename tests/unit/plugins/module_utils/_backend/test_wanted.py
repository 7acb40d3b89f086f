# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked for, checked before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._backend.wanted import Wanted, wanted
from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused
from ansible_collections.envforge.terraform.plugins.modules.tf_backend import ARGUMENTS

OPTIONS: Any = ARGUMENTS["argument_spec"]
DEFAULTS = {name: option.get("default") for name, option in OPTIONS.items()}
GIVEN = {"bucket": "b-1", "region": "us-east-1", "lock_table": "locks"}


def asked(**options: Any) -> Wanted:
    return wanted({**DEFAULTS, **GIVEN, **options}, {})


def test_the_defaults() -> None:
    """A key of its own, a table paid per request, 90 and 7 days."""
    assert asked() == Wanted("b-1", "us-east-1", kms_alias="alias/b-1", lock_table="locks")


def test_everything_set() -> None:
    """Every option arrives."""
    goal = asked(
        account_id="123456789012",
        kms_alias="alias/x",
        lock="both",
        lock_table_billing_mode="PROVISIONED",
        lock_table_read_capacity=1,
        lock_table_write_capacity=2,
        noncurrent_version_expiration_days=3,
        abort_incomplete_multipart_upload_days=0,
        access_log_bucket="logs",
        tags={"a": 1},
        endpoint_url="http://e",
        profile="p",
        config={"workspace_key_prefix": "w"},
        state_keys=["prod/*"],
    )
    assert goal == Wanted(
        "b-1", "us-east-1", "123456789012", "alias/x", None, "locks", True, "PROVISIONED", 1, 2, 3, 0, "logs",
        {"a": "1"}, "p", "http://e", {"workspace_key_prefix": "w"}, ("prod/*",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lock", "table", "lockfile"),
    [("dynamodb", "locks", False), ("lockfile", None, True), ("both", "locks", True), ("none", None, False)],
)
def test_kinds_of_lock(lock: str, table: str | None, lockfile: bool) -> None:
    """A table that is named but not asked for is left alone."""
    goal = asked(lock=lock)
    assert (goal.lock_table, goal.lockfile) == (table, lockfile)


def test_a_key_by_id_needs_no_alias() -> None:
    """And nothing of it is changed."""
    goal = asked(kms_key_id="arn:aws:kms:us-east-1:123456789012:key/1", kms_alias="alias/x")
    assert (goal.kms_alias, goal.encrypts_by_kms) == (None, True)


def test_encryption_by_s3_needs_no_key() -> None:
    """A key that is named is not looked at."""
    goal = asked(encryption="aes256", kms_alias="alias/x", kms_key_id="1")
    assert (goal.kms_alias, goal.kms_key_id, goal.encrypts_by_kms) == (None, None, False)


def test_dots_of_a_bucket_are_not_allowed_in_its_alias() -> None:
    """Aliases take letters, digits, slashes, dashes and underscores."""
    assert asked(bucket="a.b").kms_alias == "alias/a-b"


@pytest.mark.parametrize(
    ("environment", "region"),
    [
        ({"AWS_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-2"),
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-1"),
    ],
)
def test_the_region_may_come_from_the_environment(environment: dict[str, str], region: str) -> None:
    """As Terraform takes it."""
    assert wanted({**DEFAULTS, **GIVEN, "region": None}, environment).region == region


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"account_id": "REPLACE_WITH_DEV_ACCOUNT_ID"}, "REPLACE_WITH_DEV_ACCOUNT_ID is a placeholder: set tf_account"),
        ({"account_id": ""}, "is a placeholder"),
        ({"account_id": "12345678901"}, "has not 12 digits: put tf_account_id"),
        ({"bucket": None}, "no bucket: set it"),
        ({"bucket": "Upper"}, "bucket Upper is not a name that AWS takes"),
        ({"bucket": "10.0.0.1"}, "not a name that AWS takes"),
        ({"bucket": "a..b"}, "not a name that AWS takes"),
        ({"lock_table": None}, "lock_table names none: set it, or lock: lockfile"),
        ({"lock_table": "a b"}, "lock_table a b is not a name"),
        ({"kms_alias": "terraform"}, "kms_alias terraform is not a name"),
        ({"access_log_bucket": "b-1"}, "b-1 cannot log into itself"),
        ({"region": None}, "no region: set region"),
        ({"noncurrent_version_expiration_days": -1}, "0 for never"),
    ],
)
def test_what_cannot_be_is_refused_with_the_way_out(options: dict[str, Any], reason: str) -> None:
    """Before any request, so nothing is half done."""
    with pytest.raises(Refused, match=reason):
        asked(**options)
