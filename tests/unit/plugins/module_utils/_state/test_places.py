# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing a state to a bucket, or a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._errors import AwsError, StateEndangered
from ansible_collections.envforge.terraform.plugins.module_utils._files import replacing
from ansible_collections.envforge.terraform.plugins.module_utils._state import local
from ansible_collections.envforge.terraform.plugins.module_utils._state.places import LocalPlace, S3Place, Stored
from tests.unit.plugins.module_utils._aws.clients import Client, aws_with, refused


def test_a_state_that_cannot_be_read_back_is_told_as_written() -> None:
    """It is the new one then, and who reads the message must know."""
    client = Client({"put_object": {"ETag": '"e"'}, "get_object": refused("SlowDown", status=503)})
    place = S3Place(aws_with(s3=client), {"bucket": "b", "key": "k"}, "default")
    with pytest.raises(AwsError, match="The state s3://b/k was written, but could not be read again") as raised:
        place.write(Stored(None), b"{}")
    assert raised.value.details["aws_code"] == "SlowDown"


def test_a_lock_on_a_file_is_that_of_a_living_process(tmp_path: Path) -> None:
    """With its note or without; a note alone is what a dead one left, and keeps nobody away."""
    place = LocalPlace(str(tmp_path / "terraform.tfstate"))
    note = Path(local.info_path(place.path))
    note.write_text("{}")
    assert place.held() == []
    with place.locked("OperationTypeTest", "looking"):
        assert [lock.operation for lock in place.held()] == ["OperationTypeTest"]
        note.unlink()
        assert [lock.id for lock in place.held()] == [""]


def test_a_file_that_is_another_when_read_back_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its source may be removed next: somebody without the lock was there, or the disk has lost it."""
    place = LocalPlace(str(tmp_path / "terraform.tfstate"))
    monkeypatch.setattr(local, "replacing", lambda path, body: replacing(path, body[:-1]))
    with pytest.raises(StateEndangered, match="written it at the same time"):
        place.write(Stored(None), b"{}")


def test_a_state_in_a_file_is_removed_for_those_who_wait_too(tmp_path: Path) -> None:
    """They have the file open, and would go on with what it held."""
    path = tmp_path / "terraform.tfstate"
    path.write_text("{}")
    place = LocalPlace(str(path))
    with path.open() as waiting:
        with place.locked("OperationTypeTest", "removing"):
            place.remove(place.read())
        assert "another run has replaced or removed" in waiting.read()
    assert not path.exists()
