# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

variable "aws_region" {
  description = "AWS region."
  type        = string
  default     = "us-east-1"
}
