# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ticketing system: what its document promises, deployed, and refused before anything is applied."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.contract import emulator
from tests.dialects import real as readers
from tests.e2e import service
from tests.stacks.conftest import Planned
from tests.stacks.deployment import Deployment
from tests.stacks.plans import Copy, Plan, copy_of
from tests.stacks.policies import demanding_tls, state_of, too_much
from tests.stacks.provider import Provider

STACK = "ticketing"
# characters that mean something in a URL, in a shell, in Terraform's own language and in a .env file
PASSWORD = "p#%25?&=${x}'`$9~"
SECRETS = {"db_password": PASSWORD, "jwt_secret": "0123456789abcdef0123456789abcdef"}
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/6b42555c-0000-4000-8000-000000000000"
# none of these actions knows a resource
EVERYWHERE = frozenset({"ecr:GetAuthorizationToken"})

# the tables of the document
MATRIX: dict[str, dict[str, Any]] = {
    "dev": {
        "zones": ["us-east-1a", "us-east-1b"],
        "nat_gateways": 1,
        "instance_class": "db.t3.micro",
        "multi_az": False,
        "tasks": 1,
        "autoscaling": (1, 10),
        "deletion_protection": {"database": False, "load_balancer": False},
        "final_snapshot": False,
        "replicas": 0,
    },
    "prod": {
        "zones": ["us-east-1a", "us-east-1b", "us-east-1c"],
        "nat_gateways": 3,
        "instance_class": "db.t3.small",
        "multi_az": True,
        "tasks": 3,
        "autoscaling": (2, 10),
        "deletion_protection": {"database": True, "load_balancer": True},
        "final_snapshot": True,
        "replicas": 2,
    },
}


