# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

output "db_endpoint" {
  description = "Host and port of the database."
  value       = "${terraform_data.database.output.host}:${terraform_data.database.output.port}"
}

output "db_user" {
  description = "Name of the application's database user."
  value       = nonsensitive(terraform_data.database_user.output.name)
}

output "services" {
  description = "What each service is reached by."
  value       = { for name, service in module.service : name => service.endpoint }
}

output "api_tokens" {
  description = "The token of each service."
  value       = { for name, service in module.service : name => service.token }
  sensitive   = true
}

output "ca_certificate" {
  description = "Certificate of the authority that signs the database's."
  value       = file("${path.module}/files/sandbox-ca.pem")
}

output "message" {
  description = "Message of the day."
  value       = terraform_data.message.output.of_the_day
}
