# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

locals {
  groups = {
    alb      = "The load balancer: reached from the internet, reaches the containers."
    ecs      = "The containers: reached by the load balancer, reach database, cache and AWS."
    database = "PostgreSQL: reached by the containers only."
    cache    = "Redis: reached by the containers only."
  }

  # who reaches whom, on which port
  paths = {
    alb-ecs      = { from = "alb", to = "ecs", port = var.container_port }
    ecs-database = { from = "ecs", to = "database", port = 5432 }
    ecs-cache    = { from = "ecs", to = "cache", port = 6379 }
  }
}

resource "aws_security_group" "this" {
  for_each = local.groups

  name        = "${var.name}-${each.key}"
  description = each.value
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_security_group_ingress_rule" "public" {
  for_each = { http = 80, https = 443 } # port 80 redirects where there is a certificate

  security_group_id = aws_security_group.this["alb"].id
  description       = "Clients, by ${each.key}"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
}

resource "aws_vpc_security_group_ingress_rule" "internal" {
  for_each = local.paths

  security_group_id            = aws_security_group.this[each.value.to].id
  description                  = "From ${each.value.from}"
  referenced_security_group_id = aws_security_group.this[each.value.from].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "internal" {
  for_each = local.paths

  security_group_id            = aws_security_group.this[each.value.from].id
  description                  = "To ${each.value.to}"
  referenced_security_group_id = aws_security_group.this[each.value.to].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

# Images, logs, secrets and the bucket are reached by the NAT gateway, over TLS.
resource "aws_vpc_security_group_egress_rule" "aws" {
  security_group_id = aws_security_group.this["ecs"].id
  description       = "AWS and the internet, by HTTPS"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
