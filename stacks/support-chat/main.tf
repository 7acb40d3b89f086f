# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# The AWS side of the support chat of the loyalty backend: messages in DynamoDB, attachments in S3, and an IAM user for
# the backend. One state key; each environment is a workspace of its name, with environments/<name>.tfvars.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }

  backend "s3" {} # the values come from the inventory: tf_backend, tf_backend_key and tf_workspace
}

provider "aws" {
  region = var.aws_region

  default_tags {
    tags = {
      Project     = var.project_name
      Environment = var.environment
      ManagedBy   = "Terraform"
    }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  prefix      = "${var.project_name}-${var.environment}"
  table_name  = coalesce(var.dynamodb_table_name, "${local.prefix}-chat-messages")
  bucket_name = coalesce(var.s3_bucket_name, "${local.prefix}-chat-attachments-${data.aws_caller_identity.current.account_id}")
  user_name   = coalesce(var.iam_user_name, "${local.prefix}-backend-user")

  provisioned = var.dynamodb_billing_mode == "PROVISIONED"
  autoscaled  = var.enable_autoscaling && local.provisioned
  alarms      = toset(var.enable_cloudwatch_alarms ? ["read", "write"] : [])
  alert       = var.enable_sns ? [aws_sns_topic.chat_alerts[0].arn] : []
  replicated  = var.s3_replication_bucket_arn != null
}

# Messages

resource "aws_dynamodb_table" "chat_messages" {
  name         = local.table_name
  billing_mode = var.dynamodb_billing_mode
  hash_key     = "MessageId"

  read_capacity  = local.provisioned ? var.dynamodb_read_capacity : null
  write_capacity = local.provisioned ? var.dynamodb_write_capacity : null

  attribute {
    name = "MessageId"
    type = "S"
  }

  attribute {
    name = "ChatId"
    type = "S"
  }

  attribute {
    name = "Timestamp"
    type = var.dynamodb_timestamp_type
  }

  global_secondary_index {
    name            = "ChatId-Timestamp-index"
    hash_key        = "ChatId"
    range_key       = "Timestamp"
    projection_type = "ALL"
    read_capacity   = local.provisioned ? var.dynamodb_read_capacity : null
    write_capacity  = local.provisioned ? var.dynamodb_write_capacity : null
  }

  # without a key of one's own it is AWS's key for DynamoDB; encrypted it is in any case
  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }

  point_in_time_recovery {
    enabled = var.enable_point_in_time_recovery
  }

  lifecycle {
    # what autoscaling has set is not to be taken back by the next apply
    ignore_changes = [read_capacity, write_capacity]

    precondition {
      condition     = contains(["default", var.environment], terraform.workspace)
      error_message = "These are the variables of ${var.environment}, but the workspace is ${terraform.workspace}."
    }
  }
}

resource "aws_appautoscaling_target" "chat_messages" {
  for_each = local.autoscaled ? {
    read  = { capacity = "ReadCapacityUnits", min = var.dynamodb_read_capacity, max = var.autoscaling_read_max_capacity }
    write = { capacity = "WriteCapacityUnits", min = var.dynamodb_write_capacity, max = var.autoscaling_write_max_capacity }
  } : {}

  service_namespace  = "dynamodb"
  resource_id        = "table/${aws_dynamodb_table.chat_messages.name}"
  scalable_dimension = "dynamodb:table:${each.value.capacity}"
  min_capacity       = each.value.min
  max_capacity       = each.value.max

  lifecycle {
    precondition {
      condition     = each.value.max >= each.value.min
      error_message = "Autoscaling of ${each.value.capacity} needs a maximum of at least ${each.value.min}, the table's capacity."
    }
  }
}

resource "aws_appautoscaling_policy" "chat_messages" {
  for_each = aws_appautoscaling_target.chat_messages

  name               = "${local.table_name}-${each.key}-utilization"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = each.value.service_namespace
  resource_id        = each.value.resource_id
  scalable_dimension = each.value.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value = var.autoscaling_target_utilization

    predefined_metric_specification {
      predefined_metric_type = { read = "DynamoDBReadCapacityUtilization", write = "DynamoDBWriteCapacityUtilization" }[each.key]
    }
  }
}

