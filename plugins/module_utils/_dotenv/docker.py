# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How `docker run --env-file` reads .env text: whole lines, nothing quoted, nothing expanded."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.assignments import (
    Assignment,
    Unreadable,
    line_number,
)

# bufio.MaxScanTokenSize less the line break: docker gives up on longer lines.
LONGEST_LINE = 64 * 1024 - 1


def read(text: str) -> Iterator[Assignment]:
    """Assignments in order, as github.com/docker/cli/pkg/kvfile finds them."""
    position = 0
    for whole in text.split("\n"):
        assignment = _read_line(text, whole, position)
        if assignment:
            yield assignment
        position += len(whole) + 1


def _read_line(text: str, whole: str, position: int) -> Assignment | None:
    if len(whole.encode("utf-8", "surrogatepass")) > LONGEST_LINE:
        raise Unreadable("is longer than docker reads", line_number(text, position))
    line = whole.removesuffix("\r")
    if position == 0:
        line = line.removeprefix("\ufeff")
    line = line.lstrip()
    if not line or line.startswith("#"):
        return None
    key, equals, value = line.partition("=")
    if not key or " " in key or "\t" in key:
        raise Unreadable("has no variable name that docker accepts", line_number(text, position))
    start = position + whole.index(line)
    # A name alone is taken from the environment.
    return Assignment(key, value if equals else None, start, start + len(line))
