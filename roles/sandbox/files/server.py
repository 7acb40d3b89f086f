# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""moto's server, in which a bucket policy can refuse connections without TLS and still let everybody else in.

moto (5.2) takes a condition it cannot evaluate as met, so a statement that denies on a condition denies always, and no
state could be written under the policy of a real backend. Here such a statement says nothing. The loopback interface,
which nobody else can listen to, passes for TLS. A table has an id, as on AWS; other collections rely on it. What
Terraform's AWS provider relies on is in provider_needs.py.

A response is written in one piece. werkzeug writes the head and the body each by itself and closes the connection; about
once in a thousand requests Go's HTTP client then sees the end before it has read the body ("use of closed network
connection"), and Terraform's SDK repeats a request that had been carried out: it meets its own lock.
"""

from __future__ import annotations

import os
import uuid
from typing import Any

os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"  # those that AWS makes; moto reads this while it is imported

import provider_needs  # which imports moto, too
from moto.dynamodb.models.table import Table
from moto.iam.access_control import IAMPolicyStatement, PermissionResult
from moto.server import main
from werkzeug.serving import WSGIRequestHandler

_EVALUATE = IAMPolicyStatement.is_action_permitted
_DESCRIBE = Table.describe


def evaluate(
    statement: IAMPolicyStatement,
    action: str,
    resource: str = "*",
    principal: str | None = None,
    incoming_condition_values: dict[str, str] | None = None,
) -> PermissionResult:
    """What moto says, except for a denial that hangs on a condition."""
    document = statement._statement
    if document.get("Effect") == "Deny" and document.get("Condition"):
        return PermissionResult.NEUTRAL
    return _EVALUATE(statement, action, resource, principal, incoming_condition_values)


def describe(table: Table, base_key: str = "TableDescription") -> dict[str, Any]:
    """What moto says, and the table's id."""
    description: dict[str, Any] = _DESCRIBE(table, base_key)
    description[base_key]["TableId"] = str(uuid.uuid5(uuid.NAMESPACE_URL, table.table_arn))
    return description


IAMPolicyStatement.is_action_permitted = evaluate
Table.describe = describe
WSGIRequestHandler.wbufsize = 64 * 1024  # bytes
provider_needs.meet()

if __name__ == "__main__":
    main()
