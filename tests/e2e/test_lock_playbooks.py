# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks locks, unlock and import as a user runs them."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.contract import emulator
from tests.contract.terminal import at_terminal
from tests.e2e.cloud import Cloud
from tests.e2e.proxy import Fault, Proxy, Request
from tests.e2e.site import Played, Site
from tests.e2e.test_playbooks import in_a_bucket

ID = "11111111-2222-3333-4444-555555555555"
MODULE = """
terraform {
  backend "s3" {}
}
variable "found" {
  default = false
}
resource "terraform_data" "disk" {}
resource "terraform_data" "found" {
  count = var.found ? 1 : 0
}
"""
_buckets = iter(range(1000))


@dataclass(frozen=True)
class Scene:
    """Two applied stacks, app and network, whose states are in one bucket."""

    site: Site
    cloud: Cloud
    bucket: str

    def hold(self, stack: str, **said: str) -> None:
        info = {
            "ID": ID,
            "Who": "ada@laptop",
            "Operation": "OperationTypeApply",
            "Created": "2026-01-02T03:04:05Z",
            **said,
        }
        self._put(f"{self.bucket}/{stack}.tfstate", Info=json.dumps(info))

    def spoil_digest(self, stack: str) -> None:
        self._put(f"{self.bucket}/{stack}.tfstate-md5", Digest="0" * 32)

    def locked(self, stack: str) -> bool:
        key = {"LockID": {"S": f"{self.bucket}/{stack}.tfstate"}}
        return "Item" in self.cloud.dynamodb.get_item(TableName=self.bucket, Key=key)

    def addresses(self, stack: str) -> list[str]:
        state = json.loads(self.cloud.s3.get_object(Bucket=self.bucket, Key=f"{stack}.tfstate")["Body"].read())
        return [f"{r['type']}.{r['name']}" for r in state["resources"]]

    def _put(self, identity: str, **columns: str) -> None:
        item = {"LockID": {"S": identity}, **{name: {"S": value} for name, value in columns.items()}}
        self.cloud.dynamodb.put_item(TableName=self.bucket, Item=item)


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory, aws: emulator.Emulator, cloud: Cloud) -> Scene:
    """Made once: every test leaves both stacks as they were."""
    scene = Scene(Site(tmp_path_factory.mktemp("scene") / "site"), cloud, f"scene-{next(_buckets)}")
    root = scene.site.directory / "stacks" / "part"
    root.mkdir(parents=True)
    (root / "main.tf").write_text(MODULE)
    inventory(scene, aws.url, aws)
    scene.site.play("site").succeeded()
    return scene


@pytest.fixture
def scene(applied: Scene, aws: emulator.Emulator, proxy: Proxy) -> Scene:
    """Reached through the proxy, which sees every request."""
    inventory(applied, proxy.url, aws)
    return applied


def inventory(scene: Scene, url: str, aws: emulator.Emulator, app: dict[str, Any] | None = None, **more: Any) -> None:
    scene.site.inventory({"app": app or {}, "network": {}}, **in_a_bucket(url, aws, scene.bucket), **more)


def table(played: Played) -> list[str]:
    return [str(line) for line in next(iter(played.of("Show the locks").values()))["msg"]]


def test_locks_shows_who_holds_what_and_writes_nothing(scene: Scene, proxy: Proxy) -> None:
    """A line for each holder and for each wrong digest; the same as JSON; also of stacks outside the inventory."""
    scene.hold("app")
    scene.hold("elsewhere", ID="of-bob", Who="bob@desk")
    scene.spoil_digest("network")
    shown = scene.site.play("locks", "-e", "locks_json=locks.json").succeeded()
    head, app, network = table(shown)
    assert (head.split()[0], app.split()[:2], ID in app, "mismatch digest" in network) == (
        "stack",
        ["app", "ada@laptop"],
        True,
        True,
    )
    found = {entry["stack"]: entry for entry in json.loads((scene.site.directory / "locks.json").read_text())}
    assert (found["app"]["locks"][0]["id"], found["network"]["digests"][0]["problem"]) == (ID, "mismatch")
    every = table(scene.site.play("locks", "-e", "locks_all=true").succeeded())
    assert any("bob@desk" in line and "elsewhere.tfstate" in line for line in every)
    assert proxy.writes == []
    scene.site.play("unlock", "-e", f"unlock_id={ID}").succeeded()
    scene.site.play("unlock").succeeded()  # digests


