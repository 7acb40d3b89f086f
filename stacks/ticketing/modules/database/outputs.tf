# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

output "endpoint" {
  description = "Host and port."
  value       = aws_db_instance.this.endpoint
}

output "identifier" {
  description = "Name of the instance."
  value       = aws_db_instance.this.identifier
}
