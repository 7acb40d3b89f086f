# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The core of tf_validate: what can be said of a root module without its backend and without credentials."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import CommandFailed
from ansible_collections.envforge.terraform.plugins.module_utils._files import (
    make_private_directory,
    while_trying_to,
    write_atomically,
)
from ansible_collections.envforge.terraform.plugins.module_utils._junit import Case, junit
from ansible_collections.envforge.terraform.plugins.module_utils._stack.shadow import make_shadow
from ansible_collections.envforge.terraform.plugins.module_utils._terraform import commands
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.cli import Terraform
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.configuration import read_configuration
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.diagnostics import (
    Diagnostic,
    as_data,
    errors_of,
    from_text,
    sentence_of,
)
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.engine import find_engine, read_version
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.environment import (
    refuse_owned,
    terraform_environment,
)
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.testing import TestLog, TestRun

_FORMATTED, _UNFORMATTED = 0, 3  # `fmt -check`
_TESTS = (".tftest.hcl", ".tftest.json", ".tofutest.hcl", ".tofutest.json")
_HAS_TESTS = (1, 6)
_CREDENTIALS = ("AWS_", "GOOGLE_", "ARM_", "AZURE_", "TF_TOKEN_", "VAULT_")
# where the AWS provider would look next
_NO_CREDENTIALS = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
_CHANGED_FILE = re.compile(r"^\+\+\+ new/(.*)$", re.MULTILINE)
_DIFF_OF_FILE = re.compile(r"^(.+)\n--- old/\1\n\+\+\+ new/\1\n", re.MULTILINE)  # as `fmt -diff` begins it
_VALUES = ".tfvars"  # fmt looks at these files too, and what they hold are secrets as often as not


@dataclass(frozen=True)
class Findings:
    """What was found; formatting is a diff, ready whether the module could be initialised."""

    formatting: str = ""
    unreadable: Sequence[Diagnostic] = ()
    ready: bool = True
    diagnostics: Sequence[Diagnostic] = ()
    tests: Sequence[TestRun] = ()
    broken_tests: Sequence[Diagnostic] = field(default=())

    @property
    def unformatted(self) -> list[str]:
        return _CHANGED_FILE.findall(self.formatting)

    @property
    def errors(self) -> list[Diagnostic]:
        """Those of the configuration; fmt repeats the same ones when a file cannot be read."""
        return errors_of(self.diagnostics) or errors_of(self.unreadable)

    @property
    def failed_tests(self) -> list[TestRun]:
        return [test for test in self.tests if test.failed]

    def as_data(self, diff: bool) -> dict[str, Any]:
        told = {
            "changed": False,
            "valid": not self.errors,
            "unformatted": self.unformatted,
            "diagnostics": as_data([*(self.diagnostics or self.unreadable), *self.broken_tests]),
            "tests": [test.as_data() for test in self.tests],
        }
        return {**told, **({"diff": {"prepared": self.formatting}} if diff and self.formatting else {})}


def validate_core(arguments: dict[str, Any], doors: Doors) -> dict[str, Any]:
    """tf_validate. Raises CommandFailed with everything that was found, and what read_configuration() raises."""
    refuse_owned(arguments["process_environment"])
    root = os.path.realpath(arguments["project_path"])
    read_configuration(root)
    name = arguments["stack"] or os.path.basename(root)
    with while_trying_to("create a temporary directory"):
        scratch = tempfile.TemporaryDirectory(prefix="envforge-", ignore_cleanup_errors=True)  # 0700
    with scratch as directory:
        findings = _look(_terraform(arguments, doors, root, directory, name), arguments, doors, directory)
    if arguments["junit"] and not doors.check_mode:
        with while_trying_to(f"create the directory of {arguments['junit']}"):
            os.makedirs(os.path.dirname(arguments["junit"]), exist_ok=True)
        write_atomically(arguments["junit"], junit(f"validate {name}", _cases(findings, name, arguments)), 0o644)
    _demand_success(findings, name, doors.diff)
    return findings.as_data(doors.diff)


def _terraform(arguments: Mapping[str, Any], doors: Doors, root: str, directory: str, name: str) -> Terraform:
    kept = doors.environment
    if not arguments["with_credentials"]:
        kept = {variable: value for variable, value in kept.items() if not variable.startswith(_CREDENTIALS)}
        kept = {**kept, **_NO_CREDENTIALS}
    data_dir = os.path.join(directory, "terraform")
    make_private_directory(data_dir)
    engine = find_engine(arguments["binary"], doors.environment)
    return Terraform(doors.run, engine, root, data_dir, None, kept, f"stack {name}")


