# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts, finds and stops the AWS emulator of a sandbox: moto's server on a loopback port, detached from its starter.

It outlives the playbook, because what it holds is in its memory. The server inherits a file descriptor with a lock on
`alive`: while the lock is held it runs, and the process id in `record.json` is its own, not a stranger's that got the
same number later. `starting` serialises those who start and stop it. The answer is one JSON object on standard output.
"""

from __future__ import annotations

import argparse
import fcntl
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"
ATTEMPTS = 3  # a port found free may be taken by somebody else before the server binds it
PAUSE = 0.05  # seconds between two looks

# The emulator takes any credentials. These stand nowhere else: secrets are masked wherever they turn up.
ACCESS_KEY, SECRET_KEY, SESSION_TOKEN = "emulated-access-key", "emulated-secret-key", "emulated-session-token"

# A profile of our own replaces one that the user may have exported.
PROFILE = """\
[profile sandbox]
region = us-east-1
endpoint_url = {endpoint}
aws_access_key_id = {access_key}
aws_secret_access_key = {secret_key}
"""


class EmulatorError(Exception):
    """What was being done, why it failed, what to do next."""


@dataclass(frozen=True)
class Emulator:
    """A server that was started here."""

    pid: int
    port: int

    @property
    def endpoint(self) -> str:
        return f"http://{HOST}:{self.port}"

    def answers(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", "/moto-api/")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


class Place:
    """The directory of a sandbox's emulator."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.log = directory / "emulator.log"
        self.profile = directory / "aws-config"
        self._record = directory / "record.json"
        self._alive = directory / "alive"
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else starts or stops the emulator meanwhile."""
        with (self.directory / "starting").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def life(self) -> Iterator[int | None]:
        """The descriptor that makes whoever inherits it the emulator; None while there is one."""
        with self._alive.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield None
            else:
                yield lock.fileno()

    def remember(self, emulator: Emulator) -> None:
        self._record.write_text(json.dumps({"pid": emulator.pid, "port": emulator.port}))
        profile = PROFILE.format(endpoint=emulator.endpoint, access_key=ACCESS_KEY, secret_key=SECRET_KEY)
        self.profile.write_text(profile)

    def forget(self) -> None:
        self._record.unlink(missing_ok=True)

    def remembered(self) -> Emulator | None:
        try:
            return Emulator(**json.loads(self._record.read_text()))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise EmulatorError(
                f"Finding the emulator failed: {self._record} is damaged ({error}). Remove it."
            ) from error

    def running(self) -> Emulator | None:
        """The emulator that was started here and still lives, whether it answers or not."""
        with self.life() as free:
            if free is not None:
                return None
        found = self.remembered()
        if found is None:
            raise EmulatorError(
                f"Finding the emulator failed: it runs, but {self._record} is gone. End the process that holds"
                f" {self._alive} open, then try again."
            )
        return found


def start(place: Place, port: int, seconds: float) -> tuple[Emulator, bool, str]:
    """The emulator, whether it was started just now, and what the user should know. *port* 0 is any."""
    with place.alone():
        found = place.running()
        if found is None:
            lost = place.remembered()
            started = _start_on_a_free_port(place, seconds) if port == 0 else _start_on(place, port, seconds)
            return started, True, _LOST.format(place.log.with_suffix(".log.1")) if lost else ""
        if port not in {0, found.port}:
            raise EmulatorError(
                f"Starting the emulator on port {port} failed: it runs already, on port {found.port}. Leave"
                " sandbox_port out, or stop it first (sandbox_state=absent), which drops all that it holds."
            )
        if not found.answers():
            raise EmulatorError(
                f"Reaching the emulator failed: process {found.pid} runs, but does not answer at {found.endpoint}. See"
                f" {place.log}, and stop it (sandbox_state=absent)."
            )
        return found, False, ""


_LOST = "The emulator of an earlier run had ended, and all that it held is gone; its log is {}."


def _start_on_a_free_port(place: Place, seconds: float) -> Emulator:
    for _attempt in range(ATTEMPTS - 1):
        port = _free_port()
        try:
            return _start_on(place, port, seconds)
        except EmulatorError:
            if not _in_use(port):
                raise
    return _start_on(place, _free_port(), seconds)


def _start_on(place: Place, port: int, seconds: float) -> Emulator:
    if _in_use(port):
        raise EmulatorError(
            f"Starting the emulator failed: port {port} of {HOST} is in use by another program. Set sandbox_port to a"
            " free one, or leave it out to get one."
        )
    process = _launch(place, port)
    emulator = Emulator(process.pid, port)
    place.remember(emulator)
    deadline = time.monotonic() + seconds
    while not emulator.answers():
        if process.poll() is not None:
            place.forget()
            raise EmulatorError(f"Starting the emulator failed: {_last_words(place.log)} The whole log is {place.log}.")
        if time.monotonic() > deadline:
            process.kill()
            process.wait()  # until then whoever starts one finds it alive, and nothing that says where
            place.forget()
            raise EmulatorError(
                f"Starting the emulator failed: it did not answer within {seconds:g} s. See {place.log}, or allow it"
                " more time with sandbox_timeout."
            )
        time.sleep(PAUSE)
    return emulator


def _launch(place: Place, port: int) -> subprocess.Popen[bytes]:
    if place.log.exists():
        place.log.replace(place.log.with_suffix(".log.1"))
    # the user's own AWS and moto settings are no business of the emulator
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
    with place.life() as life, place.log.open("wb") as log:
        if life is None:
            raise EmulatorError(
                f"Starting the emulator failed: somebody else started one in {place.directory}. Try again."
            )
        return subprocess.Popen(  # noqa: S603 - this Python, a module of its own environment
            [sys.executable, str(Path(__file__).with_name("server.py")), "-H", HOST, "-p", str(port)],
            cwd=place.directory,
            env=inherited,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=(life,),
        )


def stop(place: Place, *, check: bool, seconds: float) -> bool:
    """Whether there was an emulator to stop. Only what was started here is ever touched."""
    with place.alone():
        found = place.running()
        if found is None or check:
            return found is not None
        for signum in (signal.SIGTERM, signal.SIGKILL):
            os.kill(found.pid, signum)
            if _gone(place, seconds):
                place.forget()
                return True
    raise EmulatorError(f"Stopping the emulator failed: process {found.pid} does not end. End it by hand.")


def _gone(place: Place, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with place.life() as free:
            if free is not None:
                return True
        time.sleep(PAUSE)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _in_use(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def _last_words(log: Path) -> str:
    text = log.read_text(errors="replace")
    if "No module named" in text:
        return f"moto's server is not installed for {sys.executable}; install it with: pip install 'moto[server]'."
    lines = text.strip().splitlines() or ["it said nothing"]
    return f"it ended at once, saying: {lines[-1]}."


def environment(place: Place, emulator: Emulator) -> dict[str, str]:
    """What makes Terraform and boto3 talk to the emulator, whatever the user's own environment says."""
    return {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_SESSION_TOKEN": SESSION_TOKEN,
        "AWS_PROFILE": "sandbox",
        "AWS_CONFIG_FILE": str(place.profile),
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": emulator.endpoint,
        "NO_PROXY": HOST,
        "no_proxy": HOST,
    }


def answer(arguments: argparse.Namespace) -> dict[str, Any]:
    """The result of the command line."""
    place = Place(arguments.directory.absolute())
    if arguments.action == "stop":
        return {"changed": stop(place, check=arguments.check, seconds=arguments.timeout)}
    emulator, changed, notice = start(place, arguments.port, arguments.timeout)
    return {
        "changed": changed,
        "notice": notice,
        "endpoint": emulator.endpoint,
        "pid": emulator.pid,
        "log": str(place.log),
        "environment": environment(place, emulator),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("action", choices=["start", "stop"])
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--timeout", type=float, default=30, help="seconds to wait for it to answer, or to end")
    parser.add_argument("--check", type=json.loads, default=False, help="true: only say whether stop would stop one")
    try:
        print(json.dumps(answer(parser.parse_args())))
    except (EmulatorError, OSError) as error:
        print(json.dumps({"changed": False, "msg": str(error)}))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
