# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

variable "project_name" {
  description = "Name of the project; the first part of every name."
  type        = string
  default     = "ai-nutritionist"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}$", var.project_name))
    error_message = "The project_name is 2 to 19 lower-case letters, digits and dashes, and begins with a letter."
  }
}

variable "environment" {
  description = "Name of the environment: dev, staging or prod; the last part of every name."
  type        = string

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "The environment is dev, staging or prod."
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

variable "security_tier" {
  description = "Which protection there is unless a switch below says otherwise: basic, standard (VPC, Config, Backup) or enterprise (GuardDuty and Security Hub too)."
  type        = string
  default     = "standard"

  validation {
    condition     = contains(["basic", "standard", "enterprise"], var.security_tier)
    error_message = "The security_tier is basic, standard or enterprise."
  }
}

variable "enable_vpc" {
  description = "Run the functions in private subnets; null for what the security_tier says."
  type        = bool
  default     = null
}

variable "enable_guardduty" {
  description = "Threat detection; null for what the security_tier says."
  type        = bool
  default     = null
}

variable "enable_security_hub" {
  description = "Findings in one place; null for what the security_tier says."
  type        = bool
  default     = null
}

variable "enable_aws_config" {
  description = "Compliance rules; null for what the security_tier says."
  type        = bool
  default     = null
}

variable "enable_config_remediation" {
  description = "Whether AWS puts right by itself what some rules of Config find, in the whole account: public buckets, buckets without encryption, tables without recovery, keys that are not rotated."
  type        = bool
  default     = false
}

variable "enable_aws_backup" {
  description = "Daily backups beside the point-in-time recovery; null for what the security_tier says."
  type        = bool
  default     = null
}

variable "gdpr_compliance_enabled" {
  description = "A table of consents, an export of a user's data, and an audit trail."
  type        = bool
  default     = true
}

variable "data_retention_days" {
  description = "Days that personal data and audit trails are kept."
  type        = number
  default     = 365

  validation {
    condition     = var.data_retention_days >= 90
    error_message = "The data_retention_days are at least 90: audit trails are asked for that far back."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete tables, and buckets and backup vaults that hold something; null for yes in prod and no elsewhere."
  type        = bool
  default     = null
}

variable "vpc_cidr" {
  description = "Addresses of the network."
  type        = string
  default     = "10.20.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.vpc_cidr)) && try(tonumber(split("/", var.vpc_cidr)[1]) <= 20, false)
    error_message = "The vpc_cidr is an IPv4 prefix of /20 or larger, such as 10.20.0.0/16."
  }
}

variable "availability_zone_count" {
  description = "Availability zones of the subnets."
  type        = number
  default     = 2

  validation {
    condition     = var.availability_zone_count >= 2 && var.availability_zone_count <= 4
    error_message = "The availability_zone_count is 2 to 4."
  }
}

variable "single_nat_gateway" {
  description = "One NAT gateway for all zones (cheap), or one a zone (no zone depends on another)."
  type        = bool
  default     = true
}

variable "vpc_id" {
  description = "A network that is there already; null for one of its own."
  type        = string
  default     = null

  validation {
    condition     = var.vpc_id == null || can(regex("^vpc-[0-9a-f]+$", var.vpc_id))
    error_message = "The vpc_id is the id of a VPC, such as vpc-0a1b2c3d."
  }
}

variable "private_subnet_ids" {
  description = "Private subnets of vpc_id, with a way out."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.private_subnet_ids : can(regex("^subnet-[0-9a-f]+$", id))])
    error_message = "The private_subnet_ids are ids of subnets, such as subnet-0a1b2c3d."
  }
}

variable "vpc_interface_endpoints" {
  description = "Services of AWS that the network reaches without a NAT gateway, beside S3 and DynamoDB."
  type        = list(string)
  default     = ["secretsmanager", "sqs"]

  validation {
    condition     = length(setsubtract(var.vpc_interface_endpoints, ["bedrock-runtime", "secretsmanager", "sqs"])) == 0
    error_message = "The vpc_interface_endpoints are some of bedrock-runtime, secretsmanager and sqs."
  }
}

