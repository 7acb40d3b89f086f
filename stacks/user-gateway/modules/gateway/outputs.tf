# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

output "gateway_url" {
  description = "Where the gateway is reached."
  value       = aws_apigatewayv2_api.gateway.api_endpoint
}

output "sessions_table_name" {
  description = "Name of the table of sessions."
  value       = aws_dynamodb_table.sessions.name
}

output "log_group" {
  description = "Name of the log group of the access log."
  value       = aws_cloudwatch_log_group.access.name
}
