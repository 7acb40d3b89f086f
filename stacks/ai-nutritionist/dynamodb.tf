# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Tables: on demand, encrypted with a key of ours, recoverable to any second of the last 35 days.

locals {
  tables = merge({
    user-data = { hash_key = "user_id", range_key = "record", index = "phone_number" }
    # a plan is looked up by its user, newest first
    meal-plans    = { hash_key = "user_id", range_key = "created_at", index = null }
    subscriptions = { hash_key = "user_id", range_key = null, index = "stripe_customer_id" }
    # the model's answers by the hash of the prompt; they go when they are old
    prompt-cache = { hash_key = "prompt_hash", range_key = null, index = null }
    }, var.gdpr_compliance_enabled ? {
    consent-audit = { hash_key = "user_id", range_key = "created_at", index = null }
  } : {})
}

resource "aws_dynamodb_table" "this" {
  for_each = local.tables

  name                        = "${var.project_name}-${each.key}-${var.environment}"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = each.value.hash_key
  range_key                   = each.value.range_key
  deletion_protection_enabled = local.protected

  dynamic "attribute" {
    for_each = toset([for name in [each.value.hash_key, each.value.range_key, each.value.index] : name if name != null])

    content {
      name = attribute.value
      type = "S"
    }
  }

  dynamic "global_secondary_index" {
    for_each = each.value.index == null ? [] : [each.value.index]

    content {
      name            = "by-${replace(global_secondary_index.value, "_", "-")}"
      hash_key        = global_secondary_index.value
      projection_type = "ALL"
    }
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = 35
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.this["data"].arn
  }
}