def test_unlock_releases_the_lock_that_was_named(scene: Scene) -> None:
    """One of two stacks has it; the other is left alone, and so is everything the second time."""
    scene.hold("app")
    scene.hold("network", ID="of-bob")
    checked = scene.site.play("unlock", "-e", f"unlock_id={ID}", "--check").succeeded()
    assert (checked.changed["app"], checked.changed["network"], scene.locked("app")) == (1, 0, True)
    assert scene.site.play("unlock", "-e", f"unlock_id={ID}").succeeded().changed == {"app": 1, "network": 0}
    assert (scene.locked("app"), scene.locked("network")) == (False, True)
    wrong = scene.site.play("unlock", "-e", f"unlock_id={ID}")
    assert "none of its locks has the ID" in wrong.failures["network"]
    assert scene.site.play("unlock", "-e", "unlock_older_than=1d").succeeded().changed == {"app": 0, "network": 1}
    assert scene.site.play("unlock", "-e", f"unlock_id={ID}").succeeded().changed == {"app": 0, "network": 0}


def test_unlock_leaves_a_lock_that_it_did_not_show(scene: Scene, proxy: Proxy) -> None:
    """Somebody takes the lock while the locks are being read: force releases what was shown, and only that."""
    scene.hold("app", ID="of-bob", Who="bob@desk")
    looks: list[Request] = []

    def bob_ends_and_ada_begins(request: Request) -> bool:
        if request.operation == "GetItem" and b"app.tfstate" in request.body and b"-md5" not in request.body:
            looks.append(request)
            if len(looks) == 3:  # a look takes two, and the first is for the table that is shown
                scene.hold("app")
        return False

    proxy.faults[:] = [Fault(bob_ends_and_ada_begins, 500)]
    refused = scene.site.play("unlock", "-e", "unlock_force=true", "--limit", "app")
    proxy.heal()
    assert "ada@laptop" in refused.failures["app"]
    assert "somebody has taken it since the locks were shown" in refused.failures["app"]
    assert scene.locked("app")
    scene.site.play("unlock", "-e", "unlock_force=true", "--limit", "app").succeeded()
    assert not scene.locked("app")


def test_unlock_knows_a_lock_whose_path_is_masked(scene: Scene, aws: emulator.Emulator) -> None:
    """A value of the process environment is part of the state's key, as the name of an environment often is."""
    variables = in_a_bucket(aws.url, aws, scene.bucket)
    variables["tf_process_environment"]["TF_VAR_part"] = "network"
    scene.site.inventory({"app": {}, "network": {}}, **variables)
    scene.hold("network")
    played = scene.site.play("unlock", "-e", "unlock_older_than=1d").succeeded()
    assert played.of("Release the lock")["network"]["released"][0]["path"] == f"{scene.bucket}/(sensitive).tfstate"
    assert not scene.locked("network")


def test_the_lock_of_a_former_place_is_released_by_its_key(scene: Scene) -> None:
    """As a migration leaves it that was killed; the lock of the present place is none of its business."""
    scene.hold("old/app")
    scene.hold("app", ID="99999999-2222-3333-4444-555555555555")
    given = ["--limit", "app", "-e", f"unlock_id={ID}", "-e", "tf_backend_key=old/app.tfstate"]
    scene.site.play("unlock", *given).succeeded()
    assert [scene.locked(stack) for stack in ("old/app", "app")] == [False, True]


def test_unlock_says_what_is_missing(scene: Scene) -> None:
    """Without a choice nothing is released, but a digest is put right where nobody is at work."""
    scene.hold("app")
    scene.spoil_digest("network")
    played = scene.site.play("unlock")
    assert list(played.failures) == ["app"]
    assert "name the one to release" in played.failures["app"]
    assert played.changed["network"] == 1
    scene.site.play("unlock", "-e", "unlock_force=true").succeeded()
    assert not scene.locked("app")


def test_unlock_of_a_protected_environment_wants_a_confirmation(scene: Scene, aws: emulator.Emulator) -> None:
    """Who holds the lock is shown first."""
    inventory(scene, aws.url, aws, tf_protected=True)
    scene.hold("app")
    refused = scene.site.play("unlock", "-e", f"unlock_id={ID}")
    assert "-e tf_confirm=test" in refused.failures["app"]
    assert any("ada@laptop" in line for line in table(refused))
    assert scene.locked("app")
    assert scene.site.play("unlock", "-e", f"unlock_id={ID}", "--check").succeeded().changed["app"] == 1
    assert scene.site.play("unlock", "-e", f"unlock_id={ID}", "-e", "tf_confirm=test").succeeded().changed["app"] == 1
    assert not scene.locked("app")


