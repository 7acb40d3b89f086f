# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

variable "environment" {
  description = "Name of the environment; part of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.environment))
    error_message = "The environment is lower-case letters, digits and dashes, and begins with a letter."
  }
}

variable "cidr" {
  description = "Addresses of the whole network."
  type        = string
  default     = "10.20.0.0/16"

  validation {
    condition     = can(cidrhost(var.cidr, 0))
    error_message = "The cidr is an IPv4 or IPv6 prefix, such as 10.20.0.0/16."
  }
}

variable "zones" {
  description = "Availability zones, used in turn."
  type        = list(string)
}

variable "subnets" {
  description = "Subnets by name; number is their place in the network."
  type = map(object({
    number = number
    public = optional(bool, false)
  }))
}

variable "tags" {
  description = "Tags of everything."
  type        = map(string)
  default     = {}
}

variable "description" {
  description = "What the network is for; any text, of any number of lines."
  type        = string
  default     = ""
}

variable "dns_domain" {
  description = "Domain of a private zone; null for none."
  type        = string
  default     = null
}
