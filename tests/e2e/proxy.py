# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy between Terraform and the emulator: it notes every request, and answers for the emulator when told to."""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
    """One request. operation is AWS's name for it; path holds bucket and key."""

    operation: str
    path: str
    body: bytes

    @property
    def writes(self) -> bool:
        return not self.operation.startswith(_READS)


@dataclass
class Fault:
    """What to do with requests that match, instead of passing them on; *times* None is always."""

    matches: Callable[[Request], bool]
    status: int
    times: int | None = None


@dataclass
class Proxy:
    """requests are those that arrived, in order. Not a dataclass of values: it is shared by the threads of a server."""

    target: str
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

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
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield proxy
        server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    proxy: Proxy
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(_operation(self.command, self.path, self.headers.get("X-Amz-Target"), body), self.path, body)
        self.proxy.requests.append(request)
        fault = self.proxy.fault_for(request)
        if fault is not None:
            self._answer(fault.status, *_refusal(request, fault.status))
            return
        upstream = http.client.HTTPConnection(urlsplit(self.proxy.target).netloc, timeout=30)
        upstream.request(self.command, self.path, body, {**dict(self.headers.items()), "Connection": "close"})
        answer = upstream.getresponse()
        kept = {n: v for n, v in answer.getheaders() if n.lower() not in {"connection", "transfer-encoding"}}
        self._answer(answer.status, answer.read(), kept)
        upstream.close()

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


def _refusal(request: Request, status: int) -> tuple[bytes, dict[str, str]]:
    code = "AccessDenied" if status == 403 else "InternalError"
    if request.path == "/":  # DynamoDB
        text = f'{{"__type": "com.amazon.coral.service#{code}Exception", "message": "refused by the test"}}'
        return text.encode(), {"Content-Type": "application/x-amz-json-1.0"}
    text = f"<Error><Code>{code}</Code><Message>refused by the test</Message></Error>"
    return text.encode(), {"Content-Type": "application/xml"}
