# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases about keywords of a task, and about the ways a secret can take."""

from __future__ import annotations

from tests.contract.cases.case import module
from tests.contract.cases.values import BY_HAND, IN_PROCESS_ENVIRONMENT, IN_TASK_ENVIRONMENT, ODD, VAULTED

workspace, plan, apply = module("tf_workspace"), module("tf_plan"), module("tf_apply")
outputs = module("tf_output_info")

BROKEN = {"variables": {"undeclared": 1}}
SECRET = {"variables": {"shape": ODD}, "secret_variables": ["password"]}

CASES = [
    plan("loop", {"variables": {"shape": "{{ item }}"}}, task_loop=["a", 1], task_diff=True),
    plan(
        "loop that fails", {"lock_timeout": "{{ item }}"}, task_loop=[1, "x"], ends="failed", says="more items failed"
    ),
    plan(
        "until",
        BROKEN,
        task_retries=2,
        task_delay=0,
        task_until="tried is success",
        task_register="tried",
        ends="failed",
    ),
    workspace("failed_when", {}, task_register="done", task_failed_when="not done.initialised", ends="failed"),
    workspace("changed_when", {}, task_changed_when=True, changed=True),
    plan("no_log", {"secret_values": {"password": BY_HAND}}, task_no_log=True),
    plan("no_log of a failure", BROKEN, task_no_log=True, ends="failed"),
    plan("environment", SECRET, task_environment={"TF_VAR_password": IN_TASK_ENVIRONMENT}, changed=True),
    plan("environment of a variable", {}, task_environment={"TF_VAR_shape": '{"a":"$HOME"}'}, task_diff=True),
    plan("environment of a number", {}, task_environment={"TF_VAR_shape": 5}, task_diff=True, changed=True),
    plan("environment of a boolean", {}, task_environment={"TF_VAR_shape": True}, ends="failed", says="Variables not"),
    workspace("environment of null", {}, task_environment={"UNRELATED": None}),
    plan("owned environment", {}, task_environment={"TF_CLI_ARGS_plan": "-destroy", "TF_LOG": "trace"}, changed=True),
    plan(
        "process environment of a variable", {}, task_vars={"more": {"TF_VAR_shape": "9"}}, task_diff=True, changed=True
    ),
    apply("secret from vault", SECRET, task_vars={"password": "{{ vaulted }}"}, changed=True),
    plan("secret as text", {"variables": {"shape": ODD}, "secret_values": {"password": VAULTED}}, changed=False),
    plan("secret from a file", SECRET, task_vars={"password": "{{ in_file }}"}, changed=True),
    plan("secret from environment", SECRET, task_environment={"TF_VAR_password": VAULTED}, changed=False),
    plan(
        "secret from process environment",
        SECRET,
        task_vars={"more": {"TF_VAR_password": IN_PROCESS_ENVIRONMENT}},
        changed=True,
    ),
    plan("secret without a value", SECRET, ends="failed", says="password has no value.*TF_VAR_password"),
    plan("secret that is short", SECRET, task_vars={"password": "abc"}, ends="failed", says="shorter than 4"),
    plan(
        "secret that is undeclared", {"secret_variables": ["vaulted"]}, ends="failed", says="vaulted.*does not declare"
    ),
    plan("vault among the variables", {"variables": {"shape": {"secret": "{{ vaulted_public }}"}}}, task_diff=True),
    outputs("no secret is left in outputs", shows=lambda r: r["outputs"]["password"]["value"] == "(sensitive)"),
    outputs("delegated to the far route", {"names": ["shape"]}, task_delegate_to="far"),
    outputs("delegated to the near route", {"names": ["shape"]}, task_delegate_to="here"),
    outputs("delegated to localhost", {"names": ["shape"]}, task_delegate_to="localhost"),
    outputs("same interpreter", {"names": ["shape"]}, task_vars={"ansible_python_interpreter": "{{ same_python }}"}),
    outputs("another interpreter", {"names": ["shape"]}, task_vars={"ansible_python_interpreter": "{{ wrapper }}"}),
    outputs("become", {"names": ["shape"]}, task_become=True, task_become_user="{{ me }}"),
    outputs("async", {"names": ["shape"]}, task_async=60, task_poll=1),
    outputs("async that fails", {"names": ["nothing"]}, task_async=60, task_poll=1, ends="failed", says="no output"),
    outputs("short name", {"names": ["shape"]}, task_collections=["envforge.terraform"]),
    apply(
        "timeout",
        {"project_path": "stacks/slow", "workspace": "slow", "variables": {"seconds": 6}},
        task_timeout=3,  # long enough to hit Terraform at work; ansible-core 2.19 loses an alarm that hits a __del__
        ends="failed",
        says="time frame|Timed out after",
    ),
    plan("tagged result is data", {"variables": {"shape": "{{ unsafe }}"}}, task_register="planned"),
]
