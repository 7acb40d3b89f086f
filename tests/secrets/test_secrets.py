# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job, told as much as Ansible can tell, with a secret in every place one can come from: none gets out."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.contract import emulator
from tests.contract.controller import BIN, ROOT, Project
from tests.contract.terminal import at_terminal
from tests.secrets import planted
from tests.secrets.traces import Processes, files_below, watching

HERE = Path(__file__).resolve().parent
BUCKET = "tfstate-secrets"
HOSTS = ("near", "distant")
INPUTS = {"extra.json", "vault-password", "marker.yml", "inventory.json"}


@dataclass
class Traces:
    """What four runs of the main job left: what was seen, and what is on disk."""

    project: Project
    aws: emulator.Emulator
    runs: dict[str, tuple[int, str]] = field(default_factory=dict, repr=False)
    processes: Processes = field(default_factory=Processes, repr=False)

    @property
    def log(self) -> Path:
        return self.project.directory / "ansible.log"

    @property
    def cache(self) -> Path:
        return self.project.directory / "cache"

    def dotenv(self, host: str) -> Path:
        return self.project.directory / "apps" / host / ".env"

    def state(self, host: str) -> bytes:
        session = boto3.Session(emulator.ACCESS_KEY, emulator.SECRET_KEY, region_name=emulator.REGION)
        found = session.client("s3", endpoint_url=self.aws.url).get_object(Bucket=BUCKET, Key=f"{host}.tfstate")
        content: bytes = found["Body"].read()
        return content

    def places(self) -> Iterator[tuple[str, bytes]]:
        """Where no secret may be, and what is there."""
        yield from ((f"what the run {name} showed", shown.encode()) for name, (_, shown) in self.runs.items())
        yield from (("a command line", line) for line in self.processes.command_lines)
        allowed = {str(self.dotenv(host)) for host in HOSTS}
        for name, content in files_below(self.project.directory):
            if name not in allowed and Path(name).name not in INPUTS and "/stacks/" not in name:
                yield name, content


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traces]:
    directory = tmp_path_factory.mktemp("secrets")
    project = Project(directory, environment(directory))
    for private in ("home", "tmp"):
        (directory / private).mkdir(mode=0o700)
    shutil.copytree(HERE / "stacks", directory / "stacks")
    project.write("vault-password", "the password of the vault")
    project.write("extra.json", {"from_file": planted.FROM_FILE})
    project.write("marker.yml", [{"hosts": "all", "gather_facts": False, "tasks": [CACHED]}])
    with emulator.running(tmp_path_factory.mktemp("emulator")) as aws:
        traces = Traces(project, aws)
        with watching() as traces.processes:
            for name, options in RUNS.items():
                traces.runs[name] = site(traces, *options)
        yield traces


CACHED = {"name": "Fill the cache", "ansible.builtin.set_fact": {"marker": "cached", "cacheable": True}}
RUNS = {
    "check": ("--check",),
    "first": (),
    "unchanged": (),
    "failing to plan": ("-e", "fails_in=plan"),
    "failing to apply": ("-e", "fails_in=apply"),
}


def environment(directory: Path) -> dict[str, str]:
    return {
        "TF_VAR_from_environment": planted.FROM_ENVIRONMENT,
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(directory / "cache"),
        "ANSIBLE_LOG_PATH": str(directory / "ansible.log"),
    }


def site(traces: Traces, *options: str) -> tuple[int, str]:
    """Run site.yml at a terminal, as talkative as it gets."""
    project = traces.project
    command = project.command(
        project.directory / "marker.yml",
        str(ROOT / "site.yml"),
        "-vvvv",
        "--diff",
        "-e",
        f"@{project.directory}/extra.json",
        "--vault-password-file",
        str(project.directory / "vault-password"),
        *options,
        hosts=inventory(traces),
    )
    answers = {f"[{host}] from_prompt: ": planted.FROM_PROMPT for host in HOSTS}
    return at_terminal(command, project.variables(), project.home, answers)


def inventory(traces: Traces) -> dict[str, Any]:
    """Two stacks that are alike, one for each route."""
    connections = dict(zip(HOSTS, ("local", "faraway"), strict=True))
    hosts = {host: {"ansible_connection": connection} for host, connection in connections.items()}
    return {"stacks": {"vars": {**settings(traces), **vaulted(traces.project)}, "hosts": hosts}}


