# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The doors a core function gets: everything outside of it that it may touch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Aws, Connection, connect
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.process import Completed, Processes


class Run(Protocol):
    """Runs a command to its end (see Processes.run); tests pass a fake."""

    def __call__(
        self,
        argv: list[str],
        directory: str,
        environment: Mapping[str, str],
        on_line: Callable[[str], None] | None = None,
        held: tuple[int, ...] = (),
    ) -> Completed: ...


@dataclass(frozen=True)
class Doors:
    """What both routes hand to a core.

    progress shows one line to the user at once and must get nothing secret; warn adds a warning to the result.
    run starts the engine and is counted, look starts a command that only looks at something; undivided keeps signals away
    from what must not be torn apart (see Processes.undivided).
    environment is what this process inherited, the task's `environment:` and process_environment included.
    """

    check_mode: bool
    diff: bool
    progress: Callable[[str], None]
    warn: Callable[[str], None]
    environment: Mapping[str, str]
    run: Run
    look: Callable[[list[str], str, Mapping[str, str]], Completed]
    aws: Callable[[Connection], Aws]
    undivided: Callable[[], AbstractContextManager[None]]


Core = Callable[[dict[str, Any], Doors], dict[str, Any]]


def real_doors(
    processes: Processes,
    *,
    check_mode: bool,
    diff: bool,
    progress: Callable[[str], None],
    warn: Callable[[str], None],
    environment: Mapping[str, str],
) -> Doors:
    """The doors to the real world; *processes* counts what it starts."""
    return Doors(
        check_mode, diff, progress, warn, environment, processes.run, processes.look, connect, processes.undivided
    )
