# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_backend with state absent: what it refuses to delete, and what outlives a backend."""

from __future__ import annotations

import pytest

from tests.e2e.backends import EMPTY, STATE, World, writes


def test_a_backend_in_use_is_not_deleted(made: World) -> None:
    """Each reason is named: resources, also of a deleted state; locks of both kinds; objects that are no states."""
    made.put_state("prod/terraform.tfstate", STATE)
    made.put_state("small/terraform.tfstate", {**STATE, "resources": [{"mode": "managed", "instances": [{}]}]})
    made.put_state("empty/terraform.tfstate", EMPTY)
    made.put_state("gone/terraform.tfstate", STATE)
    made.put_state("prod/terraform.tfstate.tflock", {"ID": "1"})
    made.put_state("photo.json", {"a": 1})
    made.client("s3").delete_object(Bucket=made.name, Key="gone/terraform.tfstate")
    table = f"{made.name}-locks"
    for row in (f"{made.name}/prod/terraform.tfstate", f"{made.name}/prod/terraform.tfstate-md5"):
        made.client("dynamodb").put_item(TableName=table, Item={"LockID": {"S": row}})
    result = made.backend(state="absent")
    assert result["in_use"] == [
        {"name": "gone/terraform.tfstate", "reason": "has 2 resources in its last version, it was deleted since"},
        {"name": "photo.json", "reason": "is not a Terraform state"},
        {"name": "prod/terraform.tfstate", "reason": "has 2 resources"},
        {"name": "prod/terraform.tfstate.tflock", "reason": "is a lock somebody holds"},
        {"name": "small/terraform.tfstate", "reason": "has 1 resource"},
        {"name": f"{made.name}/prod/terraform.tfstate", "reason": "is a lock somebody holds"},
    ]
    assert writes(made) == []
    assert made.backend(state="absent", force=True)["changed"]
    assert not made.backend(state="absent")["changed"]


def test_backups_do_not_keep_a_backend_whose_states_are_empty(made: World) -> None:
    """As a state's older versions do not, and they are no states; one whose state was never in the bucket is all there is."""
    made.put_state("prod/x.tfstate", EMPTY)
    made.put_state("backups/prod/x.tfstate/00000003-0123456789ab.tfstate", STATE)
    made.put_state(lonely := "backups/prod/y.tfstate/00000004-0123456789ab.tfstate", STATE)
    assert [state["key"] for state in made.info()["states"]] == ["prod/x.tfstate"]
    assert made.backend(state="absent")["in_use"] == [{"name": lonely, "reason": "has 2 resources"}]
    made.put_state("prod/y.tfstate", EMPTY)
    assert made.backend(state="absent")["changed"]


def test_a_shared_table_outlives_one_of_its_buckets(made: World) -> None:
    """Rows of the other bucket stay, ours go."""
    made.put_state("k", EMPTY)
    dynamodb, table = made.client("dynamodb"), f"{made.name}-locks"
    for row in (f"{made.name}/k-md5", "other/k-md5"):
        dynamodb.put_item(TableName=table, Item={"LockID": {"S": row}, "Digest": {"S": "0"}})
    assert made.backend(state="absent")["changed"]
    assert any("has rows of other buckets and stays" in warning for warning in made.warnings)
    assert [item["LockID"]["S"] for item in dynamodb.scan(TableName=table)["Items"]] == ["other/k-md5"]
    assert not made.backend(state="absent")["changed"]


def test_the_key_outlives_its_backend_unless_asked(made: World) -> None:
    """Copies of states would be unreadable."""
    kms = made.client("kms")
    key = kms.describe_key(KeyId=f"alias/{made.name}")["KeyMetadata"]["KeyId"]
    made.backend(state="absent")
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    made.backend(state="absent", kms_deletion_window_days=7)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"


@pytest.mark.parametrize("days", [6, 31])
def test_a_window_kms_does_not_take_stops_before_anything_is_deleted(made: World, days: int) -> None:
    """KMS would say so when the bucket has gone."""
    result = made.backend(state="absent", kms_deletion_window_days=days)
    assert f"cannot be deleted in {days} days" in result["msg"]
    assert writes(made) == []
