# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

variable "environment" {
  description = "Name of the environment; part of every name."
  type        = string
}

variable "network_state" {
  description = "Where the state of the stack network lies: options of the S3 backend."
  type        = any
}

variable "db_password" {
  description = "Password of the application's database user."
  type        = string
  sensitive   = true

  validation {
    condition     = length(var.db_password) >= 12
    error_message = "The database password has at least 12 characters."
  }
}

variable "services" {
  description = "The parts of the application by name."
  type = map(object({
    replicas = number
    features = optional(list(string), [])
    public   = optional(bool, false)
  }))

  validation {
    condition     = alltrue([for service in values(var.services) : service.replicas >= 1])
    error_message = "Every service has at least one replica."
  }
}

variable "message" {
  description = "Message of the day; any text, of any number of lines."
  type        = string
  default     = ""
}

variable "quota" {
  description = "Requests a minute; null for no limit."
  type        = number
  default     = null
}
