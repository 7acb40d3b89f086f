# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

variable "project_name" {
  description = "Name of the project; the first part of every name."
  type        = string
  default     = "ticketing"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}$", var.project_name))
    error_message = "The project_name is 2 to 19 lower-case letters, digits and dashes, and begins with a letter."
  }
}

variable "environment" {
  description = "Name of the environment: dev or prod; the second part of every name."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "The environment is dev or prod."
  }
}

variable "aws_region" {
  description = "Region of everything."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "The aws_region is the code of a region, such as us-east-1."
  }
}

variable "tags" {
  description = "Further tags of everything."
  type        = map(string)
  default     = {}
}

variable "vpc_cidr" {
  description = "Addresses of the network; a quarter of a /24 block is the least that a subnet gets."
  type        = string
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.vpc_cidr)) && try(tonumber(split("/", var.vpc_cidr)[1]) <= 20, false)
    error_message = "The vpc_cidr is an IPv4 prefix of /20 or larger, such as 10.0.0.0/16."
  }
}

variable "availability_zones" {
  description = "Availability zones of the subnets, all of aws_region: two in dev, three in prod."
  type        = list(string)

  validation {
    condition     = length(var.availability_zones) >= 2 && length(var.availability_zones) <= 6
    error_message = "There are 2 to 6 availability_zones: the load balancer and the database need two."
  }

  validation {
    condition     = length(distinct(var.availability_zones)) == length(var.availability_zones)
    error_message = "No two of the availability_zones are the same."
  }
}

variable "single_nat_gateway" {
  description = "One NAT gateway for all zones (cheap), or one a zone (no zone depends on another)."
  type        = bool
  default     = true
}

variable "db_instance_class" {
  description = "Instance class of the database."
  type        = string
  default     = "db.t3.micro"

  validation {
    condition     = startswith(var.db_instance_class, "db.")
    error_message = "The db_instance_class begins with db., such as db.t3.micro."
  }
}

variable "db_allocated_storage" {
  description = "Storage of the database at first, in GiB."
  type        = number
  default     = 20

  validation {
    condition     = var.db_allocated_storage >= 20
    error_message = "The db_allocated_storage is at least 20 GiB, the least of gp3 storage."
  }
}

variable "db_max_allocated_storage" {
  description = "Storage up to which the database grows by itself, in GiB."
  type        = number
  default     = 100
}

variable "db_multi_az" {
  description = "A standby of the database in another zone."
  type        = bool
  default     = false
}

variable "db_backup_retention_days" {
  description = "Days that automated backups of the database are kept."
  type        = number
  default     = 7

  validation {
    condition     = var.db_backup_retention_days >= 1 && var.db_backup_retention_days <= 35
    error_message = "The db_backup_retention_days are 1 to 35."
  }
}

variable "db_name" {
  description = "Name of the database."
  type        = string
  default     = "tickets"
}

variable "db_username" {
  description = "Name of the database's owner."
  type        = string
  default     = "app"
}

variable "db_password" {
  description = "Password of the database's owner. Asked for, or from a vault; in no file of this stack."
  type        = string
  sensitive   = true
  nullable    = false

  validation {
    condition     = can(regex("^[!#-.0-?A-~]{12,128}$", var.db_password)) # printable ASCII less what RDS refuses
    error_message = "The db_password is 12 to 128 printable ASCII characters, none of them /, @, \" or a space."
  }
}

variable "jwt_secret" {
  description = "Key that signs the API's tokens. Asked for, or from a vault; in no file of this stack."
  type        = string
  sensitive   = true
  nullable    = false

  validation {
    condition     = length(var.jwt_secret) >= 32
    error_message = "The jwt_secret has at least 32 characters: HMAC-SHA256 needs a key of 256 bits."
  }
}

variable "redis_node_type" {
  description = "Node type of the cache."
  type        = string
  default     = "cache.t3.micro"

  validation {
    condition     = startswith(var.redis_node_type, "cache.")
    error_message = "The redis_node_type begins with cache., such as cache.t3.micro."
  }
}

variable "redis_shards" {
  description = "Shards of the Redis cluster."
  type        = number
  default     = 1
}

