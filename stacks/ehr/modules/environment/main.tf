# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# What the pipelines of one environment need: a key, a bucket for what they build, a log, and a record of who reads and
# writes the environment's Terraform state.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  prefix    = "ehr-${var.environment}"
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  trail     = "${local.prefix}-state-access"
  trail_arn = "arn:${local.partition}:cloudtrail:${data.aws_region.current.name}:${local.account}:trail/${local.trail}"

  # both are private, versioned and reached over TLS only; they differ in their key and in how long they keep objects
  buckets = {
    artifacts = { name = "${local.prefix}-artifacts-${local.account}", key = aws_kms_key.artifacts.arn, days = null }
    audit     = { name = "${local.prefix}-audit-${local.account}", key = null, days = var.audit_retention_days }
  }
}

resource "aws_kms_key" "artifacts" {
  description             = "What the pipelines of ${var.environment} build"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "artifacts" {
  name          = "alias/${local.prefix}-artifacts"
  target_key_id = aws_kms_key.artifacts.key_id
}

resource "aws_s3_bucket" "this" {
  for_each = local.buckets
  bucket   = each.value.name
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = local.buckets # and not the buckets: then nothing could be imported before they are there
  bucket   = aws_s3_bucket.this[each.key].id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = local.buckets
  bucket   = aws_s3_bucket.this[each.key].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = local.buckets
  bucket   = aws_s3_bucket.this[each.key].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = local.buckets
  bucket   = aws_s3_bucket.this[each.key].id

  rule {
    bucket_key_enabled = each.key == "artifacts"

    apply_server_side_encryption_by_default {
      sse_algorithm     = each.key == "artifacts" ? "aws:kms" : "AES256"
      kms_master_key_id = local.buckets[each.key].key
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = local.buckets
  bucket   = aws_s3_bucket.this[each.key].id

  rule {
    id     = "keep"
    status = "Enabled"

    filter {}

    dynamic "expiration" {
      for_each = local.buckets[each.key].days[*]

      content {
        days = expiration.value
      }
    }

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_version_expiration_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

data "aws_iam_policy_document" "bucket" {
  for_each = local.buckets

  statement {
    sid       = "DenyInsecureTransport"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.this[each.key].arn, "${aws_s3_bucket.this[each.key].arn}/*"]

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

  dynamic "statement" {
    for_each = each.key == "audit" ? {
      Look  = { action = "s3:GetBucketAcl", resource = aws_s3_bucket.this[each.key].arn }
      Write = { action = "s3:PutObject", resource = "${aws_s3_bucket.this[each.key].arn}/AWSLogs/${local.account}/*" }
    } : {}

    content {
      sid       = "CloudTrail${statement.key}"
      actions   = [statement.value.action]
      resources = [statement.value.resource]

      principals {
        type        = "Service"
        identifiers = ["cloudtrail.amazonaws.com"]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:SourceArn"
        values   = [local.trail_arn]
      }
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  for_each = local.buckets
  bucket   = aws_s3_bucket.this[each.key].id
  policy   = data.aws_iam_policy_document.bucket[each.key].json

  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_cloudtrail" "state_access" {
  name                          = local.trail
  s3_bucket_name                = aws_s3_bucket.this["audit"].id
  include_global_service_events = false
  enable_log_file_validation    = true

  event_selector {
    include_management_events = false
    read_write_type           = "All"

    data_resource {
      type   = "AWS::S3::Object"
      values = ["arn:${local.partition}:s3:::${var.state_bucket}/"]
    }
  }

  depends_on = [aws_s3_bucket_policy.this]
}

resource "aws_cloudwatch_log_group" "pipeline" {
  name              = "/ehr/${var.environment}/pipeline"
  retention_in_days = var.log_retention_days
}