variable "flow_log_retention_days" {
  description = "Days that the network's flow logs are kept."
  type        = number
  default     = 30
}

variable "enable_elasticache" {
  description = "A Redis cache of the model's answers; needs the VPC."
  type        = bool
  default     = false
}

variable "elasticache_node_type" {
  description = "Node type of the cache."
  type        = string
  default     = "cache.t3.micro"

  validation {
    condition     = startswith(var.elasticache_node_type, "cache.")
    error_message = "The elasticache_node_type begins with cache., such as cache.t3.micro."
  }
}

variable "elasticache_num_nodes" {
  description = "Nodes of the cache: one, or more in several zones with failover."
  type        = number
  default     = 1

  validation {
    condition     = var.elasticache_num_nodes >= 1 && var.elasticache_num_nodes <= 6
    error_message = "The elasticache_num_nodes are 1 to 6."
  }
}

variable "lambda_architecture" {
  description = "Processors of the functions: arm64 (Graviton2) or x86_64."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.lambda_architecture)
    error_message = "The lambda_architecture is arm64 or x86_64."
  }
}

variable "lambda_runtime" {
  description = "Runtime of the functions."
  type        = string
  default     = "python3.12"

  validation {
    condition     = startswith(var.lambda_runtime, "python3.")
    error_message = "The lambda_runtime is one of Python 3, such as python3.12."
  }
}

variable "lambda_package" {
  description = "Zip file with the application, one module a function; null for one that answers 503 until the application is there."
  type        = string
  default     = null

  validation {
    condition     = var.lambda_package == null || can(filebase64sha256(var.lambda_package))
    error_message = "The lambda_package is not a file that can be read."
  }
}

variable "lambda_reserved_concurrency" {
  description = "Reserved concurrency by function; -1 for none."
  type        = map(number)
  default = {
    universal-message-handler = 20
    billing-handler           = 5
    meal-plan-generator       = 10
    meal-plan-scheduler       = 1
    data-export               = 2
  }
}

variable "log_retention_days" {
  description = "Days that logs of functions and API are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([7, 14, 30, 60, 90, 180, 365], var.log_retention_days)
    error_message = "The log_retention_days are one of the terms CloudWatch knows: 7, 14, 30, 60, 90, 180 or 365."
  }
}

variable "bedrock_model_id" {
  description = "Language model that answers."
  type        = string
  default     = "anthropic.claude-3-haiku-20240307-v1:0"
}

variable "meal_plan_schedule" {
  description = "When meal plans are made for everybody: a schedule expression of EventBridge."
  type        = string
  default     = "cron(0 6 ? * SUN *)"

  validation {
    condition     = can(regex("^(cron|rate)\\(.+\\)$", var.meal_plan_schedule))
    error_message = "The meal_plan_schedule is cron(…) or rate(…)."
  }
}

variable "api_throttling_rate_limit" {
  description = "Requests a second that the API takes."
  type        = number
  default     = 100
}

variable "api_throttling_burst_limit" {
  description = "Requests at once that the API takes."
  type        = number
  default     = 200
}

variable "waf_rate_limit" {
  description = "Requests of one address in five minutes above which it is blocked."
  type        = number
  default     = 2000

  validation {
    condition     = var.waf_rate_limit >= 10
    error_message = "The waf_rate_limit is at least 10, the least that WAF knows."
  }
}

variable "domain_name" {
  description = "Domain of the web content; null for CloudFront's own."
  type        = string
  default     = null
}

variable "certificate_arn" {
  description = "ACM certificate of domain_name; CloudFront takes those of us-east-1 only."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:aws[a-z-]*:acm:us-east-1:", var.certificate_arn))
    error_message = "The certificate_arn is the ARN of an ACM certificate of us-east-1: CloudFront takes no other."
  }
}

