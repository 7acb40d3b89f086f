# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes the mechanism that locks a state: dynamodb to lockfile or back, through both, while nobody holds either.

The digest in the table is left behind on the way to a lock file: it goes stale with the next apply, and then stops clients
that still lock by the table. On the way back it is put right, under both locks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Aws
from ansible_collections.envforge.terraform.plugins.module_utils._backend import config, digest, locks
from ansible_collections.envforge.terraform.plugins.module_utils._errors import StateEndangered
from ansible_collections.envforge.terraform.plugins.module_utils._stack.readiness import make_ready
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Stack, Work
from ansible_collections.envforge.terraform.plugins.module_utils._state.places import S3Place, refuse_held
from ansible_collections.envforge.terraform.plugins.module_utils._state.releasing import lost

Json = dict[str, Any]


def locks_differ(old: Stack, stack: Stack) -> bool:
    """Whether the same state was locked in another way at *old*."""
    return (
        old.backend_type == stack.backend_type == "s3"
        and config.lock_id(old.backend_config, old.workspace) == config.lock_id(stack.backend_config, stack.workspace)
        and mechanism(old.backend_config) != mechanism(stack.backend_config)
    )


def mechanism(backend_config: Mapping[str, Any]) -> str:
    """As the option lock of tf_backend says it; a table with its name."""
    table, file = backend_config.get("dynamodb_table"), bool(backend_config.get("use_lockfile"))
    by_table = f"dynamodb {table}" if table else ""
    return " and ".join(part for part in (by_table, "lockfile" if file else "") if part) or "none"


def with_both(old: Mapping[str, Any], new: Mapping[str, Any]) -> Json:
    """*new*, and what locked so far: also where it says of that mechanism that it is off. Pure."""
    so_far = {name: old[name] for name in ("dynamodb_table", "use_lockfile") if old.get(name) and not new.get(name)}
    return {**old, **new, **so_far}


def change_locks(work: Work, old: Stack) -> Json:
    """Initialise with the new mechanism, after a step with both. Raises StateLocked, StateEndangered, EngineError,
    CommandFailed, AwsError.

    *old* names the mechanism so far. Two tables cannot be held at once; then only the old one is proven to be free.
    """
    stack = work.stack
    both = with_both(old.backend_config, stack.backend_config)
    aws = work.doors.aws(config.connection_of(both))
    _refuse_lost(work, aws, both)
    wrong = digest.digest_mismatch(aws, stack.backend_config, stack.workspace) is not None
    if work.doors.check_mode:
        refuse_held(S3Place(aws, both, stack.workspace), f"Changing the lock of {stack.label}")
    else:
        note = f"changing the lock from {mechanism(old.backend_config)} to {mechanism(stack.backend_config)}"
        with (
            work.doors.undivided(),
            locks.holding(aws, both, stack.workspace, operation="OperationTypeLockChange", info=note),
        ):
            wrong = _put_digest_right(work, aws)  # first: with a wrong one even init fails
        if both != stack.backend_config:
            make_ready(replace(work, stack=replace(stack, backend_config=both)), "its lock is changed")
    before, after = mechanism(old.backend_config), mechanism(stack.backend_config)
    return {
        "changed": wrong,
        "lock_change": {"before": before, "after": after, "digest_repaired": wrong},
        "diff": {"before": {"lock": before}, "after": {"lock": after}},
    }


def _refuse_lost(work: Work, aws: Aws, both: Mapping[str, Any]) -> None:
    """Terraform initialises nothing with a digest that has no state; and it says that a state was lost, so it stays."""
    wrong = digest.digest_mismatch(aws, both, work.stack.workspace)
    if wrong is not None and wrong.actual is None:
        raise StateEndangered(f"Changing the lock of {work.stack.label} was refused. {lost(wrong)}")


def _put_digest_right(work: Work, aws: Aws) -> bool:
    wanted, workspace = work.stack.backend_config, work.stack.workspace
    wrong = digest.digest_mismatch(aws, wanted, workspace)
    if wrong is None or wrong.actual is None:
        return False
    digest.write_digest(aws, wanted, workspace, wrong.actual)
    return True
