# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

environment = "staging"

# paid by request, but otherwise what production has
dynamodb_billing_mode    = "PAY_PER_REQUEST"
enable_s3_versioning     = true
enable_s3_lifecycle      = true
enable_sqs               = true
enable_sns               = true
enable_cloudwatch_alarms = true
cors_allowed_origins     = ["https://staging.loyalty.example.com"]
