# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Production: the enterprise tier.
environment   = "prod"
security_tier = "enterprise"

enable_guardduty          = true
enable_security_hub       = true
enable_config_remediation = true # the account is this system's alone
enable_aws_backup         = true
enable_elasticache        = true
elasticache_num_nodes     = 2
single_nat_gateway        = false

backup_cross_region_destination = "us-west-2"
backup_restore_test_schedule    = "cron(0 6 1 * ? *)" # every month
backup_failover_test_schedule   = "cron(0 6 2 1 ? *)" # every year
monthly_budget_limit            = "1000"
