# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves that Terraform itself finds a state where it was put: every resource instance and every output of it."""

from __future__ import annotations

import os

from ansible_collections.envforge.terraform.plugins.module_utils._errors import StateEndangered
from ansible_collections.envforge.terraform.plugins.module_utils._files import make_private_directory, write_atomically
from ansible_collections.envforge.terraform.plugins.module_utils._stack.readiness import initialise
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Work
from ansible_collections.envforge.terraform.plugins.module_utils._state.document import Document
from ansible_collections.envforge.terraform.plugins.module_utils._state.resources import instances

_BACKEND = 'terraform {\n  backend "s3" {}\n}\n'


def demand_seen(work: Work, wanted: Document, address: str) -> None:
    """Raises StateEndangered when Terraform, asked in the stack's own backend, does not answer with *wanted*.

    Asked in a root module that is nothing but the backend: no provider is installed for it, and there is no local state that
    init would stop at, or empty. A local backend was read back already, and its path may be relative to the real root.
    """
    if work.stack.backend_type != "s3":
        return
    root, data_dir = (os.path.join(work.directory, name) for name in ("proof", "proof-data"))
    make_private_directory(root)
    make_private_directory(data_dir)
    write_atomically(os.path.join(root, "main.tf"), _BACKEND)
    looking = work.elsewhere(root=root, data_dir=data_dir)
    initialise(looking)
    pulled = looking.terraform.state_pull()
    if not pulled or not _equal(Document(pulled), wanted):
        raise StateEndangered(
            f"Migrating {work.stack.label} was stopped: the state was copied to {address}, but Terraform does not find the same "
            "resources and outputs in its backend. The source was not touched. Compare tf_backend with where that is."
        )


def _equal(one: Document, other: Document) -> bool:
    return one.lineage == other.lineage and _things(one) == _things(other) and _values(one) == _values(other)


def _things(document: Document) -> dict[tuple[str, object], tuple[object, ...]]:
    """Every instance, deposed ones too. An engine that reads a state of another version may add to the rest of it."""
    return {
        (address, instance.get("deposed")): (resource.get("provider"), instance.get("attributes"))
        for address, resource, instance in instances(document)
    }


def _values(document: Document) -> dict[str, object]:
    return {name: output.get("value") for name, output in document.outputs.items()}
