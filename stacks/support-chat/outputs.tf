# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

output "dynamodb_table_name" {
  description = "Name of the table of messages."
  value       = aws_dynamodb_table.chat_messages.name
}

output "dynamodb_table_arn" {
  description = "ARN of the table of messages."
  value       = aws_dynamodb_table.chat_messages.arn
}

output "s3_bucket_name" {
  description = "Name of the bucket of attachments."
  value       = aws_s3_bucket.chat_attachments.id
}

output "s3_bucket_arn" {
  description = "ARN of the bucket of attachments."
  value       = aws_s3_bucket.chat_attachments.arn
}

output "iam_user_name" {
  description = "Name of the backend's user."
  value       = aws_iam_user.backend_user.name
}

output "iam_access_key_id" {
  description = "Access key ID of the backend's user."
  value       = aws_iam_access_key.backend_user.id
  sensitive   = true
}

output "iam_secret_access_key" {
  description = "Secret access key of the backend's user."
  value       = aws_iam_access_key.backend_user.secret
  sensitive   = true
}

output "sqs_queue_url" {
  description = "URL of the queue of notifications; null without one."
  value       = one(aws_sqs_queue.chat_notifications[*].url)
}

output "sqs_dlq_url" {
  description = "URL of the dead letter queue; null without one."
  value       = one(aws_sqs_queue.chat_notifications_dlq[*].url)
}

output "sns_topic_arn" {
  description = "ARN of the topic of alerts; null without one."
  value       = one(aws_sns_topic.chat_alerts[*].arn)
}

output "cloudwatch_dashboard_name" {
  description = "Name of the dashboard; null without one."
  value       = one(aws_cloudwatch_dashboard.chat[*].dashboard_name)
}

output "backup_vault_name" {
  description = "Name of the vault of backups; null without one."
  value       = one(aws_backup_vault.chat[*].name)
}

output "backup_role_arn" {
  description = "ARN of the role that AWS Backup works as; null without one."
  value       = one(aws_iam_role.backup[*].arn)
}

output "application_env_vars" {
  description = "The environment variables of the application, as lines of its .env file."
  sensitive   = true
  value = join("", [for line in concat(
    [
      "AWS_REGION=${var.aws_region}",
      "AWS_ACCESS_KEY_ID=${aws_iam_access_key.backend_user.id}",
      "AWS_SECRET_ACCESS_KEY=${aws_iam_access_key.backend_user.secret}",
      "DYNAMODB_TABLE_NAME=${aws_dynamodb_table.chat_messages.name}",
      "S3_BUCKET_NAME=${aws_s3_bucket.chat_attachments.id}",
    ],
    [for queue in aws_sqs_queue.chat_notifications : "SQS_QUEUE_URL=${queue.url}"],
    [for topic in aws_sns_topic.chat_alerts : "SNS_TOPIC_ARN=${topic.arn}"],
  ) : "${line}\n"])
}
