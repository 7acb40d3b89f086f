# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

variable "bucket_name" {
  description = "Name of the bucket."
  type        = string
}

variable "noncurrent_retention_days" {
  description = "Days that replaced and deleted objects stay recoverable."
  type        = number
}

variable "force_destroy" {
  description = "Delete the bucket's content together with it."
  type        = bool
}
