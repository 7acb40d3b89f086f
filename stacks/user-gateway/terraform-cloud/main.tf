# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# The user gateway with its state in Terraform Cloud instead of S3. The inventory names the workspace in tf_workspace,
# user-gateway-dev for example; the token is TF_TOKEN_app_terraform_io in the environment.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }

  cloud {
    organization = "your-organization"

    workspaces {
      tags = ["user-gateway"]
    }
  }
}

provider "aws" {
  region = var.aws_region

  default_tags {
    tags = {
      Project     = "user-gateway"
      Environment = var.environment
      ManagedBy   = "Terraform"
    }
  }
}

module "gateway" {
  source = "../modules/gateway"

  environment            = var.environment
  upstream_url           = var.upstream_url
  requests_per_second    = var.requests_per_second
  log_retention_days     = var.log_retention_days
  point_in_time_recovery = var.environment != "dev"
  deletion_protection    = var.environment == "prod"
}
