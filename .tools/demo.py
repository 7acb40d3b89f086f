# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: plays site.yml on the sandbox, then shows what came of it (`make demo`), or removes it (`make demo-clean`).

`make demo-aws` does the same with five systems and the real AWS provider, against the same emulator.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import providers

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "collections"))

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv import parse  # noqa: E402 - see above

SANDBOX, SYSTEMS = "inventories/sandbox", "inventories/emulated"
# all live on one emulator, so all end with it
INVENTORIES = (SANDBOX, "inventories/sandbox-prod", SYSTEMS)
KEPT = Path(".envforge")
EMULATOR = KEPT / "emulator"


@dataclass(frozen=True)
class Stack:
    """A host of the inventory with its variables, as they stand there: not templated."""

    name: str
    variables: dict[str, Any]

    @property
    def dotenv(self) -> Path | None:
        path = (self.variables.get("tf_dotenv") or {}).get("path")
        return Path(path) if path else None

    @property
    def state_key(self) -> str:
        """Where the S3 backend stores the state of a workspace."""
        workspace = self.variables.get("tf_workspace", "default")
        return ("" if workspace == "default" else f"env:/{workspace}/") + str(self.variables["tf_backend_key"])

    def is_secret(self, key: str, sensitive: set[str]) -> bool:
        """Whether the expression of a key of its .env reads a secret variable or a sensitive output, or may do so."""
        names = {f"var.{name}" for name in self.variables.get("tf_secret_variables", [])} | sensitive
        pattern = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in sorted(names)) or r"(?!)")
        expression = self.variables["tf_dotenv"].get("variables", {}).get(key)
        return bool(sensitive) if expression is None else bool(pattern.search(str(expression)))


@dataclass(frozen=True)
class State:
    """A stack's state in the emulated bucket."""

    address: str
    versions: int
    resources: int
    sensitive: set[str]


def stacks(inventory: str) -> list[Stack]:
    command = [sys.executable, "-m", "ansible", "inventory", "-i", inventory, "--list"]
    listed = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return [Stack(name, variables) for name, variables in listed["_meta"]["hostvars"].items()]


def state(stack: Stack) -> State:
    """Read from the emulator as any program would read it from AWS."""
    bucket, key = stack.variables["tf_backend"]["bucket"], stack.state_key
    s3 = boto3.client("s3")
    content = json.load(s3.get_object(Bucket=bucket, Key=key)["Body"])
    versions = s3.list_object_versions(Bucket=bucket, Prefix=key).get("Versions", [])
    sensitive = {name for name, output in content["outputs"].items() if output.get("sensitive")}
    return State(f"s3://{bucket}/{key}", len(versions), len(content["resources"]), sensitive)


def play(playbook: str, inventory: str, *options: str) -> str:
    """What ansible-playbook printed, shown while it runs; ends this program when it fails."""
    command = [sys.executable, "-m", "ansible", "playbook", playbook, "-i", inventory, *options]
    print(f"$ ansible-playbook {' '.join(command[4:])}", flush=True)
    environment = {**os.environ, **({"ANSIBLE_FORCE_COLOR": "1"} if sys.stdout.isatty() else {})}
    printed = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as running:
        for line in running.stdout or ():
            print(line, end="", flush=True)
            printed.append(line)
    if running.returncode:
        sys.exit(f"The playbook failed (exit status {running.returncode}); what it says above names the way out.")
    return re.sub(r"\033\[[\d;]*m", "", "".join(printed))


def changed(printed: str) -> int:
    """How many tasks changed something, from the recap."""
    return sum(int(count) for count in re.findall(r"\bchanged=(\d+)", printed))


def show_dotenv(stack: Stack, path: Path, sensitive: set[str]) -> None:
    print(f"\n{path} (mode {path.stat().st_mode & 0o777:04o}; the secrets are masked here, not there)")
    for key, value in parse.values(path.read_text(encoding="utf-8"), "portable").items():
        first, *more = value.splitlines() or [""]
        shown = (
            "********" if stack.is_secret(key, sensitive) else first + (f" … ({len(more)} more lines)" if more else "")
        )
        print(f"    {key}={shown}")


