# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

environment = "sandbox-prod"

services = {
  web = {
    replicas = 3
    features = ["login", "search"]
    public   = true
  }
  jobs = {
    replicas = 2
  }
}
