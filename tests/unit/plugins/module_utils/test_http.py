# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request that a redirect asks for: where it goes, how, and whether headers go along."""

from __future__ import annotations

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._http import Answer, NoAnswer, Request, redirected

HEADERS = {"Authorization": "Bearer planted-secret", "Accept": "text/plain"}


def after(url: str, location: str | None, status: int = 302, method: str = "GET") -> Request:
    return redirected(Request(url, method, HEADERS, follow_redirects=True), Answer(status, location=location))


@pytest.mark.parametrize(
    ("url", "location", "asked"),
    [
        ("http://a.example/health", "/health/", "http://a.example/health/"),
        ("http://a.example/x/health", "up?full=1", "http://a.example/x/up?full=1"),
        ("http://a.example:80/health", "http://A.example/health/", "http://A.example/health/"),
        ("https://a.example/health", "https://a.example:443/", "https://a.example:443/"),
        ("https://[::1]:8443/health", "//[::1]:8443/up", "https://[::1]:8443/up"),
        ("https://ada:word@a.example/health", "https://a.example/up", "https://ada:word@a.example/up"),
        ("http://a.example/health", "/all is\u00c3\u00a9 well", "http://a.example/all%20is%C3%A9%20well"),
    ],
)
def test_the_same_origin_gets_the_headers(url: str, location: str, asked: str) -> None:
    """The default port is a port like others, a name has no case, and a user of the address stays its user."""
    found = after(url, location)
    assert (found.url, found.headers) == (asked, HEADERS)


@pytest.mark.parametrize(
    "location",
    [
        "https://b.example/health",
        "//b.example/health",
        "https://sub.a.example/health",
        "https://a.example:8443/health",
        "http://a.example/health",
        "http://a.example:443/health",
        "https://a.example@b.example/health",
    ],
)
def test_another_origin_gets_no_header(location: str) -> None:
    """Another host, another port, or no TLS; the user of the first address is not named to it either."""
    found = after("https://ada:word@a.example/health", location)
    assert found.headers == {}
    assert "word" not in found.url


@pytest.mark.parametrize(
    ("status", "method", "next_method"),
    [
        (301, "GET", "GET"),
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "POST", "GET"),
        (307, "POST", "POST"),
        (308, "POST", "POST"),
        (301, "HEAD", "HEAD"),
        (302, "HEAD", "HEAD"),
        (303, "HEAD", "HEAD"),
    ],
)
def test_the_method_is_that_of_browsers(status: int, method: str, next_method: str) -> None:
    """At the same origin and at another one."""
    for location in ("/up", "http://b.example/up"):
        assert after("http://a.example/", location, status, method).method == next_method


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        (None, "redirects to nowhere (302)"),
        ("", "redirects to nowhere (302)"),
        ("file:///etc/passwd", "redirects to an address that is neither HTTP nor HTTPS"),
        ("ftp://a.example/", "redirects to an address that is neither HTTP nor HTTPS"),
        ("http://a.example:port/", "redirects to what is no address"),
        ("http://[::1/", "redirects to what is no address"),
    ],
)
def test_a_redirect_that_leads_nowhere_is_told(location: str | None, reason: str) -> None:
    """The reason goes on where a check's message left off."""
    with pytest.raises(NoAnswer) as raised:
        after("http://a.example/", location)
    assert str(raised.value).startswith(reason)
    assert raised.value.redirect
