# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

terraform {
  backend "s3" {}
}

variable "seconds" {
  type    = number
  default = 1
}

resource "terraform_data" "quick" {
}

resource "terraform_data" "slow" {
  depends_on = [terraform_data.quick]

  provisioner "local-exec" {
    command = "sleep ${var.seconds}"
  }
}
