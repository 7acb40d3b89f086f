# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The support chat: a workspace for each environment, its tables of resources and settings, its .env, bad input."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract import emulator
from tests.dialects import real as readers
from tests.e2e.site import REPOSITORY
from tests.stacks.conftest import Planned
from tests.stacks.deployment import Deployment
from tests.stacks.plans import Copy, Plan

ENVIRONMENTS = ["dev", "staging", "prod"]
DOTENV = "apps/support-chat/.env"
ACCOUNT = "123456789012"
CORE = {
    "aws_dynamodb_table": 1,
    "aws_iam_access_key": 1,
    "aws_iam_policy": 2,
    "aws_iam_user": 1,
    "aws_iam_user_policy_attachment": 2,
    "aws_s3_bucket": 1,
    "aws_s3_bucket_cors_configuration": 1,
    "aws_s3_bucket_ownership_controls": 1,
    "aws_s3_bucket_policy": 1,
    "aws_s3_bucket_public_access_block": 1,
    "aws_s3_bucket_server_side_encryption_configuration": 1,
}
WITH_ALL = {
    **CORE,
    "aws_cloudwatch_metric_alarm": 3,
    "aws_iam_policy": 3,
    "aws_iam_user_policy_attachment": 3,
    "aws_s3_bucket_lifecycle_configuration": 1,
    "aws_s3_bucket_versioning": 1,
    "aws_sns_topic": 1,
    "aws_sqs_queue": 2,
}
RESOURCES = {
    "dev": CORE,
    "staging": WITH_ALL,
    "prod": {
        **WITH_ALL,
        "aws_appautoscaling_policy": 2,
        "aws_appautoscaling_target": 2,
        "aws_cloudwatch_dashboard": 1,
        "aws_s3_bucket_metric": 1,
        "aws_sns_topic_subscription": 1,
    },
}
KEYS = ["AWS_ACCESS_KEY_ID", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "DYNAMODB_TABLE_NAME", "S3_BUCKET_NAME"]


def plan_of(planned: Planned, environment: str, **variables: Any) -> Plan:
    return planned("support-chat", f"environments/{environment}.tfvars", variables=variables, workspace=environment)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_documents_resources(really_planned: Planned, environment: str) -> None:
    """Those of its list, with the names it gives them; the real provider accepts every value."""
    plan, prefix = plan_of(really_planned, environment), f"loyalty-backend-{environment}"
    assert plan.types == RESOURCES[environment]
    names = {
        kind: [found.get("name") or found.get("bucket") or found.get("alarm_name") for found in plan.of(kind).values()]
        for kind in ("aws_dynamodb_table", "aws_s3_bucket", "aws_iam_user", "aws_sqs_queue", "aws_sns_topic")
    }
    more = environment != "dev"
    queues = [f"{prefix}-chat-notifications", f"{prefix}-chat-notifications-dlq"]
    assert names == {
        "aws_dynamodb_table": [f"{prefix}-chat-messages"],
        "aws_s3_bucket": [f"{prefix}-chat-attachments-{ACCOUNT}"],
        "aws_iam_user": [f"{prefix}-backend-user"],
        "aws_sqs_queue": queues if more else [],
        "aws_sns_topic": [f"{prefix}-chat-alerts"] if more else [],
    }
    tags = {"Project": "loyalty-backend", "Environment": environment, "ManagedBy": "Terraform"}
    assert plan.one("aws_dynamodb_table")["tags_all"] == tags


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_documents_settings(really_planned: Planned, environment: str) -> None:
    """Keys and index of the table; how it is paid for, recovered, scaled and watched in each environment."""
    plan, production = plan_of(really_planned, environment), environment == "prod"
    table = plan.one("aws_dynamodb_table")
    assert (table["hash_key"], table["billing_mode"]) == (
        "MessageId",
        "PROVISIONED" if production else "PAY_PER_REQUEST",
    )
    assert {"name": "MessageId", "type": "S"} in table["attribute"]
    (index,) = table["global_secondary_index"]
    assert [index[key] for key in ("name", "hash_key", "range_key")] == [
        "ChatId-Timestamp-index",
        "ChatId",
        "Timestamp",
    ]
    assert table["server_side_encryption"][0]["enabled"] is True
    assert table["point_in_time_recovery"][0]["enabled"] is (environment != "dev")
    scaled = {target["scalable_dimension"] for target in plan.of("aws_appautoscaling_target").values()}
    dimensions = {"dynamodb:table:ReadCapacityUnits", "dynamodb:table:WriteCapacityUnits"}
    assert scaled == (dimensions if production else set())
    metrics = sorted(alarm["metric_name"] for alarm in plan.of("aws_cloudwatch_metric_alarm").values())
    alarms = ["BucketSizeBytes", "ReadThrottleEvents", "WriteThrottleEvents"]
    assert metrics == ([] if environment == "dev" else alarms)
    mails = [found["endpoint"] for found in plan.of("aws_sns_topic_subscription").values()]
    assert mails == (["billing@example.com"] if production else [])


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_bucket_and_the_queues(really_planned: Planned, environment: str) -> None:
    """Encrypted and private; a browser reaches the bucket from the host of its environment only."""
    plan = plan_of(really_planned, environment)
    (rule,) = plan.one("aws_s3_bucket_server_side_encryption_configuration")["rule"]
    assert rule["apply_server_side_encryption_by_default"][0]["sse_algorithm"] == "AES256"
    access = plan.one("aws_s3_bucket_public_access_block")
    rules = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    assert [access[key] for key in rules] == [True] * 4
    assert all(queue["sqs_managed_sse_enabled"] for queue in plan.of("aws_sqs_queue").values())
    (cors,) = plan.one("aws_s3_bucket_cors_configuration")["cors_rule"]
    host = {"dev": "http://localhost:3000", "staging": "https://staging.loyalty.example.com"}
    assert cors["allowed_origins"] == [host.get(environment, "https://loyalty.example.com")]


