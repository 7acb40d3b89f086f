# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

output "gateway_url" {
  description = "Where the gateway is reached."
  value       = module.gateway.gateway_url
}

output "sessions_table_name" {
  description = "Name of the table of sessions."
  value       = module.gateway.sessions_table_name
}

output "log_group" {
  description = "Name of the log group of the access log."
  value       = module.gateway.log_group
}