# Attachments

resource "aws_s3_bucket" "chat_attachments" {
  bucket        = local.bucket_name
  force_destroy = var.s3_force_destroy
}

resource "aws_s3_bucket_public_access_block" "chat_attachments" {
  bucket = aws_s3_bucket.chat_attachments.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "chat_attachments" {
  bucket = aws_s3_bucket.chat_attachments.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "chat_attachments" {
  bucket = aws_s3_bucket.chat_attachments.id

  rule {
    bucket_key_enabled = var.s3_kms_key_arn != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.s3_kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.s3_kms_key_arn
    }
  }
}

resource "aws_s3_bucket_versioning" "chat_attachments" {
  count  = var.enable_s3_versioning ? 1 : 0
  bucket = aws_s3_bucket.chat_attachments.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_cors_configuration" "chat_attachments" {
  bucket = aws_s3_bucket.chat_attachments.id

  cors_rule {
    allowed_origins = var.cors_allowed_origins
    allowed_methods = ["GET", "HEAD", "POST", "PUT"]
    allowed_headers = ["*"]
    expose_headers  = ["ETag"]
    max_age_seconds = 3000
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "chat_attachments" {
  count  = var.enable_s3_lifecycle ? 1 : 0
  bucket = aws_s3_bucket.chat_attachments.id

  rule {
    id     = "attachments"
    status = "Enabled"

    filter {}

    transition {
      days          = var.s3_transition_days
      storage_class = "STANDARD_IA"
    }

    expiration {
      days = var.s3_expiration_days
    }

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.chat_attachments]
}

data "aws_iam_policy_document" "tls_only" {
  statement {
    sid       = "DenyInsecureTransport"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.chat_attachments.arn, "${aws_s3_bucket.chat_attachments.arn}/*"]

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

resource "aws_s3_bucket_policy" "chat_attachments" {
  bucket = aws_s3_bucket.chat_attachments.id
  policy = data.aws_iam_policy_document.tls_only.json

  depends_on = [aws_s3_bucket_public_access_block.chat_attachments]
}

resource "aws_s3_bucket_logging" "chat_attachments" {
  count  = var.s3_logging_bucket == null ? 0 : 1
  bucket = aws_s3_bucket.chat_attachments.id

  target_bucket = var.s3_logging_bucket
  target_prefix = "${local.bucket_name}/"
}

# A copy in another region, if wanted

data "aws_iam_policy_document" "assume_replication" {
  count = local.replicated ? 1 : 0

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_iam_policy_document" "replication" {
  count = local.replicated ? 1 : 0

  statement {
    sid       = "Source"
    actions   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
    resources = [aws_s3_bucket.chat_attachments.arn]
  }

  statement {
    sid       = "Read"
    actions   = ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"]
    resources = ["${aws_s3_bucket.chat_attachments.arn}/*"]
  }

  statement {
    sid       = "Write"
    actions   = ["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"]
    resources = ["${var.s3_replication_bucket_arn}/*"]
  }

  dynamic "statement" {
    for_each = var.s3_kms_key_arn[*]

    content {
      sid       = "SourceKey"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = var.s3_replication_kms_key_arn[*]

    content {
      sid       = "DestinationKey"
      actions   = ["kms:Encrypt"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role" "replication" {
  count              = local.replicated ? 1 : 0
  name               = "${local.prefix}-replication"
  assume_role_policy = data.aws_iam_policy_document.assume_replication[0].json
}

resource "aws_iam_role_policy" "replication" {
  count  = local.replicated ? 1 : 0
  name   = "replicate"
  role   = aws_iam_role.replication[0].id
  policy = data.aws_iam_policy_document.replication[0].json
}

resource "aws_s3_bucket_replication_configuration" "chat_attachments" {
  count  = local.replicated ? 1 : 0
  bucket = aws_s3_bucket.chat_attachments.id
  role   = aws_iam_role.replication[0].arn

  rule {
    id     = "attachments"
    status = "Enabled"

    filter {}

    # what is deleted here is hidden there, and its versions stay
    delete_marker_replication {
      status = "Enabled"
    }

    dynamic "source_selection_criteria" {
      for_each = var.s3_kms_key_arn[*]

      content {
        sse_kms_encrypted_objects {
          status = "Enabled"
        }
      }
    }

    destination {
      bucket        = var.s3_replication_bucket_arn
      storage_class = "STANDARD_IA"

      dynamic "encryption_configuration" {
        for_each = var.s3_replication_kms_key_arn[*]

        content {
          replica_kms_key_id = encryption_configuration.value
        }
      }
    }
  }

  lifecycle {
    precondition {
      condition     = var.enable_s3_versioning
      error_message = "s3_replication_bucket_arn needs enable_s3_versioning: S3 replicates versions."
    }

    precondition {
      condition     = (var.s3_kms_key_arn == null) == (var.s3_replication_kms_key_arn == null)
      error_message = "Attachments with a key of your own need one for their copies, s3_replication_kms_key_arn, and others have none."
    }
  }

  depends_on = [aws_iam_role_policy.replication, aws_s3_bucket_versioning.chat_attachments]
}

# The backend's access

resource "aws_iam_user" "backend_user" {
  name = local.user_name
}

resource "aws_iam_access_key" "backend_user" {
  user = aws_iam_user.backend_user.name

  # a rotation makes the new key before it deletes the old one, so that the backend always has one that works
  lifecycle {
    create_before_destroy = true
  }
}

data "aws_iam_policy_document" "dynamodb_access" {
  statement {
    sid = "Messages"
    actions = [
      "dynamodb:BatchGetItem",
      "dynamodb:BatchWriteItem",
      "dynamodb:DeleteItem",
      "dynamodb:DescribeTable",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:UpdateItem",
    ]
    resources = [aws_dynamodb_table.chat_messages.arn, "${aws_dynamodb_table.chat_messages.arn}/index/*"]
  }

  dynamic "statement" {
    for_each = var.kms_key_arn[*]

    content {
      sid       = "Key"
      actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
      resources = [statement.value]
    }
  }
}

data "aws_iam_policy_document" "s3_access" {
  statement {
    sid       = "Bucket"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket"]
    resources = [aws_s3_bucket.chat_attachments.arn]
  }

  statement {
    sid       = "Attachments"
    actions   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = ["${aws_s3_bucket.chat_attachments.arn}/*"]
  }

  dynamic "statement" {
    for_each = var.s3_kms_key_arn[*]

    content {
      sid       = "Key"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]
    }
  }
}

data "aws_iam_policy_document" "sqs_access" {
  count = var.enable_sqs ? 1 : 0

  statement {
    sid = "Notifications"
    actions = [
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:GetQueueUrl",
      "sqs:ReceiveMessage",
      "sqs:SendMessage",
    ]
    resources = [aws_sqs_queue.chat_notifications[0].arn]
  }
}

resource "aws_iam_policy" "dynamodb_access" {
  name        = "${local.prefix}-dynamodb-access"
  description = "The chat's table and its index"
  policy      = data.aws_iam_policy_document.dynamodb_access.json
}

resource "aws_iam_policy" "s3_access" {
  name        = "${local.prefix}-s3-access"
  description = "The chat's attachments"
  policy      = data.aws_iam_policy_document.s3_access.json
}

resource "aws_iam_policy" "sqs_access" {
  count       = var.enable_sqs ? 1 : 0
  name        = "${local.prefix}-sqs-access"
  description = "The chat's notifications"
  policy      = data.aws_iam_policy_document.sqs_access[0].json
}

resource "aws_iam_user_policy_attachment" "dynamodb_access" {
  user       = aws_iam_user.backend_user.name
  policy_arn = aws_iam_policy.dynamodb_access.arn
}

resource "aws_iam_user_policy_attachment" "s3_access" {
  user       = aws_iam_user.backend_user.name
  policy_arn = aws_iam_policy.s3_access.arn
}

resource "aws_iam_user_policy_attachment" "sqs_access" {
  count      = var.enable_sqs ? 1 : 0
  user       = aws_iam_user.backend_user.name
  policy_arn = aws_iam_policy.sqs_access[0].arn
}

# Notifications, if wanted

resource "aws_sqs_queue" "chat_notifications_dlq" {
  count                     = var.enable_sqs ? 1 : 0
  name                      = "${local.prefix}-chat-notifications-dlq"
  sqs_managed_sse_enabled   = true
  message_retention_seconds = 1209600 # 14 days, the most there is: time to look at what failed
}

resource "aws_sqs_queue" "chat_notifications" {
  count                   = var.enable_sqs ? 1 : 0
  name                    = "${local.prefix}-chat-notifications"
  sqs_managed_sse_enabled = true

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.chat_notifications_dlq[0].arn
    maxReceiveCount     = var.sqs_max_receive_count
  })
}

# Alerts, if wanted

resource "aws_sns_topic" "chat_alerts" {
  count             = var.enable_sns ? 1 : 0
  name              = "${local.prefix}-chat-alerts"
  kms_master_key_id = var.sns_kms_key_arn
}

resource "aws_sns_topic_subscription" "email" {
  for_each  = toset(var.enable_sns ? var.sns_email_subscriptions : [])
  topic_arn = aws_sns_topic.chat_alerts[0].arn
  protocol  = "email"
  endpoint  = each.value
}

resource "aws_cloudwatch_metric_alarm" "dynamodb_throttle" {
  for_each = local.alarms

  alarm_name          = "${local.prefix}-dynamodb-${each.key}-throttle"
  alarm_description   = "Requests that ${each.key} chat messages are throttled"
  namespace           = "AWS/DynamoDB"
  metric_name         = { read = "ReadThrottleEvents", write = "WriteThrottleEvents" }[each.key]
  dimensions          = { TableName = aws_dynamodb_table.chat_messages.name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 2
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.throttle_alarm_threshold
  treat_missing_data  = "notBreaching" # DynamoDB sends none while nothing is throttled
  alarm_actions       = local.alert
  ok_actions          = local.alert
}

resource "aws_cloudwatch_metric_alarm" "s3_bucket_size" {
  count = var.enable_cloudwatch_alarms ? 1 : 0

  alarm_name          = "${local.prefix}-s3-bucket-size"
  alarm_description   = "The chat's attachments take more than ${var.s3_size_alarm_gigabytes} GB"
  namespace           = "AWS/S3"
  metric_name         = "BucketSizeBytes"
  dimensions          = { BucketName = aws_s3_bucket.chat_attachments.id, StorageType = "StandardStorage" }
  statistic           = "Average"
  period              = 86400 # S3 measures once a day
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.s3_size_alarm_gigabytes * 1000000000
  alarm_actions       = local.alert
}

# Of the whole account: a filter by tag would see nothing until somebody activates the tag in Billing.
resource "aws_budgets_budget" "monthly" {
  count = var.monthly_budget_limit == null ? 0 : 1

  name         = "${local.prefix}-monthly"
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = var.monthly_budget_limit
  limit_unit   = "USD"

  dynamic "notification" {
    for_each = [80, 100]

    content {
      comparison_operator        = "GREATER_THAN"
      notification_type          = "ACTUAL"
      threshold_type             = "PERCENTAGE"
      threshold                  = notification.value
      subscriber_email_addresses = var.sns_email_subscriptions
    }
  }

  lifecycle {
    precondition {
      condition     = length(var.sns_email_subscriptions) > 0
      error_message = "monthly_budget_limit needs sns_email_subscriptions: somebody has to be told."
    }
  }
}

# Dashboard, if wanted

locals {
  # a widget is a title, a statistic, a period in seconds, and metrics as CloudWatch spells them
  widgets = concat(
    [
      ["Table: capacity used", "Sum", 300, [for use in ["Read", "Write"] : ["AWS/DynamoDB", "Consumed${use}CapacityUnits", "TableName", local.table_name]]],
      ["Table: requests throttled", "Sum", 300, [for use in ["Read", "Write"] : ["AWS/DynamoDB", "${use}ThrottleEvents", "TableName", local.table_name]]],
    ],
    [for use in local.provisioned ? ["Read", "Write"] : [] : [
      "Table: utilization, ${lower(use)}, in percent", "Sum", 300, [
        [{ expression = "100 * used / PERIOD(used) / provisioned", label = "utilization", id = "utilization" }],
        ["AWS/DynamoDB", "Consumed${use}CapacityUnits", "TableName", local.table_name, { id = "used", visible = false }],
        ["AWS/DynamoDB", "Provisioned${use}CapacityUnits", "TableName", local.table_name, { id = "provisioned", visible = false, stat = "Average" }],
      ],
    ]],
    [
      ["Bucket: size", "Average", 86400, [["AWS/S3", "BucketSizeBytes", "BucketName", local.bucket_name, "StorageType", "StandardStorage"]]],
      ["Bucket: requests", "Sum", 300, [["AWS/S3", "AllRequests", "BucketName", local.bucket_name, "FilterId", "EntireBucket"]]],
    ],
    [for queue in concat(aws_sqs_queue.chat_notifications, aws_sqs_queue.chat_notifications_dlq) : [
      "Queue: depth of ${queue.name}", "Maximum", 300, [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue.name]],
    ]],
  )
}

resource "aws_cloudwatch_dashboard" "chat" {
  count = var.enable_cloudwatch_dashboard ? 1 : 0

  dashboard_name = "${local.prefix}-chat"

  dashboard_body = jsonencode({
    widgets = [for number, widget in local.widgets : {
      type   = "metric"
      x      = number % 2 * 12
      y      = floor(number / 2) * 6
      width  = 12
      height = 6
      properties = {
        title   = widget[0]
        stat    = widget[1]
        period  = widget[2]
        metrics = widget[3]
        region  = var.aws_region
        view    = "timeSeries"
      }
    }]
  })
}

# S3 counts requests only for who asks for it.
resource "aws_s3_bucket_metric" "requests" {
  count  = var.enable_cloudwatch_dashboard ? 1 : 0
  bucket = aws_s3_bucket.chat_attachments.id
  name   = "EntireBucket"
}

# Backups beside the point-in-time recovery, if wanted

resource "aws_backup_vault" "chat" {
  count       = var.enable_aws_backup ? 1 : 0
  name        = "${local.prefix}-chat"
  kms_key_arn = var.kms_key_arn
}

resource "aws_backup_plan" "chat" {
  count = var.enable_aws_backup ? 1 : 0
  name  = "${local.prefix}-chat"

  rule {
    rule_name         = "daily"
    target_vault_name = aws_backup_vault.chat[0].name
    schedule          = "cron(0 4 * * ? *)"

    lifecycle {
      delete_after = var.backup_retention_days
    }
  }
}

resource "aws_backup_selection" "chat" {
  count        = var.enable_aws_backup ? 1 : 0
  name         = "messages"
  plan_id      = aws_backup_plan.chat[0].id
  iam_role_arn = aws_iam_role.backup[0].arn
  resources    = [aws_dynamodb_table.chat_messages.arn]
}

data "aws_iam_policy_document" "assume_backup" {
  count = var.enable_aws_backup ? 1 : 0

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["backup.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "backup" {
  count              = var.enable_aws_backup ? 1 : 0
  name               = "${local.prefix}-backup"
  assume_role_policy = data.aws_iam_policy_document.assume_backup[0].json
}

resource "aws_iam_role_policy_attachment" "backup" {
  for_each = toset(var.enable_aws_backup ? ["Backup", "Restores"] : [])

  role       = aws_iam_role.backup[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AWSBackupServiceRolePolicyFor${each.key}"
}
