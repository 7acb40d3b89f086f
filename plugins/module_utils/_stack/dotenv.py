# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The core of tf_outputs_to_env: outputs and variables of a stack become keys of a .env file."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv import mapping, template
from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.merge import Merged, merge
from ansible_collections.envforge.terraform.plugins.module_utils._dotenv.parse import missing
from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import DotenvError, EngineError, FileError
from ansible_collections.envforge.terraform.plugins.module_utils._files import (
    PRIVATE_FILE,
    read_text,
    while_trying_to,
    write_atomically,
)
from ansible_collections.envforge.terraform.plugins.module_utils._masking import SENSITIVE
from ansible_collections.envforge.terraform.plugins.module_utils._stack.outputs import (
    Read,
    read_outputs,
    variables_of_plan,
)
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Work, working_on
from ansible_collections.envforge.terraform.plugins.module_utils._terraform import binding

_TRACKED, _UNTRACKED = 0, 1  # `git ls-files --error-unmatch`


@dataclass(frozen=True)
class _Target:
    """The file to write: path is the real one, behind any link; owner and mode are those it has now."""

    path: str
    text: str | None
    owner: tuple[int, int] | None
    mode: int | None


def outputs_to_env_core(arguments: dict[str, Any], doors: Doors) -> dict[str, Any]:
    """tf_outputs_to_env. Raises TfError; the file is then as it was. The plan file is gone on every way out."""
    try:
        with working_on(arguments, doors) as work:
            return _write(work, arguments)
    finally:
        if arguments["plan_file"] and not doors.check_mode:
            binding.discard(arguments["plan_file"])


def _write(work: Work, arguments: Mapping[str, Any]) -> dict[str, Any]:
    wanted = arguments["dotenv"]
    target = _target(work, wanted)
    mode = _mode(wanted["mode"])
    merged = merge(target.text, _wanted_values(work, arguments), wanted["dialect"], prune=wanted["prune"])
    required = () if arguments["outputs_pending"] else wanted["required"]
    absent = missing(required, merged.text, wanted["dialect"])
    if absent:
        raise DotenvError(
            f"Writing {target.path} failed: the required key {', '.join(absent)} would be missing or empty. Map it in "
            "tf_dotenv.variables, or remove it from tf_dotenv.required. The file was left as it was."
        )
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
    if wanted["outputs"] == "all":
        found.update(mapping.from_outputs(outputs, wanted["prefix"]))
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
    if read.plan is not None:
        return {**read.plan.variables, **known}
    if needed is None:
        needed = set(work.configuration.variables) if plan_file else set()
    if needed <= set(known) or not (needed & set(work.configuration.variables)):
        return known
    return {**variables_of_plan(work, plan_file), **known}


def _template(path: str) -> str:
    text = read_text(path)
    if text is None:
        raise FileError(f"Reading the template {path} (tf_dotenv.template) failed: it does not exist.")
    return text


def _target(work: Work, wanted: Mapping[str, Any]) -> _Target:
    path = os.path.realpath(wanted["path"])
    if os.path.isdir(path):
        raise FileError(
            f"Writing {path} failed: it is a directory. Set tf_dotenv.path to a file in it, such as {path}/.env."
        )
    if not wanted["allow_tracked"]:
        _refuse_tracked(work.doors, path)
    if os.path.islink(wanted["path"]):
        work.doors.warn(f"{wanted['path']} is a link; the file it leads to, {path}, is the one that is written.")
    try:
        with while_trying_to(f"read {path}"):
            status = os.stat(path)
    except FileError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return _Target(path, None, None, None)
        raise
    _refuse_unwritable(path)
    return _Target(path, read_text(path), (status.st_uid, status.st_gid), stat.S_IMODE(status.st_mode))


def _refuse_unwritable(path: str) -> None:
    if not os.access(path, os.W_OK) or not os.access(os.path.dirname(path), os.W_OK):
        raise FileError(
            f"Writing {path} failed: this user may not write it. Give it the permission, or set another tf_dotenv.path."
        )


def _refuse_tracked(doors: Doors, path: str) -> None:
    """Raises FileError for a file that git tracks: the next commit would publish its secrets."""
    directory = _existing(os.path.dirname(path))
    if not _in_repository(directory):
        return
    environment = {name: value for name, value in doors.environment.items() if not name.startswith("GIT_")}
    try:
        asked = doors.look(["git", "-C", directory, "ls-files", "--error-unmatch", "--", path], "/", environment)
    except EngineError:
        return  # no git here: nobody commits from this machine
    if asked.status == _TRACKED:
        raise FileError(
            f"Writing {path} failed: git tracks it, and the next commit would publish its values. Run git rm --cached on it "
            "and add it to .gitignore, or set tf_dotenv.allow_tracked."
        )
    if asked.status != _UNTRACKED:
        doors.warn(f"Whether git tracks {path} could not be found out (git ls-files exited with {asked.status}).")


def _existing(directory: str) -> str:
    while not os.path.isdir(directory):
        directory = os.path.dirname(directory)
    return directory


def _in_repository(directory: str) -> bool:
    while directory != os.path.dirname(directory):
        if os.path.exists(os.path.join(directory, ".git")):
            return True
        directory = os.path.dirname(directory)
    return False


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
