# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Production: no zone depends on another, and nothing with content can be deleted.
environment        = "prod"
availability_zones = ["us-east-1a", "us-east-1b", "us-east-1c"]
single_nat_gateway = false

db_instance_class = "db.t3.small"
db_multi_az       = true

redis_replicas_per_shard      = 2
redis_snapshot_retention_days = 7

desired_count         = 3
autoscaling_min_count = 2

deletion_protection = true
