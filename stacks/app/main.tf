# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# An application of the sandbox, on the network of the stack "network". It uses Terraform's built-in provider only.

terraform {
  required_version = ">= 1.5"

  backend "s3" {} # the values come from the inventory: tf_backend and tf_backend_key
}

data "terraform_remote_state" "network" {
  backend = "s3"
  config  = var.network_state
}

locals {
  network  = data.terraform_remote_state.network.outputs
  database = "${var.environment}-db.${coalesce(try(local.network.dns_domain, null), "internal")}"
}

resource "terraform_data" "database" {
  input = {
    host    = local.database
    port    = 5432
    subnets = [for name, subnet in local.network.subnets : subnet.cidr if startswith(name, "data")]
  }

  # a new password is a new user, not a new database
  triggers_replace = [local.network.id]
}

resource "terraform_data" "database_user" {
  input = {
    name     = "app"
    password = var.db_password
  }
}

module "service" {
  source   = "./modules/service"
  for_each = var.services

  name     = each.key
  network  = local.network.name
  settings = each.value
  database = terraform_data.database.output.host
  password = terraform_data.database_user.output.password
}

resource "terraform_data" "message" {
  input = {
    of_the_day = var.message
    quota      = var.quota
  }
}
