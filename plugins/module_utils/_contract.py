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

# Options and the variables they come from; the first of several that is set.
_OPTIONAL = {
    "workspace": ("tf_workspace",),
    "binary": ("tf_binary",),
    "lock_timeout": ("tf_lock_timeout",),
}
PARTS: dict[str, dict[str, tuple[str, ...]]] = {
    "inputs": {
        "variables": ("tf_variables",),
        "var_files": ("tf_var_files",),
        "secret_variables": ("tf_secret_variables",),
    },
    "plan": {
        "guards": ("stack_guards", "tf_guards"),
        **{
            option: (f"stack_{option}",)
            for option in ("destroy", "targets", "replace", "refresh", "parallelism", "progress", "plan_file")
        },
    },
    "health": {"checks": ("health_checks", "tf_health")},
    "apply": {"keep_plan": ("stack_keep_plan",)},
    "imports": {"imports": ("imports_objects", "tf_imports")},
    "dotenv": {"dotenv": ("dotenv_definition", "tf_dotenv"), "plan_file": ("dotenv_plan_file",)},
}

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
    sources = {**_OPTIONAL, **{option: names for part in parts for option, names in PARTS[part].items()}}
    given = {option: _first(value, names) for option, names in sources.items()}
    return {
        "project_path": os.path.join(root, value("tf_path")),
        "data_dir": data_dir(stack, value, root),
        "environment": str(value("tf_environment")),
        "stack": stack,
        "backend_type": backend["backend_type"],
        "backend_config": {**backend["backend_config"], **({"key": key} if key else {})},
        "process_environment": process_environment(value),
        **(_left_by_apply(value("stack_result"), bool(value("ansible_check_mode"))) if "dotenv" in parts else {}),
        **{option: found for option, found in given.items() if found is not None},
    }


def _first(value: Value, names: tuple[str, ...]) -> Any:
    # nothing in a variable of a role means that it is not set; on ansible-core 2.16 that may be an empty text
    return next((found for found in map(value, names) if found not in (None, "")), None)


def _left_by_apply(applied: Any, check_mode: bool) -> dict[str, Any]:
    """What tf_outputs_to_env has to know of the result of tf_apply, when there is one."""
    if not isinstance(applied, Mapping):
        return {}
    pending = not applied.get("predictable", True) or bool(applied.get("output_changes"))
    kept = applied.get("plan_file")
    return {"outputs_pending": check_mode and pending, **({"plan_file": kept} if kept else {})}


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
