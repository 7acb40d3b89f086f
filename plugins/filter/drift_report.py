# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a report of what looking for drift has found."""

from __future__ import annotations

DOCUMENTATION = r"""
name: drift_report
author: envforge.terraform authors (@envforge)
version_added: 1.1.0
short_description: A report of drift for people, for a merge request or for a CI system
description:
  - C(table) is a list of lines for a terminal, C(json), C(markdown) and C(junit) are texts.
  - In JUnit a stack that drifted is a failure, and one that could not be looked at an error.
positional: _input, form
options:
  _input:
    description: What the filter P(envforge.terraform.drifts#filter) returns.
    type: dict
    required: true
  form:
    description: The form of the report.
    type: str
    choices: [table, json, markdown, junit]
    default: table
"""

EXAMPLES = r"""
- name: Write a report for the CI system
  ansible.builtin.copy:
    content: "{{ ansible_play_hosts_all | envforge.terraform.drifts(hostvars) | envforge.terraform.drift_report('junit') }}"
    dest: drift.xml
    mode: "0644"
  run_once: true
"""

RETURN = r"""
_value:
  description: The report.
  type: raw
  sample:
    - "app      drifted  aws_sqs_queue.jobs: visibility_timeout_seconds"
    - "network  clean"
    - "total    1 clean, 1 drifted, 0 failed"
"""

from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError

from ansible_collections.envforge.terraform.plugins.module_utils._drifts import as_json, as_junit, markdown, table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_FORMS: dict[str, Callable[[Mapping[str, Any]], object]] = {
    "table": table,
    "json": as_json,
    "markdown": markdown,
    "junit": as_junit,
}


def drift_report(found: Mapping[str, Any], form: str = "table") -> object:
    if form not in _FORMS:
        raise AnsibleFilterError(f"drift_report knows the forms {', '.join(_FORMS)}, but not {form}.")
    return _FORMS[form](found)


class FilterModule:
    """What Ansible asks for filters."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"drift_report": drift_report}
