# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# The network of the sandbox: what others build on. It uses Terraform's built-in provider only, so it needs no cloud;
# every resource records what a real one would be made of.

terraform {
  required_version = ">= 1.5"

  backend "s3" {} # the values come from the inventory: tf_backend and tf_backend_key
}

resource "terraform_data" "vpc" {
  input = {
    name        = "${var.environment}-network"
    cidr        = var.cidr
    description = var.description
    tags        = var.tags
    dns_domain  = var.dns_domain
  }
}

module "subnet" {
  source   = "./modules/subnet"
  for_each = var.subnets

  name   = "${terraform_data.vpc.output.name}-${each.key}"
  cidr   = cidrsubnet(var.cidr, 8, each.value.number)
  zone   = var.zones[each.value.number % length(var.zones)]
  public = each.value.public
}
