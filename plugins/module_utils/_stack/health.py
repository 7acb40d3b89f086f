# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The core of tf_health: asks what a stack brought into the world whether it works."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._dotenv import mapping
from ansible_collections.envforge.terraform.plugins.module_utils._errors import DotenvError, Refused, Unhealthy
from ansible_collections.envforge.terraform.plugins.module_utils._http import Answer, NoAnswer, Request, fetch
from ansible_collections.envforge.terraform.plugins.module_utils._masking import leaves, without
from ansible_collections.envforge.terraform.plugins.module_utils._stack.outputs import Outputs, read_outputs
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import working_on

Fetch = Callable[[Request], Answer]
_USER = re.compile(r"//[^/@]*@")
_REDIRECTS = range(300, 400)


@dataclass(frozen=True)
class Check:
    """One check, its expressions evaluated. shown is its URL without anything secret."""

    name: str
    shown: str
    request: Request
    status: Sequence[int]
    contains: str | None
    matches: str | None
    retries: int
    delay: float

    def told(self, **more: Any) -> dict[str, Any]:
        return {"name": self.name, "url": self.shown, **more}


def health_core(arguments: dict[str, Any], doors: Doors, get: Fetch = fetch) -> dict[str, Any]:
    """tf_health. Raises TfError: Unhealthy when the last attempt of a check did not succeed."""
    _refuse_invalid(arguments["checks"])
    with working_on(arguments, doors) as work:
        wanted = arguments["checks"]
        asked = any("${" in text for check in wanted for text in _texts(check).values())
        outputs: Outputs = read_outputs(work).outputs if asked else {}
        label = work.stack.label
    hidden = {text for one in outputs.values() if one.get("sensitive") for text in leaves(one.get("value"))}
    try:
        checks = [_check(check, outputs, hidden) for check in wanted]
    except DotenvError as error:
        if doors.check_mode:  # an output that comes with the apply
            return {"changed": False, "checks": [], "predictable": False}
        raise Refused(f"Checking the health of {label} failed: {error} Correct tf_health.") from error
    if doors.check_mode:
        return {"changed": False, "checks": [check.told(attempts=0) for check in checks], "predictable": True}
    told = [_carry_out(check, get, lambda line: doors.progress(without(line, hidden))) for check in checks]
    _demand_health(told, label, hidden)
    return {"changed": False, "checks": told, "predictable": True}


def _refuse_invalid(checks: Sequence[Mapping[str, Any]]) -> None:
    for check in checks:
        if check["retries"] < 0:
            raise Refused(
                f"Checking {check['url']} failed: retries is {check['retries']}. Set it to 0 or more in tf_health."
            )
        try:
            re.compile(check["matches"] or "")
        except re.error as error:
            raise Refused(
                f"Checking {check['url']} failed: matches is no regular expression ({error}). Correct it in tf_health."
            ) from error


def _texts(check: Mapping[str, Any]) -> dict[str, str]:
    """What may hold expressions."""
    return {"url": check["url"], **{f"headers.{name}": str(text) for name, text in (check["headers"] or {}).items()}}


def _check(check: Mapping[str, Any], outputs: Outputs, hidden: set[str]) -> Check:
    texts = mapping.expand(_texts(check), {name: one.get("value") for name, one in outputs.items()}, {})
    request = Request(
        url=texts["url"],
        method=check["method"],
        headers={name.removeprefix("headers."): text for name, text in texts.items() if name != "url"},
        timeout=check["timeout"],
        follow_redirects=check["follow_redirects"],
        validate_certs=check["validate_certs"],
        ca_path=check["ca_path"],
    )
    shown = without(_USER.sub("//", request.url), hidden)
    kept = {name: check[name] for name in ("status", "contains", "matches", "retries", "delay")}
    return Check(name=check["name"] or shown, shown=shown, request=request, **kept)


def _carry_out(check: Check, get: Fetch, progress: Callable[[str], None]) -> dict[str, Any]:
    """The check until it succeeds or has used up its attempts; reason is empty when it succeeded."""
    for attempt in range(1, check.retries + 2):
        status, reason = _attempt(check, get)
        if not reason:
            progress(f"{check.name}: healthy ({status})")
            break
        if attempt <= check.retries:
            progress(f"{check.name}: not healthy yet, it {reason.partition('.')[0]}")
            time.sleep(check.delay)
    return check.told(status=status, attempts=attempt, reason=reason)


def _attempt(check: Check, get: Fetch) -> tuple[int | None, str]:
    try:
        answer = get(check.request)
    except NoAnswer as error:
        return None, _unanswered(error)
    return answer.status, _fault(check, answer)


def _unanswered(error: NoAnswer) -> str:
    reason = str(error).rstrip(".")
    if error.certificate:
        return (
            f"has a certificate that is not trusted: {reason}. Mend the certificate, name its CA in ca_path, or set "
            "validate_certs to false."
        )
    if error.redirect:
        return f"{reason}. Check the address that is to answer, or mend the redirect."
    return f"did not answer: {reason}. See whether it runs; raise retries or delay if it takes longer to start."


def _fault(check: Check, answer: Answer) -> str:
    """What is wrong with an answer, or nothing."""
    if answer.status not in check.status:
        wanted = " or ".join(map(str, check.status))
        if answer.status in _REDIRECTS:
            where = _USER.sub("//", answer.location or "nowhere")
            return (
                f"redirects to {where} ({answer.status}). Check that address itself, or set follow_redirects to true."
            )
        return f"answered {answer.status}, not {wanted}. See its logs."
    if check.contains is not None and check.contains not in answer.body:
        return f"answered {answer.status}, but its body does not contain {check.contains!r}. See its logs."
    if check.matches is not None and not re.search(check.matches, answer.body):
        return f"answered {answer.status}, but its body does not match {check.matches!r}. See its logs."
    return ""


def _demand_health(told: Sequence[dict[str, Any]], label: str, hidden: set[str]) -> None:
    for one in told:
        one["reason"] = without(one["reason"], hidden)
    failed = [one for one in told if one["reason"]]
    if not failed:
        return
    first = failed[0]
    times = "once" if first["attempts"] == 1 else f"{first['attempts']} times"
    more = f" {len(failed) - 1} more of {len(told)} checks failed, see checks." if len(failed) > 1 else ""
    raise Unhealthy(
        f"Checking the health of {label} failed: {first['url']} was asked {times} and {first['reason']}{more}",
        checks=told,
    )
