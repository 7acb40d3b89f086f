# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: plays site.yml on the sandbox, then shows what came of it (`make demo`), or removes it (`make demo-clean`)."""

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

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "collections"))

from ansible_collections.envforge.terraform.plugins.module_utils._dotenv import parse  # noqa: E402 - see above

# both sandboxes live on one emulator, so both end with it
INVENTORIES = ("inventories/sandbox", "inventories/sandbox-prod")
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

    def secret_keys(self, sensitive: set[str]) -> set[str]:
        """The keys of its .env whose expression reads a secret variable or a sensitive output."""
        names = {f"var.{name}" for name in self.variables.get("tf_secret_variables", [])} | sensitive
        pattern = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in sorted(names)) or r"(?!)")
        expressions = self.variables["tf_dotenv"].get("variables", {})
        return {key for key, text in expressions.items() if pattern.search(str(text))}


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
    bucket, key = stack.variables["tf_backend"]["bucket"], stack.variables["tf_backend_key"]
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


def show_dotenv(path: Path, secret: set[str]) -> None:
    print(f"\n{path} (mode {path.stat().st_mode & 0o777:04o}; the secrets are masked here, not there)")
    for key, value in parse.values(path.read_text(encoding="utf-8"), "portable").items():
        first, *more = value.splitlines() or [""]
        shown = "********" if key in secret else first + (f" … ({len(more)} more lines)" if more else "")
        print(f"    {key}={shown}")


def show(inventory: str, changes: int) -> None:
    os.environ.update(AWS_CONFIG_FILE=str(EMULATOR / "aws-config"), AWS_PROFILE="sandbox")
    found = {stack.name: (stack, state(stack)) for stack in stacks(inventory)}
    for stack, its_state in found.values():
        if stack.dotenv:
            show_dotenv(stack.dotenv, stack.secret_keys(its_state.sensitive))
    print("\nThe states, in an AWS emulator on this machine that stays until `make demo-clean`")
    for name, (_, its_state) in found.items():
        count = f"{its_state.versions} version{'s' if its_state.versions != 1 else ''}"
        print(f"    {name}: {its_state.address}, {its_state.resources} resources, {count}")
    print(
        f"\nNothing changed (changed=0): {AGAIN}" if changes == 0 else f"\n{changes} tasks changed something. {FIRST}"
    )


AGAIN = "everything is as the inventory says. To see a change, edit inventories/sandbox/host_vars/app.yml."
FIRST = """What to try next:
    make demo                                                                again: it changes nothing
    . .venv/bin/activate                                                     for the commands below
    ansible-playbook site.yml -i inventories/sandbox --check --diff          after an edit of host_vars: what would be
    ansible-playbook site.yml -i inventories/sandbox-prod                    a second environment from this checkout
    ansible-playbook envforge.terraform.plan -i inventories/sandbox          plans and a table, nothing else
    ansible-playbook envforge.terraform.destroy -i inventories/sandbox       the way back
    make demo-clean                                                          stop the emulator, remove everything"""


def clean() -> None:
    """Stops the emulator, which takes the states along, and removes the files that the demo wrote."""
    play("envforge.terraform.sandbox", INVENTORIES[0], "-e", "sandbox_state=absent")
    for inventory in INVENTORIES:
        for stack in stacks(inventory):
            if stack.dotenv:
                stack.dotenv.unlink(missing_ok=True)
                remove_empty(stack.dotenv.parent)
            environment = stack.variables["tf_environment"]
            shutil.rmtree(KEPT / environment, ignore_errors=True)
            for kept in KEPT.glob(f"{environment}.*"):
                kept.unlink()
    shutil.rmtree(EMULATOR, ignore_errors=True)
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
    else:
        show(INVENTORIES[0], changed(play("site.yml", INVENTORIES[0])))
