# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a stack's data directory ready: `init` when something changed, nothing when it is ready already."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._backend import config
from ansible_collections.envforge.terraform.plugins.module_utils._errors import EngineError, StateEndangered
from ansible_collections.envforge.terraform.plugins.module_utils._files import (
    read_json,
    remove,
    while_trying_to,
    write_atomically,
)
from ansible_collections.envforge.terraform.plugins.module_utils._stack import state
from ansible_collections.envforge.terraform.plugins.module_utils._stack.root_lock import holding_root
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Stack, Work
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.commands import Init
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.engine import OLDEST, Version, read_version
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.environment import terraform_environment
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.process import Completed

_LOCK_FILE = ".terraform.lock.hcl"
_ADDRESS = ("bucket", "key", "region", "workspace_key_prefix", "path", "address")
_SIX, _TEN = (1, 6), (1, 10)


def make_ready(work: Work, reason: str | None = None) -> str | None:
    """Initialise unless that is not needed; *reason* forces it. The reason why it was done, None when it was not.

    Raises StateEndangered when the backend's address changed and the state would be left behind, CommandFailed.
    """
    demanded = reason is not None
    reason = reason or why_not_ready(work)
    if reason is None:
        return None
    stack = work.stack
    _refuse_left_behind(work)
    with holding_root(stack.root, work.doors) as held:  # init writes the dependency lock file into the root module
        if not demanded and why_not_ready(work) is None:  # another task has done it while this one waited
            return None
        remove(stack.stamp_file)  # whatever happens from here on: the next run looks again
        modern = initialise(work, held=(held,))  # one that is left alone keeps others out until it is done
        write_atomically(stack.stamp_file, json.dumps({**_stamp(work), "modern": modern}, indent=1))
    return reason


def why_not_ready(work: Work) -> str | None:
    """The first thing that speaks against skipping init, None when nothing does."""
    stack = work.stack
    stamp = read_json(stack.stamp_file)
    if not isinstance(stamp, Mapping):
        return "it was not initialised here yet"
    for name, value in _stamp(work).items():
        if stamp.get(name) != value:
            return f"{_MEANING[name]} changed"
    if work.configuration.backend and stack.backend_type != "cloud":
        found = _recorded_backend(stack)
        wanted = config.for_engine(stack.backend_config, bool(stamp.get("modern", True)))
        if found.get("type") != stack.backend_type or not _holds(wanted, found.get("config") or {}):
            return "the data directory was initialised for another backend"
    if work.configuration.calls_modules and not os.path.exists(
        os.path.join(stack.terraform_dir, "modules", "modules.json")
    ):
        return "its modules are not installed"
    return None


_MEANING = {
    "engine": "the terraform executable",
    "root": "the path of the root module",
    "data_dir": "the path of the data directory",
    "lock_file": "the dependency lock file",
    "backend": "the backend's configuration",
}


def initialise(
    work: Work, *, lockfile_readonly: bool = False, backend: bool = True, held: tuple[int, ...] = ()
) -> bool:
    """Run init; whether the engine knows the modern spelling of the backend's options.

    That is assumed first: asking every engine for its version would cost a process in every run. *held* are descriptors that
    it inherits. Raises CommandFailed, EngineError for an engine that is too old.
    """
    cloud = work.stack.backend_type == "cloud"

    def init(*, modern: bool) -> Completed:
        options = Init(
            _backend_config_file(work, modern) if backend else None, lockfile_readonly, reconfigure=not cloud
        )
        return work.terraform.init(options, with_workspace=cloud, held=held)

    done = init(modern=True)
    if done.status == 0:
        return True
    version = _version(work)
    if version.number[:2] < _SIX and backend and work.stack.backend_type == "s3":
        done = init(modern=False)
        if done.status == 0:
            return False
    raise work.terraform.failed(f"Initialising {work.stack.label} ({work.stack.root})", done)


def _version(work: Work) -> Version:
    """The engine's version, asked for only after a failure. Raises EngineError when it cannot do what is asked."""
    terraform = work.terraform
    environment = terraform_environment(terraform.inherited, terraform.data_dir, None)
    version = read_version(terraform.run, terraform.engine, environment)
    if not version.supported:
        oldest = ".".join(map(str, OLDEST[version.product]))
        raise EngineError(
            f"Initialising {work.stack.label} failed: {version} is too old, {oldest} is the oldest supported. Set tf_binary."
        )
    if work.stack.backend_config.get("use_lockfile") and version.number[:2] < _TEN:
        raise EngineError(
            f"Initialising {work.stack.label} failed: a lock file in S3 (tf_backend.lock: lockfile or both) needs Terraform "
            f"or OpenTofu 1.10, and this is {version}. Use lock: dynamodb, or set tf_binary to a newer one."
        )
    return version


