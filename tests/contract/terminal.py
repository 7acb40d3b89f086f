# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person at a terminal: reads what a command shows, and types answers."""

from __future__ import annotations

import os
import pty
import select
import termios
import time
from collections.abc import Mapping
from pathlib import Path

_DEADLINE = 300.0  # seconds
_LISTENS = 10.0  # seconds that a prompt has to make the terminal ready, once it is shown
_FLUSHED = 0.2  # seconds from there until it has thrown away what was typed before


def at_terminal(
    command: list[str], environment: Mapping[str, str], directory: Path, answers: Mapping[str, str]
) -> tuple[int, str]:
    """Exit status of *command* and all it showed; whenever a key of *answers* appears, its value is typed."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(directory)
        os.execve(command[0], command, dict(environment))
    shown, typed_until = b"", 0
    deadline = time.monotonic() + _DEADLINE
    try:
        while piece := _read(terminal, deadline):
            shown += piece
            for prompt, answer in answers.items():
                position = shown.find(prompt.encode(), typed_until)
                if position >= 0:
                    typed_until = position + len(prompt)
                    _wait_until_it_listens(terminal)
                    os.write(terminal, f"{answer}\r".encode())
    finally:
        os.close(terminal)  # hangs up, should it still wait for an answer
        status = os.waitpid(child, 0)[1]
    return os.waitstatus_to_exitcode(status), shown.decode()


def _wait_until_it_listens(terminal: int) -> None:
    """A prompt is shown before it takes the terminal over: it first turns the echo or the editing of lines off, then flushes.

    What is typed before is echoed, or lost. One that does neither is answered at last, too.
    """
    deadline = time.monotonic() + _LISTENS
    untouched = termios.ECHO | termios.ICANON
    while termios.tcgetattr(terminal)[3] & untouched == untouched and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(_FLUSHED)


def _read(terminal: int, deadline: float) -> bytes:
    """The next piece, nothing at the end. Raises TimeoutError."""
    if not select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))[0]:
        raise TimeoutError("the command waits for something that nobody types")
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that the other side has closed
        return b""
