# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# The live environment qa. Its backend is its own: bucket, lock table and key are made by the playbooks.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {
  region = var.aws_region

  default_tags {
    tags = {
      Project     = "ehr"
      Environment = "qa"
      ManagedBy   = "Terraform"
    }
  }
}

module "environment" {
  source = "../../modules/environment"

  environment        = "qa"
  state_bucket       = var.state_bucket
  log_retention_days = 30
}
