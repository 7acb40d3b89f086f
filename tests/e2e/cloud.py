# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is really in the emulated backend, seen past Terraform and past the collection."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.e2e.project import Project


@dataclass(frozen=True)
class Cloud:
    """The bucket and the lock table (of the same name) that the stacks of a test process share."""

    bucket: str
    s3: Any
    dynamodb: Any

    def state(self, project: Project) -> dict[str, Any] | None:
        """The state of a stack; None when there is none."""
        if project.state_key not in self.keys(project):
            return None
        found = self.s3.get_object(Bucket=self.bucket, Key=project.state_key)["Body"].read()
        state: dict[str, Any] = json.loads(found)
        return state

    def addresses(self, project: Project) -> list[str]:
        """The resources in the state, as type.name."""
        state = self.state(project) or {"resources": []}
        return [f"{found['type']}.{found['name']}" for found in state["resources"]]

    def keys(self, project: Project) -> list[str]:
        """All objects that belong to a stack, in any workspace."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        own = str(project.backend_config["key"])
        return [item["Key"] for page in pages for item in page.get("Contents", []) if own in item["Key"]]

    def row(self, identity: str) -> dict[str, str] | None:
        found = self.dynamodb.get_item(TableName=self.bucket, Key={"LockID": {"S": identity}}).get("Item")
        return {name: value["S"] for name, value in found.items()} if found else None

    def lock(self, project: Project) -> dict[str, str] | None:
        """The row that locks a stack's state."""
        return self.row(project.lock_id)

    def hold_lock(self, project: Project, **said: str) -> None:
        """Lock a stack's state as a colleague's Terraform would."""
        info = {
            "ID": "11111111-2222-3333-4444-555555555555",
            "Operation": "OperationTypeApply",
            "Who": "ada@laptop",
            "Version": "1.11.4",
            "Created": "2026-01-02T03:04:05Z",
            "Path": project.lock_id,
            "Info": "",
            **said,
        }
        self._put(project.lock_id, {"Info": json.dumps(info)})

    def release(self, project: Project) -> None:
        self.dynamodb.delete_item(TableName=self.bucket, Key={"LockID": {"S": project.lock_id}})

    def digest(self, project: Project) -> str | None:
        return (self.row(f"{project.lock_id}-md5") or {}).get("Digest")

    def _put(self, identity: str, values: dict[str, str]) -> None:
        item = {"LockID": {"S": identity}, **{name: {"S": value} for name, value in values.items()}}
        self.dynamodb.put_item(TableName=self.bucket, Item=item)

    def delete_state(self, project: Project, *, with_digest: bool = True) -> None:
        """Lose a state, as a careless `aws s3 rm` does; its versions stay."""
        self.s3.delete_object(Bucket=self.bucket, Key=project.state_key)
        if with_digest:
            self.dynamodb.delete_item(TableName=self.bucket, Key={"LockID": {"S": f"{project.lock_id}-md5"}})
