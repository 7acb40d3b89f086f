# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Buckets, all private, and the distribution that hands out the web content.

locals {
  buckets = {
    web   = { key = aws_kms_key.this["data"].arn }
    audit = { key = aws_kms_key.this["data"].arn } # CloudTrail and Config
    logs  = { key = null }                         # access logs: S3 writes them with its own key only
  }
  bucket_names = toset(["web", "audit", "logs"])
}

resource "aws_s3_bucket" "this" {
  for_each = local.bucket_names

  bucket        = "${var.project_name}-${each.key}-${var.environment}-${local.account_id}"
  force_destroy = !local.protected
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = local.bucket_names

  bucket = aws_s3_bucket.this[each.key].id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = local.bucket_names

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = local.bucket_names

  bucket = aws_s3_bucket.this[each.key].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = local.bucket_names

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = local.buckets[each.key].key == null ? "AES256" : "aws:kms"
      kms_master_key_id = local.buckets[each.key].key
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = local.bucket_names

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    id     = "expire-noncurrent-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  dynamic "rule" {
    for_each = each.key == "web" ? [] : [true]

    content {
      id     = "expire-records"
      status = "Enabled"

      filter {}

      expiration {
        days = var.data_retention_days
      }
    }
  }

  dynamic "rule" {
    for_each = each.key != "web" && var.enable_cost_optimization ? [true] : []

    content {
      id     = "cheaper-storage"
      status = "Enabled"

      filter {}

      transition {
        days          = 30
        storage_class = "STANDARD_IA"
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_logging" "this" {
  for_each = toset(["web", "audit"])

  bucket        = aws_s3_bucket.this[each.key].id
  target_bucket = aws_s3_bucket.this["logs"].id
  target_prefix = "access/${each.key}/"

  depends_on = [aws_s3_bucket_policy.this] # S3 refuses a target that it may not write to
}

locals {
  # services that read or write a bucket on their own account: statement id, service, actions, below which prefix, for which object
  bucket_users = {
    web = [
      { sid = "CloudFrontReads", service = "cloudfront", actions = ["s3:GetObject"], objects = "/*", source = aws_cloudfront_distribution.web.arn },
    ]
    audit = [
      { sid = "CloudTrailLooks", service = "cloudtrail", actions = ["s3:GetBucketAcl"], objects = "", source = local.trail_arn },
      { sid = "CloudTrailWrites", service = "cloudtrail", actions = ["s3:PutObject"], objects = "/cloudtrail/AWSLogs/${local.account_id}/*", source = local.trail_arn },
    ]
    logs = [
      { sid = "S3Writes", service = "logging.s3", actions = ["s3:PutObject"], objects = "/access/*", source = "arn:${local.partition}:s3:::${var.project_name}-*" },
    ]
  }
  # written out: the trail needs the bucket's policy first
  trail_arn = "arn:${local.partition}:cloudtrail:${var.aws_region}:${local.account_id}:trail/${var.project_name}-trail-${var.environment}"
}

data "aws_iam_policy_document" "bucket" {
  for_each = local.bucket_names

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
    for_each = local.bucket_users[each.key]

    content {
      sid       = statement.value.sid
      actions   = statement.value.actions
      resources = ["${aws_s3_bucket.this[each.key].arn}${statement.value.objects}"]

      principals {
        type        = "Service"
        identifiers = ["${statement.value.service}.amazonaws.com"]
      }

      condition {
        test     = "ArnLike"
        variable = "aws:SourceArn"
        values   = [statement.value.source]
      }

      # the ARN of a bucket names no account
      dynamic "condition" {
        for_each = statement.value.service == "logging.s3" ? [true] : []

        content {
          test     = "StringEquals"
          variable = "aws:SourceAccount"
          values   = [local.account_id]
        }
      }
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  for_each = local.bucket_names

  bucket = aws_s3_bucket.this[each.key].id
  policy = data.aws_iam_policy_document.bucket[each.key].json

  depends_on = [aws_s3_bucket_public_access_block.this] # S3 refuses to change both at once
}

resource "aws_cloudfront_origin_access_control" "web" {
  name                              = "${var.project_name}-web-${var.environment}"
  description                       = "Reads the web content of ${var.project_name} in ${var.environment}"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_distribution" "web" {
  comment             = "Web content of ${var.project_name} in ${var.environment}"
  enabled             = true
  is_ipv6_enabled     = true
  http_version        = "http2and3"
  default_root_object = "index.html"
  price_class         = local.production ? "PriceClass_All" : "PriceClass_100"
  aliases             = var.domain_name == null ? [] : [var.domain_name]

  origin {
    origin_id                = "web"
    domain_name              = aws_s3_bucket.this["web"].bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.web.id
  }

  default_cache_behavior {
    target_origin_id           = "web"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD", "OPTIONS"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = "658327ea-f89d-4fab-a63d-7e88639e58f6" # AWS's own CachingOptimized
    response_headers_policy_id = "67f7725c-6f97-4210-82d7-5512b31e9d03" # AWS's own SecurityHeadersPolicy
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = var.certificate_arn == null
    acm_certificate_arn            = var.certificate_arn
    ssl_support_method             = var.certificate_arn == null ? null : "sni-only"
    minimum_protocol_version       = var.certificate_arn == null ? "TLSv1" : "TLSv1.2_2021" # CloudFront's own certificate knows no other
  }

  lifecycle {
    precondition {
      condition     = (var.domain_name == null) == (var.certificate_arn == null)
      error_message = "A domain_name needs its certificate_arn, and the other way round."
    }
  }
}
