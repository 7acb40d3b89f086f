# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Work that needs longer than an answer may take, and where it goes when it fails.

locals {
  queues = {
    meal-plans    = "Meal plans to be made"
    notifications = "Messages to be sent"
  }
}

resource "aws_sqs_queue" "dead_letter" {
  for_each = local.queues

  name                      = "${var.project_name}-${each.key}-dlq-${var.environment}"
  message_retention_seconds = 1209600 # 14 days, the most there is
  kms_master_key_id         = aws_kms_key.this["messaging"].arn
}

resource "aws_sqs_queue" "this" {
  for_each = local.queues

  name                       = "${var.project_name}-${each.key}-${var.environment}"
  visibility_timeout_seconds = 1800 # six times the consumer's timeout, as AWS asks for
  message_retention_seconds  = 345600
  receive_wait_time_seconds  = 20
  kms_master_key_id          = aws_kms_key.this["messaging"].arn

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letter[each.key].arn
    maxReceiveCount     = 3
  })
}

resource "aws_sqs_queue_redrive_allow_policy" "this" {
  for_each = local.queues

  queue_url = aws_sqs_queue.dead_letter[each.key].id

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.this[each.key].arn]
  })
}

# Calls of functions that failed for good; the functions write to it themselves.
resource "aws_sqs_queue" "failed_calls" {
  name                      = "${var.project_name}-failed-calls-${var.environment}"
  message_retention_seconds = 1209600
  kms_master_key_id         = aws_kms_key.this["messaging"].arn
}

locals {
  every_queue = merge(
    { for name, queue in aws_sqs_queue.this : name => queue },
    { for name, queue in aws_sqs_queue.dead_letter : "${name}-dlq" => queue },
    { failed-calls = aws_sqs_queue.failed_calls },
  )
  queue_names = toset(concat(keys(local.queues), [for name in keys(local.queues) : "${name}-dlq"], ["failed-calls"]))
}

data "aws_iam_policy_document" "queue" {
  for_each = local.queue_names

  statement {
    sid       = "DenyInsecureTransport"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [local.every_queue[each.key].arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sqs_queue_policy" "this" {
  for_each = local.queue_names

  queue_url = local.every_queue[each.key].id
  policy    = data.aws_iam_policy_document.queue[each.key].json
}
