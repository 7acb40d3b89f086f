# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

environment = "sandbox-prod"
cidr        = "10.30.0.0/16"
zones       = ["us-east-1a", "us-east-1b", "us-east-1c"]

subnets = {
  public  = { number = 0, public = true }
  data-a  = { number = 10 }
  data-b  = { number = 11 }
  workers = { number = 20 }
}

tags = {
  Environment = "sandbox-prod"
  CostCenter  = "4711 \"shared\""
}

dns_domain = "db.sandbox.example"

description = <<-EOT
  The network of sandbox-prod.
  Two lines, a "quotation" and a $ sign.
EOT
