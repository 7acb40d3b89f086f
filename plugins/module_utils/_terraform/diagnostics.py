# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Terraform's diagnostics as values: from the events of `-json` commands, or from the text of the others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Diagnostic:
    """One warning or error. file is relative to the root module; address is the resource concerned, if any.

    reads are the references whose values made the expression fail, as Terraform spells them.
    """

    severity: str
    summary: str
    detail: str = ""
    file: str | None = None
    line: int | None = None
    address: str | None = None
    reads: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Diagnostic:
        """From the `diagnostic` of an event (https://developer.hashicorp.com/terraform/internals/machine-readable-ui)."""
        place = found.get("range") or {}
        return cls(
            severity=str(found.get("severity", "error")),
            summary=str(found.get("summary", "")),
            detail=str(found.get("detail") or ""),
            file=place.get("filename"),
            line=(place.get("start") or {}).get("line"),
            address=found.get("address"),
            reads=tuple(str(value.get("traversal", "")) for value in (found.get("snippet") or {}).get("values") or []),
        )

    def as_dict(self) -> dict[str, Any]:
        """What is told of it: reads are for deciding only."""
        told = asdict(self)
        del told["reads"]
        return told

    def sentence(self) -> str:
        """Summary, place, and the detail on one line."""
        place = f" ({self.file} line {self.line})" if self.file else f" ({self.address})" if self.address else ""
        detail = " ".join(self.detail.split())
        return f"{self.summary}{place}{': ' + detail if detail else ''}"


def errors_of(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    return [diagnostic for diagnostic in found if diagnostic.severity == "error"]


def as_data(found: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    return [diagnostic.as_dict() for diagnostic in found]


def sentence_of(found: Sequence[Diagnostic]) -> str:
    """One error in full, and how many more there are; warnings only when there is no error.

    The first that names a place: an init that failed begins with one that only says that others follow.
    """
    chosen = errors_of(found) or list(found)
    if not chosen:
        return "it gave no reason"
    told = next((diagnostic for diagnostic in chosen if diagnostic.file or diagnostic.address), chosen[0])
    more = f" (and {len(chosen) - 1} more, see diagnostics)" if len(chosen) > 1 else ""
    return told.sentence().rstrip(".") + more + _way_out(told)


def _way_out(told: Diagnostic) -> str:
    """What to do about an error of AWS whose own words do not say it."""
    words = re.findall(r"\w+", f"{told.summary} {told.detail}")
    return next((f"; {advice}" for code, advice in _ADVICE.items() if code in words), "")


# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList
_ADVICE = {
    "BucketAlreadyExists": "bucket names are unique in all of AWS: set your own name in the variable that it comes from",
    "BucketAlreadyOwnedByYou": "the account has that bucket: import it (tf_imports), or set another name in the variable",
}
_START = re.compile(r"^(?:[╷│╵]\s*)?(Error|Warning): (.*)$")
_PLACE = re.compile(r"^\s*on (\S.*) line (\d+)(?:, in .*)?:?$")
_SOURCE_LINE = re.compile(r"^\s+\d+:")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def from_text(text: str) -> list[Diagnostic]:
    """From what commands without -json print (shown to people, never decided on)."""
    found: list[Diagnostic] = []
    block: list[str] = []
    plain = _COLOUR.sub("", text)
    for line in [*(raw.rstrip().removeprefix("│").removeprefix(" ") for raw in plain.splitlines()), "Error: end"]:
        if _START.match(line):
            found += _block(block)
            block = [line]
        elif block and line not in {"╷", "╵"}:
            block.append(line)
    return found


def from_plain_text(text: str) -> list[Diagnostic]:
    """From the bare words in which some commands (`state pull`) tell of an error."""
    words = " ".join(_COLOUR.sub("", text).split())
    return [Diagnostic("error", words)] if words else []


def _block(lines: list[str]) -> list[Diagnostic]:
    start = _START.match(lines[0]) if lines else None
    if start is None:
        return []
    place = next((match for match in map(_PLACE.match, lines[1:]) if match), None)
    rest = [
        line.replace("│ ", "").replace("├", "").replace("─", "")  # the frame of values that made an expression fail
        for line in lines[1:]
        if line.strip(" ├─") and not _PLACE.match(line) and not _SOURCE_LINE.match(line)
    ]
    return [
        Diagnostic(
            severity=start.group(1).lower(),
            summary=start.group(2),
            detail="\n".join(rest),
            file=place.group(1) if place else None,
            line=int(place.group(2)) if place else None,
        )
    ]
