# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

environment         = "staging"
upstream_url        = "https://users.staging.example.com"
requests_per_second = 100
log_retention_days  = 30
