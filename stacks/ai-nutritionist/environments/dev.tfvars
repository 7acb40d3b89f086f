# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Development: the basic tier.
environment   = "dev"
security_tier = "basic"

enable_guardduty      = false
enable_aws_backup     = false
enable_elasticache    = false
elasticache_num_nodes = 1
monthly_budget_limit  = "50"