def test_without_any_tfvars_there_is_what_the_document_calls_the_defaults(planned: Planned) -> None:
    """loyalty-backend, dev, paid by request, no queue and no topic, the frontend on port 3000."""
    plan = planned("support-chat")
    assert plan.types == CORE
    assert plan.one("aws_dynamodb_table")["name"] == "loyalty-backend-dev-chat-messages"
    assert plan.one("aws_dynamodb_table")["billing_mode"] == "PAY_PER_REQUEST"
    (cors,) = plan.one("aws_s3_bucket_cors_configuration")["cors_rule"]
    assert cors["allowed_origins"] == ["http://localhost:3000"]


def test_each_optional_part_alone(planned: Planned) -> None:
    """Every switch adds its own resources and no others; autoscaling only does with a PROVISIONED table."""
    added = {
        "enable_sqs": {"aws_sqs_queue": 2, "aws_iam_policy": 1, "aws_iam_user_policy_attachment": 1},
        "enable_sns": {"aws_sns_topic": 1},
        "enable_cloudwatch_alarms": {"aws_cloudwatch_metric_alarm": 3},
        "enable_s3_lifecycle": {"aws_s3_bucket_lifecycle_configuration": 1},
        "enable_s3_versioning": {"aws_s3_bucket_versioning": 1},
        "enable_autoscaling": {},
        "enable_cloudwatch_dashboard": {"aws_cloudwatch_dashboard": 1, "aws_s3_bucket_metric": 1},
        "enable_aws_backup": {
            "aws_backup_plan": 1,
            "aws_backup_selection": 1,
            "aws_backup_vault": 1,
            "aws_iam_role": 1,
            "aws_iam_role_policy_attachment": 2,
        },
    }
    for switch, more in added.items():
        types = plan_of(planned, "dev", **{switch: True}).types
        assert {kind: count - CORE.get(kind, 0) for kind, count in types.items() if count != CORE.get(kind)} == more
    scaled = plan_of(planned, "dev", enable_autoscaling=True, dynamodb_billing_mode="PROVISIONED").types
    assert (scaled["aws_appautoscaling_target"], scaled["aws_appautoscaling_policy"]) == (2, 2)


