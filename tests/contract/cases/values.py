# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cases share: secrets, one for each way they take, and values that are odd in one way each."""

from __future__ import annotations

from typing import Any

VAULT_PASSWORD = "contract-vault"  # of vaulted.yml
# one per source, so that a find says where it came from
VAULTED = "vaulted-Zq7-secret"
IN_FILE = "in-extra-vars-file-Wx2-secret"
IN_TASK_ENVIRONMENT = "in-environment-Kp9-secret"
IN_PROCESS_ENVIRONMENT = "in-process-environment-Rt4-secret"
BY_HAND = "in-secret-values-Lm3-secret"
IN_BACKEND = "in-backend-config-Hn5-secret"
SECRETS = (VAULTED, IN_FILE, IN_TASK_ENVIRONMENT, IN_PROCESS_ENVIRONMENT, BY_HAND, IN_BACKEND)

ODD: dict[str, Any] = {
    "dollar": "$HOME ${x} %{if} $$",
    "lines": "first\nsecond\r\n\tthird\n",
    "quotes": "a 'single', a \"double\", a back\\slash",
    "unicode": "ü€\u2028😀",
    "number": 12345678901234567890,
    "fraction": 0.1,
    "truth": True,
    "nothing": None,
    "list": [1, "x", {"k": "v"}, []],
    "json": '{"a": 1}',
    "looks_true": "yes",
    "empty": "",
}