variable "redis_replicas_per_shard" {
  description = "Replicas of each shard, in other zones."
  type        = number
  default     = 0

  validation {
    condition     = var.redis_replicas_per_shard >= 0 && var.redis_replicas_per_shard <= 5
    error_message = "The redis_replicas_per_shard are 0 to 5."
  }
}

variable "redis_snapshot_retention_days" {
  description = "Days that snapshots of the cache are kept; 0 for none."
  type        = number
  default     = 0
}

variable "bucket_name" {
  description = "Name of the bucket; null for project, environment and account. Bucket names are unique in the whole world."
  type        = string
  default     = null

  validation {
    condition     = var.bucket_name == null || can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "The bucket_name is 3 to 63 lower-case letters, digits and dashes."
  }
}

variable "noncurrent_retention_days" {
  description = "Days that replaced and deleted objects stay recoverable."
  type        = number
  default     = 90
}

variable "cdn_cidr_blocks" {
  description = "Addresses of the CDN in front of the static assets, such as Cloudflare's; empty for none. They may read, nobody else."
  type        = list(string)
  default     = []

  validation {
    # S3 takes what is larger for everybody, and the public access block refuses the policy
    condition = alltrue([
      for block in var.cdn_cidr_blocks :
      can(cidrhost(block, 0)) && try(tonumber(split("/", block)[1]) >= (strcontains(block, ":") ? 32 : 8), false)
    ])
    error_message = "The cdn_cidr_blocks are IPv4 prefixes of /8 or smaller, or IPv6 prefixes of /32 or smaller, such as 173.245.48.0/20."
  }
}

variable "cdn_prefix" {
  description = "First part of the keys of the static assets: all that the CDN may read."
  type        = string
  default     = "static/"

  validation {
    condition     = can(regex("^[a-zA-Z0-9][a-zA-Z0-9/_-]*/$", var.cdn_prefix))
    error_message = "The cdn_prefix ends with a slash, such as static/: uploaded objects are not for the CDN."
  }
}

variable "certificate_arn" {
  description = "ACM certificate, of aws_region, that the load balancer serves on port 443; null for plain HTTP on port 80."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:aws[a-z-]*:acm:", var.certificate_arn))
    error_message = "The certificate_arn is the ARN of an ACM certificate: arn:aws:acm:<region>:<account>:certificate/<id>."
  }
}

variable "api_domain_name" {
  description = "Domain of the certificate that clients reach the API by; null for the load balancer's own name."
  type        = string
  default     = null
}

variable "container_image" {
  description = "Image of the backend; null for <project_name>-backend:<image_tag> in this account's own registry."
  type        = string
  default     = null
}

variable "image_tag" {
  description = "Tag of the image in this account's own registry."
  type        = string
  default     = "latest"
}

variable "container_port" {
  description = "Port on which the backend listens."
  type        = number
  default     = 8080
}

variable "task_cpu" {
  description = "CPU units of a task; 1024 are one processor."
  type        = number
  default     = 256

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096], var.task_cpu)
    error_message = "The task_cpu is 256, 512, 1024, 2048 or 4096."
  }
}

variable "task_memory" {
  description = "Memory of a task in MiB."
  type        = number
  default     = 512
}

variable "desired_count" {
  description = "Tasks that the service begins with; afterwards the load decides."
  type        = number
  default     = 2

  validation {
    condition     = var.desired_count >= 1
    error_message = "The desired_count is at least 1."
  }
}

variable "autoscaling_min_count" {
  description = "Tasks that are always there."
  type        = number
  default     = 2

  validation {
    condition     = var.autoscaling_min_count >= 1
    error_message = "The autoscaling_min_count is at least 1."
  }
}

variable "autoscaling_max_count" {
  description = "Tasks that there are at most."
  type        = number
  default     = 10
}

variable "log_retention_days" {
  description = "Days that the logs of the containers are kept."
  type        = number
  default     = 30
}

variable "deletion_protection" {
  description = "Refuse to delete database, load balancer and a bucket with content; a database that goes leaves a snapshot."
  type        = bool
  default     = true
}
