# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door to HTTP: one request, and why there was no answer to it."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from urllib.error import HTTPError, URLError

from ansible.module_utils.urls import SSLValidationError, open_url

_LARGEST = 1 << 20  # bytes of a body that are looked at


@dataclass(frozen=True)
class Request:
    """timeout is in seconds; ca_path a file of certificates to trust beside those of the system."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 10
    follow_redirects: bool = False
    validate_certs: bool = True
    ca_path: str | None = None


@dataclass(frozen=True)
class Answer:
    """location is where a redirect leads."""

    status: int
    body: str = ""
    location: str | None = None


class NoAnswer(Exception):
    """There was none; certificate says that it was the server's certificate that ended it. The text is the reason."""

    def __init__(self, reason: str, *, certificate: bool = False) -> None:
        super().__init__(reason)
        self.certificate = certificate


def fetch(request: Request) -> Answer:
    """Send *request* once. An answer of any status is an answer; raises NoAnswer when there is none."""
    try:
        with open_url(
            request.url,
            method=request.method,
            headers=dict(request.headers),
            timeout=request.timeout,
            follow_redirects="all" if request.follow_redirects else "none",
            validate_certs=request.validate_certs,
            ca_path=request.ca_path,
            use_netrc=False,  # a request carries what the inventory says, and nothing of whoever runs it
            http_agent="envforge.terraform",
        ) as response:
            return Answer(response.status, response.read(_LARGEST).decode("utf-8", "replace"))
    except HTTPError as error:
        with error:
            return Answer(error.code, _body_of(error), error.headers.get("Location"))
    except (URLError, SSLValidationError, HTTPException, OSError, ValueError) as error:
        raise _no_answer(error) from error


def _body_of(error: HTTPError) -> str:
    try:
        return error.read(_LARGEST).decode("utf-8", "replace")
    except (HTTPException, OSError, ValueError):  # some redirects come without a readable one
        return ""


def _no_answer(error: Exception) -> NoAnswer:
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return NoAnswer(str(cause.verify_message or cause), certificate=True)
    if isinstance(cause, (ssl.SSLError, SSLValidationError)):
        return NoAnswer(str(cause), certificate=isinstance(cause, SSLValidationError))
    if isinstance(cause, TimeoutError):
        return NoAnswer("it took too long")
    reason = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
    return NoAnswer(reason or type(cause).__name__)
