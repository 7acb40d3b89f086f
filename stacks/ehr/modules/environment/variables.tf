# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

variable "environment" {
  description = "Name of the environment; part of every name."
  type        = string

  validation {
    condition     = contains(["dev", "qa", "prod", "courses"], var.environment)
    error_message = "The environment is dev, qa, prod or courses."
  }
}

variable "state_bucket" {
  description = "Name of the bucket with the environment's Terraform states."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.state_bucket))
    error_message = "A bucket's name has 3 to 63 lower-case letters, digits, dots and hyphens."
  }
}

variable "log_retention_days" {
  description = "Days that the log of the pipelines is kept."
  type        = number

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731], var.log_retention_days)
    error_message = "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545 or 731 days."
  }
}

variable "audit_retention_days" {
  description = "Days that the record of reads and writes of the state is kept. It is audited every quarter."
  type        = number
  default     = 400

  validation {
    condition     = var.audit_retention_days >= 100
    error_message = "The record is audited every quarter: keep it for 100 days at least."
  }
}

variable "noncurrent_version_expiration_days" {
  description = "Days until old versions of objects are deleted."
  type        = number
  default     = 90
}
