# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy between Terraform and the emulator: it notes every request, and answers for the emulator when told to."""

from __future__ import annotations

import http.client
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

_READS = ("Get", "Head", "List", "Describe", "Query", "Scan")
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html, as far as Terraform and this collection use it
_OBJECT = {"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
_BUCKET = {"GET": "ListObjects", "HEAD": "HeadBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket"}


@dataclass(frozen=True)
class Request:
    """One request. operation is AWS's name for it; path holds bucket and key, headers has names in lower case."""

    operation: str
    path: str
    body: bytes
    headers: Mapping[str, str]

    @property
    def writes(self) -> bool:
        return not self.operation.startswith(_READS)

    @property
    def kind(self) -> str:
        """The operation, and what tells it from the others of a task whatever the names of the objects are."""
        marks = {"digest": b"-md5" in self.body, "version": "versionId=" in self.path, "engine": "x-id=" in self.path}
        return " ".join([self.operation, *(name for name, has in marks.items() if has)])


@dataclass(frozen=True)
class Trouble:
    """An answer in the emulator's stead: an error, or after *seconds* of silence none at all (the connection is reset).

    With carried_out the request arrived: only its answer is lost.
    """

    status: int
    code: str = ""
    seconds: float = 0.0
    carried_out: bool = False

    @property
    def resets(self) -> bool:
        return self.status == 0


# what AWS does to its clients, with S3's and DynamoDB's own codes
TROUBLES = {
    "500": Trouble(500, "InternalError"),
    "SlowDown": Trouble(503, "SlowDown"),
    "throttling": Trouble(400, "ThrottlingException"),
    "timeout": Trouble(0, seconds=1.3),
    "reset": Trouble(0),
    "AccessDenied": Trouble(403, "AccessDenied"),
}


@dataclass
class Fault:
    """What to do with requests that match, instead of passing them on; *times* None is always."""

    matches: Callable[[Request], bool]
    status: int
    times: int | None = None
    trouble: Trouble | None = None

    def made(self) -> Trouble:
        return self.trouble or Trouble(self.status, "AccessDenied" if self.status == 403 else "InternalError")


@dataclass
class Proxy:
    """requests are those that arrived, in order. Not a dataclass of values: it is shared by the threads of a server."""

    target: str
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    before_answer: Callable[[int], None] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def operations(self) -> list[str]:
        return [request.operation for request in self.requests]

    @property
    def writes(self) -> list[str]:
        return [f"{request.operation} {request.path}" for request in self.requests if request.writes]

    def refuse(self, operation: str, containing: str = "", status: int = 403, times: int | None = None) -> None:
        """Answer *status* to an operation whose path or body contains a text."""
        wanted = containing.encode()
        self.faults.append(
            Fault(
                lambda request: (
                    request.operation == operation and (containing in request.path or wanted in request.body)
                ),
                status,
                times,
            )
        )

    def trouble(self, kind: str, number: int, trouble: Trouble, times: int | None = None) -> list[Request]:
        """From the *number*th request of a kind on, counted from 1, be in trouble with it and all that ask the same of the same.

        What is returned fills with the requests that met the trouble.
        """
        met: list[Request] = []

        def matches(request: Request) -> bool:
            if met:
                known = (request.kind, request.path) == (met[0].kind, met[0].path)
            else:
                known = request.kind == kind and len([1 for each in self.requests if each.kind == kind]) >= number
            met.extend([request] if known else [])
            return known

        self.faults.append(Fault(matches, trouble.status, times, trouble))
        return met

    def lose_answers(self) -> list[Request]:
        """Carry out every request that writes, and lose its answer the first time that it is sent. Fills with these requests."""
        met: list[Request] = []

        def matches(request: Request) -> bool:
            sent = [(each.operation, each.path, each.body) for each in met]
            first = request.writes and (request.operation, request.path, request.body) not in sent
            met.extend([request] if first else [])
            return first

        self.faults.append(Fault(matches, 0, trouble=Trouble(0, carried_out=True)))
        return met

    def watch(self, seen: Callable[[Request], object]) -> None:
        """Call *seen* with every request before it is passed on."""
        self.faults.append(Fault(lambda request: bool(seen(request)) and False, 500))

    def heal(self) -> None:
        self.faults.clear()

    def fault_for(self, request: Request) -> Fault | None:
        for fault in self.faults:
            if fault.times != 0 and fault.matches(request):
                fault.times = None if fault.times is None else fault.times - 1
                return fault
        return None


@contextmanager
def running(target: str) -> Iterator[Proxy]:
    """A proxy in front of the server at *target*, on a free port of the loopback interface."""
    proxy = Proxy(target)
    handler = type("Handler", (_Handler,), {"proxy": proxy})
    with _Server(("127.0.0.1", 0), handler) as server:
        proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield proxy
        server.shutdown()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed, or whose connection was cut on purpose, is no error of a test."""


class _Handler(BaseHTTPRequestHandler):
    proxy: Proxy
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        operation = _operation(self.command, self.path, self.headers.get("X-Amz-Target"), body)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(operation, self.path, body, headers)
        with self.proxy.lock:
            number = len(self.proxy.requests)
            self.proxy.requests.append(request)
        fault = self.proxy.fault_for(request)
        trouble = fault.made() if fault is not None else None
        if trouble is None or trouble.carried_out:
            answer = self._carried_out(body)
        if trouble is not None:
            self._make_trouble(request, trouble)
            return
        if self.proxy.before_answer is not None:
            self.proxy.before_answer(number)
        self._answer(*answer)

    def _carried_out(self, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        with closing(http.client.HTTPConnection(urlsplit(self.proxy.target).netloc, timeout=30)) as upstream:
            upstream.request(self.command, self.path, body, {**dict(self.headers.items()), "Connection": "close"})
            answer = upstream.getresponse()
            kept = {n: v for n, v in answer.getheaders() if n.lower() not in {"connection", "transfer-encoding"}}
            return answer.status, answer.read(), kept

    def _make_trouble(self, request: Request, trouble: Trouble) -> None:
        time.sleep(trouble.seconds)
        if not trouble.resets:
            self._answer(trouble.status, *_refusal(request, trouble))
            return
        # closed with unsent data thrown away: the client's system reports a reset
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() != "content-length" or self.command == "HEAD":
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing on stderr: requests are in the proxy's list."""


def _operation(method: str, path: str, target: str | None, body: bytes) -> str:
    if target:
        return target.rpartition(".")[2]
    action = re.search(rb"(?:^|&)Action=(\w+)", body)
    if action:
        return action[1].decode()
    place = urlsplit(path)
    has_key = place.path.strip("/").count("/") > 0
    asked = next(iter(parse_qs(place.query, keep_blank_values=True)), "")
    if not has_key and asked in {"versioning", "versions", "policy", "lifecycle", "encryption", "tagging"}:
        return f"{'Get' if method == 'GET' else method.title()}Bucket{asked.title()}"
    return (_OBJECT if has_key else _BUCKET).get(method, method)


def _refusal(request: Request, trouble: Trouble) -> tuple[bytes, dict[str, str]]:
    if urlsplit(request.path).path == "/" and not request.operation.startswith("List"):  # DynamoDB
        kind = trouble.code if trouble.code.endswith("Exception") else f"{trouble.code}Exception"
        text = f'{{"__type": "com.amazon.coral.service#{kind}", "message": "refused by the test"}}'
        return text.encode(), {"Content-Type": "application/x-amz-json-1.0"}
    text = f"<Error><Code>{trouble.code}</Code><Message>refused by the test</Message></Error>"
    return text.encode(), {"Content-Type": "application/xml"}
