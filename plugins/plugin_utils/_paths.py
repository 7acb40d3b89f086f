# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Relative paths: of the inventory's variables and of options, they start at tf_root."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ansible import context
from ansible.module_utils.common.validation import check_type_dict


def root() -> str:
    """The directory of the playbook named on the command line; the current one when that is a collection's playbook."""
    named = context.CLIARGS.get("args") or ()
    first = os.path.abspath(named[0]) if isinstance(named, (tuple, list)) and named else ""
    return os.path.dirname(first) if os.path.isfile(first) else os.getcwd()


def absolute_paths(
    given: dict[str, Any], options: Mapping[str, Any], variables: Mapping[str, Any], templar: Any
) -> dict[str, Any]:
    """*given* with each relative value of a path option made absolute, so that both routes mean the same file."""
    base = str(templar.template(variables["tf_root"])) if variables.get("tf_root") else root()
    return _absolute(given, options, base)


def _each(value: Any, options: Mapping[str, Any], base: str) -> Any:
    if isinstance(value, list):
        return [_absolute(check_type_dict(one), options, base) for one in value]
    return _absolute(check_type_dict(value), options, base)


def _absolute(given: dict[str, Any], options: Mapping[str, Any], base: str) -> dict[str, Any]:
    found = dict(given)
    for name, option in options.items():
        value = found.get(name)
        if option.get("type") == "path" and isinstance(value, str) and value:
            expanded = os.path.expanduser(os.path.expandvars(value))
            found[name] = os.path.normpath(os.path.join(base, expanded))
        elif value and option.get("options"):
            with suppress(TypeError):  # the validation says what is wrong with it
                found[name] = _each(value, option["options"], base)
    return found
