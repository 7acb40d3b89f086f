# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Redis for answers of the model that were given before.

resource "aws_elasticache_subnet_group" "this" {
  count = local.enabled.elasticache ? 1 : 0

  name        = "${var.project_name}-cache-${var.environment}"
  description = "Private subnets of ${var.project_name} in ${var.environment}"
  subnet_ids  = local.private_subnet_ids
}

resource "aws_elasticache_parameter_group" "this" {
  count = local.enabled.elasticache ? 1 : 0

  name        = "${var.project_name}-cache-${var.environment}"
  description = "A cache: what was not used for long makes room"
  family      = "redis7"

  parameter {
    name  = "maxmemory-policy"
    value = "allkeys-lru"
  }
}

resource "aws_elasticache_replication_group" "this" {
  count = local.enabled.elasticache ? 1 : 0

  replication_group_id = "${var.project_name}-cache-${var.environment}"
  description          = "Answers of the model of ${var.project_name} in ${var.environment}"

  engine               = "redis"
  engine_version       = "7.0"
  node_type            = var.elasticache_node_type
  port                 = 6379
  parameter_group_name = aws_elasticache_parameter_group.this[0].name

  num_cache_clusters         = var.elasticache_num_nodes
  automatic_failover_enabled = var.elasticache_num_nodes > 1
  multi_az_enabled           = var.elasticache_num_nodes > 1

  subnet_group_name          = aws_elasticache_subnet_group.this[0].name
  security_group_ids         = [aws_security_group.this["cache"].id]
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  kms_key_id                 = aws_kms_key.this["data"].arn

  snapshot_retention_limit = local.production ? 7 : 0
  snapshot_window          = "02:00-03:00"
  maintenance_window       = "sun:05:00-sun:06:00"

  lifecycle {
    precondition {
      condition     = local.enabled.vpc
      error_message = "enable_elasticache needs the VPC: set enable_vpc, or a security_tier that has it (standard, enterprise)."
    }
  }
}
