# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

environment = "sandbox"

services = {
  web = {
    replicas = 2
    features = ["login", "search"]
    public   = true
  }
  jobs = {
    replicas = 1
  }
}
