# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases of the modules that work on a stack: what they do, and what they refuse."""

from __future__ import annotations

from tests.contract.cases.case import module
from tests.contract.cases.values import BY_HAND, ODD

workspace, plan, apply = module("tf_workspace"), module("tf_plan"), module("tf_apply")
outputs, health = module("tf_output_info"), module("tf_health")

NO_STACK = {"project_path": "stacks/{{ own }}-is-missing"}

CASES = [
    workspace(
        "would be initialised", shows=lambda r: r["initialised"] and r["terraform_calls"] == 0, task_check_mode=True
    ),
    workspace("is initialised", shows=lambda r: r["initialised"] and r["terraform_calls"] == 1, changed=False),
    workspace("is ready already", shows=lambda r: not r["initialised"] and r["terraform_calls"] == 0, changed=False),
    workspace("default, absent", {"state": "absent"}, ends="failed", says="default.*refused.*every backend"),
    workspace("not there, absent", {"state": "absent", "workspace": "nowhere"}, changed=False),
    workspace("nothing to migrate", {"migrate": True}, changed=False, shows=lambda r: r["migration"]["source"] is None),
    workspace(
        "migrated from nowhere",
        {"migrate": True, "migrate_from": {"config": {"key": "nowhere"}}},
        ends="failed",
        says="no state in s3://contract/nowhere",
    ),
    workspace("removed and migrated", {"state": "absent", "migrate": True}, ends="failed", says="either migrated or"),
    workspace("invalid name", {"workspace": "a/b"}, ends="failed", says="a/b.*failed.*letters"),
    workspace("missing root module", NO_STACK, ends="failed", says="is-missing"),
    workspace("root module without files", {"project_path": "stacks/empty"}, ends="failed", says="stacks/empty"),
    workspace("engine not there", {"binary": "no-such-engine"}, ends="failed", says="no-such-engine"),
    workspace(
        "owned environment",
        {"process_environment": {"TF_WORKSPACE": "other"}},
        ends="failed",
        says="TF_WORKSPACE.*set by the collection",
    ),
    outputs("of no state", shows=lambda r: r["outputs"] == {} and r["terraform_calls"] == 0),
    plan("predicted", task_check_mode=True, changed=True, shows=lambda r: r["plan_file"] is None and r["predictable"]),
    plan(
        "read only without a state",
        {"read_only": True},
        shows=lambda r: r["plan_file"] is None and "prediction" in str(r["warnings"]),
    ),
    plan("first", {"secret_values": {"password": BY_HAND}}, changed=True, shows=lambda r: r["summary"]["create"] == 2),
    plan("with diff", {"variables": {"shape": ODD}}, task_diff=True, changed=True, shows=lambda r: r["diff"]),
    plan("without diff", {"variables": {"shape": ODD}}, task_diff=False, changed=True, shows=lambda r: "diff" not in r),
    apply("would change", {"variables": {"shape": ODD}}, task_check_mode=True, task_diff=True, changed=True),
    apply("refused by a guard", {"guards": {"allow_only": ["delete"]}}, ends="failed", says="allow_only"),
    apply(
        "odd values",
        {"variables": {"shape": ODD}, "secret_values": {"password": BY_HAND}},
        task_diff=True,
        changed=True,
        shows=lambda r: len(r["applied"]) == 2,
    ),
    outputs("odd values", {"names": ["shape"]}, shows=lambda r: r["outputs"]["shape"]["value"] == ODD),
    outputs("sensitive", shows=lambda r: r["outputs"]["from_child"]["value"] == "(sensitive)"),
    outputs("asked for", {"show_sensitive": True}, task_no_log=True, shows=lambda r: "outputs" not in r),
    outputs("unknown name", {"names": ["nothing"]}, ends="failed", says="no output nothing.*from_child"),
    apply(
        "unchanged",
        {"variables": {"shape": ODD}, "secret_values": {"password": BY_HAND}},
        changed=False,
        shows=lambda r: r["terraform_calls"] == 1,
    ),
    plan("no drift", {"refresh_only": True}, changed=False, shows=lambda r: r["drift"] == [] and r["plan_file"]),
    plan("no drift in check mode", {"refresh_only": True}, task_check_mode=True, changed=False),
    plan("drift and destruction", {"refresh_only": True, "destroy": True}, ends="failed", says="contradicts destroy"),
    plan(
        "nothing to replace",
        {"replace": ["terraform_data.nowhere"]},
        ends="failed",
        says="nowhere failed.*no such object",
        shows=lambda r: r["not_found"] == ["terraform_data.nowhere"],
    ),
    apply(
        "replaces more than it may",
        {"variables": {"shape": "other"}, "guards": {"allow_addresses": ["terraform_data.none"]}},
        ends="failed",
        says="allow_addresses: terraform_data.none forbids",
    ),
    plan("saved", {"variables": {"shape": "saved"}, "plan_file": "saved/{{ own }}.tfplan"}, changed=True),
    apply(
        "plan of another workspace",
        {"plan_file": "saved/{{ own }}.tfplan", "workspace": "another"},
        ends="failed",
        says="workspace",
    ),
    apply("saved plan", {"plan_file": "saved/{{ own }}.tfplan"}, changed=True, shows=lambda r: r["plan_file"] is None),
    apply("saved plan is gone", {"plan_file": "saved/{{ own }}.tfplan"}, ends="failed", says=r"own.tfplan"),
    plan("undeclared variable", {"variables": {"shap": 1}}, ends="failed", says="shap .*does not declare.*shape"),
    plan("missing variables file", {"var_files": ["no.tfvars"]}, ends="failed", says="no.tfvars.*does not exist"),
    plan(
        "destroying with diff",
        {"destroy": True},
        task_diff=True,
        changed=True,
        shows=lambda r: r["summary"]["delete"] == 2,
    ),
    plan("guarded", {"destroy": True, "guards": {"max_delete": 0}}, ends="failed", says="max_delete"),
    plan("invalid configuration", {"project_path": "stacks/invalid"}, ends="failed", says="nowhere"),
    apply(
        "half way",
        {"project_path": "stacks/failing", "secret_values": {"password": BY_HAND}, "workspace": "failing"},
        ends="failed",
        says="Done: 1 of 2",
        shows=lambda r: r["applied"] == ["terraform_data.first"] and r["changed"],
    ),
    health(
        "in check mode", {"checks": [{"url": "${shape}/health"}]}, task_check_mode=True, shows=lambda r: r["checks"]
    ),
    health("of a missing output", {"checks": [{"url": "${nothing}"}]}, ends="failed", says="no output 'nothing'"),
    health(
        "unreachable",
        {"checks": [{"url": "http://127.0.0.1:9/", "retries": 1, "delay": 0, "headers": {"Authorization": BY_HAND}}]},
        ends="failed",
        says="asked 2 times and did not answer",
        shows=lambda r: r["checks"][0]["attempts"] == 2,
    ),
    health("without an address", {"checks": [{"status": [200]}]}, ends="failed", says="url"),
    apply("in another workspace", {"workspace": "other"}, changed=True),
    outputs("in another workspace", {"workspace": "other", "names": ["password"]}),
    workspace("with resources, absent", {"workspace": "other", "state": "absent"}, ends="failed", says="force: true"),
    workspace(
        "would be migrated",
        {"workspace": "moved", "migrate": True, "migrate_from": {"workspace": "other"}},
        task_check_mode=True,
        task_diff=True,
        changed=True,
    ),
    workspace(
        "migrated",
        {"workspace": "moved", "migrate": True, "migrate_from": {"workspace": "other"}, "remove_source": True},
        task_diff=True,
        changed=True,
        shows=lambda r: r["migration"]["source_removed"],
    ),
    workspace(
        "migrated onto another state",
        {"workspace": "moved", "migrate": True, "migrate_from": {"workspace": "failing"}},
        ends="failed",
        says="holds another state",
    ),
    workspace("would be removed", {"workspace": "moved", "state": "absent", "force": True}, task_check_mode=True),
    workspace(
        "removed",
        {"workspace": "moved", "state": "absent", "force": True},
        task_diff=True,
        changed=True,
        shows=lambda r: "versionId" in r["removed"]["backup"],
    ),
]
