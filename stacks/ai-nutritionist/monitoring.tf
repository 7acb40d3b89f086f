# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Who is told of what, the dashboards, and what may be spent.

locals {
  topics = {
    critical      = "Somebody has to act now"
    warning       = "Somebody has to look"
    informational = "Good to know"
  }
}

resource "aws_sns_topic" "alerts" {
  for_each = local.topics

  name              = "${var.project_name}-${each.key}-${var.environment}"
  display_name      = each.value
  kms_master_key_id = aws_kms_key.this["messaging"].arn
}

data "aws_iam_policy_document" "alerts" {
  for_each = local.topics

  statement {
    sid       = "ServicesOfThisAccount"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alerts[each.key].arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com", "costalerts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }

  statement {
    sid       = "Events" # EventBridge knows no conditions in the policy of a topic
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alerts[each.key].arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
  }

  statement {
    sid       = "DenyInsecureTransport"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alerts[each.key].arn]

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

resource "aws_sns_topic_policy" "alerts" {
  for_each = local.topics

  arn    = aws_sns_topic.alerts[each.key].arn
  policy = data.aws_iam_policy_document.alerts[each.key].json
}

resource "aws_sns_topic_subscription" "email" {
  for_each = var.alert_email == null ? {} : local.topics

  topic_arn = aws_sns_topic.alerts[each.key].arn
  protocol  = "email"
  endpoint  = var.alert_email
}

locals {
  function_names = { for name in keys(local.functions) : name => "${var.project_name}-${name}-${var.environment}" }
  table_names    = { for name in keys(local.tables) : name => "${var.project_name}-${name}-${var.environment}" }
  api_dimensions = { ApiName = "${var.project_name}-api-${var.environment}", Stage = var.environment }
  dlq_names      = concat([for name in keys(local.queues) : "${var.project_name}-${name}-dlq-${var.environment}"], ["${var.project_name}-failed-calls-${var.environment}"])

  # nodes are named by ElastiCache: <group>-001, -002, …
  cache_nodes = local.enabled.elasticache ? [
    for number in range(1, var.elasticache_num_nodes + 1) : format("%s-cache-%s-%03d", var.project_name, var.environment, number)
  ] : []

  alarms = !var.enable_monitoring ? {} : merge(
    { for name, function in local.function_names : "${name}-errors" => {
      topic      = "critical", namespace = "AWS/Lambda", metric = "Errors", statistic = "Sum", threshold = 0
      dimensions = { FunctionName = function }, text = "Calls of ${function} fail."
    } },
    { for name, function in local.function_names : "${name}-duration" => {
      topic      = "warning", namespace = "AWS/Lambda", metric = "Duration", statistic = "p95"
      threshold  = local.functions[name].timeout * 800 # milliseconds: four fifths of what it may take
      dimensions = { FunctionName = function }, text = "Calls of ${function} nearly time out."
    } },
    { for name, function in local.function_names : "${name}-throttles" => {
      topic      = "warning", namespace = "AWS/Lambda", metric = "Throttles", statistic = "Sum", threshold = 0
      dimensions = { FunctionName = function }, text = "More calls of ${function} than its reserved concurrency."
    } },
    { for name, table in local.table_names : "${name}-throttling" => {
      topic      = "warning", namespace = "AWS/DynamoDB", metric = "ThrottledRequests", statistic = "Sum", threshold = 0
      dimensions = { TableName = table }, text = "Requests to ${table} are throttled."
    } },
    {
      api-5xx = {
        topic      = "critical", namespace = "AWS/ApiGateway", metric = "5XXError", statistic = "Sum", threshold = 5
        dimensions = local.api_dimensions, text = "The API fails."
      }
      api-4xx = {
        topic      = "warning", namespace = "AWS/ApiGateway", metric = "4XXError", statistic = "Sum", threshold = 50
        dimensions = local.api_dimensions, text = "The API refuses many requests."
      }
      api-latency = {
        topic      = "warning", namespace = "AWS/ApiGateway", metric = "Latency", statistic = "p95", threshold = 500
        dimensions = local.api_dimensions, text = "One answer of twenty takes longer than 500 ms."
      }
      firewall-blocks = {
        topic      = "critical", namespace = "AWS/WAFV2", metric = "BlockedRequests", statistic = "Sum", threshold = 1000
        dimensions = { WebACL = aws_wafv2_web_acl.api.name, Region = var.aws_region, Rule = "ALL" }, text = "An attack: the firewall blocks many requests."
      }
    },
    { for queue in local.dlq_names : "${trimprefix(queue, "${var.project_name}-")}-messages" => {
      topic      = "warning", namespace = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", statistic = "Maximum", threshold = 0
      dimensions = { QueueName = queue }, text = "Work failed for good and waits in ${queue}."
    } },
    { for node in local.cache_nodes : "${node}-cpu" => {
      topic      = "warning", namespace = "AWS/ElastiCache", metric = "EngineCPUUtilization", statistic = "Average", threshold = 80
      dimensions = { CacheClusterId = node }, text = "The cache node ${node} is busy."
    } },
    { for node in local.cache_nodes : "${node}-memory" => {
      topic      = "warning", namespace = "AWS/ElastiCache", metric = "DatabaseMemoryUsagePercentage", statistic = "Average", threshold = 90
      dimensions = { CacheClusterId = node }, text = "The cache node ${node} is full."
    } },
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.project_name}-${each.key}-${var.environment}"
  alarm_description   = each.value.text
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  period              = 300
  evaluation_periods  = each.value.topic == "critical" ? 1 : 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts[each.value.topic].arn]
  ok_actions          = each.value.topic == "critical" ? [aws_sns_topic.alerts[each.value.topic].arn] : []
}

