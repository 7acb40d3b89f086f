# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# The ticketing system: an API in containers behind a load balancer, with PostgreSQL, Redis and a bucket.

terraform {
  required_version = ">= 1.6.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }

  backend "s3" {} # the values come from the inventory: tf_backend and tf_backend_key
}

provider "aws" {
  region = var.aws_region

  default_tags {
    tags = merge({
      Project     = var.project_name
      Environment = var.environment
      ManagedBy   = "terraform"
    }, var.tags)
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  name        = "${var.project_name}-${var.environment}"
  bucket_name = coalesce(var.bucket_name, "${local.name}-${data.aws_caller_identity.current.account_id}")
  image = coalesce(var.container_image, format(
    "%s.dkr.ecr.%s.%s/%s-backend:%s",
    data.aws_caller_identity.current.account_id, var.aws_region, data.aws_partition.current.dns_suffix,
    var.project_name, var.image_tag,
  ))

  # RDS makes TLS compulsory from PostgreSQL 15 on; the password may hold characters that have a meaning in a URL.
  database_url = format(
    "postgres://%s:%s@%s/%s?sslmode=require",
    var.db_username, urlencode(var.db_password), module.database.endpoint, var.db_name,
  )
  redis_url = "rediss://${module.cache.endpoint}"
}

module "networking" {
  source = "./modules/networking"

  name               = local.name
  aws_region         = var.aws_region
  vpc_cidr           = var.vpc_cidr
  availability_zones = var.availability_zones
  single_nat_gateway = var.single_nat_gateway
  container_port     = var.container_port
}

module "database" {
  source = "./modules/database"

  name                  = local.name
  subnet_ids            = module.networking.private_subnet_ids
  security_group_id     = module.networking.security_group_ids.database
  instance_class        = var.db_instance_class
  allocated_storage     = var.db_allocated_storage
  max_allocated_storage = var.db_max_allocated_storage
  multi_az              = var.db_multi_az
  backup_retention_days = var.db_backup_retention_days
  deletion_protection   = var.deletion_protection
  database_name         = var.db_name
  username              = var.db_username
  password              = var.db_password
}

module "cache" {
  source = "./modules/cache"

  name                    = local.name
  subnet_ids              = module.networking.private_subnet_ids
  security_group_id       = module.networking.security_group_ids.cache
  node_type               = var.redis_node_type
  shards                  = var.redis_shards
  replicas_per_shard      = var.redis_replicas_per_shard
  snapshot_retention_days = var.redis_snapshot_retention_days
}

module "storage" {
  source = "./modules/storage"

  bucket_name               = local.bucket_name
  noncurrent_retention_days = var.noncurrent_retention_days
  force_destroy             = !var.deletion_protection
  cdn_cidr_blocks           = var.cdn_cidr_blocks
  cdn_prefix                = var.cdn_prefix
}

module "compute" {
  source = "./modules/compute"

  name                = local.name
  aws_region          = var.aws_region
  vpc_id              = module.networking.vpc_id
  public_subnet_ids   = module.networking.public_subnet_ids
  private_subnet_ids  = module.networking.private_subnet_ids
  security_group_ids  = module.networking.security_group_ids
  certificate_arn     = var.certificate_arn
  deletion_protection = var.deletion_protection

  container_image    = local.image
  container_port     = var.container_port
  cpu                = var.task_cpu
  memory             = var.task_memory
  desired_count      = var.desired_count
  min_count          = var.autoscaling_min_count
  max_count          = var.autoscaling_max_count
  log_retention_days = var.log_retention_days
  bucket_arn         = module.storage.bucket_arn

  environment = {
    ENVIRONMENT    = var.environment
    PORT           = tostring(var.container_port)
    MINIO_ENDPOINT = "s3.amazonaws.com"
    S3_BUCKET      = local.bucket_name
    STORAGE_TYPE   = "s3"
  }
  secrets = {
    DATABASE_URL = local.database_url
    REDIS_URL    = local.redis_url
    JWT_SECRET   = var.jwt_secret
  }
}
