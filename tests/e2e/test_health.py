# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health checks against a real server: what is healthy, and how each way not to be is told."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import service as services
from tests.e2e.project import CHECK, Answer, Project
from tests.e2e.service import Service

SECRET = "path-secret-4b1d"
OUTPUTS = """
output "url" {{
  value = "{url}"
}}
output "token" {{
  value     = "{secret}"
  sensitive = true
}}
"""


@pytest.fixture
def service() -> Iterator[Service]:
    with services.running() as started:
        yield started


@pytest.fixture
def applied(project: Project, service: Service) -> Project:
    project.write(OUTPUTS.format(url=service.url, secret=SECRET)).apply()
    return project


def checked(project: Project, *checks: dict[str, Any]) -> Answer:
    quick = [{"retries": 0, "delay": 0, "timeout": 2, **check} for check in checks]
    return project.health(checks=quick)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.core
def test_an_address_in_an_output_is_asked(applied: Project, service: Service) -> None:
    """Once when it is healthy; one process for all outputs."""
    answer = checked(applied, {"url": "${url}/health", "contains": "alive"}, {"url": "${url}/", "matches": "^it is"})
    assert not answer.failed, answer.result
    assert [(one["url"], one["status"], one["attempts"], one["reason"]) for one in answer["checks"]] == [
        (f"{service.url}/health", 200, 1, ""),
        (f"{service.url}/", 200, 1, ""),
    ]
    assert [path for _, path, _ in service.asked] == ["/health", "/"]
    assert (answer["changed"], answer["terraform_calls"]) == (False, 1)


def test_an_address_without_an_output_needs_no_process(applied: Project, service: Service) -> None:
    """Nothing of the stack is asked for."""
    assert checked(applied, {"url": service.url, "method": "POST"})["terraform_calls"] == 0
    assert service.asked[0][0] == "POST"


def test_a_service_has_time_to_start(applied: Project, service: Service) -> None:
    """What is not healthy yet is asked again, and no oftener than that."""
    service.answers = [(503, "", {}), (200, "starting", {}), (200, "ready", {})]
    answer = checked(applied, {"name": "shop", "url": "${url}", "contains": "ready", "retries": 5})
    assert (answer["checks"][0]["attempts"], len(service.asked)) == (3, 3)
    assert answer.shown[0] == "shop: not healthy yet, it answered 503, not 200"
    assert answer.shown[-1] == "shop: healthy (200)"


def test_a_wrong_status_is_told_with_the_wanted_ones(applied: Project, service: Service) -> None:
    """And how often it was asked; the other checks are made all the same."""
    service.answers = [(500, "", {})]
    answer = checked(applied, {"url": "${url}/a", "status": [200, 204], "retries": 2}, {"url": "${url}/b"})
    assert f"{service.url}/a was asked 3 times and answered 500, not 200 or 204." in answer.message
    assert "1 more of 2 checks failed" in answer.message
    assert [one["attempts"] for one in answer["checks"]] == [3, 1]


@pytest.mark.parametrize("wanted", [{"contains": "ready"}, {"matches": "^ready$"}], ids=["contains", "matches"])
def test_a_wrong_body_is_told_without_the_body(applied: Project, service: Service, wanted: dict[str, str]) -> None:
    """It may hold anything."""
    service.answers = [(200, "private words", {})]
    answer = checked(applied, {"url": "${url}", **wanted})
    assert "answered 200, but its body does not" in answer.message
    assert repr(next(iter(wanted.values()))) in answer.message
    assert "private" not in json.dumps(answer.result) + "".join(answer.shown)


def test_an_unreachable_address_is_told(applied: Project) -> None:
    """Nobody listens there."""
    address = f"http://127.0.0.1:{free_port()}"
    answer = checked(applied, {"url": address})
    assert f"{address} was asked once and did not answer: Connection refused. See whether it runs" in answer.message
    assert answer["checks"][0]["status"] is None


