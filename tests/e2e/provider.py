# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real AWS provider for tests of drift: objects of Terraform's own provider cannot be changed behind its back.

It is taken from a filesystem mirror of this machine, as /usr/share/terraform/plugins or what TF_CLI_CONFIG_FILE of
ENVFORGE_TEST_PROVIDERS names; nothing is downloaded. Without one these tests are skipped.
"""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path

import pytest

_PLACES = ("/opt", "/usr/local", "/usr/share", "/var/lib")
_BELOW = "registry.terraform.io/hashicorp/aws"
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


@cache
def mirror() -> Path | None:
    """The directory of a filesystem mirror that holds the AWS provider."""
    named = os.environ.get("ENVFORGE_TEST_PROVIDERS")
    places = [named] if named else [place for place in _PLACES if os.path.isdir(place)]
    looked = subprocess.run(
        ["find", *places, "-xdev", "-type", "d", "-path", f"*/{_BELOW}", "-print", "-quit"],
        capture_output=True,
        text=True,
        check=False,
    )
    found = looked.stdout.strip()
    return Path(found.removesuffix(_BELOW)) if found else None


needs_provider = pytest.mark.skipif(
    mirror() is None,
    reason="no filesystem mirror with hashicorp/aws on this machine (ENVFORGE_TEST_PROVIDERS names one)",
)


def configuration(directory: Path) -> dict[str, str]:
    """The environment variable that makes Terraform take the provider from the mirror, and nothing from a registry."""
    path = directory / "providers.tfrc"
    path.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror()}"\n  }}\n}}\n')
    return {"TF_CLI_CONFIG_FILE": str(path)}