def test_the_word_unlock_is_typed_at_a_terminal(scene: Scene, aws: emulator.Emulator) -> None:
    """Also when it is not the first stack of the inventory that is locked."""
    inventory(scene, aws.url, aws, tf_protected=True)
    scene.hold("network")
    command = [
        str(Path(sys.executable).parent / "ansible-playbook"),
        "envforge.terraform.unlock",
        "-e",
        f"unlock_id={ID}",
    ]
    status, shown = at_terminal(command, scene.site.variables(), scene.site.directory, {"type unlock": "unlock"})
    assert (status, shown.count("type unlock"), scene.locked("network")) == (0, 1, False), shown


def test_a_missing_table_is_told(scene: Scene, aws: emulator.Emulator, tmp_path: Path) -> None:
    """As a line of the table, and as the reason why the stack failed."""
    variables = in_a_bucket(aws.url, aws, scene.bucket)
    variables["tf_backend"]["lock_table"] = "no-such-table"
    site = Site(tmp_path / "site")
    (site.directory / "stacks").mkdir(parents=True)
    (site.directory / "stacks" / "part").symlink_to(scene.site.directory / "stacks" / "part")
    site.inventory({"app": {}}, **variables)
    played = site.play("locks")
    assert "DynamoDB table no-such-table" in played.failures["app"]
    assert "failed: " in table(played)[1]


def test_import_shows_the_plan_then_imports(scene: Scene, aws: emulator.Emulator) -> None:
    """From the inventory; a stack without tf_imports is left alone; the second time nothing is to be done."""
    app = {"tf_imports": [{"to": "terraform_data.found[0]", "id": "id-1"}], "tf_variables": {"found": True}}
    inventory(scene, aws.url, aws, app, tf_protected=True)
    refused = scene.site.play("import")
    shown = refused.of("Show what would be imported")["app"]["msg"]
    assert shown == ["import id-1 as terraform_data.found[0]", "the plan afterwards has no changes of resources"]
    assert "-e tf_confirm=test" in refused.failures["app"]
    assert scene.addresses("app") == ["terraform_data.disk"]
    checked = scene.site.play("import", "--check").succeeded()
    assert (checked.changed, scene.addresses("app")) == ({"app": 1, "network": 0}, ["terraform_data.disk"])
    played = scene.site.play("import", "-e", "tf_confirm=test", "-e", "imports_require_no_changes=true").succeeded()
    assert scene.addresses("app") == ["terraform_data.disk", "terraform_data.found"]
    assert "?versionId=" in played.of("Say where the former state is")["app"]["msg"]
    assert scene.site.play("import", "-e", "tf_confirm=test").succeeded().changed == {"app": 0, "network": 0}


def test_import_generates_configuration_for_what_has_none(aws: emulator.Emulator, cloud: Cloud, tmp_path: Path) -> None:
    """Shown first, and written with the state: an import that was not confirmed writes none. The second time nothing is done."""
    scene = Scene(Site(tmp_path / "site"), cloud, f"scene-{next(_buckets)}")
    root = scene.site.directory / "stacks" / "part"
    root.mkdir(parents=True)
    (root / "main.tf").write_text(MODULE)
    app = {"tf_imports": [{"to": "terraform_data.new", "id": "id-7"}]}
    inventory(scene, aws.url, aws, app, tf_protected=True)
    scene.site.play("site", "--limit", "app").succeeded()
    generating = ("--limit", "app", "-e", "imports_generate_config=generated.tf")
    refused = scene.site.play("import", *generating)
    generated = root / "generated.tf"
    shown = refused.of("Show what would be imported")["app"]["msg"]
    assert shown == [
        "import id-7 as terraform_data.new",
        f"configuration is generated into {generated}",
        "the plan afterwards has no changes of resources",
    ]
    assert "-e tf_confirm=test" in refused.failures["app"]
    checked = scene.site.play("import", "--check", *generating).succeeded()
    assert (checked.changed, "terraform_data.new" in scene.addresses("app")) == ({"app": 1}, False)
    assert not generated.exists()
    confirmed = (*generating, "-e", "tf_confirm=test")
    assert scene.site.play("import", *confirmed).succeeded().changed == {"app": 2}
    assert "terraform_data.new" in scene.addresses("app")
    written = generated.read_text()
    assert 'resource "terraform_data" "new"' in written
    assert scene.site.play("import", *confirmed).succeeded().changed == {"app": 0}
    assert generated.read_text() == written
    assert scene.site.play("site", "--limit", "app").succeeded().changed == {"app": 0}
