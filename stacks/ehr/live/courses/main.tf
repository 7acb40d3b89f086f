# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# The live environment courses. Its backend is its own: bucket, lock table and key are made by the playbooks.

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
      Environment = "courses"
      ManagedBy   = "Terraform"
    }
  }
}

module "environment" {
  source = "../../modules/environment"

  environment        = "courses"
  state_bucket       = var.state_bucket
  log_retention_days = 90
}
