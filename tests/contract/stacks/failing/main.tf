# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

terraform {
  backend "s3" {}
}

variable "password" {
  type      = string
  sensitive = true
}

resource "terraform_data" "first" {
  input = "done"
}

resource "terraform_data" "breaks" {
  input      = terraform_data.first.output
  depends_on = [terraform_data.first]

  provisioner "local-exec" {
    command     = "echo refused with $PASSWORD >&2; exit 3"
    environment = { PASSWORD = nonsensitive(var.password) }
  }
}
