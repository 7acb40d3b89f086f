# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real readers of .env files, one way to ask each: a text in, what it reads out, None where it refuses the text."""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

Read = Callable[[str], Mapping[str, str] | None]

INSTALLED = Path(os.environ.get("ENVFORGE_DIALECT_READERS", Path(__file__).parents[2] / ".cache" / "dialects"))
HOW_TO_INSTALL = "run tests/dialects/install"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Absent(Exception):
    """This reader is not on this machine."""


class Shell:
    """A shell that sources the text and prints its environment."""

    _SCRIPT = 'set -a; . "$1" >/dev/null 2>&1; exec "$2" -0'
    _SET_BY_ITSELF = frozenset({"PWD", "OLDPWD", "SHLVL", "_"})

    def __init__(self, name: str, directory: Path) -> None:
        self._path = directory / f"{name}.env"
        self._shell = self._find(name)
        self._env = self._find("env")

    @staticmethod
    def _find(name: str) -> str:
        found = shutil.which(name)
        if not found:
            raise Absent(f"no {name} on PATH")
        return found

    def __call__(self, text: str) -> Mapping[str, str] | None:
        self._path.write_bytes(text.encode())
        command = [self._shell, "-c", self._SCRIPT, "sh", str(self._path), self._env]
        done = subprocess.run(command, env={}, capture_output=True, check=False)
        if done.returncode:
            return None
        pairs = (entry.partition("=") for entry in done.stdout.decode().split("\0") if entry)
        return {key: value for key, _, value in pairs if key not in self._SET_BY_ITSELF}


class Answering:
    """A process that answers each line, a text in JSON, with a line of JSON."""

    def __init__(self, command: list[str]) -> None:
        # Ends by itself when its standard input closes.
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __call__(self, text: str) -> Mapping[str, str] | None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(text).encode() + b"\n")
        self._process.stdin.flush()
        found: dict[str, str] | None = json.loads(self._process.stdout.readline())
        return found


class Systemd:
    """systemd's own load_env_file(), out of the shared library of the systemd that is installed."""

    def __init__(self, directory: Path) -> None:
        libraries = sorted(Path("/usr").glob("lib*/**/systemd/libsystemd-shared-*.so"))
        if not libraries:
            raise Absent("no libsystemd-shared on this machine")
        self._library = ctypes.CDLL(str(libraries[-1]))
        self._library.strv_free.argtypes = [ctypes.c_void_p]
        self._path = directory / "systemd.env"

    def __call__(self, text: str) -> Mapping[str, str] | None:
        self._path.write_bytes(text.encode())
        found = ctypes.POINTER(ctypes.c_char_p)()
        if self._library.load_env_file(None, str(self._path).encode(), ctypes.byref(found)) < 0:
            return None
        entries: list[str] = []
        # A null pointer stands for no entry at all, a null entry for the end.
        while bool(found) and found[len(entries)] is not None:
            entries.append(found[len(entries)].decode())
        self._library.strv_free(found)
        # The manager drops what is no valid name.
        return {key: value for key, _, value in (entry.partition("=") for entry in entries) if _NAME.fullmatch(key)}


class PythonDotenv:
    """The Python package python-dotenv, in an empty environment."""

    def __init__(self, directory: Path) -> None:
        try:
            import dotenv  # noqa: PLC0415 # only some environments of the test run have it
        except ImportError:
            raise Absent("the Python package python-dotenv is not installed") from None
        self._dotenv_values = dotenv.dotenv_values
        self._path = directory / "python.env"

    def __call__(self, text: str) -> Mapping[str, str] | None:
        self._path.write_bytes(text.encode())
        inherited = dict(os.environ)
        os.environ.clear()
        try:
            found = self._dotenv_values(self._path, encoding="utf-8")
        finally:
            os.environ.update(inherited)
        return {key: value for key, value in found.items() if value is not None}


def _go(dialect: str) -> Answering:
    program = INSTALLED / "readers"
    if not program.exists():
        raise Absent(f"{program.name} is not built: {HOW_TO_INSTALL}")
    return Answering([str(program), dialect])


def _node(parsers: str) -> Answering:
    node = shutil.which("node")
    if not node or not (INSTALLED / "node" / "node_modules" / "dotenv").is_dir():
        raise Absent(f"no node, or the npm package dotenv is not installed: {HOW_TO_INSTALL}")
    return Answering([node, str(Path(__file__).parent / "node" / "read.js"), str(INSTALLED / "node"), parsers])


# Under the name that the collection gives to its model of each. dash stands for all POSIX shells.
REAL: dict[str, Callable[[Path], Read]] = {
    "bash": lambda directory: Shell("bash", directory),
    "posix": lambda directory: Shell("dash", directory),
    "python-dotenv": PythonDotenv,
    "node": lambda _: _node("both"),
    "compose": lambda _: _go("compose"),
    "docker": lambda _: _go("docker"),
    "systemd": Systemd,
}
