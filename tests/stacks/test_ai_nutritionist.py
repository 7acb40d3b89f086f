# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The AI nutritionist: what its document promises, deployed, and refused before anything is applied."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from tests.contract import emulator
from tests.e2e.site import REPOSITORY
from tests.stacks.conftest import Planned
from tests.stacks.deployment import Deployment
from tests.stacks.plans import STACKS, Copy, Plan, copy_of
from tests.stacks.policies import demanding_tls, state_of, too_much
from tests.stacks.provider import Provider

STACK = "ai-nutritionist"
SECRETS = {
    "twilio_auth_token": "planted-token-0123456789abcdef",
    "stripe_webhook_secret": "planted-whsec-0123456789abcdef",
}
ENVIRONMENTS = ["dev", "staging", "prod"]
# actions that know no resource, and those that Lambda checks before the network interfaces are there
EVERYWHERE = frozenset(
    {
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
        *(f"ec2:{verb}PrivateIpAddresses" for verb in ("Assign", "Unassign")),
        *(f"ec2:{verb}NetworkInterface" for verb in ("Create", "Delete")),
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
    }
)
# the files that the document lists
FILES = [
    "README.md", "api_gateway.tf", "aws_sms.tf", "backup.tf", "dynamodb.tf", "elasticache.tf", "iam.tf", "kms.tf",
    "lambda.tf", "main.tf", "monitoring.tf", "monitoring_twilio.tf", "outputs.tf", "s3_cloudfront.tf", "security.tf",
    "sqs.tf", "terraform.tfvars.example", "variables.tf", "vpc.tf",
]  # fmt: skip
# its table of security tiers
TIERS = {
    "basic": {"vpc": False, "guardduty": False, "security_hub": False, "config": False, "backup": False},
    "standard": {"vpc": True, "guardduty": False, "security_hub": False, "config": True, "backup": True},
    "enterprise": {"vpc": True, "guardduty": True, "security_hub": True, "config": True, "backup": True},
}
# its settings of each environment, with what the tier adds
MATRIX: dict[str, dict[str, Any]] = {
    "dev": {**TIERS["basic"], "cache_nodes": 0, "budget": "50", "copies": 0, "protected": False},
    "staging": {
        **TIERS["standard"], "guardduty": True, "cache_nodes": 1, "budget": "200", "copies": 0, "protected": False,
    },
    "prod": {**TIERS["enterprise"], "cache_nodes": 2, "budget": "1000", "copies": 1, "protected": True},
}  # fmt: skip


def protection(plan: Plan) -> dict[str, bool]:
    """The columns of the table of tiers, as resources."""
    kinds = {
        "vpc": "aws_vpc",
        "guardduty": "aws_guardduty_detector",
        "security_hub": "aws_securityhub_account",
        "config": "aws_config_configuration_recorder",
        "backup": "aws_backup_plan",
    }
    return {name: bool(plan.of(kind)) for name, kind in kinds.items()}


def settings(plan: Plan) -> dict[str, Any]:
    """What the tables speak of, as it is planned."""
    caches = plan.of("aws_elasticache_replication_group").values()
    tables = plan.of("aws_dynamodb_table").values()
    return {
        **protection(plan),
        "cache_nodes": sum(cache["num_cache_clusters"] for cache in caches),
        "budget": plan.one("aws_budgets_budget")["limit_amount"],
        "copies": sum(len(plan_["rule"][0]["copy_action"]) for plan_ in plan.of("aws_backup_plan").values()),
        "protected": {table["deletion_protection_enabled"] for table in tables} == {True},
    }


@pytest.fixture
def plans(request: pytest.FixtureRequest) -> Planned:
    """Plans by the provider that the test names."""
    chosen: Planned = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture(scope="module")
