# Copyright (c) 2026 The envforge.terraform authors
# SPDX-License-Identifier: GPL-3.0-or-later

terraform {
  backend "s3" {} # the values come from the inventory: tf_backend and tf_backend_key
}