def _backend_config_file(work: Work, modern: bool) -> str | None:
    """Options go through a 0600 file: some backends take credentials there, and argv is for everyone to see."""
    stack = work.stack
    if not stack.backend_config or not work.configuration.backend or stack.backend_type == "cloud":
        return None
    wanted = (
        config.for_engine(stack.backend_config, modern) if stack.backend_type == "s3" else dict(stack.backend_config)
    )
    path = os.path.join(work.directory, "backend.json")  # JSON here is literal: ${…} means itself
    write_atomically(path, json.dumps(wanted))
    return path


def _stamp(work: Work) -> dict[str, Any]:
    stack = work.stack
    wanted = json.dumps([stack.backend_type, stack.backend_config], sort_keys=True)
    return {
        "engine": stack.engine.identity,
        "root": stack.root,
        "data_dir": os.path.realpath(stack.data_dir),
        "lock_file": _hash(os.path.join(stack.root, _LOCK_FILE)),
        "backend": hashlib.sha256(wanted.encode()).hexdigest(),
    }


def _hash(path: str) -> str | None:
    if not os.path.exists(path):
        return None
    with while_trying_to(f"read {path}"), open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _recorded_backend(stack: Stack) -> Mapping[str, Any]:
    """What Terraform itself recorded at the last init."""
    found = read_json(os.path.join(stack.terraform_dir, "terraform.tfstate"))
    backend = found.get("backend") if isinstance(found, Mapping) else None
    return backend if isinstance(backend, Mapping) else {}


def _holds(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(_holds(value, found.get(name)) for name, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(_holds, wanted, found))
    return bool(wanted == found or str(wanted) == str(found))


def _refuse_left_behind(work: Work) -> None:
    """Raises StateEndangered when init would turn from a state with resources to an address that has none."""
    stack = work.stack
    for old in former(stack):
        was = state.header(old, work.doors)
        if was is None or was.empty or state.exists(stack, work.doors):
            continue
        raise StateEndangered(
            f"Initialising {stack.label} was stopped: the state with its resources is in {_address(old)}, and there is none in "
            f"{_address(stack)}. Going on would create everything a second time. Migrate the state first (playbook "
            "envforge.terraform.migrate, or tf_workspace with migrate: true), or set tf_backend and tf_backend_key back."
        )


def former(stack: Stack) -> list[Stack]:
    """The addresses where this stack's state may have been until now, as far as this machine knows them."""
    was = recorded(stack)
    found = [was] if was is not None and _elsewhere(was, stack) else []
    if stack.backend_type != "local":
        found.append(replace(stack, backend_type="local", backend_config={}))
    return found


def recorded(stack: Stack) -> Stack | None:
    """The stack in the backend that its data directory was last initialised for; None where only Terraform can reach that."""
    backend = _recorded_backend(stack)
    if backend.get("type") not in {"s3", "local"}:
        return None
    known = {name: value for name, value in (backend.get("config") or {}).items() if value is not None}
    return replace(stack, backend_type=backend["type"], backend_config=_modern(known))


def _elsewhere(old: Stack, stack: Stack) -> bool:
    wanted, known = stack.backend_config, old.backend_config
    return old.backend_type != stack.backend_type or any(str(known.get(n)) != str(wanted.get(n)) for n in _ADDRESS)


def _modern(known: dict[str, Any]) -> dict[str, Any]:
    """The record of an engine before 1.6, as far as it matters for reading the state."""
    old = {"s3": known.get("endpoint"), "dynamodb": known.get("dynamodb_endpoint")}
    return {"endpoints": {name: url for name, url in old.items() if url}, **known}


def _address(stack: Stack) -> str:
    if stack.backend_type == "local":
        return state.local_path(stack)
    if stack.backend_type != "s3":
        return f"the backend {stack.backend_type}"
    return f"s3://{stack.backend_config.get('bucket')}/{config.state_path(stack.backend_config, stack.workspace)}"
