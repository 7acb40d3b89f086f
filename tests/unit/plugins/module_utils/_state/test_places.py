# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing a state to a bucket."""

from __future__ import annotations

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._errors import AwsError
from ansible_collections.envforge.terraform.plugins.module_utils._state.places import S3Place, Stored
from tests.unit.plugins.module_utils._aws.clients import Client, aws_with, refused


def test_a_state_that_cannot_be_read_back_is_told_as_written() -> None:
    """It is the new one then, and who reads the message must know."""
    client = Client({"put_object": {"ETag": '"e"'}, "get_object": refused("SlowDown", status=503)})
    place = S3Place(aws_with(s3=client), {"bucket": "b", "key": "k"}, "default")
    with pytest.raises(AwsError, match="The state s3://b/k was written, but could not be read again") as raised:
        place.write(Stored(None), b"{}")
    assert raised.value.details["aws_code"] == "SlowDown"
