# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lets `ansible-test sanity` make its environments from the package index alone."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

# ansible-test downloads a script that carries pip inside itself; the interpreter can install its own pip as well.
# A process each: ensurepip switches pip's configuration off for the rest of the process it runs in.
BOOTSTRAP = """\
import subprocess
import sys

wanted = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
for command in (["ensurepip"], ["pip", "--disable-pip-version-check", "install", "--quiet", *wanted]):
    subprocess.run([sys.executable, "-m", *command], check=True, stdout=subprocess.DEVNULL)
"""


def prepare(home: Path) -> Path:
    """A home directory for ansible-test: the script where it caches its download, and this user's pip configuration."""
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    (cache / f"get_pip_{_bootstrap_version().replace('.', '_')}.py").write_text(BOOTSTRAP)
    configuration = home / ".config" / "pip" / "pip.conf"
    configuration.parent.mkdir(parents=True, exist_ok=True)
    configuration.write_text(_pip_configuration())
    return home


def _bootstrap_version() -> str:
    """The pip version in the name of the script that the installed ansible-test looks for."""
    package = find_spec("ansible_test")
    if package is None or not package.submodule_search_locations:
        message = "The sanity tests need ansible-test, which comes with ansible-core: run `make test` once."
        raise RuntimeError(message)
    source = Path(package.submodule_search_locations[0], "_internal", "python_requirements.py").read_text()
    match = re.search(r"pip='([\d.]+)'", source)
    if match is None:
        message = (
            "This ansible-test does not name the pip version it bootstraps where .tools/sanity.py looks: adapt that."
        )
        raise RuntimeError(message)
    return match[1]


def _pip_configuration() -> str:
    """A mirror or a certificate may be set in the environment, which ansible-test does not pass on."""
    pip = [sys.executable, "-m", "pip"]
    cache = subprocess.run([*pip, "cache", "dir"], check=True, capture_output=True, text=True).stdout.strip()
    listed = subprocess.run([*pip, "config", "list"], check=True, capture_output=True, text=True).stdout
    found = re.findall(r"^(?:global|:env:)\.([\w-]+)='(.*)'$", listed, flags=re.MULTILINE)
    settings = {"cache-dir": cache, **dict(found)}
    return "[global]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items())
