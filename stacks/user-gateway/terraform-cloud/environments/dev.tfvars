# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

environment         = "dev"
upstream_url        = "https://users.dev.example.com"
requests_per_second = 50
log_retention_days  = 14
