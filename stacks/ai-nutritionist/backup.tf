# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Daily backups of the tables at 4 AM UTC; cold storage after 30 days; in production a copy in another region, a restore
# every month that proves them, and one a year over there that proves the copies.

resource "aws_backup_vault" "this" {
  count = local.enabled.backup ? 1 : 0

  name          = "${var.project_name}-backups-${var.environment}"
  kms_key_arn   = aws_kms_key.this["data"].arn
  force_destroy = !local.protected
}

# A vault's key is of the vault's region.
resource "aws_kms_key" "backup_copy" {
  count    = local.enabled.backup_copy ? 1 : 0
  provider = aws.backup

  description             = "Copies of the backups of ${var.project_name} in ${var.environment}"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  lifecycle {
    precondition {
      condition     = local.backup_region != var.aws_region
      error_message = "The backup_cross_region_destination is aws_region itself, ${var.aws_region}: name another region, or null for no copy."
    }
  }
}

resource "aws_backup_vault" "copy" {
  count    = local.enabled.backup_copy ? 1 : 0
  provider = aws.backup

  name          = "${var.project_name}-backup-copies-${var.environment}"
  kms_key_arn   = aws_kms_key.backup_copy[0].arn
  force_destroy = !local.protected
}

resource "aws_backup_plan" "this" {
  count = local.enabled.backup ? 1 : 0

  name = "${var.project_name}-daily-${var.environment}"

  rule {
    rule_name         = "daily"
    target_vault_name = aws_backup_vault.this[0].name
    schedule          = "cron(0 4 * * ? *)"
    start_window      = 60
    completion_window = 240

    lifecycle {
      cold_storage_after = 30
      delete_after       = var.backup_retention_days
    }

    dynamic "copy_action" {
      for_each = aws_backup_vault.copy

      content {
        destination_vault_arn = copy_action.value.arn

        lifecycle {
          cold_storage_after = 30
          delete_after       = var.backup_retention_days
        }
      }
    }
  }
}

resource "aws_backup_selection" "tables" {
  count = local.enabled.backup ? 1 : 0

  name         = "tables"
  plan_id      = aws_backup_plan.this[0].id
  iam_role_arn = aws_iam_role.service["backup"].arn
  resources    = [for table in aws_dynamodb_table.this : table.arn]
}

# AWS Backup restores the newest backup of each table beside it, and deletes it again; a failure is told by security.tf.
resource "aws_backup_restore_testing_plan" "this" {
  count = local.enabled.restore_test ? 1 : 0

  name                = replace("${var.project_name}_restore_${var.environment}", "-", "_") # it knows no dashes
  schedule_expression = var.backup_restore_test_schedule

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = [aws_backup_vault.this[0].arn]
    recovery_point_types  = ["SNAPSHOT"]
    selection_window_days = 7
  }
}

resource "aws_backup_restore_testing_selection" "tables" {
  count = local.enabled.restore_test ? 1 : 0

  name                      = "tables"
  restore_testing_plan_name = aws_backup_restore_testing_plan.this[0].name
  protected_resource_type   = "DynamoDB"
  protected_resource_arns   = [for table in aws_dynamodb_table.this : table.arn]
  iam_role_arn              = aws_iam_role.service["backup"].arn
}

# The same in the other region, from the copies: what a failover begins with. The vault holds nothing but these tables.
resource "aws_backup_restore_testing_plan" "failover" {
  count    = local.enabled.failover_test ? 1 : 0
  provider = aws.backup

  name                = replace("${var.project_name}_failover_${var.environment}", "-", "_")
  schedule_expression = var.backup_failover_test_schedule

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = [aws_backup_vault.copy[0].arn]
    recovery_point_types  = ["SNAPSHOT"]
    selection_window_days = 7
  }
}

resource "aws_backup_restore_testing_selection" "failover" {
  count    = local.enabled.failover_test ? 1 : 0
  provider = aws.backup

  name                      = "tables"
  restore_testing_plan_name = aws_backup_restore_testing_plan.failover[0].name
  protected_resource_type   = "DynamoDB"
  protected_resource_arns   = ["*"]
  iam_role_arn              = aws_iam_role.service["backup"].arn
}

# Topics are told of in their own region only: what fails over there goes to the bus of this one, where security.tf tells it.
resource "aws_cloudwatch_event_rule" "failover" {
  count    = local.enabled.failover_test ? 1 : 0
  provider = aws.backup

  name        = "${var.project_name}-failover-${var.environment}"
  description = "Hands on: Restore Job State Change"

  event_pattern = jsonencode({
    source        = ["aws.backup"]
    "detail-type" = ["Restore Job State Change"]
    detail        = { status = ["ABORTED", "FAILED"] }
  })
}

resource "aws_cloudwatch_event_target" "failover" {
  count    = local.enabled.failover_test ? 1 : 0
  provider = aws.backup

  rule      = aws_cloudwatch_event_rule.failover[0].name
  target_id = "bus"
  arn       = local.event_bus
  role_arn  = aws_iam_role.service["events"].arn
}
