# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A restore or a move that is killed at any moment: the state is an old or a new one, whole, and one task goes on from there."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.killing import Victim
from tests.e2e.project import OLD_ENGINE, Project, run
from tests.e2e.proxy import Proxy

pytestmark = pytest.mark.timeout(600)
ONE = """
variable "size" {
  default = 1
}
resource "terraform_data" "disk" {
  input = var.size
}
"""
MOST = 60  # requests


def content(state: dict[str, Any] | None) -> str:
    assert state is not None
    return json.dumps({**state, "serial": 0, "terraform_version": ""}, sort_keys=True)


def brought_back(project: Project, cloud: Cloud, doing: str) -> bool:
    """Whether a lock was left; if so, it says what was being done, and one task releases it and finishes."""
    locks = run("tf_lock_info", project.arguments())["locks"]
    if locks:
        assert doing in locks[0]["info"]
        released = run("tf_lock", project.arguments(lock_id=locks[0]["id"]))
        assert not released.failed, released.result
    assert cloud.lock(project) is None
    looked = run("tf_output_info", project.arguments())  # Terraform reads the state, digest and all
    assert not looked.failed, looked.result
    return bool(locks)


def test_a_restore_killed_at_any_request(project: Project, cloud: Cloud, proxy: Proxy) -> None:
    """Both versions in turn, killed before each request and after each write, until a run comes to its end."""
    project.write(ONE).apply()
    project.apply(variables={"size": 2})
    stored = run("tf_state_info", project.arguments(versions=True))["versions"]
    whole = {content(cloud.state(project))}
    seen, left, number, arrives = [], 0, 1, False
    while number < MOST:
        now = content(cloud.state(project))
        wanted = stored[0 if '"value": 1' in now else 1]["version_id"]
        victim = Victim(proxy, number, arrives=arrives).run("tf_state", project, {"restore": {"version_id": wanted}})
        after = content(cloud.state(project))
        whole |= {after} if len(whole) == 1 else set()
        assert after in whole, victim.killed_at
        left += brought_back(project, cloud, "Restoring the state of stack shop in dev from version")
        if victim.killed_at is None:
            assert after != now
            break
        seen.append(victim.killed_at.split(" ")[0])
        arrives = not arrives and not seen[-1].startswith(("Get", "List"))  # nobody minds a read that arrives
        number += not arrives
    assert len(whole) == 2
    assert {"PutItem", "PutObject", "DeleteItem", "GetObject"} <= set(seen)
    assert left > 3


@pytest.mark.skipif(OLD_ENGINE, reason="lock files in S3 came with Terraform 1.10")
def test_a_move_killed_at_any_write(project: Project, cloud: Cloud, proxy: Proxy) -> None:
    """With both locks, and a plan demanded that has changes: written, planned, written back, and killed in between."""
    both = replace(project.write(ONE), backend_config={**project.backend_config, "use_lockfile": True})
    both.apply()
    old = content(cloud.state(both))
    there = {"move": [{"from": "terraform_data.disk", "to": "terraform_data.drive"}]}
    back = {"move": [{"from": "terraform_data.drive", "to": "terraform_data.disk"}]}
    assert run("tf_state", both.arguments(**there))["changed"] is True
    new = content(cloud.state(both))
    run("tf_state", both.arguments(**back))
    options, left = {**there, "require_no_changes": True}, 0
    assert run("tf_state", both.through(proxy.url).arguments(**options)).failed
    writes = [number for number, request in enumerate(proxy.requests, 1) if request.writes]
    for number, arrives in ((number, arrives) for number in writes for arrives in (False, True)):
        victim = Victim(proxy, number, arrives=arrives).run("tf_state", both, options)
        assert victim.killed_at is not None
        found = content(cloud.state(both))
        assert found in (old, new), victim.killed_at
        left += brought_back(both, cloud, "Moving resources in the state of stack shop in dev")
        if found == new:
            run("tf_state", both.arguments(**back))
    assert (left > 8, len(writes)) == (True, 8)
    assert not [key for key in cloud.keys(both) if key.endswith(".tflock")]
