# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

output "alb_url" {
  description = "Endpoint of the API."
  value       = "${var.certificate_arn == null ? "http" : "https"}://${coalesce(var.api_domain_name, module.compute.alb_dns_name)}"
}

output "alb_dns_name" {
  description = "Name of the load balancer: what the domain of the API points at."
  value       = module.compute.alb_dns_name
}

output "s3_bucket_name" {
  description = "Bucket of static assets and uploaded objects."
  value       = module.storage.bucket_name
}

output "s3_bucket_domain_name" {
  description = "Name that the CDN of the static assets reaches the bucket by."
  value       = module.storage.bucket_domain_name
}

output "redis_endpoint" {
  description = "Host and port of the cache, which speaks TLS."
  value       = module.cache.endpoint
}

output "db_endpoint" {
  description = "Host and port of the database."
  value       = module.database.endpoint
  sensitive   = true
}

output "db_name" {
  description = "Name of the database."
  value       = var.db_name
}

output "db_username" {
  description = "Name of the database's owner."
  value       = var.db_username
}

output "ecs_cluster_name" {
  description = "Cluster that the API runs in."
  value       = module.compute.cluster_name
}

output "ecs_service_name" {
  description = "Service that the API is."
  value       = module.compute.service_name
}

output "log_group_name" {
  description = "Log group of the containers."
  value       = module.compute.log_group_name
}

output "vpc_id" {
  description = "Network of the system."
  value       = module.networking.vpc_id
}
