# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The local connection under another name, so that actions take the module route."""

from __future__ import annotations

from ansible.plugins.connection.local import Connection as Local

DOCUMENTATION = """
name: faraway
short_description: The local connection under another name
description: Takes the route to another machine without one.
extends_documentation_fragment: [connection_pipelining]
"""


class Connection(Local):  # type: ignore[misc]  # ansible-core ships no types
    """A stand-in for SSH."""

    transport = "faraway"
