# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment Terraform gets: owned, not inherited, wherever a variable changes what a command means."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused

# https://developer.hashicorp.com/terraform/cli/config/environment-variables
_SET = {
    "CHECKPOINT_DISABLE": "1",
    "TF_IN_AUTOMATION": "1",
    "TF_INPUT": "0",
}
_OWNED_PREFIXES = ("TF_CLI_ARGS", "TF_LOG")
_OWNED = frozenset({"TF_WORKSPACE", "TF_DATA_DIR", "TF_INPUT", "TF_REATTACH_PROVIDERS", "TF_STATE_PERSIST_INTERVAL"})


def terraform_environment(inherited: Mapping[str, str], data_dir: str, workspace: str | None) -> dict[str, str]:
    """*inherited* without what would turn one command into another, and with what we set.

    *workspace* None leaves TF_WORKSPACE out: init fails when it names a workspace that does not exist yet.
    """
    kept = {name: value for name, value in inherited.items() if not _is_owned(name)}
    chosen = {} if workspace is None else {"TF_WORKSPACE": workspace}
    return {**kept, **_SET, "TF_DATA_DIR": data_dir, **chosen}


def refuse_owned(wanted: Mapping[str, object]) -> None:
    """Raises Refused for a process_environment that sets what only the collection sets."""
    for name in wanted:
        if _is_owned(name):
            raise Refused(
                f"process_environment sets {name}, which is set by the collection itself. Remove it and use the option "
                "that means the same (workspace, data_dir, targets, replace, destroy, …)."
            )


def _is_owned(name: str) -> bool:
    return name in _OWNED or name.startswith(_OWNED_PREFIXES)
