# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""inventories/emulated as `make demo-aws` runs it: the five systems at once, with the real provider, in the emulator.

The tests go through one environment's life, each from where the one before it left it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import artifact
import boto3
import dotenv as python_dotenv
import pytest

from tests.e2e.site import Played, Site
from tests.stacks.provider import Provider

SYSTEMS = {"ehr", "user-gateway", "ticketing", "support-chat", "ai-nutritionist"}
BUCKET = "tfstate-emulated-us-east-1"
STATES = {
    "emulated/ai-nutritionist/terraform.tfstate",
    "emulated/ehr/terraform.tfstate",
    "emulated/ticketing/terraform.tfstate",
    "emulated/user-gateway/terraform.tfstate",
    "env:/staging/emulated/chat/terraform.tfstate",
}
_MINUTES = 60.0  # of seconds


@dataclass(frozen=True)
class Emulated:
    """A checkout in which the inventory was applied, and how that went."""

    site: Site
    first: Played

    def play(self, playbook: str, *options: str) -> Played:
        return self.site.play(playbook, "-i", "inventories/emulated", *options)

    def dotenv(self, stack: str) -> dict[str, str]:
        """The .env file, as python-dotenv reads it; its mode is 0600."""
        file = self.site.directory / "apps/emulated" / stack / ".env"
        assert file.stat().st_mode & 0o777 == 0o600
        return {name: value or "" for name, value in python_dotenv.dotenv_values(file, interpolate=False).items()}

    def client(self, service: str) -> Any:
        """boto3's client, by the profile that the role sandbox writes for other tools."""
        session: Any = boto3.Session(profile_name="sandbox")  # the service is no literal
        return session.client(service)


@pytest.fixture(scope="module")
def emulated(real: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulated]:
    """The emulator is the one that the role starts; it is stopped afterwards."""
    checkout = artifact.export(tmp_path_factory.mktemp("emulated") / "checkout")
    environment = {**real.environment, "TMPDIR": os.environ.get("TMPDIR", "/tmp")}
    site = Site(checkout, checkout / "collections", environment, deadline=15 * _MINUTES)
    profile = checkout / ".envforge/emulator/aws-config"
    try:
        first = site.play("site.yml", "-i", "inventories/emulated")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_CONFIG_FILE", str(profile))
            yield Emulated(site, first)
    finally:
        site.play("sandbox", "-i", "inventories/emulated", "-e", "sandbox_state=absent").succeeded()


def test_all_five_are_applied(emulated: Emulated) -> None:
    """Each with a state of its own, and objects that AWS's own interfaces show."""
    changed = emulated.first.succeeded().changed
    assert {stack for stack in SYSTEMS if changed[stack]} == SYSTEMS
    listed = emulated.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    assert {item["Key"] for item in listed} == STATES
    assert [item["Name"] for item in emulated.client("apigatewayv2").get_apis()["Items"]] == ["user-gateway-dev"]
    trails = {trail["Name"] for trail in emulated.client("cloudtrail").describe_trails()["trailList"]}
    assert trails == {"ehr-dev-state-access", "ai-nutritionist-trail-dev"}
    (database,) = emulated.client("rds").describe_db_instances()["DBInstances"]
    assert (database["DBInstanceClass"], database["StorageEncrypted"]) == ("db.t3.micro", True)
    assert len(emulated.client("lambda").list_functions()["Functions"]) == 5


def test_the_env_files_hold_what_the_applications_read(emulated: Emulated) -> None:
    """Outputs of the real provider, and the generated password in none of what was printed."""
    ticketing, chat, food = (emulated.dotenv(stack) for stack in ("ticketing", "support-chat", "ai-nutritionist"))
    assert set(ticketing) == {"DATABASE_URL", "MINIO_ENDPOINT", "S3_BUCKET", "STORAGE_TYPE"}
    assert ticketing["S3_BUCKET"] == "ticketing-dev-123456789012"
    assert chat["S3_BUCKET_NAME"] == "loyalty-backend-staging-chat-attachments-123456789012"
    assert chat["SQS_QUEUE_URL"].endswith("/loyalty-backend-staging-chat-notifications")
    assert food["WEBHOOK_URL"].endswith("/dev/webhook")
    password = (emulated.site.directory / ".envforge/emulated.db_password").read_text().split()[0]
    printed = emulated.first.stdout + emulated.first.stderr + json.dumps(emulated.first.results)
    assert [secret for secret in (password, chat["AWS_SECRET_ACCESS_KEY"]) if secret in printed] == []


def test_the_second_run_changes_nothing(emulated: Emulated) -> None:
    """Nothing that the provider reads back differs from what was asked for."""
    assert emulated.play("site.yml").succeeded().changed == dict.fromkeys(SYSTEMS, 0)


def test_an_access_key_is_rotated(emulated: Emulated) -> None:
    """The new key is there before the old one goes, and the .env has it; the ids are told, the secrets are not."""
    before = emulated.dotenv("support-chat")
    asked = {"rotate_addresses": ["aws_iam_access_key.backend_user"]}
    played = emulated.play("rotate", "--limit", "support-chat", "-e", json.dumps(asked)).succeeded()
    after = emulated.dotenv("support-chat")
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    user = "loyalty-backend-staging-backend-user"
    keys = emulated.client("iam").list_access_keys(UserName=user)["AccessKeyMetadata"]
    assert [key["AccessKeyId"] for key in keys] == [after["AWS_ACCESS_KEY_ID"]]
    printed = played.stdout + played.stderr
    assert before["AWS_ACCESS_KEY_ID"] in printed
    assert after["AWS_ACCESS_KEY_ID"] in printed
    assert [one for one in (before, after) if one["AWS_SECRET_ACCESS_KEY"] in json.dumps(played.results)] == []


def test_what_was_changed_by_hand_is_drift(emulated: Emulated) -> None:
    """The queue and its attribute are named; the next run of site.yml puts it right.

    Of the others none but the user gateway is clean: AWS has filled in attributes since their objects were made.
    """
    queue = emulated.dotenv("support-chat")["SQS_QUEUE_URL"]
    emulated.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"DelaySeconds": "7"})
    report = Path(emulated.site.directory / "drift.json")
    emulated.play("drift", "-e", f"drift_json={report}").succeeded()
    found = {stack["stack"]: stack for stack in json.loads(report.read_text())["stacks"]}
    assert found["user-gateway"]["status"] == "clean"
    changed = {one["address"]: one["attributes"] for one in found["support-chat"]["drift"]}
    assert changed["aws_sqs_queue.chat_notifications[0]"] == ["delay_seconds"]
    assert emulated.play("site.yml", "--limit", "support-chat").succeeded().changed["support-chat"] > 0


def test_all_five_are_destroyed(emulated: Emulated) -> None:
    """Only the bucket, the key and the table of the states stay, and the empty states."""
    emulated.play("destroy").succeeded()
    assert [bucket["Name"] for bucket in emulated.client("s3").list_buckets()["Buckets"]] == [BUCKET]
    assert emulated.client("dynamodb").list_tables()["TableNames"] == ["tf-locks-emulated"]
    assert emulated.client("rds").describe_db_instances()["DBInstances"] == []
    bodies = [emulated.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in STATES]
    left = [resource for body in bodies for resource in json.loads(body)["resources"] if resource["mode"] == "managed"]
    assert left == []
