# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

output "artifacts_bucket" {
  description = "Name of the bucket for what the pipelines build."
  value       = module.environment.artifacts_bucket
}

output "artifacts_key_arn" {
  description = "ARN of the key that it is encrypted with."
  value       = module.environment.artifacts_key_arn
}

output "audit_bucket" {
  description = "Name of the bucket with the record of who read and wrote the state."
  value       = module.environment.audit_bucket
}

output "log_group" {
  description = "Name of the log group of the pipelines."
  value       = module.environment.log_group
}
