# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory contract: which tf_* variable becomes which option of the modules that work on a stack. Pure."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._backend.config import for_engine
from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused

# The value of a variable of the stack, None when it is not set.
Value = Callable[[str], Any]

_REQUIRED = {
    "tf_environment": "the name of the environment, such as prod",
    "tf_path": "the directory of the root module, such as stacks/network",
    "tf_backend": "where its state lies, such as {type: s3, bucket: …}",
}
_KEY = "the key of its state in the bucket, such as prod/network/terraform.tfstate"

_OPTIONAL = {
    "workspace": "tf_workspace",
    "binary": "tf_binary",
    "lock_timeout": "tf_lock_timeout",
}
_INPUTS = {
    "variables": "tf_variables",
    "var_files": "tf_var_files",
    "secret_variables": "tf_secret_variables",
}
# The role stack's own variables; its defaults say which of them are variables of the inventory.
_PLAN = {
    name: f"stack_{name}"
    for name in ("guards", "destroy", "targets", "replace", "refresh", "parallelism", "progress", "plan_file")
}
PARTS = {"inputs": _INPUTS, "plan": _PLAN}

# Stacks that agree in these share one backend, made with one account's credentials.
BACKEND = ("tf_backend", "tf_region", "tf_account_id", "tf_process_environment")
_LOCKS = ("dynamodb_table", "use_lockfile")


def incomplete(stack: str, value: Value) -> str:
    """Why the variables of *stack* do not describe one, or nothing."""
    for name, meaning in _REQUIRED.items():
        if not value(name):
            return f"{stack} was not touched: the inventory does not set {name} for it, {meaning}."
    backend = value("tf_backend")
    if not isinstance(backend, Mapping):
        return (
            f"{stack} was not touched: tf_backend of {stack} is no mapping; write {{type: s3, bucket: {backend}, …}}."
        )
    if backend.get("type", "s3") == "s3" and not value("tf_backend_key"):
        return f"{stack} was not touched: the inventory does not set tf_backend_key for it, {_KEY}."
    return ""


def options(stack: str, value: Value, root: str, backend: dict[str, Any], parts: list[str]) -> dict[str, Any]:
    """Options that modules share about *stack*, and those of *parts*; *backend* is the result of tf_backend.

    Variables that are not set leave the modules their defaults. Raises Refused when one is missing that has none.
    """
    reason = incomplete(stack, value)
    if reason:
        raise Refused(reason)
    key = value("tf_backend_key")
    chosen = {**_OPTIONAL, **{option: name for part in parts for option, name in PARTS[part].items()}}
    given = {option: value(name) for option, name in chosen.items()}
    return {
        "project_path": os.path.join(root, value("tf_path")),
        "data_dir": data_dir(stack, value, root),
        "environment": str(value("tf_environment")),
        "stack": stack,
        "backend_type": backend["backend_type"],
        "backend_config": {**backend["backend_config"], **({"key": key} if key else {})},
        "process_environment": process_environment(value),
        **{option: found for option, found in given.items() if found not in (None, "")},
    }


def process_environment(value: Value) -> dict[str, Any]:
    """tf_process_environment, and what makes the AWS provider find the account and endpoint that the backend is in."""
    backend = value("tf_backend") or {}
    same = {
        "AWS_REGION": value("tf_region") or backend.get("region"),
        "AWS_PROFILE": backend.get("profile"),
        "AWS_ENDPOINT_URL": backend.get("endpoint_url"),
    }
    return {**{name: found for name, found in same.items() if found}, **(value("tf_process_environment") or {})}


def data_dir(stack: str, value: Value, root: str) -> str:
    """Where everything about *stack* in its environment is kept on this machine."""
    return os.path.join(root, ".envforge", str(value("tf_environment")), stack)


def remote_state(value: Value, backend_config: dict[str, Any], modern: bool) -> dict[str, Any]:
    """Where a stack's state lies, as terraform_remote_state wants to be told; reading takes no lock.

    *modern* is whether the engine spells options as Terraform does since 1.6.
    """
    found = {name: option for name, option in backend_config.items() if name not in _LOCKS}
    return for_engine({**found, "key": value("tf_backend_key")}, modern)
