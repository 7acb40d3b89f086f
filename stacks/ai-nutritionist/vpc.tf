# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Private subnets for functions and cache. A network that is there already can be used instead: vpc_id.

locals {
  own_vpc = local.enabled.vpc && var.vpc_id == null
  zones   = local.own_vpc ? slice(data.aws_availability_zones.available.names, 0, var.availability_zone_count) : []
  # the zones that have a NAT gateway, and the one that each zone goes out by
  nat_zones = var.single_nat_gateway ? slice(local.zones, 0, min(1, length(local.zones))) : local.zones

  vpc_id             = local.enabled.vpc ? (local.own_vpc ? aws_vpc.this[0].id : var.vpc_id) : null
  private_subnet_ids = local.own_vpc ? [for zone in local.zones : aws_subnet.private[zone].id] : var.private_subnet_ids

  vpc_groups = local.enabled.vpc ? {
    functions = "The functions: reached by nobody."
    cache     = "Redis: reached by the functions only."
    endpoints = "Services of AWS in the network: reached by the functions only."
  } : {}
}

resource "aws_vpc" "this" {
  count = local.own_vpc ? 1 : 0

  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = "${var.project_name}-vpc-${var.environment}" }
}

# Members of no security group of ours get no traffic at all.
resource "aws_default_security_group" "closed" {
  count = local.own_vpc ? 1 : 0

  vpc_id = aws_vpc.this[0].id
}

resource "aws_subnet" "public" {
  for_each = toset(local.zones)

  vpc_id            = aws_vpc.this[0].id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.vpc_cidr, 4, index(local.zones, each.key))

  tags = { Name = "${var.project_name}-public-${each.key}-${var.environment}" }
}

resource "aws_subnet" "private" {
  for_each = toset(local.zones)

  vpc_id            = aws_vpc.this[0].id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.vpc_cidr, 4, 8 + index(local.zones, each.key))

  tags = { Name = "${var.project_name}-private-${each.key}-${var.environment}" }
}

resource "aws_internet_gateway" "this" {
  count = local.own_vpc ? 1 : 0

  vpc_id = aws_vpc.this[0].id

  tags = { Name = "${var.project_name}-igw-${var.environment}" }
}

resource "aws_eip" "nat" {
  for_each = toset(local.nat_zones)

  domain = "vpc"

  tags = { Name = "${var.project_name}-nat-${each.key}-${var.environment}" }

  depends_on = [aws_internet_gateway.this]
}

resource "aws_nat_gateway" "this" {
  for_each = toset(local.nat_zones)

  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.public[each.key].id

  tags = { Name = "${var.project_name}-nat-${each.key}-${var.environment}" }
}

resource "aws_route_table" "public" {
  count = local.own_vpc ? 1 : 0

  vpc_id = aws_vpc.this[0].id

  tags = { Name = "${var.project_name}-public-${var.environment}" }
}

resource "aws_route" "internet" {
  count = local.own_vpc ? 1 : 0

  route_table_id         = aws_route_table.public[0].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[0].id
}

resource "aws_route_table_association" "public" {
  for_each = toset(local.zones)

  route_table_id = aws_route_table.public[0].id
  subnet_id      = aws_subnet.public[each.key].id
}

resource "aws_route_table" "private" {
  for_each = toset(local.zones)

  vpc_id = aws_vpc.this[0].id

  tags = { Name = "${var.project_name}-private-${each.key}-${var.environment}" }
}

resource "aws_route" "nat" {
  for_each = toset(local.zones)

  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[var.single_nat_gateway ? local.zones[0] : each.key].id
}

resource "aws_route_table_association" "private" {
  for_each = toset(local.zones)

  route_table_id = aws_route_table.private[each.key].id
  subnet_id      = aws_subnet.private[each.key].id
}

