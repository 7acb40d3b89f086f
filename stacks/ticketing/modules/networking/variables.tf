# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

variable "name" {
  description = "First part of every name."
  type        = string
}

variable "aws_region" {
  description = "Region that the zones must be of."
  type        = string
}

variable "vpc_cidr" {
  description = "Addresses of the network."
  type        = string
}

variable "availability_zones" {
  description = "Zones of the subnets."
  type        = list(string)
}

variable "single_nat_gateway" {
  description = "One NAT gateway for all zones."
  type        = bool
}

variable "container_port" {
  description = "Port on which the containers listen."
  type        = number
}