def show(inventory: str, changes: int) -> None:
    os.environ.update(AWS_CONFIG_FILE=str(EMULATOR / "aws-config"), AWS_PROFILE="sandbox")
    found = {stack.name: (stack, state(stack)) for stack in stacks(inventory)}
    for stack, its_state in found.values():
        if stack.dotenv:
            show_dotenv(stack, stack.dotenv, its_state.sensitive)
    print("\nThe states, in an AWS emulator on this machine that stays until `make demo-clean`")
    for name, (_, its_state) in found.items():
        count = f"{its_state.versions} version{'s' if its_state.versions != 1 else ''}"
        print(f"    {name}: {its_state.address}, {its_state.resources} resources, {count}")
    if changes:
        print(f"\n{changes} tasks changed something. {FIRST if inventory == SANDBOX else SYSTEMS_FIRST}")
    else:
        print(f"\nNothing changed (changed=0): everything is as {inventory} says. To see a change, edit a file in it.")


FIRST = """What to try next:
    make demo                                                                again: it changes nothing
    . .venv/bin/activate                                                     for the commands below
    ansible-playbook site.yml -i inventories/sandbox --check --diff          after an edit of host_vars: what would be
    ansible-playbook site.yml -i inventories/sandbox-prod                    a second environment from this checkout
    ansible-playbook envforge.terraform.plan -i inventories/sandbox          plans and a table, nothing else
    ansible-playbook envforge.terraform.destroy -i inventories/sandbox       the way back
    make demo-clean                                                          stop the emulator, remove everything"""
SYSTEMS_FIRST = f"""What the emulator lacks was left out: {SYSTEMS}/host_vars says what.
What to try next:
    make demo-aws                                                            again: it changes nothing
    . .venv/bin/activate                                                     for the commands below
    ansible-playbook envforge.terraform.status -i {SYSTEMS}      who is what, at which serial
    ansible-playbook envforge.terraform.drift -i {SYSTEMS}       what was changed behind Terraform's back
    make demo-clean                                                          stop the emulator, remove everything"""


def find_provider() -> None:
    """Tell Terraform where the AWS provider is, if this machine has it and the user has not said so; else it downloads it."""
    if not Path(os.environ.get("TF_CLI_CONFIG_FILE") or "none").is_file():  # it may name one that is not there
        found = providers.configure(KEPT / "providers")
        if found:
            os.environ["TF_CLI_CONFIG_FILE"] = str(found.resolve())
            print(f"The AWS provider is taken from this machine: export TF_CLI_CONFIG_FILE={found.resolve()}")


def clean() -> None:
    """Stops the emulator, which takes the states along, and removes the files that the demo wrote."""
    play("envforge.terraform.sandbox", SANDBOX, "-e", "sandbox_state=absent")
    for inventory in INVENTORIES:
        for stack in stacks(inventory):
            if stack.dotenv:
                stack.dotenv.unlink(missing_ok=True)
                remove_empty(stack.dotenv.parent)
            environment = stack.variables["tf_environment"]
            shutil.rmtree(KEPT / environment, ignore_errors=True)
            for kept in KEPT.glob(f"{environment}.*"):
                kept.unlink()
    for kept in (EMULATOR, KEPT / "providers"):
        shutil.rmtree(kept, ignore_errors=True)
    if not any(path.is_dir() for path in KEPT.glob("*")):  # no other environment was worked on from this checkout
        shutil.rmtree(KEPT, ignore_errors=True)
    print("\nThe emulator is stopped and what the demo made is gone. `make clean` removes the virtual environment too.")


def remove_empty(directory: Path) -> None:
    """And the directories above it inside the checkout, while they are empty."""
    while directory.exists() and directory != Path() and not any(directory.iterdir()):
        directory.rmdir()
        directory = directory.parent


if __name__ == "__main__":
    os.chdir(ROOT)
    if sys.argv[1:] == ["--clean"]:
        clean()
    elif sys.argv[1:] == ["--aws"]:
        find_provider()
        show(SYSTEMS, changed(play("site.yml", SYSTEMS)))
    else:
        show(SANDBOX, changed(play("site.yml", SANDBOX)))
