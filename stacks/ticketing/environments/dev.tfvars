# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Development: small, cheap, and deletable.
environment        = "dev"
availability_zones = ["us-east-1a", "us-east-1b"]
single_nat_gateway = true

db_instance_class = "db.t3.micro"
db_multi_az       = false

desired_count         = 1
autoscaling_min_count = 1 # else the autoscaling would start a second task at once

deletion_protection = false