def test_what_maintenance_asks_for(really_planned: Planned) -> None:
    """A dashboard of what the document lists, a budget that mails, backups of the table, a copy in another region."""
    key = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/"
    plan = plan_of(
        really_planned,
        "prod",
        enable_aws_backup=True,
        monthly_budget_limit="100",
        s3_kms_key_arn=f"{key}attachments",
        s3_replication_bucket_arn="arn:aws:s3:::loyalty-backend-prod-copies",
        s3_replication_kms_key_arn=f"{key}copies",
    )
    widgets = json.loads(plan.one("aws_cloudwatch_dashboard")["dashboard_body"])["widgets"]
    assert [widget["properties"]["title"] for widget in widgets] == [
        "Table: capacity used",
        "Table: requests throttled",
        "Table: utilization, read, in percent",
        "Table: utilization, write, in percent",
        "Bucket: size",
        "Bucket: requests",
        "Queue: depth of loyalty-backend-prod-chat-notifications",
        "Queue: depth of loyalty-backend-prod-chat-notifications-dlq",
    ]
    notified = plan.one("aws_budgets_budget")["notification"]
    assert sorted((found["threshold"], *found["subscriber_email_addresses"]) for found in notified) == [
        (80, "billing@example.com"),
        (100, "billing@example.com"),
    ]
    assert plan.one("aws_backup_plan")["rule"][0]["lifecycle"][0]["delete_after"] == 35
    (rule,) = plan.one("aws_s3_bucket_replication_configuration")["rule"]
    assert rule["destination"][0]["bucket"] == "arn:aws:s3:::loyalty-backend-prod-copies"


def test_keys_of_ones_own(planned: Planned) -> None:
    """They encrypt table, bucket and topic, and the user may use those of table and bucket, nothing else."""
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/"
    plan = plan_of(
        planned, "staging", kms_key_arn=f"{key}table", s3_kms_key_arn=f"{key}bucket", sns_kms_key_arn=f"{key}topic"
    )
    assert plan.one("aws_dynamodb_table")["server_side_encryption"] == [{"enabled": True, "kms_key_arn": f"{key}table"}]
    (rule,) = plan.one("aws_s3_bucket_server_side_encryption_configuration")["rule"]
    assert rule["apply_server_side_encryption_by_default"] == [
        {"kms_master_key_id": f"{key}bucket", "sse_algorithm": "aws:kms"}
    ]
    assert plan.one("aws_sns_topic")["kms_master_key_id"] == f"{key}topic"


def test_settings_that_cannot_be(copied: Callable[[str], Copy]) -> None:
    """Each is refused by a validation, a type or a precondition, before anything is applied, with the reason."""
    copy = copied("support-chat")
    refused = {
        "environment": ("production", "The environment is dev, staging or prod."),
        "dynamodb_billing_mode": ("ON_DEMAND", "The billing mode is PROVISIONED or PAY_PER_REQUEST."),
        "cors_allowed_origins": (["*"], "without wildcards"),
        "s3_bucket_name": ("My_Bucket", "set your own in s3_bucket_name"),
        "sns_email_subscriptions": (["billing"], "A subscription is an e-mail address."),
        "kms_key_arn": ("alias/mine", "A KMS key is given by its ARN"),
        "aws_region": ("Virginia", "The region looks like us-east-1."),
        "enable_sqs": ("maybe", "a bool is required"),
        "dynamodb_read_capacity": ([5], "number required"),
        "monthly_budget_limit": ("100", "somebody has to be told"),
        "s3_replication_bucket_arn": ("arn:aws:s3:::copies", "needs enable_s3_versioning"),
    }
    for name, (value, reason) in refused.items():
        done = copy.plan("environments/dev.tfvars", variables={name: value}, workspace="dev")
        said = " ".join(done.stderr.replace("│", " ").split())
        assert (done.returncode, reason in said) == (1, True), (name, said)


def test_variables_of_another_environment_are_refused(copied: Callable[[str], Copy]) -> None:
    """The accident of `workspace select`: production's variables on dev's state."""
    done = copied("support-chat").plan("environments/prod.tfvars", workspace="dev")
    assert done.returncode == 1
    assert "These are the variables of prod, but the workspace is dev." in done.stderr


