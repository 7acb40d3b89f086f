# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for each of the five systems: formatted, no rights too many, and one life from an import to the end."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.contract import emulator
from tests.e2e.project import BINARY
from tests.stacks.deployment import Deployment
from tests.stacks.plans import STACKS, Copy
from tests.stacks.policies import demanding_tls, state_of, too_much

ACCOUNT = "123456789012"
TOKEN = "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class System:
    """How dev of a system begins with an object that is there, and what is then changed behind Terraform's back."""

    imported: tuple[str, str]
    drift: str
    drifted: str
    variables: dict[str, Any] = field(default_factory=dict)


_LOGS = "aws_cloudwatch_log_group:retention_in_days=3"
SYSTEMS = {
    "ehr": System(
        ("module.environment.aws_cloudwatch_log_group.pipeline", "/ehr/dev/pipeline"),
        _LOGS,
        "module.environment.aws_cloudwatch_log_group.pipeline",
    ),
    "user-gateway": System(
        ("module.gateway.aws_dynamodb_table.sessions", "user-gateway-dev-sessions"),
        _LOGS,
        "module.gateway.aws_cloudwatch_log_group.access",
    ),
    "ticketing": System(
        ("module.storage.aws_s3_bucket.this", f"ticketing-dev-{ACCOUNT}"),
        _LOGS,
        "module.compute.aws_cloudwatch_log_group.this",
        {"db_password": "planted-0123456789", "jwt_secret": TOKEN, "tf_health": []},
    ),
    "support-chat": System(
        ("aws_iam_user.backend_user", "loyalty-backend-dev-backend-user"),
        "aws_dynamodb_table:tags.Owner=somebody",
        "aws_dynamodb_table.chat_messages",
    ),
    "ai-nutritionist": System(
        ('aws_dynamodb_table.this["user-data"]', "ai-nutritionist-user-data-dev"),
        _LOGS,
        'aws_cloudwatch_log_group.function["data-export"]',
        {"twilio_auth_token": TOKEN, "stripe_webhook_secret": f"whsec_{TOKEN}"},
    ),
}


def test_everything_is_formatted() -> None:
    """`terraform fmt` has nothing to change."""
    command = [BINARY, "fmt", "-check", "-recursive", "-no-color", str(STACKS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("root", "var_files", "variables", "workspace"),
    [
        ("support-chat", ["environments/prod.tfvars"], {}, "prod"),
        ("ehr/live/prod", [], {"state_bucket": "tfstate-prod-us-east-1"}, "default"),
        ("user-gateway/environments/prod", [], {}, "default"),
    ],
    ids=["support-chat", "ehr", "user-gateway"],
)
def test_no_policy_allows_more_than_is_needed(
    copied: Callable[[str], Copy], root: str, var_files: list[str], variables: dict[str, Any], workspace: str
) -> None:
    """No action is a wildcard, nothing is for everybody, and every bucket demands TLS; the other two have tests of theirs."""
    state = state_of(copied(root), *var_files, variables=variables, workspace=workspace)
    assert too_much(state, frozenset()) == []
    assert len(demanding_tls(state)) == len(state.of("aws_s3_bucket"))


@pytest.mark.parametrize("stack", SYSTEMS)
def test_one_life(
    deployed: Callable[[str, str], Deployment], empty_aws: emulator.Emulator, tmp_path: Path, stack: str
) -> None:
    """An object that was there is imported, the rest is made, a second run changes nothing, drift is told, all goes."""
    system = SYSTEMS[stack]
    address, name = system.imported
    dev = deployed(stack, "dev").having(**system.variables, tf_imports=[{"to": address, "id": name}])
    confirmed = ("-e", "tf_confirm=dev")  # ticketing is protected in dev too
    dev.play("bootstrap").succeeded()
    assert dev.play("import", *confirmed).succeeded().changed[stack] > 0
    summary = dev.play().succeeded().of("check the guards, apply")[stack]["summary"]
    assert (summary["create"] > 0, summary["delete"], summary["replace"]) == (True, 0, 0)
    assert dev.applied() == 0
    report = tmp_path / "drift.json"
    drifting = dev.having(tf_process_environment={"MOCK_AWS_DRIFT": system.drift})
    drifting.play("drift", "-e", f"drift_json={report}").succeeded()
    (found,) = json.loads(report.read_text())["stacks"]
    assert found["status"] == "drifted"
    assert system.drifted in json.dumps(found).replace('\\"', '"')
    shutil.rmtree(dev.site.directory / ".envforge")  # a machine that has never seen the stack can end it too
    dev.play("destroy", *confirmed).succeeded()
    keys = [item["Key"] for item in empty_aws.client("s3").list_objects_v2(Bucket=bucket_of(stack))["Contents"]]
    assert [key for key in keys if key.startswith("backups/")] != []


def bucket_of(stack: str) -> str:
    return "your-company-terraform-state" if stack == "user-gateway" else "tfstate-dev-us-east-1"
