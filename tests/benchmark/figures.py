# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured, as a table for people and as JSON for programs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One number. target is the highest it should be; None where there is none, then the number is just told."""

    name: str
    value: float
    unit: str
    target: float | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        return "met" if self.value <= self.target else "MISSED"

    @property
    def row(self) -> tuple[str, ...]:
        target = "" if self.target is None else f"<= {self.target:g}"
        value = f"{self.value:g}" if self.value == int(self.value) else f"{self.value:.2f}"
        return self.name, f"{value} {self.unit}".rstrip(), target, self.verdict, self.note


_TITLES = ("what", "measured", "target", "verdict", "how")


def table(figures: list[Figure]) -> str:
    rows = [_TITLES, *(figure.row for figure in figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def as_data(figures: list[Figure]) -> list[dict[str, Any]]:
    return [{**asdict(figure), "verdict": figure.verdict} for figure in figures]
