# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command lines: options are values, argv a pure function of them. No value of a variable is ever among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_QUIET = ("-no-color",)


@dataclass(frozen=True)
class Init:
    """`init`, which reconfigures, so that nothing is ever migrated by accident; only a `cloud` block does not know that."""

    backend_config_file: str | None = None
    lockfile_readonly: bool = False
    backend: bool = True
    reconfigure: bool = True

    def argv(self) -> list[str]:
        return [
            "init",
            *_QUIET,
            "-input=false",
            *(["-reconfigure"] if self.reconfigure else []),
            *([] if self.backend else ["-backend=false"]),
            *([f"-backend-config={self.backend_config_file}"] if self.backend_config_file else []),
            *(["-lockfile=readonly"] if self.lockfile_readonly else []),
        ]


@dataclass(frozen=True)
class Plan:
    """`plan -json -detailed-exitcode`: status 0 no changes, 1 failure, 2 changes."""

    out: str
    var_files: tuple[str, ...] = ()
    destroy: bool = False
    refresh: bool = True
    refresh_only: bool = False
    targets: tuple[str, ...] = ()
    replace: tuple[str, ...] = ()
    lock: bool = True
    lock_timeout: int = 0
    parallelism: int | None = None
    generate_config_out: str | None = None

    def argv(self) -> list[str]:
        return [
            "plan",
            "-json",
            *_QUIET,
            "-input=false",
            "-detailed-exitcode",
            f"-out={self.out}",
            *_lock(self.lock, self.lock_timeout),
            *(["-destroy"] if self.destroy else []),
            *([] if self.refresh else ["-refresh=false"]),
            *(["-refresh-only"] if self.refresh_only else []),
            *(f"-target={address}" for address in self.targets),
            *(f"-replace={address}" for address in self.replace),
            *_parallelism(self.parallelism),
            *([f"-generate-config-out={self.generate_config_out}"] if self.generate_config_out else []),
            *(f"-var-file={path}" for path in self.var_files),
        ]


@dataclass(frozen=True)
class Apply:
    """`apply -json PLANFILE`; var_files only for ephemeral variables, which a plan file does not hold."""

    plan_file: str
    var_files: tuple[str, ...] = ()
    lock_timeout: int = 0
    parallelism: int | None = None

    def argv(self) -> list[str]:
        return [
            "apply",
            "-json",
            *_QUIET,
            "-input=false",
            *_lock(True, self.lock_timeout),
            *_parallelism(self.parallelism),
            *(f"-var-file={path}" for path in self.var_files),
            self.plan_file,
        ]


def show(plan_file: str) -> list[str]:
    return ["show", "-json", *_QUIET, plan_file]


def fmt() -> list[str]:
    """Status 3 for files that are not formatted. Without their names there would be no diff either."""
    return ["fmt", *_QUIET, "-check", "-diff", "-recursive"]


def validate() -> list[str]:
    return ["validate", "-json", *_QUIET]


def test() -> list[str]:
    return ["test", "-json", *_QUIET]


def output() -> list[str]:
    return ["output", "-json", *_QUIET]


@dataclass(frozen=True)
class Import:
    """`import` into the state of a local backend; it has no -json."""

    address: str
    id: str
    var_files: tuple[str, ...] = ()

    def argv(self) -> list[str]:
        files = [f"-var-file={path}" for path in self.var_files]
        return ["import", *_QUIET, "-input=false", *files, "--", self.address, self.id]


def show_state() -> list[str]:
    return ["show", "-json", *_QUIET]


def state_pull() -> list[str]:
    return ["state", "pull"]


def state_move(state_file: str, source: str, destination: str) -> list[str]:
    return ["state", "mv", f"-state={state_file}", "--", source, destination]


def state_remove(state_file: str, addresses: Sequence[str]) -> list[str]:
    return ["state", "rm", f"-state={state_file}", "--", *addresses]


def _lock(lock: bool, timeout: int) -> list[str]:
    return [f"-lock-timeout={timeout}s"] if lock else ["-lock=false"]


def _parallelism(number: int | None) -> list[str]:
    return [] if number is None else [f"-parallelism={number}"]