def settings(plan: Plan) -> dict[str, Any]:
    """What the tables speak of, as it is planned."""
    subnets = plan.of("aws_subnet")
    public = sorted(subnet["availability_zone"] for address, subnet in subnets.items() if ".public" in address)
    private = sorted(subnet["availability_zone"] for address, subnet in subnets.items() if ".private" in address)
    assert public == private
    database, scaling = plan.one("aws_db_instance"), plan.one("aws_appautoscaling_target")
    return {
        "zones": public,
        "nat_gateways": len(plan.of("aws_nat_gateway")),
        "instance_class": database["instance_class"],
        "multi_az": database["multi_az"],
        "tasks": plan.one("aws_ecs_service")["desired_count"],
        "autoscaling": (scaling["min_capacity"], scaling["max_capacity"]),
        "deletion_protection": {
            "database": database["deletion_protection"],
            "load_balancer": plan.one("aws_lb")["enable_deletion_protection"],
        },
        "final_snapshot": not database["skip_final_snapshot"],
        "replicas": plan.one("aws_elasticache_replication_group")["replicas_per_node_group"],
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
    """dev, applied with the stand-in."""
    copy = copy_of(STACK, tmp_path_factory.mktemp("applied"), stand_in, aws.environment)
    return state_of(copy, "environments/dev.tfvars", variables=SECRETS)


@pytest.mark.parametrize("plans", ["planned", "really_planned"], indirect=True)
@pytest.mark.parametrize("environment", list(MATRIX))
def test_each_environment_is_as_its_table_says(plans: Planned, environment: str) -> None:
    """2 zones, 1 task, unprotected in dev; 3 zones, 3 tasks, protected in prod. The real provider checks values too."""
    assert settings(plans(STACK, f"environments/{environment}.tfvars", variables=SECRETS)) == MATRIX[environment]


@pytest.mark.parametrize("environment", list(MATRIX))
def test_the_components_are_as_described(planned: Planned, environment: str) -> None:
    """PostgreSQL 16 with 7 days of backups, Redis 7.0, both encrypted and private; containers that follow the load."""
    plan = planned(STACK, f"environments/{environment}.tfvars", variables=SECRETS)
    database = plan.one("aws_db_instance")
    assert (database["engine"], database["engine_version"]) == ("postgres", "16")
    assert database["backup_retention_period"] == 7
    assert (database["storage_encrypted"], database["publicly_accessible"]) == (True, False)
    cache = plan.one("aws_elasticache_replication_group")
    assert (cache["engine"], cache["engine_version"]) == ("redis", "7.0")
    assert cache["parameter_group_name"].endswith(".cluster.on")
    assert (str(cache["at_rest_encryption_enabled"]).lower(), cache["transit_encryption_enabled"]) == ("true", True)
    vpc = plan.one("aws_vpc")
    assert (vpc["enable_dns_support"], vpc["enable_dns_hostnames"]) == (True, True)
    assert plan.one("aws_ecs_task_definition")["requires_compatibilities"] == ["FARGATE"]
    metrics = {
        policy["target_tracking_scaling_policy_configuration"][0]["predefined_metric_specification"][0][
            "predefined_metric_type"
        ]
        for policy in plan.of("aws_appautoscaling_policy").values()
    }
    assert metrics == {"ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization"}
    target = plan.one("aws_lb_target_group")
    assert (target["port"], target["health_check"][0]["path"]) == (8080, "/health")
    assert plan.one("aws_cloudwatch_log_group")["name"] == f"/ecs/ticketing-{environment}"


def test_the_bucket_is_private_versioned_encrypted_and_tiered(planned: Planned) -> None:
    """No public access, old objects in colder storage, and never destroyed with what it holds."""
    plan = planned(STACK, "environments/prod.tfvars", variables=SECRETS)
    assert plan.one("aws_s3_bucket")["force_destroy"] is False
    blocked = plan.one("aws_s3_bucket_public_access_block")
    assert [value for name, value in blocked.items() if name.startswith(("block", "ignore", "restrict"))] == [True] * 4
    assert plan.one("aws_s3_bucket_versioning")["versioning_configuration"][0]["status"] == "Enabled"
    encryption = plan.one("aws_s3_bucket_server_side_encryption_configuration")["rule"][0]
    assert encryption["apply_server_side_encryption_by_default"][0]["sse_algorithm"] == "AES256"
    transitions = [
        transition["storage_class"]
        for rule in plan.one("aws_s3_bucket_lifecycle_configuration")["rule"]
        for transition in rule["transition"]
    ]
    assert transitions == ["INTELLIGENT_TIERING"]


def test_a_cdn_reads_the_static_assets_and_nothing_else(
    stand_in: Provider, aws: emulator.Emulator, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """From its addresses only, by a policy that S3 does not take for public; without them there is no such statement."""
    copy = copy_of(STACK, tmp_path_factory.mktemp("cdn"), stand_in, aws.environment)
    state = state_of(
        copy, "environments/dev.tfvars", variables={**SECRETS, "cdn_cidr_blocks": ["173.245.48.0/20", "2400:cb00::/32"]}
    )
    bucket = state.one("aws_s3_bucket")["arn"]
    assert [
        {name: value for name, value in statement.items() if name not in ("Sid", "Principal")}
        for statement in json.loads(state.one("aws_s3_bucket_policy")["policy"])["Statement"]
        if statement["Effect"] == "Allow"
    ] == [
        {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": f"{bucket}/static/*",
            "Condition": {"IpAddress": {"aws:SourceIp": ["173.245.48.0/20", "2400:cb00::/32"]}},
        }
    ]


def test_the_public_reaches_the_load_balancer_and_nothing_else(planned: Planned) -> None:
    """Every other rule of a security group names another group of ours, on one port."""
    plan = planned(STACK, "environments/dev.tfvars", variables=SECRETS)
    rules = plan.of("aws_vpc_security_group_ingress_rule")
    public = {address: rule["from_port"] for address, rule in rules.items() if rule["cidr_ipv4"]}
    assert sorted(public.values()) == [80, 443]
    assert all(".public" in address for address in public)
    internal = {address.split('"')[1]: rule["from_port"] for address, rule in rules.items() if address not in public}
    assert internal == {"alb-ecs": 8080, "ecs-database": 5432, "ecs-cache": 6379}
    assert all(rule["from_port"] == rule["to_port"] for rule in rules.values())


def test_with_a_certificate_the_api_is_https_only(planned: Planned) -> None:
    """Port 443 serves it with TLS 1.2 or later; port 80 only redirects."""
    given = {**SECRETS, "certificate_arn": CERTIFICATE, "api_domain_name": "api.example.com"}
    plan = planned(STACK, "environments/prod.tfvars", variables=given)
    listeners = {listener["port"]: listener for listener in plan.of("aws_lb_listener").values()}
    assert listeners[443]["certificate_arn"] == CERTIFICATE
    assert "TLS13-1-2" in listeners[443]["ssl_policy"]
    assert listeners[80]["default_action"][0]["redirect"][0]["protocol"] == "HTTPS"
    assert plan.outputs["alb_url"]["value"] == "https://api.example.com"


def test_no_policy_allows_more_than_is_needed(state: Plan) -> None:
    """No action is a wildcard, only what knows no resource names all, and the bucket denies what is not TLS."""
    assert too_much(state, EVERYWHERE) == []
    assert len(demanding_tls(state)) == len(state.of("aws_s3_bucket")) == 1


def test_the_secrets_are_in_no_task_definition_and_no_plain_output(state: Plan) -> None:
    """The containers get them from Secrets Manager; db_endpoint is the only sensitive output."""
    definition = state.one("aws_ecs_task_definition")["container_definitions"]
    assert SECRETS["jwt_secret"] not in definition
    assert PASSWORD not in definition
    (container,) = json.loads(definition)
    assert [secret["name"] for secret in container["secrets"]] == ["DATABASE_URL", "JWT_SECRET", "REDIS_URL"]
    stored = json.loads(state.one("aws_secretsmanager_secret_version")["secret_string"])
    assert unquote(urlsplit(stored["DATABASE_URL"]).password or "") == PASSWORD
    assert {name for name, output in state.outputs.items() if output["sensitive"]} == {"db_endpoint"}


@pytest.fixture
def deployment(deployed: Callable[[str, str], Deployment]) -> Deployment:
    """dev, with its secrets; no load balancer answers, so the health check is left to the test of it."""
    return deployed(STACK, "dev").having(**SECRETS, tf_health=[])


def objects(aws: emulator.Emulator) -> list[str]:
    """The keys in the environment's bucket of states."""
    listed = aws.client("s3").list_objects_v2(Bucket="tfstate-dev-us-east-1")
    return [found["Key"] for found in listed.get("Contents", [])]


def test_dev_is_deployed_again_without_changes_and_destroyed(deployment: Deployment, aws: emulator.Emulator) -> None:
    """The whole job: apply, a second run that changes nothing, the .env as documented, destroy, an empty state.

    Nobody can type destroy here, so the confirmation is an extra variable.
    """
    assert deployment.applied() > 0
    assert deployment.applied() == 0
    written = deployment.dotenv("apps/ticketing/.env")
    assert set(written) == {"DATABASE_URL", "REDIS_URL", "MINIO_ENDPOINT", "S3_BUCKET", "STORAGE_TYPE"}
    assert (written["MINIO_ENDPOINT"], written["STORAGE_TYPE"]) == ("s3.amazonaws.com", "s3")
    assert written["S3_BUCKET"] == "ticketing-dev-123456789012"
    database, cache = urlsplit(written["DATABASE_URL"]), urlsplit(written["REDIS_URL"])
    assert (database.scheme, database.username, database.path) == ("postgres", "app", "/tickets")
    assert unquote(database.password or "") == PASSWORD
    assert (database.port, cache.scheme, cache.port) == (5432, "rediss", 6379)
    assert as_go_reads_it(deployment) in (written, None)
    assert "was not touched" in deployment.play("destroy").failures[STACK]
    deployment.play("destroy", "-e", "tf_confirm=dev").succeeded()
    assert [key for key in objects(aws) if key.startswith("backups/dev/ticketing/")] != []
    assert resources(aws) == []


def as_go_reads_it(deployment: Deployment) -> dict[str, str] | None:
    """The backend is written in Go; None where the reader was not installed."""
    text = (deployment.site.directory / "apps/ticketing/.env").read_text()
    try:
        return dict(readers.REAL["compose"](deployment.site.directory)(text) or {})
    except readers.Absent:
        return None


def resources(aws: emulator.Emulator) -> list[Any]:
    """What the state in the bucket holds."""
    body = (
        aws.client("s3")
        .get_object(Bucket="tfstate-dev-us-east-1", Key="dev/ticketing/terraform.tfstate")["Body"]
        .read()
    )
    found: list[Any] = json.loads(body)["resources"]
    return found


def test_the_api_is_asked_for_its_health(deployed: Callable[[str, str], Deployment]) -> None:
    """`alb_url`/health as the inventory has it; what does not answer with 200 fails the stack and names the address."""
    with service.running() as api:
        host = api.url.removeprefix("http://")
        checked = deployed(STACK, "dev").having(**SECRETS, tf_variables={"api_domain_name": host})
        checked.play().succeeded()
        assert {path for _, path, _ in api.asked} == {"/health"}
        api.answers = [(503, "", {})]
        once = checked.having(tf_health=[{"url": "${alb_url}/health", "retries": 0}])
        assert f"{api.url}/health" in once.play().failures[STACK]


@pytest.mark.parametrize(
    ("added", "message"),
    [
        ("instance_typ = 1\n", "does not declare it"),
        ('availability_zones = ["us-east-1a"]\n', "2 to 6 availability_zones"),
        ('db_multi_az = "perhaps"\n', "a bool is required"),
    ],
    ids=["unknown variable", "failed validation", "wrong type"],
)
def test_a_wrong_tfvars_is_refused_before_anything_is_applied(
    deployment: Deployment, aws: emulator.Emulator, added: str, message: str
) -> None:
    """And the message names the variable."""
    file = deployment.site.directory / "stacks/ticketing/environments/dev.tfvars"
    name = added.split(maxsplit=1)[0]
    kept = [line for line in file.read_text().splitlines() if not line.startswith(name)]
    file.write_text("\n".join([*kept, added]))
    played = deployment.play()
    assert played.status == 2
    assert name in played.failures[STACK]
    assert message in played.failures[STACK]
    assert objects(aws) == []


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"aws_region": "eu-west-1"}, "are not all of the region eu-west-1"),
        ({"db_password": "has a space in it"}, "db_password is 12 to 128 printable ASCII characters"),
        ({"jwt_secret": "too-short-a-key"}, "jwt_secret has at least 32 characters"),
        ({"environment": "qa"}, "The environment is dev or prod."),
        ({"desired_count": 11}, "is not between autoscaling_min_count"),
        ({"certificate_arn": "REPLACE_WITH_PROD_CERTIFICATE_ARN"}, "The certificate_arn is the ARN of an ACM"),
        ({"bucket_name": "Ours"}, "The bucket_name is 3 to 63 lower-case letters"),
        ({"cdn_cidr_blocks": ["0.0.0.0/0"]}, "The cdn_cidr_blocks are IPv4 prefixes of /8 or smaller"),
        ({"cdn_cidr_blocks": ["2a06:98c0::/29"]}, "or IPv6 prefixes of /32 or smaller"),
        ({"cdn_prefix": ""}, "The cdn_prefix ends with a slash"),
    ],
)
def test_a_value_that_cannot_work_fails_the_plan(copy: Copy, variables: dict[str, Any], message: str) -> None:
    """Each says which variable, and what it should be."""
    done = copy.plan("environments/dev.tfvars", variables={**SECRETS, **variables})
    assert done.returncode == 1
    assert message in " ".join(done.stderr.replace("│", " ").split())


def test_a_missing_secret_is_an_error_where_nobody_can_be_asked(
    deployed: Callable[[str, str], Deployment], aws: emulator.Emulator
) -> None:
    """There is no terminal here, as in AWX: the message names the secret and nothing was applied."""
    played = deployed(STACK, "dev").having(jwt_secret=SECRETS["jwt_secret"]).play()
    assert played.status == 2
    assert "db_password" in played.failures[STACK]
    assert SECRETS["jwt_secret"] not in played.stdout + played.stderr
    assert objects(aws) == []
