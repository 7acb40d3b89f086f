# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where two results differ, after what may differ was taken out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

# the design exempts the first two; the others name a job, or the line of code that a timeout hit, or go by the clock
_EXEMPT = {"invocation", "exception", "ansible_job_id", "results_file", "started", "finished", "timedout", "age"}
_UNORDERED = {"applied"}  # the order in which Terraform's walk of the graph came to them
_VARYING = [
    (re.compile(r"own-(here|far)"), "own"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "UUID"),
    (re.compile(r"[0-9a-f]{3}(\|[0-9a-f]{3}){9}"), "FINGERPRINT"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(Z|\+00:00)"), "TIME"),
    (re.compile(r"/(envforge|task)-\w+"), r"/\1-RANDOM"),
    (re.compile(r"(?<=serial )\d+"), "SERIAL"),
    (re.compile(r"\d{8}-[0-9a-f]{12}(?=\.tfstate)"), "SERIAL-DIGEST"),
    (re.compile(r"\d+(?= seconds old)"), "AGE"),
]


def comparable(value: Any) -> Any:
    """*value* with each route's own names, and what is random, replaced."""
    if isinstance(value, dict):
        return {
            comparable(name): sorted(inner) if name in _UNORDERED else comparable(inner)
            for name, inner in value.items()
            if name not in _EXEMPT and not name.startswith("_ansible_")
        }
    if isinstance(value, list):
        return [comparable(inner) for inner in value]
    if isinstance(value, str):
        for pattern, name in _VARYING:
            value = pattern.sub(name, value)
    return value


def differences(here: Any, far: Any, place: str = "result") -> Iterator[str]:
    """One line for every difference of keys, types and values."""
    if isinstance(here, dict) and isinstance(far, dict):
        for name in sorted(here.keys() | far.keys()):
            if name not in here or name not in far:
                yield f"{place}.{name} is only {'far' if name in far else 'here'}: {here.get(name, far.get(name))!r}"
            else:
                yield from differences(here[name], far[name], f"{place}.{name}")
    elif isinstance(here, list) and isinstance(far, list) and len(here) == len(far):
        for index, (one, other) in enumerate(zip(here, far, strict=True)):
            yield from differences(one, other, f"{place}[{index}]")
    elif type(here) is not type(far) or here != far:
        yield f"{place} is {here!r} here and {far!r} far"
