# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scene: a project of many small stacks in a directory of its own, its emulated AWS, and the commands to measure."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmark.timing import Command
from tests.contract import emulator

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(__file__).with_name("peers.yml")
FORKS = 4
ACCOUNT = "123456789012"  # the emulator's
# what the person who measures has set must not change what is measured
_FOREIGN = ("AWS_", "TF_", "ANSIBLE_", "PYTHON")
_STACK = """\
terraform {
  backend "s3" {}
}

variable "names" {
  type = list(string)
}

resource "terraform_data" "network" {
  input = { cidr = "10.0.0.0/16", zones = var.names }
}

resource "terraform_data" "service" {
  for_each = toset(slice(var.names, 0, 1))
  input    = "${each.key}.${terraform_data.network.output.cidr}"
}

resource "terraform_data" "release" {
  input            = join(",", values(terraform_data.service)[*].output)
  triggers_replace = [terraform_data.network.id]
}

output "network_id" {
  value = terraform_data.network.id
}

output "release" {
  value = terraform_data.release.output
}
"""


@dataclass(frozen=True)
class Scene:
    """A project made for the benchmark; ansible is the bin directory of the ansible-core to measure with."""

    directory: Path
    ansible: Path
    emulated: emulator.Emulator
    stacks: list[str]

    def environment(self, url: str) -> dict[str, str]:
        """What every measured process gets; *url* is the emulator's, or that of a proxy in front of it."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        return {
            **own,
            **self.emulated.environment,
            "AWS_ENDPOINT_URL": url,
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections"),
            "ANSIBLE_HOME": str(self.directory / "ansible"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "CHECKPOINT_DISABLE": "1",
        }

    def playbook(self, name: str, *options: str, url: str = "") -> Command:
        """ansible-playbook with an inventory of this project, by its name or by a file of this directory."""
        argv = [str(self.ansible / "ansible-playbook"), name, *options]
        return Command(argv, self.directory, self.environment(url or self.emulated.url))

    def site(self, *options: str, url: str = "") -> Command:
        return self.playbook("site.yml", "-i", "hosts.yml", "-f", str(FORKS), *options, url=url)

    def drift(self, *options: str) -> Command:
        return self.playbook("drift.yml", "-i", "hosts.yml", "-f", str(FORKS), *options)

    def peers(self) -> Command:
        """The same job for the first stack, by other collections."""
        values = {"stack": str(self.directory / "stacks" / self.stacks[0]), "endpoint": self.emulated.url}
        return self.playbook(str(PEERS), "-i", "localhost,", "-e", json.dumps(values))

    def bare_plan(self) -> Command:
        """`terraform plan` of the first stack, in the data directory that the collection initialised."""
        stack = self.stacks[0]
        environment = {**self.environment(self.emulated.url), "TF_DATA_DIR": str(self.data_dir(stack))}
        argv = ["terraform", f"-chdir=stacks/{stack}", "plan", "-input=false", "-var-file=bench.tfvars"]
        return Command(argv, self.directory, environment)

    def loop(self) -> Command:
        """What one would write without Ansible: every stack's plan, and its outputs as a file, four at a time."""
        terraform = f"TF_DATA_DIR={self.data_dir('{}')} terraform -chdir=stacks/{{}}"
        plan = f"{terraform} plan -input=false -var-file=bench.tfvars"
        script = f"printf '%s\\n' {' '.join(self.stacks)} | xargs -P{FORKS} -I{{}} sh -ec "
        script += f"'{plan}; {terraform} output -json > outputs/{{}}.json'"
        return Command(["sh", "-ec", script], self.directory, self.environment(self.emulated.url))

    def refresh_loop(self) -> Command:
        """What one would write to look for drift without Ansible."""
        terraform = f"TF_DATA_DIR={self.data_dir('{}')} terraform -chdir=stacks/{{}}"
        script = f"printf '%s\\n' {' '.join(self.stacks)} | xargs -P{FORKS} -I{{}} sh -ec "
        script += f"'{terraform} plan -refresh-only -input=false -var-file=bench.tfvars'"
        return Command(["sh", "-ec", script], self.directory, self.environment(self.emulated.url))

    def data_dir(self, stack: str) -> Path:
        return self.directory / ".envforge" / "bench" / stack / "terraform"

    def env_file(self, stack: str) -> Path:
        return self.directory / "apps" / stack / ".env"


@contextmanager
def laid_out(directory: Path, ansible: Path, stacks: int) -> Iterator[Scene]:
    """The project in *directory*, with nothing applied yet."""
    names = [f"stack-{number:02}" for number in range(1, stacks + 1)]
    for name in names:
        _write(directory / "stacks" / name / "main.tf", _STACK)
        _write(directory / "stacks" / name / "bench.tfvars", f'names = ["{name}", "b", "c"]\n')
    (directory / "outputs").mkdir()
    _write(directory / "hosts.yml", json.dumps(_inventory(names)))
    for playbook in ("site", "bootstrap", "drift"):
        imported = [{"ansible.builtin.import_playbook": f"envforge.terraform.{playbook}"}]
        _write(directory / f"{playbook}.yml", json.dumps(imported))
    with emulator.running(directory) as emulated:
        yield Scene(directory, ansible, emulated, names)


def _inventory(names: list[str]) -> dict[str, object]:
    environment = {
        "tf_environment": "bench",
        "tf_account_id": ACCOUNT,
        "tf_region": emulator.REGION,
        "tf_backend": {
            "type": "s3",
            "bucket": "tfstate-bench",
            "kms_alias": "alias/terraform-state-bench",
            "lock_table": "tf-locks-bench",
            "tags": {"Environment": "bench"},
        },
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
    }
    return {"all": {"vars": environment}, "stacks": {"hosts": {name: _host(name) for name in names}}}


def _host(name: str) -> dict[str, object]:
    return {
        "tf_path": f"stacks/{name}",
        "tf_backend_key": f"bench/{name}/terraform.tfstate",
        "tf_var_files": ["bench.tfvars"],
        "tf_dotenv": {"path": f"apps/{name}/.env", "outputs": "all"},
    }


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def terraform() -> str:
    found = shutil.which("terraform")
    if found is None:
        raise SystemExit("The benchmark needs terraform on PATH.")
    return found
