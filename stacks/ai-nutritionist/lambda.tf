# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# The functions. They run on Graviton2, are traced, and none can take the whole account's concurrency.

locals {
  package = coalesce(var.lambda_package, "${path.module}/files/not-deployed.zip")

  # what each function may do: see iam.tf
  functions = merge({
    universal-message-handler = {
      description = "Answers messages of Twilio and of AWS"
      timeout     = 29 # the API waits no longer
      memory      = 512
      needs       = ["tables", "send", "model", "twilio", "sms"]
    }
    billing-handler = {
      description = "Keeps subscriptions as Stripe tells of them"
      timeout     = 29
      memory      = 256
      needs       = ["tables", "stripe"]
    }
    meal-plan-generator = {
      description = "Makes the meal plans that are asked for"
      timeout     = 300
      memory      = 1024
      needs       = ["tables", "send", "receive", "model"]
    }
    meal-plan-scheduler = {
      description = "Asks for the meal plans of the week"
      timeout     = 60
      memory      = 256
      needs       = ["tables", "send"]
    }
    }, var.gdpr_compliance_enabled ? {
    data-export = {
      description = "Hands out what is stored of a user"
      timeout     = 29
      memory      = 256
      needs       = ["tables"]
    }
  } : {})
}

resource "aws_cloudwatch_log_group" "function" {
  for_each = local.functions

  name              = "/aws/lambda/${var.project_name}-${each.key}-${var.environment}"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.this["logs"].arn
}

resource "aws_lambda_function" "this" {
  for_each = local.functions

  function_name = "${var.project_name}-${each.key}-${var.environment}"
  description   = each.value.description
  role          = aws_iam_role.function[each.key].arn

  filename         = local.package
  source_code_hash = filebase64sha256(local.package)
  handler          = "${replace(each.key, "-", "_")}.handler"
  runtime          = var.lambda_runtime
  architectures    = [var.lambda_architecture]

  timeout                        = each.value.timeout
  memory_size                    = each.value.memory
  reserved_concurrent_executions = lookup(var.lambda_reserved_concurrency, each.key, -1)
  kms_key_arn                    = aws_kms_key.this["data"].arn

  environment {
    variables = merge(
      {
        ENVIRONMENT            = var.environment
        BEDROCK_MODEL_ID       = var.bedrock_model_id
        DATA_RETENTION_DAYS    = tostring(var.data_retention_days)
        MEAL_PLAN_QUEUE_URL    = aws_sqs_queue.this["meal-plans"].id
        NOTIFICATION_QUEUE_URL = aws_sqs_queue.this["notifications"].id
      },
      { for name, table in aws_dynamodb_table.this : "${upper(replace(name, "-", "_"))}_TABLE" => table.name },
      local.enabled.elasticache ? { REDIS_URL = local.redis_url } : {},
      contains(each.value.needs, "twilio") ? { TWILIO_SECRET_ARN = aws_secretsmanager_secret.this["twilio"].arn } : {},
      contains(each.value.needs, "stripe") ? { STRIPE_SECRET_ARN = aws_secretsmanager_secret.this["stripe"].arn } : {},
      var.enable_aws_sms && var.sms_origination_identity != null ? { SMS_ORIGINATION_IDENTITY = var.sms_origination_identity } : {},
    )
  }

  tracing_config {
    mode = "Active"
  }

  dead_letter_config {
    target_arn = aws_sqs_queue.failed_calls.arn
  }

  dynamic "vpc_config" {
    for_each = local.enabled.vpc ? [true] : []

    content {
      subnet_ids         = local.private_subnet_ids
      security_group_ids = [aws_security_group.this["functions"].id]
    }
  }

  # without the group it would make one itself, unencrypted and kept for ever
  depends_on = [aws_cloudwatch_log_group.function, aws_iam_role_policy.function]
}

locals {
  redis_url = local.enabled.elasticache ? "rediss://${aws_elasticache_replication_group.this[0].primary_endpoint_address}:6379" : null
}

resource "aws_lambda_event_source_mapping" "meal_plans" {
  event_source_arn        = aws_sqs_queue.this["meal-plans"].arn
  function_name           = aws_lambda_function.this["meal-plan-generator"].arn
  batch_size              = 5
  function_response_types = ["ReportBatchItemFailures"]
}

resource "aws_cloudwatch_event_rule" "meal_plans" {
  name                = "${var.project_name}-meal-plans-${var.environment}"
  description         = "The meal plans of the week"
  schedule_expression = var.meal_plan_schedule
}

resource "aws_cloudwatch_event_target" "meal_plans" {
  rule      = aws_cloudwatch_event_rule.meal_plans.name
  target_id = "scheduler"
  arn       = aws_lambda_function.this["meal-plan-scheduler"].arn
}

resource "aws_lambda_permission" "meal_plans" {
  statement_id  = "AllowSchedule"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this["meal-plan-scheduler"].function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.meal_plans.arn
}

resource "aws_xray_group" "this" {
  count = var.enable_monitoring ? 1 : 0

  group_name        = "${var.project_name}-${var.environment}"
  filter_expression = "service(begins_with(\"${var.project_name}\")) AND (error OR fault OR responsetime > 2)"
}
