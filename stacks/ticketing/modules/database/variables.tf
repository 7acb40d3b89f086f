# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

variable "name" {
  description = "First part of every name."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets, of two zones or more."
  type        = list(string)
}

variable "security_group_id" {
  description = "Who reaches the database."
  type        = string
}

variable "instance_class" {
  description = "Instance class."
  type        = string
}

variable "allocated_storage" {
  description = "Storage at first, in GiB."
  type        = number
}

variable "max_allocated_storage" {
  description = "Storage up to which it grows, in GiB."
  type        = number
}

variable "multi_az" {
  description = "A standby in another zone."
  type        = bool
}

variable "backup_retention_days" {
  description = "Days that automated backups are kept."
  type        = number
}

variable "deletion_protection" {
  description = "Refuse to delete it; leave a snapshot when it goes."
  type        = bool
}

variable "database_name" {
  description = "Name of the database."
  type        = string
}

variable "username" {
  description = "Name of the owner."
  type        = string
}

variable "password" {
  description = "Password of the owner."
  type        = string
  sensitive   = true
}
