# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each function answers until lambda_package names the application. not-deployed.zip holds it once a function."""

from __future__ import annotations


def handler(event: object, context: object) -> dict[str, object]:
    """Twilio and Stripe try again later when they are told 503."""
    return {"statusCode": 503, "body": "The application is not deployed yet."}
