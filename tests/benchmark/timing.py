# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times whole processes: what they took on the clock and of the processor, alone and against each other."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Command:
    """A process to measure. Its output is shown only when it fails."""

    argv: Sequence[str]
    directory: Path
    environment: Mapping[str, str]

    def run(self) -> Run:
        """Raises CommandFailed with the last lines it printed."""
        with tempfile.TemporaryFile("w+") as output:
            began = time.monotonic()
            process = self.start(output.fileno())
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - began
            process.returncode = os.waitstatus_to_exitcode(status)
            self.check(process.returncode, output.fileno())
        return Run(seconds, usage.ru_utime + usage.ru_stime)

    def start(self, output: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            list(self.argv),
            cwd=self.directory,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )

    def check(self, returncode: int, output: int) -> None:
        if returncode:
            os.lseek(output, 0, os.SEEK_SET)
            said = Path(f"/proc/self/fd/{output}").read_text(errors="replace").splitlines()[-30:]
            raise CommandFailed("\n".join([f"{' '.join(self.argv)} ended with {returncode}:", *said]))


class CommandFailed(Exception):
    """A measured command failed: then there is nothing to measure."""


@dataclass(frozen=True)
class Run:
    """cpu_seconds are those of the process and of all it waited for; an emulator it calls is not among them."""

    seconds: float
    cpu_seconds: float


@dataclass(frozen=True)
class Pairs:
    """Two commands run in turn; the ratio is taken pair by pair, so a machine that slows down does not shift it."""

    ours: list[Run]
    theirs: list[Run]

    @property
    def ratio(self) -> float:
        return statistics.median(one.seconds / other.seconds for one, other in zip(self.ours, self.theirs, strict=True))

    @property
    def medians(self) -> str:
        return f"{_median(self.ours):.2f} s against {_median(self.theirs):.2f} s"


def in_turn(ours: Command, theirs: Command, rounds: int) -> Pairs:
    """One uncounted run of each first."""
    ours.run(), theirs.run()
    runs = [(ours.run(), theirs.run()) for _ in range(rounds)]
    return Pairs([one for one, _ in runs], [other for _, other in runs])


def seconds(command: Command, rounds: int) -> float:
    """The median of several runs, after one that does not count."""
    command.run()
    return _median([command.run() for _ in range(rounds)])


def _median(runs: list[Run]) -> float:
    return statistics.median(run.seconds for run in runs)
