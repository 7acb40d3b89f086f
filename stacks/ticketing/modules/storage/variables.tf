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

variable "cdn_cidr_blocks" {
  description = "Addresses of the CDN that may read the static assets."
  type        = list(string)
}

variable "cdn_prefix" {
  description = "First part of the keys of the static assets."
  type        = string
}
