# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# The gateway in front of the user service: an HTTP API that passes requests on, with limits and an access log, and a
# table of sessions.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

locals {
  name       = "user-gateway-${var.environment}"
  authorized = var.jwt_issuer != null
}

resource "aws_apigatewayv2_api" "gateway" {
  name          = local.name
  protocol_type = "HTTP"
  description   = "The way to the user service in ${var.environment}"
}

resource "aws_apigatewayv2_integration" "users" {
  api_id             = aws_apigatewayv2_api.gateway.id
  integration_type   = "HTTP_PROXY"
  integration_method = "ANY"
  integration_uri    = "${var.upstream_url}/{proxy}"
}

resource "aws_apigatewayv2_authorizer" "jwt" {
  count            = local.authorized ? 1 : 0
  api_id           = aws_apigatewayv2_api.gateway.id
  name             = "jwt"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = var.jwt_issuer
    audience = var.jwt_audience
  }
}

resource "aws_apigatewayv2_route" "users" {
  api_id             = aws_apigatewayv2_api.gateway.id
  route_key          = "ANY /{proxy+}"
  target             = "integrations/${aws_apigatewayv2_integration.users.id}"
  authorization_type = local.authorized ? "JWT" : "NONE"
  authorizer_id      = one(aws_apigatewayv2_authorizer.jwt[*].id)
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/user-gateway/${var.environment}/access"
  retention_in_days = var.log_retention_days
}

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.gateway.id
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn

    # neither query nor headers: they may hold what belongs to a user
    format = jsonencode({
      id       = "$context.requestId"
      time     = "$context.requestTime"
      method   = "$context.httpMethod"
      route    = "$context.routeKey"
      status   = "$context.status"
      duration = "$context.responseLatency"
    })
  }

  default_route_settings {
    throttling_rate_limit  = var.requests_per_second
    throttling_burst_limit = var.requests_per_second * 2
  }
}

resource "aws_dynamodb_table" "sessions" {
  name                        = "${local.name}-sessions"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "SessionId"
  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "SessionId"
    type = "S"
  }

  ttl {
    attribute_name = "ExpiresAt"
    enabled        = true
  }

  server_side_encryption {
    enabled = true
  }

  point_in_time_recovery {
    enabled = var.point_in_time_recovery
  }
}
