# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user gateway: one bucket and table for all environments with a key for each, and Terraform Cloud instead."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract import emulator
from tests.stacks.conftest import Planned
from tests.stacks.deployment import Deployment
from tests.stacks.plans import Copy

ENVIRONMENTS = ["dev", "staging", "prod"]
BUCKET, TABLE = "your-company-terraform-state", "terraform-state-lock"
TYPES = {
    "aws_apigatewayv2_api": 1,
    "aws_apigatewayv2_integration": 1,
    "aws_apigatewayv2_route": 1,
    "aws_apigatewayv2_stage": 1,
    "aws_cloudwatch_log_group": 1,
    "aws_dynamodb_table": 1,
}
# requests a second, days of log, recovery, deletion protection
SETTINGS = {"dev": (50, 14, False, False), "staging": (100, 30, True, False), "prod": (500, 365, True, True)}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("alternative", ["s3", "terraform-cloud"])
def test_the_settings_of_each_environment(really_planned: Planned, environment: str, alternative: str) -> None:
    """The real provider plans the same gateway, whether the state is to lie in S3 or in Terraform Cloud."""
    plan = (
        really_planned(f"user-gateway/environments/{environment}")
        if alternative == "s3"
        else really_planned("user-gateway/terraform-cloud", f"environments/{environment}.tfvars")
    )
    assert plan.types == TYPES
    table, log = plan.one("aws_dynamodb_table"), plan.one("aws_cloudwatch_log_group")
    (limits,) = plan.one("aws_apigatewayv2_stage")["default_route_settings"]
    found = (
        limits["throttling_rate_limit"],
        log["retention_in_days"],
        table["point_in_time_recovery"][0]["enabled"],
        table["deletion_protection_enabled"],
    )
    assert (table["name"], found) == (f"user-gateway-{environment}-sessions", SETTINGS[environment])
    assert table["server_side_encryption"][0]["enabled"] is True


def test_settings_that_cannot_be(copied: Callable[[str], Copy]) -> None:
    """An upstream that is not reached over https, an unknown environment, and no limits at all."""
    copy = copied("user-gateway/terraform-cloud")
    for name, value, reason in (
        ("upstream_url", "http://users.example.com", "The user service is reached over https"),
        ("environment", "qa", "The environment is dev, staging or prod."),
        ("requests_per_second", 0, "An account may pass on 1 to 10000"),
    ):
        done = copy.plan("environments/dev.tfvars", variables={name: value})
        said = " ".join(done.stderr.replace("│", " ").split())
        assert (done.returncode, reason in said) == (1, True), (name, said)


def is_the_documents_backend(aws: emulator.Emulator) -> dict[str, str]:
    """Versions, AES256, nothing public, TLS only, a table of 5/5; returns the states' keys."""
    s3, dynamodb = aws.client("s3"), aws.client("dynamodb")
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    (rule,) = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert all(s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"].values())
    assert "aws:SecureTransport" in s3.get_bucket_policy(Bucket=BUCKET)["Policy"]
    throughput = dynamodb.describe_table(TableName=TABLE)["Table"]["ProvisionedThroughput"]
    assert (throughput["ReadCapacityUnits"], throughput["WriteCapacityUnits"]) == (5, 5)
    return {item["Key"]: item["ETag"] for item in s3.list_objects_v2(Bucket=BUCKET)["Contents"]}


def test_one_bucket_for_all_environments(
    deployed: Callable[[str, str], Deployment], empty_aws: emulator.Emulator
) -> None:
    """Each environment writes its own key and no other; the policy of its runner reaches no other key either."""
    dev = deployed("user-gateway", "dev")
    places = {name: Deployment(dev.site, dev.stack, name, dev.variables) for name in ENVIRONMENTS}
    seen: dict[str, str] = {}
    for environment, deployment in places.items():
        played = deployment.play().succeeded()
        keys = is_the_documents_backend(empty_aws)
        assert set(keys) - set(seen) == {f"user-gateway/{environment}/terraform.tfstate"}
        assert {key: keys[key] for key in seen} == seen
        seen = keys
        policy = str(played.of("Make the backend")["user-gateway"]["policies"]["apply"])
        others = [name for name in ENVIRONMENTS if f"user-gateway/{name}/" in policy]
        assert others == [environment]
    assert [deployment.applied() for deployment in places.values()] == [0, 0, 0]
    refused = places["prod"].play("destroy", "-e", "tf_confirm=prod")
    assert "deny_delete: *aws_dynamodb_table.*" in refused.failures["user-gateway"]
    places["dev"].play("destroy").succeeded()
    assert places["staging"].applied() == 0


def test_the_state_in_terraform_cloud(deployed: Callable[[str, str], Deployment], empty_aws: emulator.Emulator) -> None:
    """No backend is made, and nothing is asked of AWS before Terraform has said that it cannot log in."""
    deployment = deployed("user-gateway", "dev").having(
        tf_path="stacks/user-gateway/terraform-cloud",
        tf_backend={"type": "cloud"},
        tf_backend_key=None,
        tf_workspace="user-gateway-dev",
        tf_var_files=["environments/dev.tfvars"],
        tf_process_environment={"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"},
    )
    played = deployment.play()
    assert (played.status, "app.terraform.io" in played.failures["user-gateway"]) == (2, True), played.failures
    assert empty_aws.client("s3").list_buckets()["Buckets"] == []


def applied_by_hand(deployment: Deployment) -> Path:
    """As the document begins: a local state in the directory of the environment. Returns that directory."""
    root = deployment.site.directory / "stacks/user-gateway/environments/dev"
    override = root / "backend_override.tf"
    override.write_text('terraform {\n  backend "local" {}\n}\n')
    by_hand = Copy(root, deployment.variables["tf_process_environment"])
    for command in (["init", "-input=false"], ["apply", "-input=false", "-auto-approve"]):
        done = by_hand.terraform(*command)
        assert done.returncode == 0, done.stdout + done.stderr
    override.unlink()
    shutil.rmtree(root / ".terraform")
    return root


def test_a_local_state_is_brought_to_the_bucket(
    deployed: Callable[[str, str], Deployment], empty_aws: emulator.Emulator
) -> None:
    """Instead of `init -migrate-state`: nothing is made again. The local file, at which init would stop, is in the backups."""
    deployment = deployed("user-gateway", "dev")
    root = applied_by_hand(deployment)
    before = (root / "terraform.tfstate").read_text()
    deployment.play("migrate").succeeded()
    assert set(is_the_documents_backend(empty_aws)) == {"user-gateway/dev/terraform.tfstate"}
    assert deployment.applied() == 0
    assert not (root / "terraform.tfstate").exists()
    (backup,) = (deployment.site.directory / ".envforge/dev/user-gateway/backups").iterdir()
    assert backup.read_text() == before


def test_a_corrupted_state_is_restored(
    deployed: Callable[[str, str], Deployment], empty_aws: emulator.Emulator
) -> None:
    """It stops the next run, the versions are listed, and one command puts the chosen one back."""
    deployment, key = deployed("user-gateway", "dev"), "user-gateway/dev/terraform.tfstate"
    deployment.applied()
    empty_aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"{ no state any more")
    assert deployment.play().status == 2
    listed = deployment.play("restore")
    assert listed.status == 2
    versions = empty_aws.client("s3").list_object_versions(Bucket=BUCKET, Prefix=key)["Versions"]
    good = next(found["VersionId"] for found in versions if not found["IsLatest"])
    assert f"version_id {good}" in listed.failures["user-gateway"]
    deployment.play("restore", "-e", f"state_version_id={good}").succeeded()
    assert deployment.applied() == 0
