# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

terraform {
  backend "s3" {}
}

variable "shape" {
  type    = any
  default = null
}

variable "password" {
  type      = string
  sensitive = true
  default   = "initial"
}

resource "terraform_data" "shape" {
  input = var.shape
}

module "child" {
  source = "./child"
  secret = var.password
}

output "shape" {
  value = var.shape
}

output "password" {
  value     = var.password
  sensitive = true
}

output "from_child" {
  value     = module.child.secret
  sensitive = true
}