locals {
  # by dashboard: a widget is a title, a statistic, and metrics as CloudWatch spells them
  dashboards = {
    application = [
      ["Calls", "Sum", [for name in values(local.function_names) : ["AWS/Lambda", "Invocations", "FunctionName", name]]],
      ["Failed calls", "Sum", [for name in values(local.function_names) : ["AWS/Lambda", "Errors", "FunctionName", name]]],
      ["Duration, 95th percentile", "p95", [for name in values(local.function_names) : ["AWS/Lambda", "Duration", "FunctionName", name]]],
      ["Table capacity read", "Sum", [for name in values(local.table_names) : ["AWS/DynamoDB", "ConsumedReadCapacityUnits", "TableName", name]]],
      ["Table capacity written", "Sum", [for name in values(local.table_names) : ["AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", name]]],
      ["Table requests throttled", "Sum", [for name in values(local.table_names) : ["AWS/DynamoDB", "ThrottledRequests", "TableName", name]]],
      ["API errors", "Sum", [for metric in ["4XXError", "5XXError"] : ["AWS/ApiGateway", metric, "ApiName", local.api_dimensions.ApiName, "Stage", var.environment]]],
      ["API latency, 95th percentile", "p95", [["AWS/ApiGateway", "Latency", "ApiName", local.api_dimensions.ApiName, "Stage", var.environment]]],
    ]
    infrastructure = concat(
      [
        ["Web content: requests", "Sum", [["AWS/CloudFront", "Requests", "DistributionId", aws_cloudfront_distribution.web.id, "Region", "Global"]]],
        ["Web content: cache hits", "Average", [["AWS/CloudFront", "CacheHitRate", "DistributionId", aws_cloudfront_distribution.web.id, "Region", "Global"]]],
        ["Failed work", "Maximum", [for name in local.dlq_names : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", name]]],
      ],
      local.own_vpc ? [["Flow log entries", "Sum", [["AWS/Logs", "IncomingLogEvents", "LogGroupName", aws_cloudwatch_log_group.flow[0].name]]]] : [],
      local.enabled.elasticache ? [
        ["Cache: processor", "Average", [for node in local.cache_nodes : ["AWS/ElastiCache", "EngineCPUUtilization", "CacheClusterId", node]]],
        ["Cache: memory", "Average", [for node in local.cache_nodes : ["AWS/ElastiCache", "DatabaseMemoryUsagePercentage", "CacheClusterId", node]]],
        ["Cache: hits", "Average", [for node in local.cache_nodes : ["AWS/ElastiCache", "CacheHitRate", "CacheClusterId", node]]],
      ] : [],
      local.enabled.backup ? [["Backups", "Sum", [for metric in ["NumberOfBackupJobsCompleted", "NumberOfBackupJobsFailed"] : ["AWS/Backup", metric, "BackupVaultName", aws_backup_vault.this[0].name]]]] : [],
    )
    security = concat(
      [["Requests blocked", "Sum", [["AWS/WAFV2", "BlockedRequests", "WebACL", aws_wafv2_web_acl.api.name, "Region", var.aws_region, "Rule", "ALL"]]]],
      length(local.security_events) == 0 ? [] : [
        ["Findings and events", "Sum", [for rule in aws_cloudwatch_event_rule.security : ["AWS/Events", "MatchedEvents", "RuleName", rule.name]]],
      ],
    )
    cost = [
      ["Charges this month", "Maximum", [["AWS/Billing", "EstimatedCharges", "Currency", "USD", { region = "us-east-1" }]]],
      ["Tokens of the model", "Sum", [for metric in ["InputTokenCount", "OutputTokenCount"] : ["AWS/Bedrock", metric, "ModelId", var.bedrock_model_id]]],
      ["Calls of the model", "Sum", [["AWS/Bedrock", "Invocations", "ModelId", var.bedrock_model_id]]],
    ]
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  for_each = var.enable_monitoring ? toset(["application", "infrastructure", "security", "cost"]) : toset([])

  dashboard_name = "${var.project_name}-${each.key}-${var.environment}"

  dashboard_body = jsonencode({
    widgets = [for number, widget in local.dashboards[each.key] : {
      type   = "metric"
      x      = number % 2 * 12
      y      = floor(number / 2) * 6
      width  = 12
      height = 6
      properties = {
        title   = widget[0]
        stat    = widget[1]
        metrics = widget[2]
        region  = var.aws_region
        period  = 300
        view    = "timeSeries"
      }
    }]
  })
}

# CloudFront tells of cache hits only for who asks for it.
resource "aws_cloudfront_monitoring_subscription" "web" {
  count = var.enable_monitoring ? 1 : 0

  distribution_id = aws_cloudfront_distribution.web.id

  monitoring_subscription {
    realtime_metrics_subscription_config {
      realtime_metrics_subscription_status = "Enabled"
    }
  }
}

locals {
  queries = {
    errors = {
      groups = [for name in values(local.function_names) : "/aws/lambda/${name}"]
      query  = "fields @timestamp, @log, @message | filter @message like /ERROR|Task timed out/ | sort @timestamp desc | limit 100"
    }
    slow-requests = {
      groups = ["/aws/apigateway/${var.project_name}-${var.environment}"]
      query  = "fields @timestamp, path, status, latency | filter latency > 500 | sort latency desc | limit 100"
    }
  }
}

resource "aws_cloudwatch_query_definition" "this" {
  for_each = var.enable_monitoring ? local.queries : {}

  name            = "${var.project_name}-${var.environment}/${each.key}"
  log_group_names = each.value.groups
  query_string    = each.value.query

  depends_on = [aws_cloudwatch_log_group.function, aws_cloudwatch_log_group.api]
}

# Of the whole account: a filter by tag would see nothing, and say nothing, until somebody activates the tag in Billing.
resource "aws_budgets_budget" "monthly" {
  count = var.enable_cost_optimization ? 1 : 0

  name         = "${var.project_name}-monthly-${var.environment}"
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = var.monthly_budget_limit
  limit_unit   = "USD"

  dynamic "notification" {
    for_each = { 50 = "informational", 80 = "warning", 100 = "critical" }

    content {
      comparison_operator        = "GREATER_THAN"
      notification_type          = "ACTUAL"
      threshold_type             = "PERCENTAGE"
      threshold                  = tonumber(notification.key)
      subscriber_sns_topic_arns  = [aws_sns_topic.alerts[notification.value].arn]
      subscriber_email_addresses = []
    }
  }

  depends_on = [aws_sns_topic_policy.alerts] # AWS tries whether it may publish
}

# An account has one monitor of all services, which AWS makes itself; this one watches what bears the project's tag.
resource "aws_ce_anomaly_monitor" "this" {
  count = var.enable_cost_optimization ? 1 : 0

  name         = "${var.project_name}-${var.environment}"
  monitor_type = "CUSTOM"

  monitor_specification = jsonencode({
    And            = null
    CostCategories = null
    Dimensions     = null
    Not            = null
    Or             = null
    Tags           = { Key = "Project", MatchOptions = null, Values = [var.project_name] }
  })
}

resource "aws_ce_anomaly_subscription" "this" {
  count = var.enable_cost_optimization ? 1 : 0

  name             = "${var.project_name}-${var.environment}"
  frequency        = "IMMEDIATE"
  monitor_arn_list = [aws_ce_anomaly_monitor.this[0].arn]

  subscriber {
    type    = "SNS"
    address = aws_sns_topic.alerts["warning"].arn
  }

  threshold_expression {
    dimension {
      key           = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"
      match_options = ["GREATER_THAN_OR_EQUAL"]
      values        = [tostring(var.cost_anomaly_threshold)]
    }
  }

  depends_on = [aws_sns_topic_policy.alerts]
}

# The day's in one message, which AWS sends by mail only.
resource "aws_ce_anomaly_subscription" "daily" {
  count = var.enable_cost_optimization && var.alert_email != null ? 1 : 0

  name             = "${var.project_name}-daily-${var.environment}"
  frequency        = "DAILY"
  monitor_arn_list = [aws_ce_anomaly_monitor.this[0].arn]

  subscriber {
    type    = "EMAIL"
    address = var.alert_email
  }

  threshold_expression {
    dimension {
      key           = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"
      match_options = ["GREATER_THAN_OR_EQUAL"]
      values        = ["0"]
    }
  }
}
