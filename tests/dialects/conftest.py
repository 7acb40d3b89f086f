# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real readers as a fixture, started once; hypothesis set so that a run can be repeated."""

from __future__ import annotations

import os
from collections.abc import Callable

import hypothesis
import pytest

from tests.dialects.real import REAL, Absent, Read

hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=150, database=None)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=3000)
hypothesis.settings.load_profile(os.environ.get("ENVFORGE_HYPOTHESIS", "repeatable"))


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Read]:
    """The real reader of that name; the test is skipped where it is not on this machine."""
    directory = tmp_path_factory.mktemp("dialects")
    started: dict[str, Read] = {}

    def reader(name: str) -> Read:
        try:
            if name not in started:
                started[name] = REAL[name](directory)
        except Absent as absent:
            pytest.skip(f"no real reader of {name}: {absent}")
        return started[name]

    return reader
