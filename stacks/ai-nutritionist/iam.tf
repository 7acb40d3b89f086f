# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Roles: one a function with what that function needs, and one for each service that works on its own.

data "aws_iam_policy_document" "assume_lambda" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "function" {
  for_each = local.functions

  name               = "${var.project_name}-${each.key}-${var.environment}"
  description        = each.value.description
  assume_role_policy = data.aws_iam_policy_document.assume_lambda.json
}

locals {
  bedrock_arn = "arn:${local.partition}:bedrock:${var.aws_region}::foundation-model/${var.bedrock_model_id}"

  # what a function may do beyond its own log, traces and failed calls, by what it needs
  grants = merge({
    tables = {
      actions = [
        "dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:GetItem",
        "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem",
      ]
      resources = flatten([for table in aws_dynamodb_table.this : [table.arn, "${table.arn}/index/*"]])
    }
    send = {
      actions   = ["sqs:SendMessage", "sqs:GetQueueAttributes"]
      resources = [for queue in aws_sqs_queue.this : queue.arn]
    }
    receive = {
      actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"]
      resources = [aws_sqs_queue.this["meal-plans"].arn]
    }
    model = {
      actions   = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
      resources = [local.bedrock_arn]
    }
    twilio = {
      actions   = ["secretsmanager:GetSecretValue"]
      resources = [aws_secretsmanager_secret.this["twilio"].arn]
    }
    stripe = {
      actions   = ["secretsmanager:GetSecretValue"]
      resources = [aws_secretsmanager_secret.this["stripe"].arn]
    }
    }, var.enable_aws_sms ? {
    sms = {
      actions   = ["sms-voice:SendTextMessage"]
      resources = [for kind in ["phone-number", "pool", "sender-id"] : "arn:${local.partition}:sms-voice:${var.aws_region}:${local.account_id}:${kind}/*"]
    }
  } : {})
}

data "aws_iam_policy_document" "function" {
  for_each = local.functions

  statement {
    sid       = "WriteLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.function[each.key].arn}:*"]
  }

  statement {
    sid       = "FailedCalls"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.failed_calls.arn]
  }

  statement {
    sid       = "UseKeys"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.this["data"].arn, aws_kms_key.this["messaging"].arn]
  }

  statement {
    sid       = "Trace"
    actions   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    resources = ["*"] # the actions know no resource
  }

  dynamic "statement" {
    for_each = { for need in each.value.needs : need => local.grants[need] if contains(keys(local.grants), need) }

    content {
      sid       = title(statement.key)
      actions   = statement.value.actions
      resources = statement.value.resources
    }
  }

  dynamic "statement" {
    for_each = local.enabled.vpc ? [true] : []

    content {
      sid = "NetworkInterfaces"
      actions = [
        "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
      ]
      resources = ["*"] # Lambda checks them so, before the interfaces are there
    }
  }
}

resource "aws_iam_role_policy" "function" {
  for_each = local.functions

  name   = "needs"
  role   = aws_iam_role.function[each.key].id
  policy = data.aws_iam_policy_document.function[each.key].json
}

locals {
  managed   = "arn:${local.partition}:iam::aws:policy/service-role"
  event_bus = "arn:${local.partition}:events:${var.aws_region}:${local.account_id}:event-bus/default"

  services = merge(
    {
      api-gateway = { service = "apigateway", policies = ["${local.managed}/AmazonAPIGatewayPushToCloudWatchLogs"] }
    },
    local.own_vpc ? { flow-logs = { service = "vpc-flow-logs", policies = [] } } : {},
    local.enabled.config ? { config = { service = "config", policies = ["${local.managed}/AWS_ConfigRole"] } } : {},
    local.enabled.remediation ? { remediation = { service = "ssm", policies = [] } } : {},
    local.enabled.failover_test ? { events = { service = "events", policies = [] } } : {},
    local.enabled.backup ? {
      backup = {
        service = "backup"
        policies = [
          "${local.managed}/AWSBackupServiceRolePolicyForBackup", "${local.managed}/AWSBackupServiceRolePolicyForRestores",
        ]
      }
    } : {},
  )

  service_policies = merge([
    for name, service in local.services : { for arn in service.policies : "${name}/${basename(arn)}" => { role = name, arn = arn } }
  ]...)
}

