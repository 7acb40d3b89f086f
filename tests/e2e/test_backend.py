# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_backend and tf_backend_info against an emulated AWS: real requests, seen and sometimes refused by a proxy."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.envforge.terraform.plugins.module_utils._aws.session import Connection, connect
from ansible_collections.envforge.terraform.plugins.module_utils._backend import digest, locks
from ansible_collections.envforge.terraform.plugins.module_utils._backend.backend import backend, backend_info
from ansible_collections.envforge.terraform.plugins.module_utils._doors import Core
from ansible_collections.envforge.terraform.plugins.modules import tf_backend, tf_backend_info
from tests.contract.emulator import REGION
from tests.e2e.backends import ACCOUNT, EMPTY, STATE, Traffic, World, writes
from tests.e2e.proxy import Fault


def twice_each(world: World, **given: Any) -> list[dict[str, Any]]:
    """Check mode and real, the first time and again."""
    return [world.backend(check, **given) for check in (True, False, True, False)]


def test_twelve_steps(world: World) -> None:
    """Create, modify, delete; each in check mode and really, the first time and again."""
    modified = {"lock": "both", "tags": {"team": "x"}, "noncurrent_version_expiration_days": 30}
    removed = {"state": "absent", "kms_deletion_window_days": 7}
    for given in ({}, modified, removed):
        results = twice_each(world, **given)
        assert [result["changed"] for result in results] == [True, True, False, False], given
        assert [result["steps"] for result in results[2:]] == [[], []]
        assert results[0]["steps"] == results[1]["steps"] != []


def test_check_mode_writes_nothing(world: World) -> None:
    """Not when everything is missing, not when something differs, not when it is to be deleted."""
    world.backend(check=True)
    assert writes(world) == []
    world.backend()
    assert writes(world) != []
    for given in ({"tags": {"a": "b"}, "access_log_bucket": "logs"}, {"state": "absent"}):
        assert world.backend(check=True, **given)["changed"]
        assert writes(world) == []


def test_check_mode_predicts_what_is_known(world: World) -> None:
    """All but the ARN of a key that is still to be made; afterwards it is no prediction any more."""
    predicted, real = world.backend(check=True), world.backend()
    assert (predicted["predicted"], real["predicted"]) == (True, False)
    key = real["backend_config"].pop("kms_key_id")
    assert key == real["kms_key_arn"]
    assert predicted["backend_config"] == real["backend_config"]
    shown = json.dumps(predicted["diff"]["after"]).replace("(the new key)", key)
    assert json.loads(shown)["bucket"].items() <= {**real["diff"]["after"]["bucket"]}.items()


def test_the_second_run_only_reads_and_side_by_side(made: World) -> None:
    """At most 17 requests; all but three rounds of them at the same time; S3 is told the owner every time."""
    traffic = Traffic()
    made.door = traffic.door
    assert not made.backend(lock="both")["changed"]
    assert writes(made) == []
    assert len(made.proxy.requests) == 16
    assert traffic.most >= 10
    assert traffic.without_owner == []


