# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one task in a process of its own, as a worker or a module does, so that a test can end it in any way.

Arguments: the module, and a file with its options as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ansible_collections.envforge.terraform.plugins.module_utils._terraform.process import Interrupted
from tests.e2e.project import run


def main() -> int:
    module, options = sys.argv[1:]
    try:
        answer = run(module, json.loads(Path(options).read_text()))
    except Interrupted as interrupted:
        interrupted.end_process()
        raise
    print(json.dumps(answer.result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