def copy(stand_in: Provider, aws: emulator.Emulator, tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A copy that is planned with wrong values only, and so stays as it is."""
    return copy_of(STACK, tmp_path_factory.mktemp("refused"), stand_in, aws.environment)


@pytest.fixture(scope="module")
def state(stand_in: Provider, aws: emulator.Emulator, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """prod, which has everything, applied with the stand-in; and messages by AWS."""
    copy = copy_of(STACK, tmp_path_factory.mktemp("applied"), stand_in, aws.environment)
    given = {**SECRETS, "enable_aws_sms": True, "alert_email": "ops@example.com"}
    return state_of(copy, "environments/prod.tfvars", variables=given)


def test_the_files_are_those_of_the_document() -> None:
    """Its variables, its network, its functions and the rest are where a reader of the document looks."""
    assert [name for name in FILES if not (STACKS / STACK / name).is_file()] == []


@pytest.mark.parametrize("plans", ["planned", "really_planned"], indirect=True)
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_environment_is_as_its_table_says(plans: Planned, environment: str) -> None:
    """dev has no GuardDuty, no backup, no cache and a budget of 50; the real provider checks values too."""
    assert settings(plans(STACK, f"environments/{environment}.tfvars", variables=SECRETS)) == MATRIX[environment]


@pytest.mark.parametrize("tier", list(TIERS))
def test_each_tier_is_as_its_table_says(planned: Planned, tier: str) -> None:
    """Without a switch of its own every protection is as the tier has it."""
    plan = planned(STACK, variables={**SECRETS, "environment": "dev", "security_tier": tier})
    assert protection(plan) == TIERS[tier]


def test_what_is_protected_can_be_taken_down_on_purpose(planned: Planned) -> None:
    """In prod only, and there by a setting: what a destroy of the document would meet."""
    for environment, given, kept in (
        ("dev", {}, False),
        ("prod", {}, True),
        ("prod", {"deletion_protection": False}, False),
    ):
        plan = planned(STACK, f"environments/{environment}.tfvars", variables={**SECRETS, **given})
        assert {table["deletion_protection_enabled"] for table in plan.of("aws_dynamodb_table").values()} == {kept}
        holders = [*plan.of("aws_s3_bucket").values(), *plan.of("aws_backup_vault").values()]
        assert {holder["force_destroy"] for holder in holders} == {not kept}


def test_a_switch_of_its_own_is_stronger_than_the_tier(planned: Planned) -> None:
    """The tier is the default of every switch."""
    given = {**SECRETS, "environment": "dev", "security_tier": "enterprise", "enable_security_hub": False}
    assert protection(planned(STACK, variables=given)) == {**TIERS["enterprise"], "security_hub": False}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_there_are_more_than_50_resources_in_every_environment(planned: Planned, environment: str) -> None:
    """As the document has it, with the outputs that it names."""
    plan = planned(STACK, f"environments/{environment}.tfvars", variables=SECRETS)
    assert len(plan.resources) > 50
    assert set(plan.outputs) >= {
        "webhook_url", "billing_webhook_url", "cloudwatch_dashboard_url", "resource_summary",
    }  # fmt: skip


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_tables_are_encrypted_on_demand_and_recoverable_for_35_days(planned: Planned, environment: str) -> None:
    """Every table, in every environment."""
    tables = planned(STACK, f"environments/{environment}.tfvars", variables=SECRETS).of("aws_dynamodb_table")
    assert len(tables) >= 4
    for table in tables.values():
        recovery = table["point_in_time_recovery"][0]
        assert (recovery["enabled"], recovery["recovery_period_in_days"]) == (True, 35)
        assert (table["billing_mode"], table["server_side_encryption"][0]["enabled"]) == ("PAY_PER_REQUEST", True)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_functions_run_on_graviton_are_traced_and_limited(planned: Planned, environment: str) -> None:
    """Every function, in every environment."""
    plan = planned(STACK, f"environments/{environment}.tfvars", variables=SECRETS)
    functions = plan.of("aws_lambda_function").values()
    assert f"ai-nutritionist-universal-message-handler-{environment}" in {one["function_name"] for one in functions}
    for function in functions:
        assert function["architectures"] == ["arm64"]
        assert function["tracing_config"][0]["mode"] == "Active"
        assert function["reserved_concurrent_executions"] > 0
        assert len(function["vpc_config"]) == (environment != "dev")
    groups = {group["name"] for group in plan.of("aws_cloudwatch_log_group").values()}
    assert {f"/aws/lambda/{function['function_name']}" for function in functions} <= groups


def test_backups_are_daily_at_four_and_cold_after_30_days(planned: Planned) -> None:
    """The rule of production's backup plan."""
    plan = planned(STACK, "environments/prod.tfvars", variables=SECRETS)
    rule = plan.one("aws_backup_plan")["rule"][0]
    assert (rule["schedule"], rule["lifecycle"][0]["cold_storage_after"]) == ("cron(0 4 * * ? *)", 30)
    assert {vault["name"] for vault in plan.of("aws_backup_vault").values()} == {
        "ai-nutritionist-backups-prod",
        "ai-nutritionist-backup-copies-prod",
    }


def test_a_restore_is_tested_every_month(state: Plan) -> None:
    """Of every table, from the vault of the daily backups; a failure is an alert."""
    tested = state.of("aws_backup_restore_testing_plan")["aws_backup_restore_testing_plan.this[0]"]
    assert tested["schedule_expression"] == "cron(0 6 1 * ? *)"
    selection = state.of("aws_backup_restore_testing_selection")["aws_backup_restore_testing_selection.tables[0]"]
    tables = {table["arn"] for table in state.of("aws_dynamodb_table").values()}
    assert set(selection["protected_resource_arns"]) == tables
    assert "ai-nutritionist-restore-jobs-prod" in {
        rule["name"] for rule in state.of("aws_cloudwatch_event_rule").values()
    }


def test_a_failover_is_tested_every_year(state: Plan) -> None:
    """From the copies, in their region; a failure there reaches the alerts of the main region."""
    tested = state.of("aws_backup_restore_testing_plan")["aws_backup_restore_testing_plan.failover[0]"]
    copies = state.of("aws_backup_vault")["aws_backup_vault.copy[0]"]
    assert tested["schedule_expression"] == "cron(0 6 2 1 ? *)"
    assert tested["recovery_point_selection"][0]["include_vaults"] == [copies["arn"]]
    target = state.of("aws_cloudwatch_event_target")["aws_cloudwatch_event_target.failover[0]"]
    assert target["arn"].endswith(":event-bus/default")


def test_what_rules_find_is_put_right_in_production_alone(state: Plan, planned: Planned) -> None:
    """By a role that may do that and nothing else; elsewhere the account may not be this system's."""
    found = state.of("aws_config_remediation_configuration").values()
    assert len(found) == 4
    roles = {next(p["static_value"] for p in one["parameter"] if p["name"] == "AutomationAssumeRole") for one in found}
    assert roles == {state.of("aws_iam_role")['aws_iam_role.service["remediation"]']["arn"]}
    assert all(one["automatic"] for one in found)
    staging = planned(STACK, "environments/staging.tfvars", variables=SECRETS)
    assert staging.of("aws_config_remediation_configuration") == {}


@pytest.mark.parametrize(("email", "frequencies"), [(None, {"IMMEDIATE"}), ("ops@example.com", {"IMMEDIATE", "DAILY"})])
def test_unusual_costs_are_told_at_once_and_summed_up_every_day(
    planned: Planned, email: str | None, frequencies: set[str]
) -> None:
    """The summary is a mail: without an address there is none."""
    plan = planned(STACK, "environments/dev.tfvars", variables={**SECRETS, "alert_email": email} if email else SECRETS)
    assert {one["frequency"] for one in plan.of("aws_ce_anomaly_subscription").values()} == frequencies


def test_every_key_is_rotated_and_everything_named_is_encrypted(state: Plan) -> None:
    """Keys of ours for tables, buckets, queues, topics, logs, secrets, cache and backups."""
    keys = {key["arn"] for key in state.of("aws_kms_key").values()}
    assert all(key["enable_key_rotation"] for key in state.of("aws_kms_key").values())
    by_kind = {
        "aws_cloudwatch_log_group": "kms_key_id",
        "aws_sns_topic": "kms_master_key_id",
        "aws_sqs_queue": "kms_master_key_id",
        "aws_secretsmanager_secret": "kms_key_id",
        "aws_lambda_function": "kms_key_arn",
        "aws_elasticache_replication_group": "kms_key_id",
        "aws_backup_vault": "kms_key_arn",
        "aws_cloudtrail": "kms_key_id",
    }
    for kind, attribute in by_kind.items():
        assert state.of(kind) != {}, kind
        assert {found[attribute] for found in state.of(kind).values()} <= keys, kind
    encryption = {
        address: found["rule"][0]["apply_server_side_encryption_by_default"][0]["sse_algorithm"]
        for address, found in state.of("aws_s3_bucket_server_side_encryption_configuration").items()
    }
    assert sorted(encryption.values()) == [
        "AES256",
        "aws:kms",
        "aws:kms",
    ]  # S3 writes access logs with its own key only


def test_no_bucket_is_public_and_every_policy_demands_tls(state: Plan) -> None:
    """All four blocks on each of the buckets."""
    blocked = state.of("aws_s3_bucket_public_access_block").values()
    switches = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    assert len(blocked) == len(state.of("aws_s3_bucket")) == 3
    assert all(found[switch] for found in blocked for switch in switches)
    expected = [*state.of("aws_s3_bucket_policy"), *state.of("aws_sqs_queue_policy")]
    topics = [name for name in state.of("aws_sns_topic_policy") if "alerts" in name]
    assert demanding_tls(state) >= {*expected, *topics}
    distribution = state.one("aws_cloudfront_distribution")["default_cache_behavior"][0]
    assert distribution["viewer_protocol_policy"] == "redirect-to-https"


def test_no_policy_allows_more_than_is_needed(state: Plan) -> None:
    """No action is a wildcard, and only what knows no resource names all."""
    assert too_much(state, EVERYWHERE) == []


def test_the_budget_warns_at_50_80_and_100_percent(state: Plan) -> None:
    """The thresholds of the document."""
    notifications = state.one("aws_budgets_budget")["notification"]
    assert sorted(found["threshold"] for found in notifications) == [50, 80, 100]


def test_the_alarms_watch_what_the_document_lists(state: Plan) -> None:
    """Functions, tables, API, cache, firewall, failed work, Twilio and Stripe; backups and findings by events."""
    alarms = state.of("aws_cloudwatch_metric_alarm").values()
    watched = {(alarm["namespace"], alarm["metric_name"]) for alarm in alarms}
    assert watched >= {
        ("AWS/Lambda", "Errors"), ("AWS/Lambda", "Duration"), ("AWS/DynamoDB", "ThrottledRequests"),
        ("AWS/ApiGateway", "4XXError"), ("AWS/ApiGateway", "5XXError"), ("AWS/ApiGateway", "Latency"),
        ("AWS/ElastiCache", "EngineCPUUtilization"), ("AWS/ElastiCache", "DatabaseMemoryUsagePercentage"),
        ("AWS/WAFV2", "BlockedRequests"), ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
        ("ai-nutritionist/prod", "TwilioFailures"), ("ai-nutritionist/prod", "StripeFailures"),
    }  # fmt: skip
    assert all(alarm["alarm_actions"] for alarm in alarms)
    events = {json.loads(rule["event_pattern"])["source"][0] for rule in state.of("aws_cloudwatch_event_rule").values()
              if rule["event_pattern"]}  # fmt: skip
    assert events == {"aws.guardduty", "aws.securityhub", "aws.config", "aws.backup"}
    dashboards = state.of("aws_cloudwatch_dashboard").values()
    assert {board["dashboard_name"].split("-")[2] for board in dashboards} == {
        "application", "infrastructure", "security", "cost",
    }  # fmt: skip
    (hits,) = state.one("aws_cloudfront_monitoring_subscription")["monitoring_subscription"]
    assert hits["realtime_metrics_subscription_config"] == [{"realtime_metrics_subscription_status": "Enabled"}]
    assert len(state.of("aws_sns_topic_subscription")) == 4  # three topics by mail, messages of AWS to the function


def test_the_summary_tells_what_there_is(state: Plan) -> None:
    """The output resource_summary is what a person looks at first."""
    summary = state.outputs["resource_summary"]["value"]
    assert (summary["environment"], summary["security_tier"], summary["cache_nodes"]) == ("prod", "enterprise", 2)
    assert {name: on for name, on in summary["enabled"].items() if name in TIERS["basic"]} == TIERS["enterprise"]
    assert {name for name, output in state.outputs.items() if output["sensitive"]} == {"api_key"}


def test_a_network_that_is_there_can_be_used(planned: Planned) -> None:
    """As the document has it: an existing VPC and its subnets."""
    given = {
        **SECRETS,
        "environment": "dev",
        "enable_vpc": True,
        "vpc_id": "vpc-0123abcd",
        "private_subnet_ids": ["subnet-0123abcd", "subnet-4567abcd"],
    }
    plan = planned(STACK, variables=given)
    assert plan.of("aws_vpc") == plan.of("aws_nat_gateway") == {}
    networks = [function["vpc_config"][0] for function in plan.of("aws_lambda_function").values()]
    assert {tuple(sorted(found["subnet_ids"])) for found in networks} == {("subnet-0123abcd", "subnet-4567abcd")}


def test_the_placeholder_is_what_its_source_says() -> None:
    """The zip in the repository holds the readable file, once a function, and nothing else."""
    source = (STACKS / STACK / "files" / "not_deployed.py").read_bytes()
    with zipfile.ZipFile(STACKS / STACK / "files" / "not-deployed.zip") as package:
        assert {package.read(name) for name in package.namelist()} == {source}
        modules = {name.removesuffix(".py").replace("_", "-") for name in package.namelist()}
    assert modules == {
        "billing-handler", "data-export", "meal-plan-generator", "meal-plan-scheduler", "universal-message-handler",
    }  # fmt: skip


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_it_is_deployed_again_without_changes(deployed: Callable[[str, str], Deployment], environment: str) -> None:
    """Apply, a second run that changes nothing, and the .env that the application reads.

    In production a change that would replace the tables is then stopped by the guards, and nothing is applied.
    """
    deployment = deployed(STACK, environment).having(**SECRETS)
    assert deployment.applied() > 0
    written = deployment.dotenv("apps/ai-nutritionist/.env")
    assert set(written) == {"WEBHOOK_URL", "BILLING_WEBHOOK_URL", "CLOUDWATCH_DASHBOARD_URL"}
    assert written["WEBHOOK_URL"].endswith(f"/{environment}/webhook")
    assert written["BILLING_WEBHOOK_URL"].endswith(f"/{environment}/billing-webhook")
    assert written["CLOUDWATCH_DASHBOARD_URL"].endswith(f"#dashboards:name=ai-nutritionist-application-{environment}")
    if environment == "prod":
        guards = yaml.safe_load((REPOSITORY / "inventories/prod/group_vars/all.yml").read_text())["tf_guards"]
        renamed = deployment.having(tf_variables={"project_name": "nutrition"}, tf_guards={**guards, "max_delete": 999})
        assert "aws_dynamodb_table.this" in renamed.play().failures[STACK]
    assert deployment.applied() == 0


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"security_tier": "gold"}, "The security_tier is basic, standard or enterprise."),
        ({"environment": "qa"}, "The environment is dev, staging or prod."),
        ({"monthly_budget_limit": "plenty"}, "The monthly_budget_limit is a number of US dollars in quotes"),
        ({"lambda_architecture": "arm"}, "The lambda_architecture is arm64 or x86_64."),
        ({"alert_email": "ops"}, "The alert_email is an address"),
        ({"backup_cross_region_destination": "us-east-1", "enable_aws_backup": True}, "is aws_region itself"),
        ({"enable_elasticache": True}, "enable_elasticache needs the VPC"),
        ({"enable_vpc": True, "vpc_id": "vpc-0123abcd"}, "needs its private_subnet_ids"),
        ({"certificate_arn": "arn:aws:acm:eu-west-1:123456789012:certificate/x"}, "CloudFront takes no other"),
        ({"domain_name": "eat.example.com"}, "A domain_name needs its certificate_arn"),
        ({"lambda_package": "nowhere.zip"}, "The lambda_package is not a file that can be read."),
        ({"elasticache_num_nodes": "many"}, "a number is required"),
        ({"twilio_auth_token": "short"}, "The twilio_auth_token has at least 16 characters."),
    ],
)
def test_a_value_that_cannot_work_fails_the_plan(copy: Copy, variables: dict[str, Any], message: str) -> None:
    """Each says which variable, and what it should be."""
    done = copy.plan("environments/dev.tfvars", variables={**SECRETS, **variables})
    assert done.returncode == 1
    assert message in " ".join(done.stderr.replace("│", " ").split())


def test_a_missing_secret_is_an_error_where_nobody_can_be_asked(deployed: Callable[[str, str], Deployment]) -> None:
    """There is no terminal here, as in AWX: the message names the secret."""
    played = deployed(STACK, "dev").play()
    assert played.status == 2
    assert "twilio_auth_token" in played.failures[STACK]
