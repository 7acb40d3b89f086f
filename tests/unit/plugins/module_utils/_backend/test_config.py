# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backend configuration: where a state lies, what is passed on, how older engines spell it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._backend.config import (
    connection_of,
    for_engine,
    lock_id,
    refuse_unusable,
    state_path,
)
from ansible_collections.envforge.terraform.plugins.module_utils._errors import EngineError, Refused

CONFIG: dict[str, Any] = {"bucket": "b", "region": "us-east-1", "key": "prod/x.tfstate"}
ENDPOINTS = {"s3": "http://s3", "dynamodb": "http://db", "sts": "http://sts", "iam": "http://iam", "sso": "http://sso"}


@pytest.mark.parametrize(
    ("workspace", "prefix", "path"),
    [
        ("default", None, "prod/x.tfstate"),
        ("blue", None, "env:/blue/prod/x.tfstate"),
        ("blue", "workspaces", "workspaces/blue/prod/x.tfstate"),
        ("default", "workspaces", "prod/x.tfstate"),
    ],
)
def test_a_state_lies_where_terraform_puts_it(workspace: str, prefix: str | None, path: str) -> None:
    """The default workspace has no prefix, whatever the prefix is."""
    config = {**CONFIG, "workspace_key_prefix": prefix}
    assert state_path(config, workspace) == path
    assert lock_id(config, workspace) == f"b/{path}"


def test_a_connection_by_default() -> None:
    """Region only: everything else is in the environment."""
    connection = connection_of(CONFIG)
    assert (connection.region, connection.profile, connection.endpoints, connection.role, connection.account_id) == (
        "us-east-1",
        None,
        {},
        {},
        None,
    )


def test_a_connection_with_everything_set() -> None:
    """Different endpoints for each service, a profile, a role, and the owner of the bucket."""
    role = {"role_arn": "arn:aws:iam::123456789012:role/x"}
    config = {
        **CONFIG,
        "profile": "p",
        "endpoints": ENDPOINTS,
        "assume_role": role,
        "allowed_account_ids": ["123456789012"],
    }
    connection = connection_of(config)
    assert connection.endpoints == {name: ENDPOINTS[name] for name in ("s3", "dynamodb", "sts", "iam")}
    assert (connection.profile, connection.role, connection.account_id) == ("p", role, "123456789012")


def test_several_allowed_accounts_name_no_owner() -> None:
    """The bucket may belong to any of them."""
    assert connection_of({**CONFIG, "allowed_account_ids": ["1", "2"]}).account_id is None


def test_a_modern_engine_gets_what_the_user_wrote() -> None:
    """One spelling, that of Terraform 1.6."""
    config = {**CONFIG, "endpoints": ENDPOINTS, "use_path_style": True, "use_lockfile": True}
    assert for_engine(config, modern=True) == config


def test_an_old_engine_gets_its_own_spelling() -> None:
    """Terraform 1.5 knows none of the nested options, and checks no accounts."""
    config = {
        **CONFIG,
        "endpoints": ENDPOINTS,
        "use_path_style": True,
        "use_lockfile": False,
        "allowed_account_ids": ["123456789012"],
        "skip_requesting_account_id": True,
        "shared_credentials_files": ["~/c"],
        "assume_role": {"role_arn": "r", "external_id": "e", "duration": "1h30m"},
    }
    assert for_engine(config, modern=False) == {
        **CONFIG,
        "endpoint": "http://s3",
        "dynamodb_endpoint": "http://db",
        "sts_endpoint": "http://sts",
        "iam_endpoint": "http://iam",
        "force_path_style": True,
        "shared_credentials_file": "~/c",
        "role_arn": "r",
        "external_id": "e",
        "assume_role_duration_seconds": 5400,
    }


@pytest.mark.parametrize(("modern", "locks_by_file"), [(False, True), (True, False)])
def test_a_lock_file_needs_an_engine_that_knows_it(modern: bool, locks_by_file: bool) -> None:
    """Left out silently, states would be written without any lock."""
    with pytest.raises(EngineError, match=r"use_lockfile.*needs Terraform 1\.10 or OpenTofu 1\.10"):
        for_engine({**CONFIG, "use_lockfile": True}, modern, locks_by_file)


def test_an_option_an_old_engine_does_not_know_is_named() -> None:
    """Better than the engine's own complaint in the middle of init."""
    with pytest.raises(EngineError, match=r"retry_mode need Terraform 1\.6"):
        for_engine({**CONFIG, "retry_mode": "adaptive"}, modern=False)


def test_an_old_engine_reads_one_file_of_credentials() -> None:
    """Dropping one silently could mean another account."""
    with pytest.raises(EngineError, match="reads one file of credentials"):
        for_engine({**CONFIG, "shared_credentials_files": ["~/a", "~/b"]}, modern=False)


@pytest.mark.parametrize("duration", ["1x", "h"])
def test_a_duration_that_is_none_is_refused(duration: str) -> None:
    """An old engine wants seconds."""
    with pytest.raises(EngineError, match=f"duration {duration} of assume_role"):
        for_engine({**CONFIG, "assume_role": {"duration": duration}}, modern=False)


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"key": "x"}, "belongs to a stack"),
        ({"bucket": "x"}, "bucket follows from tf_backend's own options"),
        ({"workspace_key_prefx": "x"}, "did you mean workspace_key_prefix"),
        ({"access_key": "x"}, "access_key is a credential"),
        ({"assume_role_with_web_identity": {"web_identity_token": "x"}}, "web_identity_token is a credential"),
    ],
)
def test_options_that_cannot_be_passed_on_are_refused_by_name(config: dict[str, Any], reason: str) -> None:
    """Never by value: it may be a secret."""
    with pytest.raises(Refused, match=reason):
        refuse_unusable(config)


def test_options_newer_than_this_collection_pass() -> None:
    """The engine knows better; only a near miss of a known name is a mistake."""
    refuse_unusable({"entirely_new": True, "workspace_key_prefix": "w", "assume_role": {"role_arn": "r"}})
