# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

variable "aws_region" {
  description = "AWS region."
  type        = string
  default     = "us-east-1"
}

variable "environment" {
  description = "Name of the environment: dev, staging or prod."
  type        = string
}

variable "upstream_url" {
  description = "Address of the user service, without a slash at the end."
  type        = string
}

variable "requests_per_second" {
  description = "Requests a second that are let through; twice as many in a burst."
  type        = number
}

variable "log_retention_days" {
  description = "Days that the access log is kept."
  type        = number
}
