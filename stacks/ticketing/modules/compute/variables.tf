# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

variable "name" {
  description = "First part of every name."
  type        = string
}

variable "aws_region" {
  description = "Region of the logs and of the registry."
  type        = string
}

variable "vpc_id" {
  description = "The network."
  type        = string
}

variable "public_subnet_ids" {
  description = "Subnets of the load balancer."
  type        = list(string)
}

variable "private_subnet_ids" {
  description = "Subnets of the containers."
  type        = list(string)
}

variable "security_group_ids" {
  description = "Security groups by name: alb and ecs."
  type        = map(string)
}

variable "certificate_arn" {
  description = "Certificate that the load balancer serves; null for plain HTTP."
  type        = string
}

variable "deletion_protection" {
  description = "Refuse to delete the load balancer; keep a deleted secret recoverable."
  type        = bool
}

variable "container_image" {
  description = "Image of the backend."
  type        = string
}

variable "container_port" {
  description = "Port on which it listens."
  type        = number
}

variable "cpu" {
  description = "CPU units of a task."
  type        = number
}

variable "memory" {
  description = "Memory of a task in MiB."
  type        = number
}

variable "desired_count" {
  description = "Tasks at first."
  type        = number
}

variable "min_count" {
  description = "Tasks at least."
  type        = number
}

variable "max_count" {
  description = "Tasks at most."
  type        = number
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
}

variable "bucket_arn" {
  description = "Bucket that the backend reads and writes."
  type        = string
}

variable "environment" {
  description = "Environment variables of the backend."
  type        = map(string)
}

variable "secrets" {
  description = "Environment variables that are secret."
  type        = map(string)
  sensitive   = true
}
