# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# What watches over the account: GuardDuty, Security Hub, Config and CloudTrail. Each is one for a whole account and
# region: two environments in one account would contend for them.

locals {
  config_rules = local.enabled.config ? merge({
    s3-no-public-read      = "S3_BUCKET_PUBLIC_READ_PROHIBITED"
    s3-encrypted           = "S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED"
    s3-tls-only            = "S3_BUCKET_SSL_REQUESTS_ONLY"
    dynamodb-pitr          = "DYNAMODB_PITR_ENABLED"
    dynamodb-encrypted     = "DYNAMODB_TABLE_ENCRYPTED_KMS"
    lambda-no-public       = "LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED"
    keys-rotated           = "CMK_BACKING_KEY_ROTATION_ENABLED"
    no-admin-policies      = "IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS"
    root-without-access    = "IAM_ROOT_ACCESS_KEY_CHECK"
    api-gateway-has-logs   = "API_GW_EXECUTION_LOGGING_ENABLED"
    api-gateway-behind-waf = "API_GW_ASSOCIATED_WITH_WAF"
    }, local.enabled.vpc ? { vpc-flow-logs = "VPC_FLOW_LOGS_ENABLED" } : {},
    local.enabled.cloudtrail ? { cloudtrail = "CLOUD_TRAIL_ENABLED" } : {},
  ) : {}

  # what AWS puts right by itself: the rule, the runbook of Systems Manager, and its name for what the rule found
  remediations = local.enabled.remediation ? {
    s3-no-public-read = { runbook = "AWS-DisableS3BucketPublicReadWrite", resource = "S3BucketName" }
    s3-encrypted      = { runbook = "AWS-EnableS3BucketEncryption", resource = "BucketName" }
    dynamodb-pitr     = { runbook = "AWSConfigRemediation-EnablePITRForDynamoDbTable", resource = "TableName" }
    keys-rotated      = { runbook = "AWSConfigRemediation-EnableKeyRotation", resource = "KeyId" }
  } : {}

  security_standards = local.enabled.security_hub ? {
    foundational = "standards/aws-foundational-security-best-practices/v/1.0.0"
    cis          = "standards/cis-aws-foundations-benchmark/v/1.4.0"
  } : {}

  # events of AWS that somebody is told of: what they are, and how urgent
  security_events = merge(
    local.enabled.guardduty ? {
      guardduty-findings = { topic = "warning", source = "aws.guardduty", type = "GuardDuty Finding" }
    } : {},
    local.enabled.security_hub ? {
      security-hub-findings = { topic = "warning", source = "aws.securityhub", type = "Security Hub Findings - Imported" }
    } : {},
    local.enabled.config ? {
      config-compliance = { topic = "informational", source = "aws.config", type = "Config Rules Compliance Change" }
    } : {},
    local.enabled.backup ? {
      backup-jobs = { topic = "critical", source = "aws.backup", type = "Backup Job State Change", detail = { state = ["ABORTED", "EXPIRED", "FAILED"] } }
    } : {},
    local.enabled.restore_test || local.enabled.failover_test ? {
      restore-jobs = { topic = "critical", source = "aws.backup", type = "Restore Job State Change", detail = { status = ["ABORTED", "FAILED"] } }
    } : {},
  )
}

resource "aws_guardduty_detector" "this" {
  count = local.enabled.guardduty ? 1 : 0

  enable                       = true
  finding_publishing_frequency = local.production ? "FIFTEEN_MINUTES" : "SIX_HOURS"
}

resource "aws_securityhub_account" "this" {
  count = local.enabled.security_hub ? 1 : 0

  enable_default_standards = false # they are named below
}

resource "aws_securityhub_standards_subscription" "this" {
  for_each = local.security_standards

  standards_arn = "arn:${local.partition}:securityhub:${var.aws_region}::${each.value}"

  depends_on = [aws_securityhub_account.this]
}

resource "aws_config_configuration_recorder" "this" {
  count = local.enabled.config ? 1 : 0

  name     = "${var.project_name}-${var.environment}"
  role_arn = aws_iam_role.service["config"].arn

  recording_group {
    all_supported                 = true
    include_global_resource_types = true
  }
}

resource "aws_config_delivery_channel" "this" {
  count = local.enabled.config ? 1 : 0

  name           = "${var.project_name}-${var.environment}"
  s3_bucket_name = aws_s3_bucket.this["audit"].id
  s3_key_prefix  = "config"

  depends_on = [aws_config_configuration_recorder.this, aws_s3_bucket_policy.this]
}

resource "aws_config_configuration_recorder_status" "this" {
  count = local.enabled.config ? 1 : 0

  name       = aws_config_configuration_recorder.this[0].name
  is_enabled = true

  depends_on = [aws_config_delivery_channel.this]
}

resource "aws_config_config_rule" "this" {
  for_each = local.config_rules

  name = "${var.project_name}-${each.key}-${var.environment}"

  source {
    owner             = "AWS"
    source_identifier = each.value
  }

  depends_on = [aws_config_configuration_recorder.this]
}

resource "aws_config_remediation_configuration" "this" {
  for_each = local.remediations

  config_rule_name           = aws_config_config_rule.this[each.key].name
  target_type                = "SSM_DOCUMENT"
  target_id                  = each.value.runbook
  automatic                  = true
  maximum_automatic_attempts = 3
  retry_attempt_seconds      = 600

  parameter {
    name         = "AutomationAssumeRole"
    static_value = aws_iam_role.service["remediation"].arn
  }

  parameter {
    name           = each.value.resource
    resource_value = "RESOURCE_ID"
  }
}

resource "aws_cloudtrail" "this" {
  count = local.enabled.cloudtrail ? 1 : 0

  name                          = "${var.project_name}-trail-${var.environment}"
  s3_bucket_name                = aws_s3_bucket.this["audit"].id
  s3_key_prefix                 = "cloudtrail"
  kms_key_id                    = aws_kms_key.this["data"].arn
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true

  depends_on = [aws_s3_bucket_policy.this]
}

resource "aws_cloudwatch_event_rule" "security" {
  for_each = local.security_events

  name        = "${var.project_name}-${each.key}-${var.environment}"
  description = "Tells of: ${each.value.type}"

  event_pattern = jsonencode(merge(
    { source = [each.value.source], "detail-type" = [each.value.type] },
    can(each.value.detail) ? { detail = each.value.detail } : {},
  ))
}

resource "aws_cloudwatch_event_target" "security" {
  for_each = local.security_events

  rule      = aws_cloudwatch_event_rule.security[each.key].name
  target_id = "alerts"
  arn       = aws_sns_topic.alerts[each.value.topic].arn
}