def settings(traces: Traces) -> dict[str, Any]:
    return {
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "tf_root": str(traces.project.directory),
        "tf_environment": "secrets",
        "tf_account_id": "123456789012",
        "tf_region": emulator.REGION,
        "tf_backend": {"type": "s3", "bucket": BUCKET, "encryption": "aes256", "lock_table": BUCKET},
        "tf_process_environment": {
            **traces.aws.environment,
            "AWS_SECRET_ACCESS_KEY": planted.SECRET_KEY,
            "AWS_SESSION_TOKEN": planted.SESSION_TOKEN,
        },
        "tf_path": "stacks/leaky",
        "tf_backend_key": "{{ inventory_hostname }}.tfstate",
        "tf_variables": {"fails_in": "{{ fails_in | default('nothing') }}"},
        "tf_secret_variables": ["from_vault", "from_file", "from_environment", "from_prompt"],
        "tf_dotenv": {
            "path": "apps/{{ inventory_hostname }}/.env",
            "dialect": "python-dotenv",
            "variables": {
                "VAULT": "postgres://app:${var.from_vault | urlencode}@db/app",
                "FILE": "${var.from_file}",
                "ENVIRONMENT": "${all_of_them.environment}",
                "PROMPT": "${all_of_them | to_json}",
                "CHILD": "${from_child}",
            },
        },
    }


def vaulted(project: Project) -> dict[str, Any]:
    """from_vault as a JSON inventory spells an encrypted value."""
    command = [str(BIN / "ansible-vault"), "encrypt", "--output=-", "--vault-password-file"]
    ended = subprocess.run(
        [*command, str(project.directory / "vault-password")],
        input=planted.FROM_VAULT,
        env={**os.environ, "HOME": str(project.home)},
        capture_output=True,
        text=True,
        check=True,
    )
    return {"from_vault": {"__ansible_vault": ended.stdout}}


def test_the_runs_ended_as_they_were_meant_to(traces: Traces) -> None:
    """Three succeed, and two fail on both routes with a message that quotes every secret."""
    statuses = {name: status for name, (status, _) in traces.runs.items()}
    assert statuses == {"check": 0, "first": 0, "unchanged": 0, "failing to plan": 2, "failing to apply": 2}, statuses
    for run, words in {"failing to plan": "Refused with", "failing to apply": "refused with"}.items():
        for host in HOSTS:
            failures = [line for line in failed(traces.runs[run][1], host) if words in line]
            assert failures, traces.runs[run][1][-3000:]


def failed(shown: str, host: str) -> list[str]:
    """What was shown of the failures of a host, one text each."""
    return [part.split("PLAY RECAP")[0] for part in shown.split(f"fatal: [{host}]: FAILED! =>")[1:]]


@pytest.mark.parametrize("source", planted.SECRETS)
def test_a_secret_stays_inside(source: str, traces: Traces) -> None:
    """Not in what is shown, the log, a command line, the facts cache, or any file that is left."""
    found = {name for name, content in traces.places() if planted.within(content, planted.SECRETS[source])}
    assert sorted(found) == []


@pytest.mark.parametrize("source", ["vault", "file", "prompt", "child module"])
def test_a_secret_is_in_no_environment(source: str, traces: Traces) -> None:
    """Values travel in files that only the user can read: no process inherits them."""
    secret = planted.SECRETS[source]
    assert [found for found in traces.processes.environments if planted.within(found, secret)] == []


@pytest.mark.parametrize("host", HOSTS)
def test_the_secrets_went_where_they_belong(host: str, traces: Traces) -> None:
    """The state and the .env hold all of them: had they been lost on the way, nothing would have been proved."""
    for source in ("vault", "file", "environment", "prompt", "child module"):
        assert planted.within(traces.state(host), planted.SECRETS[source]), source
        assert planted.within(traces.dotenv(host).read_bytes(), planted.SECRETS[source]), source
    assert traces.dotenv(host).stat().st_mode & 0o777 == 0o600


def test_everything_was_looked_at(traces: Traces) -> None:
    """The log was written, the cache filled, and Terraform and the far module were seen at work."""
    assert "envforge.terraform.tf_apply runs as a module" in traces.log.read_text()
    cached = [path.read_text() for path in traces.cache.iterdir()]
    assert ["marker" in text and "cached" in text for text in cached] == [True, True]
    seen = traces.processes.command_lines
    assert any(b"terraform\0apply\0-json" in line for line in seen)
    assert any(b"AnsiballZ_tf_apply.py" in line for line in seen)
    assert any(planted.within(found, planted.SECRET_KEY) for found in traces.processes.environments)


def test_no_plan_file_and_no_task_directory_is_left(traces: Traces) -> None:
    """Both hold secrets in a form that a search of the disk may miss."""
    left = [path.name for path in traces.project.directory.rglob("*")]
    assert [name for name in left if name.endswith(".tfplan") or name.startswith(("task-", "ansible-tmp-"))] == []
