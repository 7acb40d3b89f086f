# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# AWS End User Messaging beside Twilio: what comes in by SMS, and whether what goes out arrives. The phone number, pool
# or sender id is registered with AWS by people (sms_origination_identity); two-way messages are pointed at the topic.

resource "aws_sns_topic" "sms_inbound" {
  count = var.enable_aws_sms ? 1 : 0

  name              = "${var.project_name}-sms-inbound-${var.environment}"
  kms_master_key_id = aws_kms_key.this["messaging"].arn
}

data "aws_iam_policy_document" "sms_inbound" {
  count = var.enable_aws_sms ? 1 : 0

  statement {
    sid       = "EndUserMessagingPublishes"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.sms_inbound[0].arn]

    principals {
      type        = "Service"
      identifiers = ["sms-voice.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

resource "aws_sns_topic_policy" "sms_inbound" {
  count = var.enable_aws_sms ? 1 : 0

  arn    = aws_sns_topic.sms_inbound[0].arn
  policy = data.aws_iam_policy_document.sms_inbound[0].json
}

resource "aws_sns_topic_subscription" "sms_inbound" {
  count = var.enable_aws_sms ? 1 : 0

  topic_arn = aws_sns_topic.sms_inbound[0].arn
  protocol  = "lambda"
  endpoint  = aws_lambda_function.this["universal-message-handler"].arn
}

resource "aws_lambda_permission" "sms_inbound" {
  count = var.enable_aws_sms ? 1 : 0

  statement_id  = "AllowSmsInbound"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this["universal-message-handler"].function_name
  principal     = "sns.amazonaws.com"
  source_arn    = aws_sns_topic.sms_inbound[0].arn
}

resource "aws_cloudwatch_metric_alarm" "sms_spend" {
  count = var.enable_aws_sms && var.enable_monitoring ? 1 : 0

  alarm_name          = "${var.project_name}-sms-spend-${var.environment}"
  alarm_description   = "Messages by AWS cost more than a tenth of the month's budget."
  namespace           = "AWS/SMSVoice"
  metric_name         = "TextMessageMonthlySpend"
  statistic           = "Maximum"
  period              = 3600
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = tonumber(var.monthly_budget_limit) / 10
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts["warning"].arn]
}
