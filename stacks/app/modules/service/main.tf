# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# One service of the application.

terraform {
  required_version = ">= 1.5"
}

variable "name" {
  description = "Name of the service."
  type        = string
}

variable "network" {
  description = "Name of the network it runs in."
  type        = string
}

variable "settings" {
  description = "How many replicas, which features, reached from outside or not."
  type = object({
    replicas = number
    features = list(string)
    public   = bool
  })
}

variable "database" {
  description = "Host of its database."
  type        = string
}

variable "password" {
  description = "Password of its database user."
  type        = string
  sensitive   = true
}

resource "terraform_data" "replica" {
  count = var.settings.replicas

  input = {
    name     = "${var.name}-${count.index}"
    network  = var.network
    features = var.settings.features
  }
}

resource "terraform_data" "connection" {
  input = {
    database = var.database
    password = var.password
  }
}

output "endpoint" {
  description = "What the service is reached by."
  value       = "${var.settings.public ? "https" : "http"}://${var.name}.${var.network}.example"
}

output "token" {
  description = "A token made of the password."
  value       = sha256("${var.name}:${terraform_data.connection.output.password}")
  sensitive   = true
}
