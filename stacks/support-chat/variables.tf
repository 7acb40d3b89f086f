# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

variable "aws_region" {
  description = "AWS region."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "The region looks like us-east-1."
  }
}

variable "project_name" {
  description = "Name of the project; the first part of every name."
  type        = string
  default     = "loyalty-backend"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}[a-z0-9]$", var.project_name))
    error_message = "The project's name has 3 to 22 lower-case letters, digits and hyphens: it is part of a bucket's name."
  }
}

variable "environment" {
  description = "Name of the environment; the second part of every name, and the name of the workspace."
  type        = string
  default     = "dev"

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "The environment is dev, staging or prod."
  }
}

# Messages

variable "dynamodb_table_name" {
  description = "Name of the table, where it is not the usual one: that of a table made by hand and imported."
  type        = string
  default     = null
}

variable "dynamodb_billing_mode" {
  description = "How the table is paid for: PROVISIONED or PAY_PER_REQUEST."
  type        = string
  default     = "PAY_PER_REQUEST"

  validation {
    condition     = contains(["PROVISIONED", "PAY_PER_REQUEST"], var.dynamodb_billing_mode)
    error_message = "The billing mode is PROVISIONED or PAY_PER_REQUEST."
  }
}

variable "dynamodb_read_capacity" {
  description = "Read capacity units of a PROVISIONED table and its index when they are made; the minimum of autoscaling."
  type        = number
  default     = 5

  validation {
    condition     = var.dynamodb_read_capacity >= 1
    error_message = "A table has at least 1 read capacity unit."
  }
}

variable "dynamodb_write_capacity" {
  description = "Write capacity units of a PROVISIONED table and its index when they are made; the minimum of autoscaling."
  type        = number
  default     = 5

  validation {
    condition     = var.dynamodb_write_capacity >= 1
    error_message = "A table has at least 1 write capacity unit."
  }
}

variable "dynamodb_timestamp_type" {
  description = "Type of the attribute Timestamp: N, a number, or S, a text, as an imported table may have it."
  type        = string
  default     = "N"

  validation {
    condition     = contains(["N", "S"], var.dynamodb_timestamp_type)
    error_message = "The type of Timestamp is N or S."
  }
}

variable "enable_point_in_time_recovery" {
  description = "Whether the table can be restored to any second of the last 35 days."
  type        = bool
  default     = true
}

variable "enable_autoscaling" {
  description = "Whether the capacity of a PROVISIONED table follows its use."
  type        = bool
  default     = false
}

variable "autoscaling_read_max_capacity" {
  description = "The most read capacity units that autoscaling sets."
  type        = number
  default     = 100
}

variable "autoscaling_write_max_capacity" {
  description = "The most write capacity units that autoscaling sets."
  type        = number
  default     = 100
}

variable "autoscaling_target_utilization" {
  description = "Use of the capacity that autoscaling aims at, in percent."
  type        = number
  default     = 70

  validation {
    condition     = var.autoscaling_target_utilization >= 20 && var.autoscaling_target_utilization <= 90
    error_message = "DynamoDB accepts a target utilization of 20 to 90 percent."
  }
}

variable "kms_key_arn" {
  description = "ARN of a KMS key for the table, in place of AWS's own key for DynamoDB."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:", var.kms_key_arn))
    error_message = "A KMS key is given by its ARN, arn:aws:kms:REGION:ACCOUNT:key/ID."
  }
}

variable "enable_aws_backup" {
  description = "Whether AWS Backup copies the table every day, and on demand, beside the point-in-time recovery."
  type        = bool
  default     = false
}

variable "backup_retention_days" {
  description = "Days that daily backups are kept."
  type        = number
  default     = 35

  validation {
    condition     = var.backup_retention_days >= 1
    error_message = "A backup is kept for at least 1 day."
  }
}

# Attachments

variable "s3_bucket_name" {
  description = "Name of the bucket, where it is not the usual one. The name of a bucket is unique in all of AWS."
  type        = string
  default     = null

  validation {
    condition     = var.s3_bucket_name == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.s3_bucket_name))
    error_message = "A bucket's name has 3 to 63 lower-case letters, digits, dots and hyphens; set your own in s3_bucket_name."
  }
}

variable "s3_kms_key_arn" {
  description = "ARN of a KMS key for the bucket; without one the encryption is AES256."
  type        = string
  default     = null

  validation {
    condition     = var.s3_kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:", var.s3_kms_key_arn))
    error_message = "A KMS key is given by its ARN, arn:aws:kms:REGION:ACCOUNT:key/ID."
  }
}

