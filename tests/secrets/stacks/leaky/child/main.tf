# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

variable "secret" {
  type      = string
  sensitive = true
}

# the provider's own copy, `output`, carries no mark in a plan
resource "terraform_data" "digest" {
  input = { nested = [sha256("child of ${var.secret}")] }
}

output "digest" {
  value     = sha256("child of ${var.secret}")
  sensitive = true
}
