# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# One subnet.

terraform {
  required_version = ">= 1.5"
}

variable "name" {
  description = "Name of the subnet."
  type        = string
}

variable "cidr" {
  description = "Its addresses."
  type        = string
}

variable "zone" {
  description = "Its availability zone."
  type        = string
}

variable "public" {
  description = "Whether it is reached from outside."
  type        = bool
}

resource "terraform_data" "this" {
  input = {
    name   = var.name
    cidr   = var.cidr
    zone   = var.zone
    public = var.public
  }
}

output "address" {
  description = "Addresses and zone."
  value = {
    cidr = terraform_data.this.output.cidr
    zone = terraform_data.this.output.zone
  }
}