def test_bad_input_is_told_before_anything_is_applied(deployed: Callable[[str, str], Deployment]) -> None:
    """A failed validation and a wrong type fail the playbook in a sentence with the variable; no state comes to be."""
    deployment = deployed("support-chat", "dev")
    for variables, reason in (
        ({"environment": "production"}, "The environment is dev, staging or prod."),
        ({"enable_sqs": "maybe"}, "enable_sqs"),
    ):
        played = deployment.having(tf_variables=variables).play()
        assert (played.status, reason in played.failures["support-chat"]) == (2, True), played.failures
    tfvars = deployment.site.directory / "stacks/support-chat/environments/dev.tfvars"
    tfvars.write_text(tfvars.read_text() + "\nenable_sqss = true\n")
    played = deployment.play()
    said = played.stdout + played.stderr
    assert "enable_sqss" in said


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_deployed_changed_and_taken_down(deployed: Callable[[str, str], Deployment], environment: str) -> None:
    """The .env holds what the output says, once, at 0600; the second run changes nothing; it goes again."""
    deployment = deployed("support-chat", environment)
    file = deployment.site.directory / DOTENV
    file.parent.mkdir(parents=True)
    file.write_text("# mine\nPORT=3000\nS3_BUCKET_NAME=by-hand\nS3_BUCKET_NAME=twice\n")
    assert deployment.applied() > 0
    found = deployment.dotenv(DOTENV)
    more = [] if environment == "dev" else ["SNS_TOPIC_ARN", "SQS_QUEUE_URL"]
    assert sorted(found) == sorted([*KEYS, "PORT", *more])
    assert found["S3_BUCKET_NAME"] == f"loyalty-backend-{environment}-chat-attachments-{ACCOUNT}"
    assert file.read_text().count("S3_BUCKET_NAME=") == 1
    before = file.read_bytes()
    assert (deployment.applied(), file.read_bytes()) == (0, before)
    everything = "".join(path.read_text() for path in deployment.site.home.glob("record-*"))
    assert found["AWS_SECRET_ACCESS_KEY"] not in everything
    assert_destroyed(deployment)


def assert_destroyed(deployment: Deployment) -> None:
    """A protected environment only with the typed confirmation, and production's table and bucket only without guards."""
    confirmed = f"tf_confirm={deployment.environment}"
    if deployment.environment == "staging":
        refused = deployment.play("destroy")
        assert (refused.status, "is protected" in refused.failures[deployment.stack]) == (2, True)
    if deployment.environment == "prod":
        refused = deployment.play("destroy", "-e", confirmed)
        forbidden = [f"deny_delete: *{kind}.*" for kind in ("aws_dynamodb_table", "aws_s3_bucket")]
        assert all(text in refused.failures[deployment.stack] for text in forbidden)
        deployment = deployment.having(tf_guards={})
    deployment.play("destroy", "-e", confirmed).succeeded()


def test_the_playbook_of_the_page_shows_outputs_and_state(deployed: Callable[[str, str], Deployment]) -> None:
    """In place of `terraform output`, `state list`, `state show` and `show`: nothing is written, secrets are masked."""
    deployment = deployed("support-chat", "dev")
    deployment.applied()
    secret = deployment.dotenv(DOTENV)["AWS_SECRET_ACCESS_KEY"]
    page = (REPOSITORY / "docs/docsite/rst/system_support_chat.rst").read_text()
    block = page[page.index("    - name: Look at outputs and state") :].split("\n\nWithout the last filter")[0]
    file = deployment.site.directory / "look.yml"
    file.write_text(textwrap.dedent(block))
    looked = deployment.play("look.yml", "--check").succeeded()
    assert looked.of("Show them")["support-chat"]["found.outputs"]["dynamodb_table_name"]["value"] == (
        "loyalty-backend-dev-chat-messages"
    )
    (table,) = looked.of("Show one resource")["support-chat"]["msg"]
    assert table["values"]["hash_key"] == "MessageId"
    (line,) = [line for line in block.splitlines() if "names: [" in line]
    file.write_text(textwrap.dedent(block.replace(f"{line}\n", "")))
    everything = deployment.play("look.yml", "--check").succeeded()
    outputs = everything.of("Show them")["support-chat"]["found.outputs"]
    assert outputs["iam_secret_access_key"]["sensitive"] is True
    assert secret not in everything.stdout + json.dumps(everything.results)


def test_one_key_and_a_workspace_for_each_environment(
    deployed: Callable[[str, str], Deployment], empty_aws: emulator.Emulator
) -> None:
    """The state lies below env:/<workspace>/; drift is told, and a changed setting creates and deletes nothing."""
    deployment = deployed("support-chat", "staging")
    deployment.applied()
    listed = empty_aws.client("s3").list_objects_v2(Bucket="tfstate-staging-us-east-1")["Contents"]
    assert [item["Key"] for item in listed] == ["env:/staging/chat/terraform.tfstate"]
    drifting = deployment.having(tf_process_environment={"MOCK_AWS_DRIFT": "aws_sqs_queue:delay_seconds=5"})
    report = drifting.play("drift", "-e", "drift_json=drift.json").succeeded()
    assert "aws_sqs_queue.chat_notifications[0]" in report.stdout
    changed = deployment.having(tf_variables={"sqs_max_receive_count": 9}).play().succeeded()
    summary = changed.of("check the guards, apply")["support-chat"]["summary"]
    assert (summary["update"] > 0, summary["create"], summary["delete"], summary["replace"]) == (True, 0, 0, 0)
    is_read_by_node(deployment)


