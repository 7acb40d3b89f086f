# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Staging: the standard tier, and GuardDuty, so that its findings are known before production.
environment   = "staging"
security_tier = "standard"

enable_guardduty      = true
enable_aws_backup     = true
enable_elasticache    = true
elasticache_num_nodes = 1
monthly_budget_limit  = "200"
