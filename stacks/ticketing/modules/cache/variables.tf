# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

variable "name" {
  description = "First part of every name."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets."
  type        = list(string)
}

variable "security_group_id" {
  description = "Who reaches the cache."
  type        = string
}

variable "node_type" {
  description = "Node type."
  type        = string
}

variable "shards" {
  description = "Shards of the cluster."
  type        = number
}

variable "replicas_per_shard" {
  description = "Replicas of each shard."
  type        = number
}

variable "snapshot_retention_days" {
  description = "Days that snapshots are kept; 0 for none."
  type        = number
}
