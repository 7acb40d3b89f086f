# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Services outside of AWS: their secrets, and whether calls of them succeed, as the functions' logs tell.

locals {
  external_services = {
    twilio = { function = "universal-message-handler", text = "Messages by Twilio fail." }
    stripe = { function = "billing-handler", text = "Requests of Stripe are refused or fail." }
  }

  external_secrets = {
    twilio = { account_sid = var.twilio_account_sid, auth_token = var.twilio_auth_token }
    stripe = { webhook_secret = var.stripe_webhook_secret }
  }
}

resource "aws_secretsmanager_secret" "this" {
  for_each = local.external_services

  name        = "${var.project_name}-${each.key}-${var.environment}"
  description = "What ${var.project_name} proves requests of ${title(each.key)} with"
  kms_key_id  = aws_kms_key.this["data"].arn
  # a production secret can be brought back for 30 days; the name of another is free again at once
  recovery_window_in_days = local.production ? 30 : 0
}

resource "aws_secretsmanager_secret_version" "this" {
  for_each = local.external_services

  secret_id     = aws_secretsmanager_secret.this[each.key].id
  secret_string = jsonencode(local.external_secrets[each.key])
}

resource "aws_cloudwatch_log_metric_filter" "external" {
  for_each = var.enable_monitoring ? local.external_services : {}

  name           = "${var.project_name}-${each.key}-failures-${var.environment}"
  log_group_name = aws_cloudwatch_log_group.function[each.value.function].name
  pattern        = "{ $.service = \"${each.key}\" && $.level = \"ERROR\" }"

  metric_transformation {
    name          = "${title(each.key)}Failures"
    namespace     = "${var.project_name}/${var.environment}"
    value         = "1"
    default_value = "0"
  }
}

resource "aws_cloudwatch_metric_alarm" "external" {
  for_each = var.enable_monitoring ? local.external_services : {}

  alarm_name          = "${var.project_name}-${each.key}-failures-${var.environment}"
  alarm_description   = each.value.text
  namespace           = "${var.project_name}/${var.environment}"
  metric_name         = "${title(each.key)}Failures"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts["critical"].arn]

  depends_on = [aws_cloudwatch_log_metric_filter.external]
}