variable "enable_cost_optimization" {
  description = "Budget, watch over unusual costs, and cheaper storage of what is old."
  type        = bool
  default     = true
}

variable "monthly_budget_limit" {
  description = "US dollars a month; alerts at 50, 80 and 100 percent."
  type        = string
  default     = "100"

  validation {
    condition     = can(regex("^[0-9]+([.][0-9]+)?$", var.monthly_budget_limit))
    error_message = "The monthly_budget_limit is a number of US dollars in quotes, such as \"100\"."
  }
}

variable "cost_anomaly_threshold" {
  description = "Unusual costs in US dollars from which on there is an alert."
  type        = number
  default     = 20
}

variable "enable_monitoring" {
  description = "Dashboards, alarms and queries."
  type        = bool
  default     = true
}

variable "alert_email" {
  description = "Who gets the alerts; null for nobody."
  type        = string
  default     = null

  validation {
    condition     = var.alert_email == null || can(regex("^[^@ ]+@[^@ ]+[.][^@ ]+$", var.alert_email))
    error_message = "The alert_email is an address, such as ops@example.com."
  }
}

variable "backup_retention_days" {
  description = "Days that daily backups are kept: 30 in warm storage, the rest in cold storage, 90 there at least."
  type        = number
  default     = 120

  validation {
    condition     = var.backup_retention_days >= 120
    error_message = "The backup_retention_days are at least 120: 30 days until cold storage, and 90 there."
  }
}

variable "backup_cross_region_destination" {
  description = "Region that backups are copied to; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.backup_cross_region_destination == null || can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.backup_cross_region_destination))
    error_message = "The backup_cross_region_destination is the code of a region, such as us-west-2."
  }
}

variable "backup_restore_test_schedule" {
  description = "When the newest backups are restored for a test: a schedule expression in UTC; null for never."
  type        = string
  default     = null

  validation {
    condition     = var.backup_restore_test_schedule == null || can(regex("^cron\\(.+\\)$", var.backup_restore_test_schedule))
    error_message = "The backup_restore_test_schedule is cron(…), such as cron(0 6 1 * ? *)."
  }
}

variable "backup_failover_test_schedule" {
  description = "When the newest copies are restored in the region they are copied to, as a failover would: a schedule expression in UTC; null for never."
  type        = string
  default     = null

  validation {
    condition     = var.backup_failover_test_schedule == null || can(regex("^cron\\(.+\\)$", var.backup_failover_test_schedule))
    error_message = "The backup_failover_test_schedule is cron(…), such as cron(0 6 2 1 ? *)."
  }
}

variable "twilio_account_sid" {
  description = "Account of Twilio that messages come from; null until there is one."
  type        = string
  default     = null

  validation {
    condition     = var.twilio_account_sid == null || can(regex("^AC[0-9a-f]{32}$", var.twilio_account_sid))
    error_message = "The twilio_account_sid is AC and 32 hexadecimal digits."
  }
}

variable "twilio_auth_token" {
  description = "Token that Twilio signs its requests with. Asked for, or from a vault; in no file of this stack."
  type        = string
  sensitive   = true
  nullable    = false

  validation {
    condition     = length(var.twilio_auth_token) >= 16
    error_message = "The twilio_auth_token has at least 16 characters."
  }
}

variable "stripe_webhook_secret" {
  description = "Key that Stripe signs its requests with. Asked for, or from a vault; in no file of this stack."
  type        = string
  sensitive   = true
  nullable    = false

  validation {
    condition     = length(var.stripe_webhook_secret) >= 16
    error_message = "The stripe_webhook_secret has at least 16 characters."
  }
}

variable "enable_aws_sms" {
  description = "Messages by AWS End User Messaging too, beside Twilio."
  type        = bool
  default     = false
}

variable "sms_origination_identity" {
  description = "Phone number, pool or sender id that AWS sends from; it is registered with AWS by hand."
  type        = string
  default     = null
}
