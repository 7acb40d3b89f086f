# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""STS's one call: whose credentials these are."""

from __future__ import annotations

from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Aws, while_trying_to


def account_id(aws: Aws) -> str:
    """The account of the credentials."""
    with while_trying_to("ask AWS whose credentials these are"):
        account: str = aws.client("sts").get_caller_identity()["Account"]
        return account
