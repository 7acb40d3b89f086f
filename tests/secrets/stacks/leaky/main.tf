# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# A root module that does what it can to give its secrets away.

terraform {
  backend "s3" {}
}

variable "from_vault" {
  type      = string
  sensitive = true
}

# not marked here: that it is in tf_secret_variables is all that anybody said
variable "from_file" {
  type = string
}

variable "from_environment" {
  type = string
}

variable "from_prompt" {
  type      = string
  sensitive = true
}

variable "fails_in" {
  type    = string
  default = "nothing"
}

locals {
  secrets = {
    vault       = nonsensitive(var.from_vault)
    file        = var.from_file
    environment = var.from_environment
    prompt      = nonsensitive(var.from_prompt)
  }
}

module "child" {
  source = "./child"
  secret = var.from_vault
}

resource "terraform_data" "unmarked" {
  input = {
    nested = [local.secrets]
    text   = jsonencode(local.secrets)
  }

  lifecycle {
    precondition {
      condition     = var.fails_in != "plan"
      error_message = "Refused with ${join(", ", values(local.secrets))} and ${jsonencode(local.secrets)}."
    }
  }
}

resource "terraform_data" "breaks" {
  count = var.fails_in == "apply" ? 1 : 0

  provisioner "local-exec" {
    command = "printf '%s\\n' \"refused with $VAULT, $FILE, $ENVIRONMENT, $PROMPT, $CHILD, $JSON\" >&2; exit 3"
    environment = {
      OF_THE_PROVISIONER = "true"
      VAULT              = local.secrets.vault
      FILE               = local.secrets.file
      ENVIRONMENT        = local.secrets.environment
      PROMPT             = local.secrets.prompt
      CHILD              = nonsensitive(module.child.digest)
      JSON               = jsonencode(local.secrets)
    }
  }
}

output "from_child" {
  value     = module.child.digest
  sensitive = true
}

output "all_of_them" {
  value     = local.secrets
  sensitive = true
}
