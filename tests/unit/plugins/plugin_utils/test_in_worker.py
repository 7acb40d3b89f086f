# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the contract test cannot see from outside: the two translations at the border of the worker."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import date

from ansible_collections.envforge.terraform.plugins.plugin_utils import _in_worker, _plain


def test_arguments_become_plain_data() -> None:
    """As AnsiballZ sends them: dates are text, tuples lists, keys text."""
    seen = _plain.as_a_module_sees_it({"a": date(2024, 1, 2), "b": (1, None), 3: "c"})
    assert seen == {"a": "2024-01-02", "b": [1, None], "3": "c"}
    assert json.loads(json.dumps(seen)) == seen


def test_arguments_are_a_copy() -> None:
    """Core writes keys of its own into what it is handed, and a retry would see them as options."""
    given = {"nested": {"list": [1]}}
    seen = _plain.as_a_module_sees_it(given)
    assert isinstance(seen, Mapping)
    seen["nested"]["list"].append(2)
    assert given == {"nested": {"list": [1]}}


def test_results_are_masked_wherever_a_secret_stands() -> None:
    """Also inside of other text; keys, numbers and the top level's booleans stay."""
    result = {"changed": True, "msg": "it is hunter22!", "list": ["hunter22", 5, None], "nothing": None, "hunter22": 1}
    returned = _in_worker._as_a_module_returns_it(result, {"hunter22", "True"})
    assert returned["changed"] is True
    assert returned["nothing"] is None
    assert returned["msg"] == "it is ********!"
    assert returned["list"] == ["VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", 5, None]


def test_the_environment_is_as_before_after_a_task() -> None:
    """A worker goes on to the next item of a loop."""
    assert "UNIT_TEST_OF_ENVIRONMENT" not in os.environ
    action = object.__new__(_in_worker.InWorkerAction)
    action._compute_environment_string = lambda wanted: wanted.update(UNIT_TEST_OF_ENVIRONMENT=5)
    with action._environment():
        assert os.environ["UNIT_TEST_OF_ENVIRONMENT"] == "5"
    assert "UNIT_TEST_OF_ENVIRONMENT" not in os.environ
