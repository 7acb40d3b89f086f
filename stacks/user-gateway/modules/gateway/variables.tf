# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

variable "environment" {
  description = "Name of the environment; part of every name."
  type        = string

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "The environment is dev, staging or prod."
  }
}

variable "upstream_url" {
  description = "Address of the user service, without a slash at the end."
  type        = string

  validation {
    condition     = can(regex("^https://[^/]+(/.*[^/])?$", var.upstream_url))
    error_message = "The user service is reached over https, and its address does not end with a slash."
  }
}

variable "jwt_issuer" {
  description = "Issuer of the tokens that requests must carry; null when the user service looks at them itself."
  type        = string
  default     = null
}

variable "jwt_audience" {
  description = "Audiences of these tokens."
  type        = list(string)
  default     = []
}

variable "requests_per_second" {
  description = "Requests a second that are let through; twice as many in a burst."
  type        = number
  default     = 50

  validation {
    condition     = var.requests_per_second >= 1 && var.requests_per_second <= 10000
    error_message = "An account may pass on 1 to 10000 requests a second."
  }
}

variable "log_retention_days" {
  description = "Days that the access log is kept."
  type        = number
  default     = 14
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the table of sessions."
  type        = bool
  default     = false
}

variable "point_in_time_recovery" {
  description = "Whether the table of sessions can be restored to any second of the last 35 days."
  type        = bool
  default     = false
}
