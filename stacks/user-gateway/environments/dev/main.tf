# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# The user gateway in dev. One bucket and one lock table hold the states of all environments, each under its own key.

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
    tags = {
      Project     = "user-gateway"
      Environment = "dev"
      ManagedBy   = "Terraform"
    }
  }
}

module "gateway" {
  source = "../../modules/gateway"

  environment  = "dev"
  upstream_url = "https://users.dev.example.com"
}
