# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

output "name" {
  description = "Name of the network."
  value       = terraform_data.vpc.output.name
}

output "id" {
  description = "Identifier of the network."
  value       = terraform_data.vpc.id
}

output "subnets" {
  description = "Addresses and zone of each subnet."
  value       = { for name, subnet in module.subnet : name => subnet.address }
}

output "dns_domain" {
  description = "Domain of the private zone; null for none."
  value       = terraform_data.vpc.output.dns_domain
}