# Left to itself an endpoint lets everybody through to everything, the buckets of others too.
locals {
  endpoint_use = {
    dynamodb        = { actions = local.grants["tables"].actions, resources = local.grants["tables"].resources }
    s3              = { actions = ["s3:GetObject", "s3:ListBucket"], resources = [aws_s3_bucket.this["web"].arn, "${aws_s3_bucket.this["web"].arn}/*"] }
    secretsmanager  = { actions = ["secretsmanager:GetSecretValue"], resources = [for secret in aws_secretsmanager_secret.this : secret.arn] }
    bedrock-runtime = { actions = local.grants["model"].actions, resources = local.grants["model"].resources }
    sqs = {
      actions   = concat(local.grants["send"].actions, local.grants["receive"].actions)
      resources = [for queue in local.every_queue : queue.arn]
    }
  }
}

data "aws_iam_policy_document" "endpoint" {
  for_each = local.own_vpc ? setunion(["s3", "dynamodb"], var.vpc_interface_endpoints) : toset([])

  statement {
    actions   = distinct(local.endpoint_use[each.key].actions)
    resources = local.endpoint_use[each.key].resources

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = [local.account_id]
    }
  }
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = local.own_vpc ? toset(["s3", "dynamodb"]) : toset([])

  vpc_id            = aws_vpc.this[0].id
  service_name      = "com.amazonaws.${var.aws_region}.${each.key}"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for zone in local.zones : aws_route_table.private[zone].id]
  policy            = data.aws_iam_policy_document.endpoint[each.key].json

  tags = { Name = "${var.project_name}-${each.key}-${var.environment}" }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = local.own_vpc ? toset(var.vpc_interface_endpoints) : toset([])

  vpc_id              = aws_vpc.this[0].id
  service_name        = "com.amazonaws.${var.aws_region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = local.private_subnet_ids
  security_group_ids  = [aws_security_group.this["endpoints"].id]
  private_dns_enabled = true
  policy              = data.aws_iam_policy_document.endpoint[each.key].json

  tags = { Name = "${var.project_name}-${each.key}-${var.environment}" }
}

resource "aws_security_group" "this" {
  for_each = local.vpc_groups

  name        = "${var.project_name}-${each.key}-${var.environment}"
  description = each.value
  vpc_id      = local.vpc_id

  tags = { Name = "${var.project_name}-${each.key}-${var.environment}" }

  lifecycle {
    precondition {
      condition     = var.vpc_id == null || length(var.private_subnet_ids) >= 2
      error_message = "A vpc_id of your own needs its private_subnet_ids: two or more, in different zones."
    }
  }
}

resource "aws_vpc_security_group_egress_rule" "functions_https" {
  count = local.enabled.vpc ? 1 : 0

  security_group_id = aws_security_group.this["functions"].id
  description       = "AWS, Twilio and Stripe, by HTTPS"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "functions_cache" {
  count = local.enabled.vpc ? 1 : 0

  security_group_id            = aws_security_group.this["functions"].id
  description                  = "To the cache"
  referenced_security_group_id = aws_security_group.this["cache"].id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

resource "aws_vpc_security_group_ingress_rule" "from_functions" {
  for_each = local.enabled.vpc ? { cache = 6379, endpoints = 443 } : {}

  security_group_id            = aws_security_group.this[each.key].id
  description                  = "From the functions"
  referenced_security_group_id = aws_security_group.this["functions"].id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

resource "aws_flow_log" "this" {
  count = local.own_vpc ? 1 : 0

  vpc_id          = aws_vpc.this[0].id
  traffic_type    = "ALL"
  log_destination = aws_cloudwatch_log_group.flow[0].arn
  iam_role_arn    = aws_iam_role.service["flow-logs"].arn

  tags = { Name = "${var.project_name}-flow-${var.environment}" }
}

resource "aws_cloudwatch_log_group" "flow" {
  count = local.own_vpc ? 1 : 0

  name              = "/aws/vpc/${var.project_name}-${var.environment}"
  retention_in_days = var.flow_log_retention_days
  kms_key_id        = aws_kms_key.this["logs"].arn
}