def test_an_address_that_never_answers_is_given_up(applied: Project) -> None:
    """After timeout seconds: it listens and says nothing."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        answer = checked(applied, {"url": f"http://127.0.0.1:{silent.getsockname()[1]}", "timeout": 0.2})
    assert "did not answer: it took too long." in answer.message


def test_a_redirect_is_an_answer_unless_followed(applied: Project, service: Service) -> None:
    """A login page is no health."""
    service.answers = [(302, "", {"Location": f"{service.url}/login"})]
    answer = checked(applied, {"url": "${url}"})
    assert (
        f"redirects to {service.url}/login (302). Check that address itself, or set follow_redirects" in answer.message
    )
    assert len(service.asked) == 1
    service.answers = [(302, "", {"Location": f"{service.url}/login"}), (200, "", {})]
    assert checked(applied, {"url": "${url}", "follow_redirects": True})["checks"][0]["status"] == 200


def test_a_circle_of_redirects_ends(applied: Project, service: Service) -> None:
    """Followed or not, it leads nowhere."""
    service.answers = [(301, "", {"Location": f"{service.url}/again"})]
    answer = checked(applied, {"url": "${url}", "follow_redirects": True})
    assert "was asked once and redirects to another address more than 10 times. Check the address" in answer.message
    assert len(service.asked) == 11


def test_a_redirect_to_nowhere_is_told(applied: Project, service: Service) -> None:
    """There is nothing to follow."""
    service.answers = [(302, "", {})]
    answer = checked(applied, {"url": "${url}", "follow_redirects": True})
    assert "was asked once and redirects to nowhere (302). Check the address" in answer.message


FOLLOWED = {"url": "${url}/health", "follow_redirects": True, "headers": {"Authorization": "Bearer ${token}"}}


def authorizations(service: Service) -> list[tuple[str, str | None]]:
    return [(path, headers.get("Authorization")) for _, path, headers in service.asked]


@pytest.mark.parametrize("location", ["/health/", "{url}/health/"], ids=["relative", "absolute"])
def test_headers_follow_a_redirect_to_the_same_origin(applied: Project, service: Service, location: str) -> None:
    """A service that needs a token needs it at /health/ too."""
    service.answers = [(301, "", {"Location": location.format(url=service.url)}), (200, "", {})]
    assert not checked(applied, FOLLOWED).failed
    assert authorizations(service) == [("/health", f"Bearer {SECRET}"), ("/health/", f"Bearer {SECRET}")]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_headers_do_not_follow_a_redirect_to_another_origin(applied: Project, service: Service, status: int) -> None:
    """Whoever listens at another port must not learn the token; nor is it sent after a redirect from there, back or on."""
    with services.running() as other:
        service.answers = [(status, "", {"Location": f"{other.url}/a"}), (200, "", {})]
        other.answers = [(status, "", {"Location": "/b"}), (status, "", {"Location": f"{service.url}/c"})]
        assert not checked(applied, FOLLOWED).failed
    assert authorizations(other) == [("/a", None), ("/b", None)]
    assert authorizations(service) == [("/health", f"Bearer {SECRET}"), ("/c", None)]


def test_headers_do_not_follow_a_redirect_from_https_to_http(
    applied: Project, service: Service, tmp_path: Path
) -> None:
    """Anyone on the way could read them."""
    with services.running(services.self_signed(tmp_path)) as secure:
        secure.answers = [(302, "", {"Location": f"{service.url}/plain"})]
        assert not checked(applied, {**FOLLOWED, "url": secure.url, "validate_certs": False}).failed
    assert [value for _, value in authorizations(secure)] == [f"Bearer {SECRET}"]
    assert authorizations(service) == [("/plain", None)]


def test_a_bad_certificate_is_told_and_can_be_trusted(applied: Project, tmp_path: Path) -> None:
    """By naming its CA, or by not looking at it."""
    certificate = services.self_signed(tmp_path)
    with services.running(certificate) as secure:
        answer = checked(applied, {"url": secure.url})
        assert f"{secure.url} was asked once and has a certificate that is not trusted: self" in answer.message
        assert "ca_path" in answer.message
        assert secure.asked == []
        for trust in ({"ca_path": str(certificate)}, {"validate_certs": False}):
            assert checked(applied, {"url": secure.url, **trust})["checks"][0]["status"] == 200


@pytest.mark.parametrize("address", ["not an address", "ftp//x", "http://127.0.0.1:port/", "http://"])
def test_what_is_no_address_is_told(applied: Project, address: str) -> None:
    """No traceback for a slip of the pen."""
    answer = checked(applied, {"url": address})
    assert "did not answer" in answer.message
    assert "bug" not in answer.message


def test_a_missing_output_is_named(applied: Project) -> None:
    """With the outputs there are; in check mode it may come with the apply."""
    missing = [{"url": "${alb_url}/health"}]
    message = applied.health(checks=missing).message
    assert [text in message for text in ("no output 'alb_url'", "token, url", "tf_health")] == [True] * 3
    assert applied.health(CHECK, checks=missing)["predictable"] is False


def test_an_invalid_regular_expression_is_refused(applied: Project, service: Service) -> None:
    """Before anything is asked."""
    assert "no regular expression" in checked(applied, {"url": "${url}", "matches": "("}).message
    assert service.asked == []


def test_fewer_attempts_than_one_are_refused(applied: Project, service: Service) -> None:
    """Nobody would have looked, and healthy is not what that means."""
    assert "retries is -1" in checked(applied, {"url": "${url}", "retries": -1}).message
    assert service.asked == []


def test_check_mode_asks_nobody(applied: Project, service: Service) -> None:
    """It says what would be asked."""
    answer = applied.health(CHECK, checks=[{"url": "${url}/health"}])
    assert [one["url"] for one in answer["checks"]] == [f"{service.url}/health"]
    assert service.asked == []


def test_a_sensitive_output_is_sent_and_not_shown(applied: Project, service: Service) -> None:
    """In the path, in a header, in the address of a redirect, as the user of an address."""
    service.answers = [(302, "", {"Location": f"/{SECRET}"})]
    address = service.url.replace("//", "//user:hidden-word@")
    answer = checked(
        applied,
        {"url": "${url}/${token}", "headers": {"Authorization": "Bearer ${token}"}, "retries": 1},
        {"url": address},
    )
    assert (service.asked[0][1], service.asked[0][2]["Authorization"]) == (f"/{SECRET}", f"Bearer {SECRET}")
    told = json.dumps(answer.result) + "".join(answer.shown)
    assert [text for text in (SECRET, "hidden-word") if text in told] == []
    assert "redirects to /(sensitive)" in answer.message
