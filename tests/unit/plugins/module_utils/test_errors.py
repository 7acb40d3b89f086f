# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exception tree: every kind of it is drawn, and carries what a result needs."""

from __future__ import annotations

import inspect
import json

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils import _errors as errors

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.TfError)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_is_in_the_drawing_at_its_place(kind: type[errors.TfError]) -> None:
    """The depth in the drawing is the depth in the tree."""
    (line,) = [line for line in (errors.__doc__ or "").splitlines() if kind.__name__ in line.split()]
    assert line.index(kind.__name__) == 4 * (len(kind.__mro__) - len(errors.TfError.__mro__))


def test_an_error_carries_its_message_and_its_details() -> None:
    """Details become keys of the failed result."""
    error = errors.CommandFailed("Planning failed.", rc=1, diagnostics=[])
    assert (str(error), error.details) == ("Planning failed.", {"rc": 1, "diagnostics": []})
    assert json.loads(json.dumps(error.details)) == error.details


def test_a_lock_is_a_failed_command_and_a_guard_a_refusal() -> None:
    """Whoever catches the wider kind catches these."""
    assert issubclass(errors.StateLocked, errors.CommandFailed)
    assert all(
        issubclass(kind, errors.Refused) for kind in (errors.GuardRefused, errors.PlanRefused, errors.EngineError)
    )
