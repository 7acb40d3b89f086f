# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

environment = "sandbox"
cidr        = "10.20.0.0/16"
zones       = ["us-east-1a", "us-east-1b"]

subnets = {
  public  = { number = 0, public = true }
  data-a  = { number = 10 }
  data-b  = { number = 11 }
  workers = { number = 20 }
}

tags = {
  Environment = "sandbox"
  CostCenter  = "4711 \"shared\""
}

dns_domain = null

description = <<-EOT
  The network of sandbox.
  Two lines, a "quotation" and a $ sign.
EOT