data "aws_iam_policy_document" "assume_service" {
  for_each = local.services

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["${each.value.service}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "service" {
  for_each = local.services

  name               = "${var.project_name}-${each.key}-${var.environment}"
  assume_role_policy = data.aws_iam_policy_document.assume_service[each.key].json
}

resource "aws_iam_role_policy_attachment" "service" {
  for_each = local.service_policies

  role       = aws_iam_role.service[each.value.role].name
  policy_arn = each.value.arn
}

data "aws_iam_policy_document" "flow_logs" {
  count = local.own_vpc ? 1 : 0

  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
    resources = ["${aws_cloudwatch_log_group.flow[0].arn}:*"]
  }
}

resource "aws_iam_role_policy" "flow_logs" {
  count = local.own_vpc ? 1 : 0

  name   = "write"
  role   = aws_iam_role.service["flow-logs"].id
  policy = data.aws_iam_policy_document.flow_logs[0].json
}

data "aws_iam_policy_document" "config" {
  count = local.enabled.config ? 1 : 0

  statement {
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.this["audit"].arn}/config/AWSLogs/${local.account_id}/*"]
  }

  statement {
    actions   = ["s3:GetBucketAcl", "s3:ListBucket"]
    resources = [aws_s3_bucket.this["audit"].arn]
  }

  statement {
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.this["data"].arn]
  }
}

resource "aws_iam_role_policy" "config" {
  count = local.enabled.config ? 1 : 0

  name   = "deliver"
  role   = aws_iam_role.service["config"].id
  policy = data.aws_iam_policy_document.config[0].json
}

# The rules look at the whole account, so what they find is in no list of ours.
data "aws_iam_policy_document" "remediation" {
  count = local.enabled.remediation ? 1 : 0

  statement {
    actions = ["ssm:GetAutomationExecution", "ssm:StartAutomationExecution"]
    resources = [
      "arn:${local.partition}:ssm:${var.aws_region}:${local.account_id}:automation-execution/*",
      "arn:${local.partition}:ssm:${var.aws_region}::automation-definition/*",
    ]
  }

  statement {
    actions = [
      "s3:GetBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock",
      "s3:GetEncryptionConfiguration", "s3:PutEncryptionConfiguration",
    ]
    resources = ["arn:${local.partition}:s3:::*"]
  }

  statement {
    actions   = ["dynamodb:DescribeContinuousBackups", "dynamodb:UpdateContinuousBackups"]
    resources = ["arn:${local.partition}:dynamodb:${var.aws_region}:${local.account_id}:table/*"]
  }

  statement {
    actions   = ["kms:EnableKeyRotation", "kms:GetKeyRotationStatus"]
    resources = ["arn:${local.partition}:kms:${var.aws_region}:${local.account_id}:key/*"]
  }
}

resource "aws_iam_role_policy" "remediation" {
  count = local.enabled.remediation ? 1 : 0

  name   = "put-right"
  role   = aws_iam_role.service["remediation"].id
  policy = data.aws_iam_policy_document.remediation[0].json
}

data "aws_iam_policy_document" "events" {
  count = local.enabled.failover_test ? 1 : 0

  statement {
    actions   = ["events:PutEvents"]
    resources = [local.event_bus]
  }
}

resource "aws_iam_role_policy" "events" {
  count = local.enabled.failover_test ? 1 : 0

  name   = "hand-on"
  role   = aws_iam_role.service["events"].id
  policy = data.aws_iam_policy_document.events[0].json
}
