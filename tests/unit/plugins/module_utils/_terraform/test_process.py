# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that survive whoever started them."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._errors import EngineError, FileError
from ansible_collections.envforge.terraform.plugins.module_utils._files import locked_directory
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.process import Interrupted, Processes

ROOT = Path(__file__).resolve().parents[5]
PATIENCE = 20.0  # seconds
STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# waits to be interrupted, and a while for more of that; says what came
TRAP = """\
trap 'echo INT >> log' INT
trap 'echo TERM >> log' TERM
touch started
for _ in $(seq 500); do [ -e log ] && break; sleep 0.02; done
for _ in 1 2 3 4; do sleep 0.05; done
echo done >> log
"""


def shell(processes: Processes, directory: Path, script: str, on_line: Callable[[str], None] | None = None) -> str:
    done = processes.run(["/bin/sh", "-c", script], str(directory), {"PATH": os.environ["PATH"]}, on_line)
    return done.stdout


def until(reached: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_command_is_run_as_it_is(tmp_path: Path) -> None:
    """No shell, no expansion, its own directory, exactly its environment, nothing on standard input."""
    code = (
        "import os, sys; print(sys.argv[1:], os.getcwd(), os.environ.get('A'), sys.stdin.read(), 'HOME' in os.environ)"
    )
    done = Processes().run([sys.executable, "-c", code, "$HOME", "a b", "*"], str(tmp_path), {"A": "1"})
    assert done.stdout == f"['$HOME', 'a b', '*'] {tmp_path} 1  False\n"
    assert (done.status, done.stderr) == (0, "")


def test_status_and_both_outputs_are_kept_apart(tmp_path: Path) -> None:
    """A warning on standard error is no failure, and no part of the answer."""
    done = Processes().run(["/bin/sh", "-c", "echo out; echo err >&2; exit 3"], str(tmp_path), {})
    assert (done.status, done.stdout, done.stderr) == (3, "out\n", "err\n")


def test_lines_arrive_while_the_command_runs(tmp_path: Path) -> None:
    """Whole lines, as soon as they are there."""
    seen: list[tuple[str, bool]] = []
    script = "printf 'fi'; sleep 0.1; echo rst; until [ -e seen ]; do sleep 0.02; done; echo second; printf rest"

    def on_line(line: str) -> None:
        seen.append((line, (tmp_path / "seen").exists()))
        (tmp_path / "seen").touch()

    shell(Processes(), tmp_path, script, on_line)
    assert seen == [("first", False), ("second", True)]


def test_a_container_may_forbid_pidfd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the command is looked at again and again: nothing of what it says is missed, nor its end."""
    seen: list[str] = []

    def forbidden(pid: int) -> int:
        raise PermissionError(pid)

    monkeypatch.setattr(os, "pidfd_open", forbidden)
    script = "echo first; sleep 0.3; echo second; exit 3"
    done = Processes().run(["/bin/sh", "-c", script], str(tmp_path), {"PATH": os.environ["PATH"]}, seen.append)
    assert (done.status, seen) == (3, ["first", "second"])


def test_every_process_is_counted(tmp_path: Path) -> None:
    """Those that fail too; one that cannot be started is none."""
    processes = Processes()
    shell(processes, tmp_path, "true")
    shell(processes, tmp_path, "false")
    with pytest.raises(EngineError, match="/nowhere"):
        processes.run(["/nowhere"], str(tmp_path), {})
    assert processes.started == 2


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    """It is not the executable that is missing."""
    with pytest.raises(FileError, match="gone does not exist"):
        shell(Processes(), tmp_path / "gone", "true")


@pytest.fixture
def late_signals_are_lost() -> Iterator[None]:
    """On a busy machine the last of several signals may arrive after the command has ended: not at pytest's cost."""
    before = {signum: signal.signal(signum, lambda signum, frame: None) for signum in STOP}
    yield
    for signum, handler in before.items():
        signal.signal(signum, handler)


@pytest.mark.usefixtures("late_signals_are_lost")
@pytest.mark.parametrize("signum", STOP, ids=lambda signum: signum.name)
def test_every_signal_becomes_one_interrupt(tmp_path: Path, signum: signal.Signals) -> None:
    """However many arrive: a second SIGINT makes Terraform stop without saving. Then it is waited for."""
    processes = Processes()

    def send() -> None:
        until((tmp_path / "started").exists)
        for _ in range(3):
            os.kill(os.getpid(), signum)
            time.sleep(0.03)

    sender = threading.Thread(target=send)
    sender.start()
    with pytest.raises(Interrupted) as caught, processes.stopping():
        shell(processes, tmp_path, TRAP)
    sender.join()
    assert caught.value.signum == signum
    assert (tmp_path / "log").read_text().split() == ["INT", "done"]


@pytest.mark.parametrize("signum", STOP, ids=lambda signum: signum.name)
def test_a_command_that_is_just_starting_is_waited_for(
    tmp_path: Path, signum: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be running before Popen returns: nobody would wait for it, nor see what it wrote."""

    class SlowToReturn(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            until((tmp_path / "started").exists)
            signal.raise_signal(signum)
            signal.raise_signal(signum)

    monkeypatch.setattr(subprocess, "Popen", SlowToReturn)
    processes = Processes()
    with pytest.raises(Interrupted) as caught, processes.stopping():
        shell(processes, tmp_path, TRAP)
    assert caught.value.signum == signum
    assert (tmp_path / "log").read_text().split() == ["INT", "done"]


def test_a_signal_between_two_commands_stops_at_once() -> None:
    """There is nothing to wait for."""
    with pytest.raises(Interrupted), Processes().stopping():
        signal.raise_signal(signal.SIGTERM)


def test_a_signal_waits_for_what_must_not_be_torn_apart(tmp_path: Path) -> None:
    """To its end; no command is started after it."""
    processes, done = Processes(), list[str]()

    def work() -> None:
        with processes.stopping(), processes.undivided():
            signal.raise_signal(signal.SIGTERM)
            done.append("first")
            with processes.undivided():
                signal.raise_signal(signal.SIGTERM)
                done.append("second")
            done.append("never")

    with pytest.raises(Interrupted):
        work()
    assert done == ["first", "second"]
    with pytest.raises(Interrupted):
        shell(processes, tmp_path, "touch started")
    assert not (tmp_path / "started").exists()


def test_an_error_in_what_must_not_be_torn_apart_is_told() -> None:
    """It says more than the signal."""
    processes = Processes()

    def work() -> None:
        with processes.stopping(), processes.undivided():
            signal.raise_signal(signal.SIGTERM)
            raise EngineError("told")

    with pytest.raises(EngineError, match="told"):
        work()


def test_the_handlers_of_others_are_put_back() -> None:
    """Ansible has its own."""
    before = [signal.getsignal(signum) for signum in STOP]
    with Processes().stopping():
        assert signal.getsignal(signal.SIGTERM) != before[1]
    assert [signal.getsignal(signum) for signum in STOP] == before


def test_nothing_is_shown_after_a_signal(tmp_path: Path) -> None:
    """Whoever would show it may be gone."""
    processes, lines = Processes(), list[str]()

    def on_line(line: str) -> None:
        lines.append(line)
        os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Interrupted), processes.stopping():
        shell(processes, tmp_path, "trap '' INT; echo one; sleep 0.3; echo two", on_line)
    assert lines == ["one"]


class TaskTimeout(BaseException):
    """As Ansible raises it from an alarm, in the middle of anything."""


def test_the_timeout_of_a_task_interrupts_waits_and_goes_on(tmp_path: Path) -> None:
    """It is no Exception, and must not leave a running Terraform behind."""

    def ring(signum: int, frame: object) -> None:
        raise TaskTimeout

    def set_alarm(line: str) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0.05)

    before = signal.signal(signal.SIGALRM, ring)
    script = TRAP.replace("touch started", "echo started")
    try:
        processes = Processes()
        # stopping: the command can hear a SIGINT even where this process was told to ignore it, as in the background
        with processes.stopping(), pytest.raises(TaskTimeout):  # the alarm is set once the command can hear
            shell(processes, tmp_path, script, set_alarm)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert (tmp_path / "log").read_text().split() == ["INT", "done"]


def test_an_error_of_the_reader_is_raised_after_the_command_has_ended(tmp_path: Path) -> None:
    """A bug of ours does not kill Terraform."""

    def broken(line: str) -> None:
        raise ValueError(line)

    with pytest.raises(ValueError, match="one"):
        shell(Processes(), tmp_path, "trap '' INT; echo one; sleep 0.2; touch ended", broken)
    assert (tmp_path / "ended").exists()


ORPHAN = """\
touch started
until [ -e killed ]; do sleep 0.02; done
for number in 1 2 3; do echo $number || exit; done
touch whole
for _ in $(seq 500); do [ -e end ] && exit; sleep 0.02; done
"""


def started(directory: Path, script: str) -> subprocess.Popen[bytes]:
    """Another Python that runs a command while it holds the lock of a directory, which the command inherits."""
    code = f"""\
        import os
        from ansible_collections.envforge.terraform.plugins.module_utils._files import locked_directory
        from ansible_collections.envforge.terraform.plugins.module_utils._terraform.process import Processes
        with locked_directory({str(directory)!r}) as descriptor:
            Processes().run(["/bin/sh", "-c", {script!r}], {str(directory)!r}, dict(os.environ), print, (descriptor,))
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "collections")}
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], env=environment, stdout=subprocess.DEVNULL)


def test_a_command_survives_the_death_of_its_reader(tmp_path: Path) -> None:
    """Output to a pipe that nobody reads would kill it by SIGPIPE; the lock it inherited lasts as long as it does."""
    runner = started(tmp_path, ORPHAN)
    until((tmp_path / "started").exists)
    runner.kill()
    runner.wait()
    (tmp_path / "killed").touch()
    until((tmp_path / "whole").exists)
    with pytest.raises(BlockingIOError), locked_directory(str(tmp_path)):
        pass
    (tmp_path / "end").touch()
    until(lambda: not is_locked(tmp_path))


def is_locked(directory: Path) -> bool:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def test_a_signal_to_the_group_does_not_reach_the_command(tmp_path: Path) -> None:
    """Ctrl-C at a terminal goes to everybody in it; the command has a session of its own."""
    ours = os.getsid(0)
    code = "import os; print(os.getsid(0), os.getpid())"
    theirs, pid = Processes().run([sys.executable, "-c", code], str(tmp_path), {}).stdout.split()
    assert theirs == pid != str(ours)
