# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the checks of noxfile.py side by side and ends with one summary: `nox -s test [-- CHECK…]`.

Those tagged long are left out, unless they are named or the environment says CI=true: the others take ten minutes.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import report

CORES = 2
LIMIT = 3600  # seconds for one check, more than twice what the longest takes: only what hangs gets there
PATIENCE = 30  # seconds that a check has for cleaning up before it is killed
NOX = (sys.executable, "-m", "nox")


@dataclass(frozen=True)
class Check:
    """A session of noxfile.py tagged `check`; one tagged `wide` keeps all cores busy by itself."""

    session: str
    cores: int
    long: bool


@dataclass
class Run:
    """A check that was started."""

    check: Check
    process: subprocess.Popen[bytes]
    started: float
    seconds: float = 0.0

    def ended(self) -> bool:
        return self.process.poll() is not None


def known_checks() -> list[Check]:
    """In the order of noxfile.py, which puts the long ones first."""
    command = [*NOX, "--list", "--json", "--tags", "check"]
    listed = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return [
        Check(entry["session"], CORES if "wide" in entry["tags"] else 1, "long" in entry["tags"]) for entry in listed
    ]


def chosen_checks(names: list[str]) -> tuple[list[Check], list[Check]]:
    """The checks to run, and those left out because they take long."""
    checks = known_checks()
    unknown = [name for name in names if not any(check.session.startswith(name) for check in checks)]
    if unknown:
        sys.exit(f"No check is called {', '.join(unknown)}; there are: {', '.join(check.session for check in checks)}.")
    if names:
        return [check for check in checks if check.session.startswith(tuple(names))], []
    left_out = [check for check in checks if check.long and os.environ.get("CI") != "true"]
    return [check for check in checks if check not in left_out], left_out


def start(check: Check) -> Run:
    report.forget(check.session)
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with report.log(check.session).open("wb") as log:
        process = subprocess.Popen(
            [*NOX, "--session", check.session],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    return Run(check, process, time.monotonic())


class Status:
    """One line that is written over on a terminal; elsewhere only what has ended is told, a line each."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.live = sys.stdout.isatty()

    def tell(self, running: list[Run], ended: int) -> None:
        if not self.live:
            return
        names = ", ".join(f"{run.check.session} {time.monotonic() - run.started:.0f} s" for run in running)
        print(f"\r\033[K{ended}/{self.total} checks done; running: {names}"[:200], end="", flush=True)

    def end(self, run: Run, ended: int) -> None:
        found = report.read(run.check.session, run.process.returncode)
        line = f"{ended}/{self.total} {run.check.session}: {word(found)}, {run.seconds:.0f} s"
        print(f"\r\033[K{line}" if self.live else line, flush=True)
        if found.failed:
            log = report.log(run.check.session)
            print(log.read_text(errors="replace").rstrip(), f"--- end of {log}", sep="\n", flush=True)


def word(found: report.Report) -> str:
    if found.failed:
        return "FAILED"
    return "ok" if found.passed else "skipped"


def run_all(checks: list[Check]) -> list[Run]:
    """Starts the next check that fits whenever cores are free; returns the runs in the order of the checks."""
    waiting, running, ended = list(checks), list[Run](), list[Run]()
    status = Status(len(checks))
    try:
        while waiting or running:
            start_what_fits(waiting, running)
            status.tell(running, len(ended))
            time.sleep(0.2)
            stop([run for run in running if time.monotonic() - run.started > LIMIT])
            for run in [run for run in running if run.ended()]:
                run.seconds = time.monotonic() - run.started
                running.remove(run)
                ended.append(run)
                status.end(run, len(ended))
    finally:
        stop(running)
    return sorted(ended, key=lambda run: checks.index(run.check))


def start_what_fits(waiting: list[Check], running: list[Run]) -> None:
    for check in list(waiting):
        free = CORES - sum(run.check.cores for run in running)
        if check.cores <= free:
            waiting.remove(check)
            running.append(start(check))


def stop(running: list[Run]) -> None:
    """After Ctrl-C, or for a check that hangs: the signal that lets it clean up, and after a while the one that does not."""
    for run in running:
        os.killpg(run.process.pid, signal.SIGINT)
    for run in running:
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.process.wait(PATIENCE)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.process.pid, signal.SIGKILL)  # whatever of it is left
        run.process.wait()
        with report.log(run.check.session).open("a") as log:
            log.write(f"Stopped after {time.monotonic() - run.started:.0f} seconds.\n")


def summary(runs: list[Run]) -> report.Report:
    """Prints the table and returns the total."""
    total = report.Report()
    width = max(len(run.check.session) for run in runs)
    print(f"\n{'check':{width}}  {'result':8}{'passed':>7}{'failed':>7}{'skipped':>8}{'seconds':>8}")
    for run in runs:
        found = report.read(run.check.session, run.process.returncode)
        counts = f"{found.passed:7}{found.failed:7}{found.skipped:8}{run.seconds:8.0f}"
        print(f"{run.check.session:{width}}  {word(found):8}{counts}")
        for reason in found.reasons:
            print(f"{'':{width}}  skipped: {reason}")
        total += found
    return total


def main() -> int:
    os.chdir(Path(__file__).resolve().parent.parent)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started = time.monotonic()
    try:
        checks, left_out = chosen_checks(sys.argv[1:])
        runs = run_all(checks)
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; the checks that were running have been stopped.")
    total = summary(runs)
    skipped = f", {total.skipped} skipped" if total.skipped else ""
    print(f"\n{time.monotonic() - started:.0f} seconds; the logs are in {report.PLACE}.")
    if left_out:
        print(f"Left out, because they take long: {', '.join(check.session for check in left_out)}.")
        print("CI=true make test runs them, too.")
    print(f"{total.passed} passed, {total.failed} failed{skipped}", flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