def is_read_by_node(deployment: Deployment) -> None:
    """The npm package dotenv, which a Node backend uses, reads the same as python-dotenv."""
    try:
        node = readers.REAL["node"](deployment.site.home)
    except readers.Absent as absent:
        pytest.skip(str(absent))
    assert node((deployment.site.directory / DOTENV).read_text()) == deployment.dotenv(DOTENV)


def test_a_failed_apply_names_the_resource_and_the_next_run_mends_it(
    deployed: Callable[[str, str], Deployment],
) -> None:
    """A bucket whose name somebody else has: what was made is in the state, and nothing is made twice."""
    deployment = deployed("support-chat", "dev")
    taken = {"MOCK_AWS_FAIL": "aws_s3_bucket.*:BucketAlreadyExists: The requested bucket name is not available"}
    played = deployment.having(tf_process_environment=taken).play()
    assert played.status == 2
    message = json.dumps(played.of("check the guards, apply")["support-chat"])
    assert all(text in message for text in ("aws_s3_bucket.chat_attachments", "set your own name in"))
    assert not (deployment.site.directory / DOTENV).exists()
    assert deployment.applied() > 0
    assert deployment.applied() == 0


def made_by_hand(aws: emulator.Emulator) -> None:
    """The table, the bucket and the user of the document's own setup."""
    aws.client("dynamodb").create_table(
        TableName="ChatMessages",
        KeySchema=[{"AttributeName": "MessageId", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "N" if name == "Timestamp" else "S"}
            for name in ("MessageId", "ChatId", "Timestamp")
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "ChatId-Timestamp-index",
                "KeySchema": [
                    {"AttributeName": "ChatId", "KeyType": "HASH"},
                    {"AttributeName": "Timestamp", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True},  # which the emulator does not change afterwards
    )
    aws.client("dynamodb").put_item(TableName="ChatMessages", Item={"MessageId": {"S": "1"}})
    aws.client("s3").create_bucket(Bucket="loyalty-chat-attachments")
    aws.client("iam").create_user(UserName="loyalty-backend-chat")


def test_what_was_made_by_hand_is_imported(
    really_deployed: Callable[[str, str], Deployment], empty_aws: emulator.Emulator
) -> None:
    """As the page about it says, with the real provider: nothing is made again, no message is lost, the .env is written.

    An id that AWS does not know fails the import, and nothing is imported then.
    """
    made_by_hand(empty_aws)
    names = {"dynamodb_table_name": "ChatMessages", "s3_bucket_name": "loyalty-chat-attachments"}
    objects = [
        {"to": "aws_dynamodb_table.chat_messages", "id": "ChatMessages"},
        {"to": "aws_s3_bucket.chat_attachments", "id": "loyalty-chat-attachments"},
        {"to": "aws_iam_user.backend_user", "id": "loyalty-backend-chat"},
    ]
    stack = really_deployed("support-chat", "dev").having(
        tf_variables={**names, "iam_user_name": "loyalty-backend-chat"}, tf_imports=objects
    )
    stack.play("bootstrap").succeeded()
    unknown = stack.having(
        tf_imports=[*objects, {"to": "aws_iam_policy.s3_access", "id": "arn:aws:iam::aws:policy/None"}]
    )
    refused = unknown.play("import")
    assert (refused.status, "aws_iam_policy.s3_access" in refused.failures["support-chat"]) == (2, True), (
        refused.failures
    )
    imported = stack.play("import").succeeded()
    assert imported.changed["support-chat"] > 0
    assert stack.play("import").succeeded().changed["support-chat"] == 0
    summary = stack.play().succeeded().of("check the guards, apply")["support-chat"]["summary"]
    assert (summary["delete"], summary["replace"]) == (0, 0)
    assert stack.applied() == 0
    assert empty_aws.client("dynamodb").scan(TableName="ChatMessages")["Count"] == 1
    assert stack.dotenv(DOTENV)["S3_BUCKET_NAME"] == "loyalty-chat-attachments"
