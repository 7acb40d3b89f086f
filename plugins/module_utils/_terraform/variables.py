# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Input variables: typed values on their way into a 0600 file, checked against what the root module declares."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._errors import RootModuleError
from ansible_collections.envforge.terraform.plugins.module_utils._files import read_text, write_atomically
from ansible_collections.envforge.terraform.plugins.module_utils._terraform import hcl
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.configuration import Configuration

_FILE = "variables.tfvars.json"  # strings in it are literal: no ${…}, no %{…}


@dataclass(frozen=True)
class Variables:
    """What the task gives: files in order of precedence, then values, then secret values. Paths are absolute."""

    files: tuple[str, ...]
    values: Mapping[str, Any]
    secrets: Mapping[str, Any]
    from_environment: Mapping[str, str]

    @property
    def given(self) -> bool:
        return bool(self.files or self.values or self.secrets or self.from_environment)

    def digest(self, key: bytes) -> str:
        """A keyed hash over all of it, contents of the files included: equal inputs, equal digest, nothing to guess from."""
        contents = [read_text(path) for path in self.files]
        text = json.dumps([contents, self.values, self.secrets, self.from_environment], sort_keys=True)
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def write(self, directory: str) -> tuple[str, ...]:
        """Write the values into a 0600 file in *directory*; the arguments for -var-file, in order of precedence."""
        values = {**self.values, **self.secrets}
        if not values:
            return self.files
        path = os.path.join(directory, _FILE)
        write_atomically(path, json.dumps(values))
        return (*self.files, path)


def variables_of(arguments: Mapping[str, Any], environment: Mapping[str, str]) -> Variables:
    """From a task's arguments; var_files are relative to project_path."""
    root = arguments["project_path"]
    wanted = [f"TF_VAR_{name}" for name in arguments["secret_variables"]]
    return Variables(
        files=tuple(os.path.normpath(os.path.join(root, os.path.expanduser(path))) for path in arguments["var_files"]),
        values=arguments["variables"],
        secrets=arguments["secret_values"],
        from_environment={name: environment[name] for name in wanted if name in environment},
    )


def check_variables(variables: Variables, configuration: Configuration, root: str) -> None:
    """Raises RootModuleError for a file that is missing or broken, and for a name that is not declared.

    Terraform only warns about an undeclared name in a file and keeps silent about one in the environment.
    """
    _demand_declared(
        [*variables.values, *variables.secrets],
        "the inventory (tf_variables, tf_secret_variables)",
        configuration,
        root,
    )
    for path in variables.files:
        _demand_declared(_names_in(path), path, configuration, root)


def _demand_declared(
    names: Sequence[str] | Mapping[str, int], source: str, configuration: Configuration, root: str
) -> None:
    if not configuration.readable:
        return
    for name in names:
        if name not in configuration.variables:
            line = f" line {names[name]}" if isinstance(names, Mapping) else ""
            declared = ", ".join(sorted(configuration.variables)) or "none"
            raise RootModuleError(
                f"Setting the variable {name} (from {source}{line}) failed: the root module {root} does not declare it. "
                f"Declared are: {declared}."
            )


def _names_in(path: str) -> dict[str, int]:
    text = read_text(path)
    if text is None:
        raise RootModuleError(f"Reading the variables file {path} (tf_var_files) failed: it does not exist.")
    try:
        if path.endswith(".json"):
            found = json.loads(text)
            if not isinstance(found, dict):
                raise RootModuleError(f"Reading the variables file {path} failed: it holds no JSON object.")
            return dict.fromkeys(found, 1)
        return {name: attribute.line for name, attribute in hcl.parse(text).attributes.items()}
    except json.JSONDecodeError as error:
        raise RootModuleError(f"Reading the variables file {path} failed: line {error.lineno}: {error.msg}.") from error
    except hcl.Unreadable:
        return {}  # Terraform will say what is wrong with it, and where
