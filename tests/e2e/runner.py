# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one task in a process of its own, as a worker or a module does, so that a test can end it in any way.

Arguments: the module, and a file with its options as JSON. With a directory and a number N besides, the process kills itself
just before its Nth change to a file below that directory, or start of a command: where no request tells the moments.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._terraform.process import Interrupted
from tests.e2e.project import run

_CHANGES = {"open", "os.chmod", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "subprocess.Popen"}


def die_at_change(directory: str, number: int) -> None:
    """The events are Python's own (https://docs.python.org/3/library/audit_events.html); each comes before what it tells."""
    counted = itertools.count(1)

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _CHANGES and _is_change(event, arguments, directory) and next(counted) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)


def _is_change(event: str, arguments: tuple[Any, ...], directory: str) -> bool:
    if event == "subprocess.Popen":
        return True
    if event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR):
        return False
    return str(arguments[0]).startswith(directory)


def main() -> int:
    module, options, *moment = sys.argv[1:]
    if moment:
        die_at_change(moment[0], int(moment[1]))
    try:
        answer = run(module, json.loads(Path(options).read_text()))
    except Interrupted as interrupted:
        interrupted.end_process()
        raise
    print(json.dumps(answer.result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
