# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The core of tf_outputs_to_env: outputs and variables of a stack become keys of a .env file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._dotenv import mapping, template
from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.merge import Merged, merge
from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.parse import missing
from ansible_collections.envforge.terraform.plugins.module_utils._errors import DotenvError, FileError
from ansible_collections.envforge.terraform.plugins.module_utils._files import (
    PRIVATE_FILE,
    read_text,
    while_trying_to,
    write_atomically,
)
from ansible_collections.envforge.terraform.plugins.module_utils._masking import SENSITIVE
from ansible_collections.envforge.terraform.plugins.module_utils._stack.env_file import find_target
from ansible_collections.envforge.terraform.plugins.module_utils._stack.outputs import Read, read_outputs
from ansible_collections.envforge.terraform.plugins.module_utils._stack.prediction import predict
from ansible_collections.envforge.terraform.plugins.module_utils._stack.root_lock import taking_turns
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Work, working_on
from ansible_collections.envforge.terraform.plugins.module_utils._terraform import binding, commands
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.plan import Plan
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.progress import Progress


def outputs_to_env_core(arguments: dict[str, Any], doors: Doors) -> dict[str, Any]:
    """tf_outputs_to_env. Raises TfError; the file is then as it was. The plan file is gone on every way out."""
    with taking_turns(arguments["data_dir"], doors):
        try:
            with working_on(arguments, doors) as work:
                return _write(work, arguments)
        finally:
            if arguments["plan_file"] and not doors.check_mode:
                binding.discard(arguments["plan_file"])


def _write(work: Work, arguments: Mapping[str, Any]) -> dict[str, Any]:
    wanted = arguments["dotenv"]
    target = find_target(wanted, work.doors)
    mode = _mode(wanted["mode"])
    try:
        merged = _merged(work, arguments, target.text)
    except DotenvError as error:
        raise DotenvError(
            f"Writing {target.path} failed: {error} The file was left as it was.", **error.details
        ) from error
    changed = merged.text != target.text or mode != target.mode
    if changed and not work.doors.check_mode:
        with while_trying_to(f"create the directory of {target.path}"):
            os.makedirs(os.path.dirname(target.path), exist_ok=True)
        write_atomically(target.path, merged.text, mode, target.owner)
    if merged.duplicates:
        work.doors.warn(
            f"{target.path} had more than one line for {', '.join(merged.duplicates)}; the last one was kept."
        )
    return {
        "changed": changed or arguments["outputs_pending"],
        "predictable": not arguments["outputs_pending"],
        "dotenv_file": target.path,
        **_told(merged),
        **({"diff": _diff(merged, target.path)} if work.doors.diff else {}),
    }


def _merged(work: Work, arguments: Mapping[str, Any], text: str | None) -> Merged:
    wanted = arguments["dotenv"]
    merged = merge(text, _wanted_values(work, arguments), wanted["dialect"], prune=wanted["prune"])
    required = () if arguments["outputs_pending"] else wanted["required"]
    absent = missing(required, merged.text, wanted["dialect"])
    if absent:
        raise DotenvError(
            f"the required key {', '.join(absent)} would be missing or empty. Map it in tf_dotenv.variables, or remove it "
            "from tf_dotenv.required."
        )
    return merged


def _wanted_values(work: Work, arguments: Mapping[str, Any]) -> dict[str, str]:
    try:
        return _values_now(work, arguments)
    except DotenvError:
        if not arguments["outputs_pending"]:
            raise
        return {}  # check mode, and an output that is asked for comes with the apply


def _values_now(work: Work, arguments: Mapping[str, Any]) -> dict[str, str]:
    wanted, plan_file = arguments["dotenv"], arguments["plan_file"]
    read = read_outputs(work, plan_file)
    outputs = {name: found.get("value") for name, found in read.outputs.items()}
    found: dict[str, str] = {}
    if wanted["outputs"]:
        chosen = outputs if wanted["outputs"] == "all" else mapping.sets_of_variables(outputs)
        found.update(mapping.from_outputs(chosen, wanted["prefix"]))
    templates = wanted["variables"] or {}
    if wanted["template"]:
        text = _template(wanted["template"])
        needed = template.needed_by_template(text)
        found.update(template.render_template(text, outputs, _variables(work, read, needed, plan_file)))
    found.update(
        mapping.expand(templates, outputs, _variables(work, read, mapping.needed_variables(templates), plan_file))
    )
    return found


def _variables(work: Work, read: Read, needed: set[str] | None, plan_file: str | None) -> Mapping[str, Any]:
    """Values of input variables; *needed* None means that any may be asked for."""
    given = work.variables
    texts = {name.removeprefix("TF_VAR_"): text for name, text in given.from_environment.items()}
    known = {**given.values, **texts, **given.secrets}
    declared = set(work.configuration.variables)
    lacking = (declared if needed is None else needed & declared) - set(known)
    if read.plan is None and not lacking:
        return known
    planned = _variables_of_plan(work, plan_file) if read.plan is None else read.plan.variables
    return {**planned, **known}


def _variables_of_plan(work: Work, plan_file: str | None) -> Mapping[str, Any]:
    """All input variables, those of files and defaults included: only a plan has them. Without one, it is made for that."""
    if plan_file and os.path.exists(plan_file):
        return Plan.from_json(work.terraform.show(plan_file)).variables
    files = work.variables.write(work.directory)
    predicted = predict(
        work, lambda path: commands.Plan(path, files, refresh=False, lock=False), Progress(lambda line: None)
    )
    if predicted is None:
        raise DotenvError("the values of variables are not known before the stacks that this one reads are applied.")
    terraform, _plan, throwaway = predicted
    return Plan.from_json(terraform.show(throwaway)).variables


def _template(path: str) -> str:
    text = read_text(path)
    if text is None:
        raise FileError(f"Reading the template {path} (tf_dotenv.template) failed: it does not exist.")
    return text


def _mode(text: str) -> int:
    try:
        mode = int(str(text), 8)
    except ValueError:
        mode = -1
    if not PRIVATE_FILE <= mode <= 0o777:
        raise DotenvError(f"The mode {text} (tf_dotenv.mode) is not an octal number such as '0600' or '0640'.")
    return mode


def _told(merged: Merged) -> dict[str, list[str]]:
    return {
        "added": merged.added,
        "updated": merged.changed,  # `changed` is Ansible's own word for a result
        "removed": merged.removed,
        "duplicates": merged.duplicates,
    }


def _diff(merged: Merged, path: str) -> dict[str, str]:
    """Names only: whatever else stands in the file may be a secret as well."""
    before = [*merged.changed, *merged.removed]
    after = [*merged.changed, *merged.added]
    return {
        "before_header": path,
        "after_header": path,
        "before": "".join(f"{name}={SENSITIVE}\n" for name in sorted(before)),
        "after": "".join(
            f"{name}={SENSITIVE}{' (new value)' if name in merged.changed else ''}\n" for name in sorted(after)
        ),
    }
