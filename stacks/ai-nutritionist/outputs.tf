# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

output "webhook_url" {
  description = "Where Twilio sends messages."
  value       = "${aws_api_gateway_stage.this.invoke_url}/webhook"
}

output "billing_webhook_url" {
  description = "Where Stripe tells of payments."
  value       = "${aws_api_gateway_stage.this.invoke_url}/billing-webhook"
}

output "cloudwatch_dashboard_url" {
  description = "The application's dashboard; null without monitoring."
  value       = var.enable_monitoring ? "https://${var.aws_region}.console.aws.amazon.com/cloudwatch/home?region=${var.aws_region}#dashboards:name=${aws_cloudwatch_dashboard.this["application"].dashboard_name}" : null
}

output "web_url" {
  description = "Where the web content is."
  value       = local.web_origin
}

output "web_bucket_name" {
  description = "Bucket that the web content is uploaded to."
  value       = aws_s3_bucket.this["web"].id
}

output "cloudfront_distribution_id" {
  description = "Distribution whose cache is cleared after an upload."
  value       = aws_cloudfront_distribution.web.id
}

output "api_key" {
  description = "Key of the web content for the API."
  value       = aws_api_gateway_api_key.web.value
  sensitive   = true
}

output "table_names" {
  description = "Tables by what they hold."
  value       = { for name, table in aws_dynamodb_table.this : name => table.name }
}

output "function_names" {
  description = "Functions by what they do."
  value       = { for name, function in aws_lambda_function.this : name => function.function_name }
}

output "redis_url" {
  description = "The cache; null without."
  value       = local.redis_url
}

output "resource_summary" {
  description = "What there is, in one look."
  value = {
    environment   = var.environment
    region        = var.aws_region
    security_tier = var.security_tier
    enabled       = local.enabled
    functions     = length(local.functions)
    tables        = length(local.tables)
    queues        = length(local.queue_names)
    buckets       = length(local.bucket_names)
    alarms        = length(local.alarms)
    cache_nodes   = length(local.cache_nodes)
    budget_usd    = var.enable_cost_optimization ? var.monthly_budget_limit : null
  }
}
