# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real AWS provider for tests of drift: objects of Terraform's own provider cannot be changed behind its back.

Nothing is downloaded: without a filesystem mirror on this machine these tests are skipped.
"""

from __future__ import annotations

from pathlib import Path

import providers
import pytest

PROVIDER = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region                      = "us-east-1"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
}
"""


needs_provider = pytest.mark.skipif(
    providers.mirror() is None,
    reason="no filesystem mirror with hashicorp/aws on this machine (ENVFORGE_TEST_PROVIDERS names one)",
)


def configuration(directory: Path) -> dict[str, str]:
    """The environment variable that makes Terraform take the provider from the mirror, and nothing from a registry."""
    return {"TF_CLI_CONFIG_FILE": str(providers.configure(directory))}
