# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

environment = "dev"

# cheap: paid by request, nothing kept longer than needed
dynamodb_billing_mode         = "PAY_PER_REQUEST"
enable_point_in_time_recovery = false
enable_s3_lifecycle           = false
s3_force_destroy              = true
