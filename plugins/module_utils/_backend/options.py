# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that tf_backend and tf_backend_info share. Their documentation is in doc_fragments/backend.py."""

from __future__ import annotations

from ansible_collections.envforge.terraform.plugins.module_utils._arguments import PROCESS, Specification

BACKEND: Specification = {
    **PROCESS,
    "type": {"type": "str", "default": "s3"},
    "account_id": {"type": "str"},
    "bucket": {"type": "str"},
    "region": {"type": "str"},
    "kms_alias": {"type": "str"},
    "kms_key_id": {"type": "str", "no_log": False},
    "lock_table": {"type": "str"},
    "lock_table_billing_mode": {
        "type": "str",
        "choices": ["PAY_PER_REQUEST", "PROVISIONED"],
        "default": "PAY_PER_REQUEST",
    },
    "lock_table_read_capacity": {"type": "int"},
    "lock_table_write_capacity": {"type": "int"},
    "noncurrent_version_expiration_days": {"type": "int", "default": 90},
    "abort_incomplete_multipart_upload_days": {"type": "int", "default": 7},
    "access_log_bucket": {"type": "str"},
    "tags": {"type": "dict", "default": {}},
    "endpoint_url": {"type": "str"},
    "profile": {"type": "str"},
    "state_keys": {"type": "list", "elements": "str", "default": ["*"], "no_log": False},
    "config": {"type": "dict", "default": {}},
}
