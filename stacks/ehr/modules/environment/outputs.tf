# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

output "artifacts_bucket" {
  description = "Name of the bucket for what the pipelines build."
  value       = aws_s3_bucket.this["artifacts"].id
}

output "artifacts_key_arn" {
  description = "ARN of the key that it is encrypted with."
  value       = aws_kms_key.artifacts.arn
}

output "audit_bucket" {
  description = "Name of the bucket with the record of who read and wrote the state."
  value       = aws_s3_bucket.this["audit"].id
}

output "log_group" {
  description = "Name of the log group of the pipelines."
  value       = aws_cloudwatch_log_group.pipeline.name
}
