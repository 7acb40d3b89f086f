# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door to HTTP: a request, where redirects of it lead, and why there was no answer to it."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http.client import HTTPException
from string import punctuation
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from ansible.module_utils.urls import SSLValidationError, open_url

_LARGEST = 1 << 20  # bytes of a body that are looked at
_MOST_REDIRECTS = 10
_REDIRECTS = {301, 302, 303, 307, 308}
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Request:
    """timeout is in seconds; ca_path a file of certificates to trust beside those of the system.

    headers may hold secrets: they are for the origin (scheme, host and port) of url, and sent to no other.
    """

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
    """There was none. The text is the reason.

    certificate says that it was the server's certificate that ended it, redirect that it was a redirect which leads nowhere.
    """

    def __init__(self, reason: str, *, certificate: bool = False, redirect: bool = False) -> None:
        super().__init__(reason)
        self.certificate = certificate
        self.redirect = redirect


def fetch(request: Request) -> Answer:
    """Send *request*, and go where it is redirected to when it says so. An answer of any status is an answer.

    Raises NoAnswer when there is none.
    """
    for _attempt in range(_MOST_REDIRECTS + 1):
        answer = _ask(request)
        if not request.follow_redirects or answer.status not in _REDIRECTS:
            return answer
        request = redirected(request, answer)
    raise NoAnswer(f"redirects to another address more than {_MOST_REDIRECTS} times", redirect=True)


def redirected(request: Request, answer: Answer) -> Request:
    """The request that *answer* asks for. At another origin it goes without headers, as whoever runs that must not see them.

    open_url would send all of them on, to another host and without TLS, or none even to the same one. Raises NoAnswer.
    """
    if not answer.location:
        raise NoAnswer(f"redirects to nowhere ({answer.status})", redirect=True)
    try:
        came = urlsplit(request.url)
        # http.client reads headers as Latin-1, and servers leave spaces as they are
        target = urlsplit(urljoin(request.url, quote(answer.location, safe=punctuation, encoding="latin-1")))
        stays = _origin(target) == _origin(came)
    except ValueError as error:
        raise NoAnswer(f"redirects to what is no address ({error})", redirect=True) from error
    if target.scheme not in _PORTS:
        raise NoAnswer("redirects to an address that is neither HTTP nor HTTPS", redirect=True)
    method = _method_after(answer.status, request.method)
    if not stays:
        return replace(request, url=target.geturl(), method=method, headers={})
    user, at, _host = came.netloc.rpartition("@")
    netloc = f"{user}{at}{target.netloc.rpartition('@')[2]}"
    return replace(request, url=target._replace(netloc=netloc).geturl(), method=method)


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    """Raises ValueError for a port that is no number."""
    return url.scheme, url.hostname, url.port or _PORTS.get(url.scheme)


def _method_after(status: int, method: str) -> str:
    """As browsers do, which is what RFC 9110 (15.4) allows."""
    becomes_get = status in {302, 303} or (status == 301 and method == "POST")
    return "GET" if becomes_get and method != "HEAD" else method


def _ask(request: Request) -> Answer:
    try:
        with open_url(
            request.url,
            method=request.method,
            headers=dict(request.headers),
            timeout=request.timeout,
            follow_redirects="none",
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
