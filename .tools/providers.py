# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where this machine has Terraform's AWS provider, for those who must or may not download it (some 700 MB)."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path

ADDRESS = "registry.terraform.io/hashicorp/aws"
# the directories of a machine, then those of a user, in which Terraform looks by itself
_PLACES = ("/opt", "/usr/local", "/usr/share", "/var/lib")
_OWN = ("~/.terraform.d/plugins", "${XDG_DATA_HOME}/terraform/plugins", "~/.local/share/terraform/plugins")
_CONFIGURATION = """\
provider_installation {{
  filesystem_mirror {{
    path    = "{path}"
    include = ["{address}"]
  }}
  direct {{
    exclude = ["{address}"]
  }}
}}
"""


@cache
def mirror() -> Path | None:
    """The directory of a filesystem mirror with the provider: ENVFORGE_TEST_PROVIDERS, or one that is found."""
    named = os.environ.get("ENVFORGE_TEST_PROVIDERS")
    places = [named] if named else [place for place in _PLACES if os.path.isdir(place)]
    command = ["find", *places, "-xdev", "-type", "d", "-path", f"*/{ADDRESS}", "-print", "-quit"]
    looked = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    if looked:
        return Path(looked.removesuffix(ADDRESS))
    own = [Path(os.path.expandvars(place)).expanduser() for place in _OWN]
    return next((place for place in own if (place / ADDRESS).is_dir()), None)


def configure(directory: Path) -> Path | None:
    """Write what TF_CLI_CONFIG_FILE is to name, so that the provider comes from the mirror; None without a mirror."""
    found = mirror()
    if found is None:
        return None
    directory.mkdir(parents=True, exist_ok=True)
    written = directory / "providers.tfrc"
    written.write_text(_CONFIGURATION.format(path=found, address=ADDRESS))
    return written
