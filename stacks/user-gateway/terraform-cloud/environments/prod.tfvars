# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

environment         = "prod"
upstream_url        = "https://users.example.com"
requests_per_second = 500
log_retention_days  = 365