def _look(terraform: Terraform, arguments: Mapping[str, Any], doors: Doors, directory: str) -> Findings:
    found = _formatting(terraform) if arguments["fmt"] else Findings()
    ready, problems = _initialised(terraform, directory)
    if ready is None:
        return replace(found, ready=False, diagnostics=problems)
    found = replace(found, diagnostics=[Diagnostic.from_json(one) for one in ready.validate().get("diagnostics") or []])
    if arguments["tests"] and not found.errors and _has_tests(terraform.root):
        return _tested(ready, found, doors)
    return found


def _formatting(terraform: Terraform) -> Findings:
    done = terraform.fmt()
    if done.status in {_FORMATTED, _UNFORMATTED}:
        return Findings(formatting=_shown(done.stdout) if done.status else "")
    return Findings(unreadable=from_text(done.stderr))


def _shown(diff: str) -> str:
    """The diff of each file that is not formatted, but never a line of a file of values."""
    _before, *found = _DIFF_OF_FILE.split(diff)
    hidden = "(its lines are not shown: they are values)\n"
    return "".join(
        f"--- old/{name}\n+++ new/{name}\n{hidden if name.endswith(_VALUES) else lines}"
        for name, lines in zip(found[::2], found[1::2], strict=True)
    )


def _initialised(terraform: Terraform, directory: str) -> tuple[Terraform | None, list[Diagnostic]]:
    """An initialised place without a backend, or why there is none. init must not write the lock file into the root module."""
    if os.path.exists(os.path.join(terraform.root, ".terraform.lock.hcl")):
        done = terraform.init(commands.Init(backend=False, lockfile_readonly=True))
        if done.status == 0:
            return terraform, []
    shadow = replace(terraform, root=make_shadow(terraform.root, directory, local_backend=False))
    done = shadow.init(commands.Init(backend=False))
    return (shadow, []) if done.status == 0 else (None, errors_of(from_text(f"{done.stdout}\n{done.stderr}")))


def _has_tests(root: str) -> bool:
    places = [place for place in (root, os.path.join(root, "tests")) if os.path.isdir(place)]
    return any(name.endswith(_TESTS) for place in places for name in os.listdir(place))


def _tested(terraform: Terraform, found: Findings, doors: Doors) -> Findings:
    environment = terraform_environment(terraform.inherited, terraform.data_dir, None)
    version = read_version(terraform.run, terraform.engine, environment)
    if version.number[:2] < _HAS_TESTS:
        doors.warn(
            f"The tests of {terraform.label} were not run: {version} has no tests yet, Terraform and OpenTofu 1.6 have."
        )
        return found
    log = TestLog()
    done = terraform.test(log.line)
    if done.status != 0 and not log.diagnostics and not log.runs:
        log.diagnostics += from_text(done.stderr)
    return replace(found, tests=log.runs, broken_tests=log.diagnostics)


def _demand_success(found: Findings, name: str, diff: bool) -> None:
    reasons = []
    if found.errors or not found.ready:
        reasons.append(sentence_of(found.errors))
    if found.unformatted:
        reasons.append(f"{', '.join(found.unformatted)} not formatted (terraform fmt does that)")
    if found.failed_tests:
        tests = ", ".join(f"{test.name} in {test.file}" for test in found.failed_tests)
        why = sentence_of([one for test in found.failed_tests for one in test.diagnostics])
        reasons.append(f"{len(found.failed_tests)} of {len(found.tests)} tests failed, {tests}: {why}")
    if errors_of(found.broken_tests):
        reasons.append(f"the tests ended with an error: {sentence_of(found.broken_tests)}")
    if reasons:
        raise CommandFailed(f"Validating stack {name} failed: {'; '.join(reasons)}.", **found.as_data(diff))


def _cases(found: Findings, name: str, arguments: Mapping[str, Any]) -> list[Case]:
    group = f"validate.{name}"
    cases = [_case(group, "validate", "failure", found.errors)]
    if arguments["fmt"]:
        message = f"not formatted: {', '.join(found.unformatted)}"
        formatted = (
            Case(group, "fmt", "failure", message, found.formatting) if found.unformatted else Case(group, "fmt")
        )
        cases.append(_case(group, "fmt", "error", found.unreadable) if found.unreadable else formatted)
    kinds = {"pass": "passed", "fail": "failure", "skip": "skipped", "pending": "skipped"}
    for test in found.tests:
        ended = _case(f"{group}.{test.file}", test.name, kinds.get(test.status, "error"), test.diagnostics)
        cases.append(replace(ended, kind=kinds.get(test.status, "error")))
    broken = errors_of(found.broken_tests)
    return [*cases, *([_case(group, "test", "error", broken)] if broken else [])]


def _case(group: str, name: str, kind: str, found: Sequence[Diagnostic]) -> Case:
    """A case that passes when nothing was found."""
    if not found:
        return Case(group, name)
    return Case(group, name, kind, sentence_of(found), "\n".join(one.sentence() for one in found))
