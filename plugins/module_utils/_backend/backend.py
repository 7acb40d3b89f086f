# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cores of tf_backend and tf_backend_info: a backend is made as wanted, taken down, or looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._aws import kms, s3
from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Aws, Connection
from ansible_collections.envforge.terraform.plugins.module_utils._backend import removal
from ansible_collections.envforge.terraform.plugins.module_utils._backend.config import backup_of, connection_of
from ansible_collections.envforge.terraform.plugins.module_utils._backend.found import Found, account_of, find
from ansible_collections.envforge.terraform.plugins.module_utils._backend.refusals import (
    refuse_other_region,
    refuse_unfit,
    worries,
)
from ansible_collections.envforge.terraform.plugins.module_utils._backend.result import (
    described,
    discovered,
    with_key,
)
from ansible_collections.envforge.terraform.plugins.module_utils._backend.steps import Step, audit
from ansible_collections.envforge.terraform.plugins.module_utils._backend.usage import usage
from ansible_collections.envforge.terraform.plugins.module_utils._backend.wanted import Wanted, wanted
from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import TfError

Json = dict[str, Any]
_TOLD_ENDPOINTS = ("s3", "dynamodb", "sts", "iam")


def backend(arguments: Mapping[str, Any], doors: Doors) -> Json:
    """tf_backend. Other types than s3 are made by others: their configuration passes through."""
    if arguments["type"] != "s3":
        return {"changed": False, **_passed_through(arguments), "steps": []}
    goal = wanted(arguments, doors.environment)
    aws = _connected(goal, doors)
    found = find(aws, goal)
    if arguments["state"] == "absent":
        return _absent(aws, goal, found, arguments, doors)
    return _present(aws, goal, found, doors)


def backend_info(arguments: Mapping[str, Any], doors: Doors) -> Json:
    """tf_backend_info: the same reads, and no write."""
    if arguments["type"] != "s3":
        return {"changed": False, **_passed_through(arguments)}
    known = dict(arguments)
    known["lock"] = arguments["lock"] or ("dynamodb" if arguments["lock_table"] else "none")
    known["encryption"] = arguments["encryption"] or ("kms" if _names_key(arguments) else "aes256")
    goal = wanted(known, doors.environment)
    aws = _connected(goal, doors)
    found = find(aws, goal)
    refuse_other_region(goal, found)
    goal = with_key(goal, found) if arguments["encryption"] or _names_key(arguments) else discovered(goal, found)
    compared = audit(goal, found)
    _warn(found, doors)
    told = described(goal, found, _endpoints(aws))
    used, unread = usage(aws, goal, found) if arguments["usage"] else (None, {})
    return {
        **told,
        "changed": False,
        "exists": found.bucket is not None,
        "found": compared.before,
        "wanted": compared.after,
        "steps": [step.told() for step in compared.steps],
        "states": _states(aws, goal) if found.bucket is not None else [],
        "settings_not_read": {**told["settings_not_read"], **unread},
        **({"usage": used} if arguments["usage"] else {}),
    }


def _names_key(arguments: Mapping[str, Any]) -> bool:
    return bool(arguments["kms_alias"] or arguments["kms_key_id"])


def _passed_through(arguments: Mapping[str, Any]) -> Json:
    return {"backend_type": arguments["type"], "backend_config": dict(arguments["config"])}


def _connected(goal: Wanted, doors: Doors) -> Aws:
    """The door to the account that was asked for, and to no other. Nothing else is asked before that is known."""
    passed = connection_of({**goal.config, "region": goal.region})
    connection: Connection = replace(passed, endpoint_url=goal.endpoint_url, profile=goal.profile, account_id=None)
    aws = doors.aws(connection)
    return aws.owned_by(account_of(aws, goal))


def _endpoints(aws: Aws) -> dict[str, str]:
    named = {service: aws.connection.endpoint_of(service) for service in _TOLD_ENDPOINTS}
    return {service: url for service, url in named.items() if url}


def _present(aws: Aws, goal: Wanted, found: Found, doors: Doors) -> Json:
    refuse_unfit(goal, found)
    goal = with_key(goal, found)
    planned = audit(goal, found)
    after = planned.after
    _warn(found, doors)
    if planned.steps and not doors.check_mode:
        goal, after = _converge(aws, goal, found, planned.steps, doors)
    created = found.bucket is None or any(step.creates for step in planned.steps)
    return {
        "changed": bool(planned.steps),
        "diff": {"before": planned.before, "after": after},
        "steps": [step.told() for step in planned.steps],
        "predicted": doors.check_mode and created,
        **described(goal, found, _endpoints(aws)),
    }


def _converge(aws: Aws, goal: Wanted, found: Found, steps: Sequence[Step], doors: Doors) -> tuple[Wanted, Json]:
    """Do the steps; a key that is made among them is known to those after it."""
    done: list[Step] = []
    making = [step for step in steps if step.creates and found.key is None and step.name == goal.kms_alias]
    if making:
        _do(aws, making, done, doors)
        key = kms.describe_key(aws, str(goal.kms_alias))
        found = replace(found, key=key, key_settings={"rotation": None, "tags": goal.tags or None})
        goal = with_key(goal, found)
    compared = audit(goal, found)
    _do(aws, compared.steps, done, doors)
    return goal, compared.after


def _do(aws: Aws, steps: Sequence[Step], done: list[Step], doors: Doors) -> None:
    for step in steps:
        doors.progress(f"{step.object}: {step.action}")
        try:
            step.write(aws, step.name, step.value)
        except TfError as error:
            error.details.update(changed=bool(done), steps=[each.told() for each in done])
            raise
        done.append(step)


def _warn(found: Found, doors: Doors) -> None:
    for name, reason in found.not_read.items():
        doors.warn(f"{name} was not checked and not changed: {reason}")
    for worry in worries(found):
        doors.warn(worry)


def _absent(aws: Aws, goal: Wanted, found: Found, arguments: Mapping[str, Any], doors: Doors) -> Json:
    removal.refuse_window(arguments["kms_deletion_window_days"])
    refuse_other_region(goal, found)
    there = removal.contents(aws, goal, found)
    if not arguments["force"]:
        removal.refuse_loss(goal, there)
    steps = removal.removal_steps(goal, found, there, arguments["kms_deletion_window_days"])
    if removal.is_shared(goal, there):
        doors.warn(f"The lock table {goal.lock_table} has rows of other buckets and stays.")
    if not doors.check_mode:
        _do(aws, steps, [], doors)
    before = audit(with_key(goal, found), found).before
    return {
        "changed": bool(steps),
        "diff": {"before": before if steps else {}, "after": {}},
        "steps": [step.told() for step in steps],
        "backend_type": "s3",
        "account_id": found.account_id,
        "settings_not_read": found.not_read,
    }


def _states(aws: Aws, goal: Wanted) -> list[Json]:
    """The states in the bucket, with the workspace that their path names."""
    prefix = f"{goal.config.get('workspace_key_prefix') or 'env:'}/"
    found = s3.list_objects(aws, goal.bucket)
    return [_state(each, prefix) for each in found if not each.key.endswith(".tflock") and backup_of(each.key) is None]


def _state(entry: s3.Entry, prefix: str) -> Json:
    workspace, _slash, key = entry.key.removeprefix(prefix).partition("/")
    if not entry.key.startswith(prefix) or not key:
        workspace, key = "default", entry.key
    # "object", not "path": Ansible reads a path in a result as a file it has made
    return {
        "object": entry.key,
        "key": key,
        "workspace": workspace,
        "size": entry.size,
        "last_modified": entry.last_modified,
    }
