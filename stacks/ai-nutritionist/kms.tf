# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Customer-managed keys, rotated every year: one for what is stored, one for logs, one for messages.

locals {
  keys = {
    data      = "Tables, buckets, functions, secrets, cache and backups"
    logs      = "Log groups"
    messaging = "Queues and topics"
  }

  # services that use a key on their own account, not as somebody of this account, and how each says for whom
  of_account = { test = "StringEquals", variable = "aws:SourceAccount", values = [local.account_id] }
  of_objects = { test = "ArnLike", variable = "aws:SourceArn", values = ["arn:${local.partition}:*:*:${local.account_id}:*"] }
  of_logs = {
    test     = "ArnLike"
    variable = "kms:EncryptionContext:aws:logs:arn"
    values   = ["arn:${local.partition}:logs:${var.aws_region}:${local.account_id}:log-group:*"]
  }

  key_users = {
    data = [
      { service = "cloudfront", actions = ["kms:Decrypt"], conditions = [local.of_objects] },
      { service = "cloudtrail", actions = ["kms:GenerateDataKey", "kms:DescribeKey"], conditions = [local.of_objects] },
    ]
    logs = [
      {
        service    = "logs.${var.aws_region}"
        actions    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:DescribeKey"]
        conditions = [local.of_logs]
      },
    ]
    messaging = concat(
      # EventBridge sends neither account nor object along
      [{ service = "events", actions = ["kms:Decrypt", "kms:GenerateDataKey"], conditions = [] }],
      [for service in ["cloudwatch", "budgets", "costalerts", "sms-voice"] : {
        service = service, actions = ["kms:Decrypt", "kms:GenerateDataKey"], conditions = [local.of_account]
      }],
    )
  }
}

data "aws_iam_policy_document" "key" {
  for_each = local.keys

  # as AWS makes it: without it nobody could ever change the key, and IAM policies would have no say
  statement {
    sid       = "Account"
    actions   = ["kms:*"]
    resources = ["*"] # in a key's policy: this key

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account_id}:root"]
    }
  }

  dynamic "statement" {
    for_each = local.key_users[each.key]

    content {
      actions   = statement.value.actions
      resources = ["*"] # in a key's policy: this key

      principals {
        type        = "Service"
        identifiers = ["${statement.value.service}.amazonaws.com"]
      }

      dynamic "condition" {
        for_each = statement.value.conditions

        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

resource "aws_kms_key" "this" {
  for_each = local.keys

  description             = "${each.value} of ${var.project_name} in ${var.environment}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key[each.key].json
}

resource "aws_kms_alias" "this" {
  for_each = local.keys

  name          = "alias/${var.project_name}-${each.key}-${var.environment}"
  target_key_id = aws_kms_key.this[each.key].key_id
}
