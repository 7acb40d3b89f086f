# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples the memory of ansible-playbook while it runs: of the controller alone, and with its workers."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmark.timing import Command

_PAUSE = 0.03  # seconds between two samples


@dataclass(frozen=True)
class Peak:
    """In MiB. Pages that a worker shares with the controller count once for each in all_resident, once in all_proportional."""

    controller: float
    all_resident: float
    all_proportional: float

    def or_more(self, other: Peak) -> Peak:
        return Peak(
            max(self.controller, other.controller),
            max(self.all_resident, other.all_resident),
            max(self.all_proportional, other.all_proportional),
        )


def peak(command: Command) -> Peak:
    """The highest that was seen of each while *command* ran."""
    highest = Peak(0, 0, 0)
    with tempfile.TemporaryFile() as output:
        process = command.start(output.fileno())
        while process.poll() is None:
            highest = highest.or_more(_sample(process.pid))
            time.sleep(_PAUSE)
        command.check(process.returncode, output.fileno())
    return highest


def _sample(controller: int) -> Peak:
    own = _memory(controller)
    found = [own, *(_memory(worker) for worker in _workers(controller))]
    return Peak(own[0], sum(resident for resident, _ in found), sum(proportional for _, proportional in found))


def _workers(controller: int) -> Iterator[int]:
    """Its children: the Terraform processes are theirs, and do not count."""
    for thread in Path(f"/proc/{controller}/task").glob("*/children"):
        try:
            yield from map(int, thread.read_text().split())
        except OSError:
            continue


def _memory(pid: int) -> tuple[float, float]:
    """Resident and proportional set size in MiB; none for a process that has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return 0, 0
    sizes = {line.split()[0]: int(line.split()[1]) / 1024 for line in lines}
    return sizes.get("Rss:", 0), sizes.get("Pss:", 0)
