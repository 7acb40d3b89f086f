# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# The AI nutritionist: messages come in by an API, functions answer them with a language model, tables remember.
# Each file holds one part; which parts there are is decided here, by security tier and switches.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }

  backend "s3" {} # the values come from the inventory: tf_backend and tf_backend_key
}

provider "aws" {
  region = var.aws_region

  default_tags {
    tags = local.tags
  }
}

# Where copies of the backups go. Without a destination it is configured and unused.
provider "aws" {
  alias  = "backup"
  region = local.backup_region

  default_tags {
    tags = local.tags
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_availability_zones" "available" {
  state = "available"
}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition

  tags = merge({
    Project     = var.project_name
    Environment = var.environment
    ManagedBy   = "terraform"
  }, var.tags)

  tiers = {
    basic      = { vpc = false, guardduty = false, security_hub = false, config = false, backup = false }
    standard   = { vpc = true, guardduty = false, security_hub = false, config = true, backup = true }
    enterprise = { vpc = true, guardduty = true, security_hub = true, config = true, backup = true }
  }

  # the tier's word, unless a switch of its own says otherwise
  tier = local.tiers[var.security_tier]
  enabled = {
    vpc          = coalesce(var.enable_vpc, local.tier.vpc)
    guardduty    = coalesce(var.enable_guardduty, local.tier.guardduty)
    security_hub = coalesce(var.enable_security_hub, local.tier.security_hub)
    config       = coalesce(var.enable_aws_config, local.tier.config)
    backup       = coalesce(var.enable_aws_backup, local.tier.backup)
    elasticache  = var.enable_elasticache
    cloudtrail   = var.gdpr_compliance_enabled
    backup_copy  = coalesce(var.enable_aws_backup, local.tier.backup) && var.backup_cross_region_destination != null
    restore_test = coalesce(var.enable_aws_backup, local.tier.backup) && var.backup_restore_test_schedule != null
    remediation  = coalesce(var.enable_aws_config, local.tier.config) && var.enable_config_remediation
    failover_test = (
      coalesce(var.enable_aws_backup, local.tier.backup) && var.backup_cross_region_destination != null && var.backup_failover_test_schedule != null
    )
  }

  production    = var.environment == "prod"
  protected     = coalesce(var.deletion_protection, local.production)
  backup_region = coalesce(var.backup_cross_region_destination, var.aws_region)
}
