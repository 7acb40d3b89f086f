# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

environment = "prod"

dynamodb_billing_mode         = "PROVISIONED"
enable_autoscaling            = true
enable_point_in_time_recovery = true
enable_s3_versioning          = true
enable_s3_lifecycle           = true
enable_sqs                    = true
enable_sns                    = true
enable_cloudwatch_alarms      = true
enable_cloudwatch_dashboard   = true
cors_allowed_origins          = ["https://loyalty.example.com"]
sns_email_subscriptions       = ["billing@example.com"]