def test_the_bucket_has_all_it_needs(made: World) -> None:
    """Asked of the emulator itself."""
    s3, name = made.client("s3"), made.name
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    (rule,) = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["BucketKeyEnabled"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert all(s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"].values())
    controls = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]
    assert controls["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert "aws:SecureTransport" in s3.get_bucket_policy(Bucket=name)["Policy"]
    assert len(s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]) == 2


def test_the_table_and_the_key_have_all_they_need(made: World) -> None:
    """Asked of the emulator itself."""
    dynamodb, kms, table = made.client("dynamodb"), made.client("kms"), f"{made.name}-locks"
    description = dynamodb.describe_table(TableName=table)["Table"]
    assert description["DeletionProtectionEnabled"]
    assert description["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert description["SSEDescription"]["Status"] == "ENABLED"
    backups = dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert kms.get_key_rotation_status(KeyId=kms.describe_key(KeyId=f"alias/{made.name}")["KeyMetadata"]["KeyId"])[
        "KeyRotationEnabled"
    ]


def test_a_bucket_outside_us_east_1(world: World) -> None:
    """S3 wants a LocationConstraint there, and the second run finds the bucket where it is."""
    given = {"region": "eu-central-1", "lock": "lockfile", "encryption": "aes256"}
    assert [result["changed"] for result in twice_each(world, **given)] == [True, True, False, False]
    answer = world.backend(region="eu-west-1", lock="lockfile", encryption="aes256")
    assert "is in the region eu-central-1, but the backend is wanted in eu-west-1" in answer["msg"]
    assert writes(world) == []


def test_provisioned_capacity_is_kept_and_changed(world: World) -> None:
    """From 5 by default to what is asked for; asked for nothing it stays; back to paying per request."""
    provisioned: dict[str, Any] = {"lock_table_billing_mode": "PROVISIONED"}
    table = f"{world.name}-locks"

    def capacity() -> int:
        answer: int = world.client("dynamodb").describe_table(TableName=table)["Table"]["ProvisionedThroughput"][
            "ReadCapacityUnits"
        ]
        return answer

    world.backend(**provisioned)
    assert capacity() == 5
    assert world.backend(**provisioned, lock_table_read_capacity=2)["changed"]
    assert capacity() == 2
    assert not world.backend(**provisioned)["changed"]
    assert world.backend()["steps"] == [
        {"object": f"lock table {table}", "action": "set the billing mode and capacity"}
    ]
    assert not world.backend()["changed"]


def test_what_nobody_asked_for_stays(made: World) -> None:
    """Statements, rules and tags of others survive a change next to them."""
    s3, name = made.client("s3"), made.name
    theirs = {
        "Sid": "Theirs",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{name}/*",
    }
    rule = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "old/"}, "Expiration": {"Days": 3}}
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [theirs]}))
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [rule]})
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "theirs", "Value": "x"}]})
    assert made.backend(tags={"ours": "y"})["changed"]
    assert not made.backend(tags={"ours": "y"})["changed"]
    assert theirs in json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])["Statement"]
    rules = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    assert {each["ID"] for each in rules} == {"theirs", "envforge-noncurrent-versions", "envforge-incomplete-uploads"}
    assert {tag["Key"] for tag in s3.get_bucket_tagging(Bucket=name)["TagSet"]} == {"theirs", "ours"}
    assert any("rule theirs of the bucket deletes current objects" in warning for warning in made.warnings)


def test_an_access_log_goes_to_a_bucket_that_lets_s3_write(made: World) -> None:
    """The target is not changed; one that is missing is an error that names it."""
    s3, logs = made.client("s3"), f"{made.name}-logs"
    missing = made.backend(access_log_bucket=logs)
    assert missing["failed"]
    assert f"Could not set the access logging of bucket {made.name}" in missing["msg"]
    s3.create_bucket(Bucket=logs)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{logs}/*",
    }
    s3.put_bucket_policy(Bucket=logs, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    results = twice_each(made, access_log_bucket=logs)
    assert [result["changed"] for result in results] == [True, True, False, False]
    assert s3.get_bucket_logging(Bucket=made.name)["LoggingEnabled"]["TargetPrefix"] == f"{made.name}/"


@pytest.mark.parametrize(
    ("refused", "setting"),
    [
        ("?policy", "bucket.policy"),
        ("?lifecycle", "bucket.lifecycle"),
        ("?tagging", "bucket.tags"),
        ("DescribeContinuousBackups", "lock_table.point_in_time_recovery"),
        ("GetKeyRotationStatus", "kms_key.rotation"),
        ("DescribeKey", "kms_key"),
        ("DescribeTable", "lock_table"),
        ("HeadBucket", "bucket"),
    ],
)
def test_a_setting_that_may_not_be_read_is_not_written(made: World, refused: str, setting: str) -> None:
    """It is told and warned of; the configuration for init is whole all the same."""
    config = made.backend()["backend_config"]
    made.refuse(refused)
    result = made.backend(tags={"a": "b"} if setting == "bucket.tags" else {})
    assert list(result["settings_not_read"]) == [setting]
    assert any(warning.startswith(f"{setting} was not checked and not changed") for warning in made.warnings)
    assert result["backend_config"] == config
    assert [text for text in writes(made) if refused in text] == []


def test_a_bucket_of_another_account_is_taken(world: World) -> None:
    """Everything about it is refused, because every request names the owner it expects."""
    world.refuse(f"/{world.name}")
    for check in (True, False):
        result = world.backend(check)
        assert f"The bucket {world.name} is taken by somebody else" in result["msg"]
        assert writes(world) == []


@pytest.mark.parametrize(
    ("account_id", "reason"),
    [
        ("REPLACE_WITH_PROD_ACCOUNT_ID", "is a placeholder: set tf_account_id"),
        ("999999999999", f"belong to the AWS account {ACCOUNT}, but this environment lives in 999999999999"),
    ],
)
def test_a_wrong_account_is_left_before_anything_is_asked(world: World, account_id: str, reason: str) -> None:
    """One question, whose credentials these are, or none."""
    result = world.backend(account_id=account_id)
    assert reason in result["msg"]
    assert world.proxy.operations in ([], ["GetCallerIdentity"])


def test_the_right_account_passes(world: World) -> None:
    """And Terraform is told to check it as well."""
    assert world.backend(account_id=ACCOUNT)["backend_config"]["allowed_account_ids"] == [ACCOUNT]


def keys_of(world: World) -> list[str]:
    """Those made for this backend; AWS makes one for itself when the first table is made."""
    kms = world.client("kms")
    keys = [key["KeyId"] for key in kms.list_keys(Limit=1000)["Keys"]]
    wanted = {"TagKey": "envforge:backend", "TagValue": world.name}
    return [key for key in keys if wanted in kms.list_resource_tags(KeyId=key)["Tags"]]


@pytest.mark.parametrize(
    "stopped_at", ["CreateAlias", "?versioning", "?encryption", "?policy", "UpdateContinuousBackups"]
)
def test_a_backend_half_made_is_completed_by_the_next_run(world: World, stopped_at: str) -> None:
    """Whatever the first run was stopped at; no second key is made."""
    world.proxy.faults.append(
        Fault(lambda request: request.writes and (stopped_at in request.path or stopped_at == request.operation), 403)
    )
    failed = world.backend()
    assert failed["failed"]
    assert failed["changed"] == bool(failed["steps"])
    world.proxy.heal()
    assert world.backend()["changed"]
    assert not world.backend()["changed"]
    assert len(keys_of(world)) == 1


def test_two_runs_at_the_same_time_end_with_one_backend(world: World) -> None:
    """Each may meet what the other has just made."""
    results: list[dict[str, Any]] = []
    others = [World(world.proxy, world.name) for _ in range(2)]
    threads = [
        threading.Thread(target=lambda other=other: results.append(other.backend(encryption="aes256")))
        for other in others
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.get("msg") for result in results] == [None, None]
    assert not world.backend(encryption="aes256")["changed"]


def test_a_key_that_is_being_deleted_is_refused(made: World) -> None:
    """States encrypted by it could not be read in a week."""
    kms = made.client("kms")
    key = kms.describe_key(KeyId=f"alias/{made.name}")["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    result = made.backend()
    assert "its state is PendingDeletion: cancel its deletion" in result["msg"]
    assert writes(made) == []


def test_a_table_that_is_none_for_locks_is_refused(world: World) -> None:
    """Somebody's application lives there."""
    world.client("dynamodb").create_table(
        TableName=f"{world.name}-locks",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
        BillingMode="PAY_PER_REQUEST",
    )
    result = world.backend()
    assert f"{world.name}-locks is no lock table: its key is id (N)" in result["msg"]
    assert writes(world) == []


def test_a_dead_emulator_is_noticed_within_seconds(world: World) -> None:
    """With the question that helps."""
    started = time.monotonic()
    result = world.backend(endpoint_url="http://127.0.0.1:9")
    assert time.monotonic() - started < 15
    assert "Is the emulator running" in result["msg"]


def test_info_reads_what_is_there(made: World) -> None:
    """With the bucket's name alone: its key is found, its states are listed, nothing is written."""
    config = made.backend()["backend_config"]
    for key in ("prod/x.tfstate", "env:/blue/prod/x.tfstate", "prod/x.tfstate.tflock"):
        made.put_state(key, EMPTY)
    info = made.info(lock_table=None)
    assert info["exists"]
    assert [(state["workspace"], state["key"]) for state in info["states"]] == [
        ("blue", "prod/x.tfstate"),
        ("default", "prod/x.tfstate"),
    ]
    assert info["backend_config"] == {k: v for k, v in config.items() if k != "dynamodb_table"}
    assert info["steps"] == []
    assert info["found"]["bucket"]["versioning"] == "Enabled"
    assert writes(made) == []


def test_info_about_a_bucket_without_a_key(world: World) -> None:
    """Encrypted by S3 itself it stays, when nothing else is asked for."""
    world.backend(encryption="aes256", lock="lockfile")
    info = world.info(lock_table=None)
    assert (info["steps"], info["kms_key_arn"]) == ([], None)


def test_info_tells_what_differs(made: World) -> None:
    """The steps tf_backend would take."""
    made.client("s3").put_bucket_versioning(Bucket=made.name, VersioningConfiguration={"Status": "Suspended"})
    info = made.info(kms_alias=f"alias/{made.name}")
    assert info["steps"] == [{"object": f"bucket {made.name}", "action": "turn on versioning"}]
    assert (info["found"]["bucket"]["versioning"], info["wanted"]["bucket"]["versioning"]) == ("Suspended", "Enabled")


def test_info_about_nothing(world: World) -> None:
    """No failure, and nothing made."""
    info = world.info()
    assert (info["exists"], info["states"], info["found"]["bucket"]) == (False, [], {})
    assert writes(world) == []


def documented(text: str) -> set[str]:
    return set(yaml.safe_load(text))


def test_everything_returned_is_documented(made: World) -> None:
    """And everything documented is returned, where it applies."""
    common = {"changed", "terraform_calls"}
    assert set(made.backend()) - common - {"diff"} == documented(tf_backend.RETURN) - {"in_use"}
    assert set(made.info(usage=True)) - common == documented(tf_backend_info.RETURN)
    made.put_state("x.tfstate", STATE)
    assert set(made.backend(state="absent")) - common - {"failed", "msg"} == {"in_use"}


@pytest.mark.parametrize(
    ("name", "core", "module"),
    [("tf_backend", backend, tf_backend), ("tf_backend_info", backend_info, tf_backend_info)],
)
def test_the_examples_work(world: World, name: str, core: Core, module: Any) -> None:
    """In the emulator's account, also through a role."""
    tasks = [task for task in yaml.safe_load(module.EXAMPLES) if f"envforge.terraform.{name}" in task]
    assert tasks
    for task in tasks:
        options = {**task[f"envforge.terraform.{name}"], "endpoint_url": world.proxy.url}
        result = world.run(core, module.ARGUMENTS, options, True)
        assert "failed" not in result, (task["name"], result)


def test_the_configuration_is_what_terraform_needs(made: World, tmp_path: Path) -> None:
    """A real init, apply and plan with it; a lock of ours stops it, a lost digest is put right."""
    (tmp_path / "main.tf").write_text('terraform {\n  backend "s3" {}\n}\nresource "terraform_data" "a" {}\n')
    config = {**made.backend(lock="both")["backend_config"], "key": "x.tfstate"}

    def terraform(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["terraform", *arguments, "-no-color", "-input=false"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    values = [f"-backend-config={name}={_hcl(value)}" for name, value in config.items()]
    assert terraform("init", *values).returncode == 0
    assert terraform("apply", "-auto-approve").returncode == 0
    aws = connect(Connection(REGION, endpoint_url=made.proxy.url)).owned_by(ACCOUNT)
    with locks.holding(aws, config, operation="OperationTypeTest", info="a test"):
        refused = terraform("plan", "-lock-timeout=0s")
        assert (refused.returncode, "OperationTypeTest" in refused.stderr) == (1, True)
        assert [lock.mechanism for lock in locks.held(aws, config)] == ["dynamodb", "lockfile"]
    made.put_state("x.tfstate", {**EMPTY, "serial": 7})
    assert digest.repair_digest(aws, config) is not None
    assert digest.repair_digest(aws, config) is None
    assert terraform("plan", "-detailed-exitcode").returncode == 2


def _hcl(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{name}={json.dumps(inner)}" for name, inner in value.items()) + "}"
    return value if isinstance(value, str) else json.dumps(value)