variable "cors_allowed_origins" {
  description = "Origins of the frontends that may load attachments and send them."
  type        = list(string)
  default     = ["http://localhost:3000"]

  validation {
    condition     = alltrue([for origin in var.cors_allowed_origins : can(regex("^https?://[^*/]+$", origin))])
    error_message = "An origin is http:// or https:// and a host, without a path and without wildcards."
  }
}

variable "enable_s3_versioning" {
  description = "Whether the bucket keeps old versions of attachments."
  type        = bool
  default     = false
}

variable "enable_s3_lifecycle" {
  description = "Whether attachments move to cheaper storage, and expire."
  type        = bool
  default     = false
}

variable "s3_transition_days" {
  description = "Days until attachments move to STANDARD_IA."
  type        = number
  default     = 90

  validation {
    condition     = var.s3_transition_days >= 30
    error_message = "S3 moves objects to STANDARD_IA after 30 days at the earliest."
  }
}

variable "s3_expiration_days" {
  description = "Days until attachments expire."
  type        = number
  default     = 365
}

variable "s3_logging_bucket" {
  description = "Name of an existing bucket that gets the access log; without one nothing is logged."
  type        = string
  default     = null
}

variable "s3_replication_bucket_arn" {
  description = "ARN of an existing, versioned bucket in another region that gets a copy of every attachment; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.s3_replication_bucket_arn == null || can(regex("^arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.s3_replication_bucket_arn))
    error_message = "A bucket is given by its ARN, arn:aws:s3:::NAME."
  }
}

variable "s3_replication_kms_key_arn" {
  description = "ARN of a KMS key of that region for the copies. Needed with s3_kms_key_arn, and only then."
  type        = string
  default     = null

  validation {
    condition     = var.s3_replication_kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:", var.s3_replication_kms_key_arn))
    error_message = "A KMS key is given by its ARN, arn:aws:kms:REGION:ACCOUNT:key/ID."
  }
}

variable "s3_force_destroy" {
  description = "Whether destroying the bucket deletes the attachments in it. Otherwise it fails while there are any."
  type        = bool
  default     = false
}

# The backend's access

variable "iam_user_name" {
  description = "Name of the IAM user, where it is not the usual one: that of a user made by hand and imported."
  type        = string
  default     = null
}

# Notifications

variable "enable_sqs" {
  description = "Whether there is a queue for notifications, with one for those that failed."
  type        = bool
  default     = false
}

variable "sqs_max_receive_count" {
  description = "How often a notification is tried before it goes to the dead letter queue."
  type        = number
  default     = 5

  validation {
    condition     = var.sqs_max_receive_count >= 1 && var.sqs_max_receive_count <= 1000
    error_message = "SQS accepts 1 to 1000 attempts."
  }
}

# Alerts

variable "enable_sns" {
  description = "Whether there is a topic for alerts."
  type        = bool
  default     = false
}

variable "sns_email_subscriptions" {
  description = "Addresses that get the alerts; each has to confirm once."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.sns_email_subscriptions : can(regex("^[^@ ]+@[^@ ]+$", address))])
    error_message = "A subscription is an e-mail address."
  }
}

variable "sns_kms_key_arn" {
  description = "ARN of a KMS key for the topic. Its policy must let cloudwatch.amazonaws.com use it, or no alarm arrives."
  type        = string
  default     = null

  validation {
    condition     = var.sns_kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:", var.sns_kms_key_arn))
    error_message = "A KMS key is given by its ARN, arn:aws:kms:REGION:ACCOUNT:key/ID."
  }
}

variable "enable_cloudwatch_alarms" {
  description = "Whether throttled requests and the size of the bucket raise alarms; they go to the topic, if there is one."
  type        = bool
  default     = false
}

variable "throttle_alarm_threshold" {
  description = "Throttled requests in five minutes that raise an alarm when there are more, twice in a row."
  type        = number
  default     = 10
}

variable "s3_size_alarm_gigabytes" {
  description = "Size of the bucket, in GB, that raises an alarm."
  type        = number
  default     = 100
}

variable "enable_cloudwatch_dashboard" {
  description = "Whether there is a dashboard of capacity, throttling, size, requests and the depth of the queues."
  type        = bool
  default     = false
}

variable "monthly_budget_limit" {
  description = "US dollars a month; at 80 and 100 percent those of sns_email_subscriptions are told. Null for no budget."
  type        = string
  default     = null

  validation {
    condition     = var.monthly_budget_limit == null || can(regex("^[0-9]+([.][0-9]+)?$", var.monthly_budget_limit))
    error_message = "The monthly_budget_limit is a number of US dollars in quotes, such as \"100\"."
  }
}
