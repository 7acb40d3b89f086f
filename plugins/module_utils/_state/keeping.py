# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backup of a state that is about to be overwritten or deleted: its own version in the bucket, else a private copy."""

from __future__ import annotations

import os

from ansible_collections.envforge.terraform.plugins.module_utils._files import make_private_directory, write_atomically
from ansible_collections.envforge.terraform.plugins.module_utils._state.places import Place, Stored, md5_of

_UNVERSIONED = (None, "null")  # what S3 calls the version of an object in a bucket without versioning


def kept_at(place: Place, stored: Stored, workspace: str, data_dir: str) -> str | None:
    """Where keep() leaves the backup; None when there is no state."""
    if stored.body is None:
        return None
    if stored.version_id not in _UNVERSIONED:
        return f"{place.address}?versionId={stored.version_id}"
    return os.path.join(data_dir, "backups", f"{workspace}-{md5_of(stored.body)[:12]}.tfstate")


def keep(place: Place, stored: Stored, workspace: str, data_dir: str) -> str | None:
    """Make sure that *stored* can be read again once it is gone from *place*; where. Raises FileError."""
    where = kept_at(place, stored, workspace, data_dir)
    if where is not None and stored.body is not None and stored.version_id in _UNVERSIONED:
        make_private_directory(os.path.dirname(where))
        write_atomically(where, stored.body)
    return where
