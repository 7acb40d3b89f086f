# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in for ansible-core's templating where nothing is to be templated."""

from __future__ import annotations

from typing import Any


class Templar:
    """Replaces whole values, {{ name }}, from *values*."""

    def __init__(self, **values: Any) -> None:
        self._values = values

    def template(self, value: Any) -> Any:
        text = str(value)
        return self._values[text[3:-3]] if text.startswith("{{ ") else value
