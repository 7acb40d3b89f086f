# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that several modules share, in AnsibleModule's own form. Their documentation is in doc_fragments/."""

from __future__ import annotations

from typing import Any

Specification = dict[str, dict[str, Any]]

PROCESS: Specification = {
    "process_environment": {"type": "dict", "default": {}, "no_log": True},
}

STACK: Specification = {
    **PROCESS,
    "project_path": {"type": "path", "required": True},
    "data_dir": {"type": "path", "required": True},
    "environment": {"type": "str", "required": True},
    "stack": {"type": "str", "required": True},
    "workspace": {"type": "str", "default": "default"},
    "backend_type": {"type": "str", "default": "s3"},
    "backend_config": {"type": "dict", "default": {}},
    "binary": {"type": "str"},
    "lock_timeout": {"type": "int", "default": 60},
}

VARIABLES: Specification = {
    "variables": {"type": "dict", "default": {}},
    "var_files": {"type": "list", "elements": "str", "default": []},
    "secret_variables": {"type": "list", "elements": "str", "default": [], "no_log": False},
    "secret_values": {"type": "dict", "default": {}, "no_log": True},
}

PLAN: Specification = {
    "guards": {
        "type": "dict",
        "default": {},
        "options": {
            "max_delete": {"type": "int"},
            "deny_delete": {"type": "list", "elements": "str", "default": []},
            "allow_delete": {"type": "list", "elements": "str"},
            "deny_replace": {"type": "list", "elements": "str", "default": []},
            "allow_only": {"type": "list", "elements": "str", "choices": ["create", "update", "replace", "delete"]},
            "allow_addresses": {"type": "list", "elements": "str"},
        },
    },
    "destroy": {"type": "bool", "default": False},
    "targets": {"type": "list", "elements": "str", "default": []},
    "replace": {"type": "list", "elements": "str", "default": []},
    "refresh": {"type": "bool", "default": True},
    "parallelism": {"type": "int"},
    "progress": {"type": "bool", "default": True},
}

STATE: Specification = {
    "backup": {
        "type": "dict",
        "options": {
            "to": {"type": "str", "choices": ["file", "bucket"]},
            "path": {"type": "path"},
            "key": {"type": "str", "no_log": False},
        },
    },
    "restore": {
        "type": "dict",
        "options": {
            "version_id": {"type": "str"},
            "at": {"type": "str"},
            "path": {"type": "path"},
            "key": {"type": "str", "no_log": False},
            "errored": {"type": "bool", "default": False},
            "force": {"type": "bool", "default": False},
            "rehearse": {"type": "bool", "default": False},
        },
    },
    "move": {
        "type": "list",
        "elements": "dict",
        "options": {"from": {"type": "str", "required": True}, "to": {"type": "str", "required": True}},
    },
    "remove": {"type": "list", "elements": "str"},
    "ignore_missing": {"type": "bool", "default": False},
    "require_no_changes": {"type": "bool", "default": False},
}

CHECK: Specification = {
    "name": {"type": "str"},
    "url": {"type": "str", "required": True},
    "status": {"type": "list", "elements": "int", "default": [200]},
    "contains": {"type": "str"},
    "matches": {"type": "str"},
    "method": {"type": "str", "default": "GET", "choices": ["GET", "HEAD", "POST"]},
    "headers": {"type": "dict", "no_log": True},
    "retries": {"type": "int", "default": 5},
    "delay": {"type": "float", "default": 5},
    "timeout": {"type": "float", "default": 10},
    "follow_redirects": {"type": "bool", "default": False},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
}

DOTENV: dict[str, Any] = {
    "type": "dict",
    "required": True,
    "options": {
        "path": {"type": "path", "required": True},
        "dialect": {
            "type": "str",
            "default": "portable",
            "choices": ["bash", "posix", "python-dotenv", "node", "compose", "docker", "systemd", "portable"],
        },
        "variables": {"type": "dict", "default": {}},
        "template": {"type": "path"},
        "outputs": {"type": "str", "choices": ["all", "env_vars"]},
        "prefix": {"type": "str", "default": ""},
        "prune": {"type": "bool", "default": False},
        "required": {"type": "list", "elements": "str", "default": []},
        "mode": {"type": "str", "default": "0600"},
        "allow_tracked": {"type": "bool", "default": False},
    },
}
