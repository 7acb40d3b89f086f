# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door to processes: a command that writes state survives whatever happens to the process that started it.

Terraform dies of SIGPIPE at its first line of output after the reader of its pipe is gone: state half saved, lock left.
So its output goes to files without a name, it has a session of its own, and it gets one SIGINT, never two: a second one
makes it stop without saving (https://developer.hashicorp.com/terraform/cli/commands/apply).
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import IO, Any

from ansible_collections.envforge.terraform.plugins.module_utils._errors import EngineError, FileError

_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TICK = 0.1  # seconds between two looks at what a running command has printed


class Interrupted(BaseException):
    """A signal asked us to end; the command that was running has ended by itself, its state saved."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum

    def end_process(self) -> None:
        """End as the signal's sender meant it, only later."""
        signal.signal(self.signum, signal.SIG_DFL)
        os.kill(os.getpid(), self.signum)


@dataclass(frozen=True)
class Completed:
    """A command that has ended. stdout is empty when its lines went to on_line."""

    argv: tuple[str, ...]
    status: int
    stdout: str
    stderr: str


class Processes:
    """Runs commands one at a time and counts them."""

    def __init__(self) -> None:
        self.started = 0
        self._running: subprocess.Popen[bytes] | None = None
        self._undivided = 0  # how many parts are under way that must not be torn apart
        self._told = 0  # the signal that asked us to end
        self._passed_on = False

    def run(
        self,
        argv: list[str],
        directory: str,
        environment: Mapping[str, str],
        on_line: Callable[[str], None] | None = None,
        held: tuple[int, ...] = (),
    ) -> Completed:
        """Run *argv* to its end in *directory*; *on_line* gets each line of its standard output as it appears.

        *held* are file descriptors the command inherits: a file lock on them lasts as long as the command lives, even
        if we do not. Raises EngineError or FileError when it cannot be started; Interrupted after a signal.
        """
        if self._told:
            raise Interrupted(self._told)
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:  # 0600 and already unlinked
            process = self._start(lambda: _opened(argv, directory, environment, (output, errors), held))
            try:
                self._follow(process, output, on_line)
            except BaseException:  # also the task's timeout, which is no Exception
                self._interrupt(signal.SIGINT)
                process.wait()
                raise
            finally:
                self._running = None
            if self._told:
                raise Interrupted(self._told)
            text = "" if on_line else _text_of(output)
            return Completed(tuple(argv), process.returncode, text, _text_of(errors))

    def look(self, argv: list[str], directory: str, environment: Mapping[str, str]) -> Completed:
        """Run a command that only looks at something and is not the engine: it does not count."""
        counted = self.started
        try:
            return self.run(argv, directory, environment)
        finally:
            self.started = counted

    @contextmanager
    def stopping(self) -> Iterator[None]:
        """While this lasts, a signal is passed on once to a running command and waited for; else it raises Interrupted."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {signum: signal.signal(signum, self._stop) for signum in _STOP}
        try:
            yield
        finally:
            for signum, handler in before.items():
                signal.signal(signum, handler)

    @contextmanager
    def undivided(self) -> Iterator[None]:
        """What must not be torn apart by a signal: one that comes meanwhile raises Interrupted at the end.

        A command that is running then is told as ever, and no other is started: run() raises Interrupted.
        """
        with self._without_interruption():
            yield
        if self._told:
            raise Interrupted(self._told)

    @contextmanager
    def _without_interruption(self) -> Iterator[None]:
        self._undivided += 1
        try:
            yield
        finally:
            self._undivided -= 1

    def _start(self, command: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
        with self._without_interruption():  # the command may already run when Popen has not returned: nobody would wait
            self._running = command()
        self.started += 1
        if self._told:
            self._pass_on()
        return self._running

    def _follow(
        self, process: subprocess.Popen[bytes], output: IO[bytes], on_line: Callable[[str], None] | None
    ) -> None:
        lines = _Lines(output.fileno())
        with _watching(process) as has_ended:
            ended = False
            while not ended:
                ended = has_ended()
                for line in lines.new() if on_line else ():
                    if on_line and not self._told:  # whoever would show it may be gone
                        on_line(line)

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        if self._running is None and not self._undivided and not self._told:
            self._told = signum
            raise Interrupted(signum)
        self._interrupt(signum)

    def _interrupt(self, signum: int) -> None:
        if not self._told:
            self._told = signum
            self._pass_on()

    def _pass_on(self) -> None:
        """One SIGINT to the running command, however many ask for it."""
        if self._running is not None and not self._passed_on and self._running.poll() is None:
            self._passed_on = True
            self._running.send_signal(signal.SIGINT)


def _opened(
    argv: list[str],
    directory: str,
    environment: Mapping[str, str],
    outputs: tuple[IO[bytes], IO[bytes]],
    held: tuple[int, ...],
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - a list, never a shell
            argv,
            cwd=directory,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=outputs[0],
            stderr=outputs[1],
            start_new_session=True,
            pass_fds=held,
        )
    except OSError as error:
        if not os.path.isdir(directory):
            raise FileError(f"Running {argv[0]} failed: the directory {directory} does not exist.") from error
        raise EngineError(
            f"Running {argv[0]} failed: {error.strerror}. Set tf_binary to a terraform or tofu that runs here."
        ) from error


@contextmanager
def _watching(process: subprocess.Popen[bytes]) -> Iterator[Callable[[], bool]]:
    """A function that waits for the end of *process*, but no longer than a tick, and says whether it has ended."""
    try:
        descriptor = os.pidfd_open(process.pid)  # waits without waking up, unlike subprocess
    except (AttributeError, OSError):  # no Linux, one before 5.3, or a container that forbids it
        yield lambda: _wait(process)
        return
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        yield lambda: bool(poll.poll(_TICK * 1000)) and _wait(process)
    finally:
        os.close(descriptor)


def _wait(process: subprocess.Popen[bytes]) -> bool:
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=_TICK)
    return process.returncode is not None


class _Lines:
    """Complete lines that were appended to a file since the last look; does not move the writer's offset."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._position = 0
        self._part = b""

    def new(self) -> Iterator[str]:
        while piece := os.pread(self._descriptor, 65536, self._position):
            self._position += len(piece)
            *whole, self._part = (self._part + piece).split(b"\n")
            for line in whole:
                yield line.decode("utf-8", "replace")


def _text_of(stream: IO[Any]) -> str:
    stream.seek(0)
    text: str = stream.read().decode("utf-8", "replace")
    return text
