# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_outputs_to_env on real files: what it writes, what it leaves alone, and when it touches nothing."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dotenv as python_dotenv
import pytest

from tests.contract.emulator import Emulator
from tests.e2e import forked
from tests.e2e.cloud import Cloud
from tests.e2e.project import CHECK, REAL, Answer, Given, Project, tree_of

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB+/=\n-----END CERTIFICATE-----\n"
PASSWORD = "s3cr3t/p@ss$word"
SHOP = r"""
variable "db_password" {
  type      = string
  sensitive = true
}
variable "colour" {
  default = "blue"
}
variable "region" {
  default = "here"
}
output "endpoint" {
  value = "db.example:5432"
}
output "password" {
  value     = var.db_password
  sensitive = true
}
output "certificate" {
  value = "-----BEGIN CERTIFICATE-----\nMIIB+/=\n-----END CERTIFICATE-----\n"
}
output "ports" {
  value = [80, 443]
}
output "application_env_vars" {
  value = { LOG_LEVEL = "info" }
}
output "odd" {
  value     = "it's ${var.db_password}"
  sensitive = true
}
resource "terraform_data" "shop" {
  input = [var.colour, var.region]
}
"""


@dataclass(frozen=True)
class Shop:
    """An applied stack, and a directory for the .env files of one test."""

    project: Project
    directory: Path

    @property
    def file(self) -> Path:
        return self.directory / ".env"

    def write(self, given: Given = REAL, *, plan_file: str | None = None, **definition: Any) -> Answer:
        """Write the .env file. Without other ideas of the test, it gets the endpoint."""
        wanted = {"path": str(self.file), "variables": {"ENDPOINT": "${endpoint}"}, **definition}
        return self.project.dotenv(given, dotenv=wanted, **({"plan_file": plan_file} if plan_file else {}))

    def read(self) -> dict[str, str | None]:
        return python_dotenv.dotenv_values(self.file, interpolate=False)

    def mode(self) -> int:
        return stat.S_IMODE(self.file.stat().st_mode)


@pytest.fixture(scope="module")
def applied(aws: Emulator, cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Applied once; the tests only read its state."""
    config = {**aws.backend_config(cloud.bucket, "shop/terraform.tfstate"), "skip_region_validation": True}
    project = Project(tmp_path_factory.mktemp("shop"), config)
    (project.directory / ".git").mkdir()  # where a shadow of the root module ends
    secret = {"secret_variables": ["db_password"], "secret_values": {"db_password": PASSWORD}}
    project = project.write(SHOP).having(**secret)
    assert project.apply()["changed"]
    return project


@pytest.fixture
def shop(applied: Project, tmp_path: Path) -> Shop:
    return Shop(applied, tmp_path)


def in_vain(answer: Answer, *named: str) -> str:
    """The message of a failure, which names all of these and no secret."""
    assert [text for text in named if text not in answer.message] == [], answer.message
    assert PASSWORD not in str(answer.result) + "".join(answer.warnings)
    return answer.message


# What is written


@pytest.mark.core
def test_values_are_read_back_exactly(shop: Shop) -> None:
    """A URL with a password, a PEM block and JSON, by python-dotenv and by a shell; the file is nobody else's to read."""
    url = "postgres://app:${password | urlencode}@${endpoint}/shop"
    answer = shop.write(
        variables={"URL": url, "CA": "${certificate}", "PORTS": "${ports}", "PLAIN": "$${x}"}, dialect="bash"
    )
    wanted = {
        "URL": "postgres://app:s3cr3t%2Fp%40ss%24word@db.example:5432/shop",
        "CA": CERTIFICATE,
        "PORTS": "[80,443]",
        "PLAIN": "${x}",
    }
    assert (answer["changed"], answer["added"], shop.mode()) == (True, list(wanted), 0o600)
    assert shop.read() == wanted
    assert sourced(shop.file, list(wanted)) == list(wanted.values())


def sourced(path: Path, names: list[str]) -> list[str]:
    """What a shell has in variables after it has sourced a file."""
    script = '. "$0"; for name; do eval "printf \'%s\\0\' \\"\\$$name\\""; done'
    ran = subprocess.run(["sh", "-c", script, str(path), *names], capture_output=True, text=True, check=True)
    return ran.stdout.split("\0")[:-1]


@pytest.mark.core
def test_the_second_time_the_file_is_not_touched(shop: Shop) -> None:
    """Not even replaced by an equal one: who watches it need not read it again."""
    shop.write()
    before = tree_of(shop.directory)
    answer = shop.write()
    assert (answer["changed"], answer["added"], answer["updated"]) == (False, [], [])
    assert tree_of(shop.directory) == before


def test_everything_foreign_stays(shop: Shop) -> None:
    """Foreign keys, comments, blank lines, order and Windows' line ends."""
    shop.file.write_bytes(b"# mine\r\nFIRST=1\r\n\r\nENDPOINT=old\r\nLAST='2'\r\n")
    answer = shop.write(variables={"ENDPOINT": "${endpoint}", "NEW": "x"}, dialect="node")
    lines = shop.file.read_bytes().split(b"\r\n")
    assert [line for line in lines if not line.startswith(b"# managed")] == [
        b"# mine", b"FIRST=1", b"", b"ENDPOINT=db.example:5432", b"LAST='2'", b"NEW=x", b"",
    ]  # fmt: skip
    assert (answer["added"], answer["updated"], answer["removed"]) == (["NEW"], ["ENDPOINT"], [])


def test_only_keys_written_before_are_pruned(shop: Shop) -> None:
    """And only when asked."""
    shop.file.write_text("MINE=1\n")
    shop.write(variables={"ONE": "1", "TWO": "2"})
    assert shop.write(variables={"ONE": "1"})["removed"] == []
    assert shop.write(variables={"ONE": "1"}, prune=True)["removed"] == ["TWO"]
    assert shop.read() == {"MINE": "1", "ONE": "1"}


def test_duplicates_are_reported(shop: Shop) -> None:
    """The last line of a key that stood there twice is kept, and the user is told."""
    shop.file.write_text("ENDPOINT=a\nENDPOINT=b\n")
    answer = shop.write()
    assert (answer["duplicates"], shop.file.read_text().count("ENDPOINT=")) == (["ENDPOINT"], 1)
    assert "more than one line for ENDPOINT" in answer.warnings[0]


def test_all_outputs_with_a_prefix(shop: Shop) -> None:
    """Names in upper case; an output that is itself a set of variables brings its own names."""
    shop.write(variables={}, outputs="all", prefix="SHOP_", dialect="bash")
    found = shop.read()
    assert sorted(found) == [
        "LOG_LEVEL",
        "SHOP_CERTIFICATE",
        "SHOP_ENDPOINT",
        "SHOP_ODD",
        "SHOP_PASSWORD",
        "SHOP_PORTS",
    ]
    assert (found["SHOP_PORTS"], found["LOG_LEVEL"], found["SHOP_PASSWORD"]) == ("[80,443]", "info", PASSWORD)


def test_a_template_is_only_asked_for_keys_and_values(shop: Shop) -> None:
    """The quoting is ours: a value with quotes or line ends cannot break out of the template's."""
    template = shop.directory / ".env.j2"
    template.write_text(
        '{% if ports %}PORT={{ ports[0] }}\n{% endif %}CA="{{ certificate }}"\nPASSWORD={{ var.db_password }}\n'
    )
    shop.write(variables={}, template=str(template))
    assert shop.read() == {"PORT": "80", "CA": CERTIFICATE, "PASSWORD": PASSWORD}


# Values of variables


@dataclass(frozen=True)
class Source:
    """A place where the value of an input variable comes from."""

    options: Mapping[str, Any]
    inherited: Mapping[str, str]
    value: str


SOURCES = {
    "variables": Source({"variables": {"colour": "red"}}, {}, "red"),
    "secrets": Source({}, {}, PASSWORD),
    "the environment": Source(
        {"secret_variables": ["colour"], "secret_values": {}}, {"TF_VAR_colour": "green"}, "green"
    ),
}


@pytest.mark.parametrize("place", SOURCES)
def test_a_variable_comes_from_where_terraform_gets_it(shop: Shop, place: str) -> None:
    """tf_variables, tf_secret_variables and TF_VAR_…, without a plan."""
    source = SOURCES[place]
    name = "db_password" if place == "secrets" else "colour"
    asked = Shop(shop.project.having(**source.options), shop.directory)
    answer = asked.write(Given(inherited=source.inherited), variables={"VALUE": f"${{var.{name}}}"})
    assert answer.commands == ["output"]
    assert shop.read() == {"VALUE": source.value}


def test_a_variable_of_a_tfvars_file_comes_from_the_kept_plan(project: Project, tmp_path: Path) -> None:
    """As does a default: only Terraform knows what they are in the end. Both from the first run, and from one without changes."""
    stack = project.write(SHOP).having(var_files=["shop.tfvars"], variables={"db_password": PASSWORD})
    (stack.root / "shop.tfvars").write_text('colour = "violet"\n')
    shop = Shop(stack, tmp_path)
    for _ in ("first", "unchanged"):
        kept = stack.apply(keep_plan=True)["plan_file"]
        shop.write(plan_file=kept, variables={"COLOUR": "${var.colour}", "REGION": "${var['region']}"})
        assert shop.read() == {"COLOUR": "violet", "REGION": "here"}
        shop.file.unlink()


@pytest.mark.parametrize("given", [REAL, CHECK], ids=["real", "check"])
def test_without_a_kept_plan_one_is_made_for_it(shop: Shop, given: Given) -> None:
    """On its own, or in check mode, the role dotenv has none; this one locks nothing, and leaves nothing."""
    before = tree_of(shop.project.directory)
    asked = shop.write(given, variables={"COLOUR": "${var.colour}"}, required=["COLOUR"])
    assert (asked["added"], asked.commands[-2:]) == (["COLOUR"], ["plan", "show"])
    assert shop.file.exists() is not given.check_mode
    assert tree_of(shop.project.directory).keys() == before.keys()


def test_an_unknown_name_names_those_there_are(shop: Shop) -> None:
    """A typing error is seen at once, and the file is as it was."""
    shop.file.write_text("MINE=1\n")
    in_vain(shop.write(variables={"DB": "${endpiont}"}), str(shop.file), "DB", "endpiont", "endpoint")
    in_vain(shop.write(variables={"DB": "${var.pasword}"}), str(shop.file), "DB", "pasword", "db_password")
    assert shop.file.read_text() == "MINE=1\n"


# What is refused


def test_a_directory_is_no_file(shop: Shop) -> None:
    """Say which file in it was probably meant."""
    in_vain(
        shop.write(path=str(shop.directory)), f"{shop.directory} failed", f"{shop.directory}/.env", "tf_dotenv.path"
    )


def test_a_pipe_is_no_file(shop: Shop) -> None:
    """Reading it would wait for ever, replacing it would cut somebody off."""
    os.mkfifo(shop.file)
    in_vain(shop.write(), str(shop.file), "tf_dotenv.path")
    assert stat.S_ISFIFO(shop.file.stat().st_mode)


def test_a_file_cannot_be_in_a_file(shop: Shop) -> None:
    """The name of what is in the way is said, before anything is written."""
    (shop.directory / "apps").write_text("")
    in_vain(shop.write(CHECK, path=str(shop.directory / "apps" / "web" / ".env")), str(shop.directory / "apps"))


def test_links_in_a_circle_lead_nowhere(shop: Shop) -> None:
    """Two links to each other."""
    shop.file.symlink_to("other")
    (shop.directory / "other").symlink_to(".env")
    in_vain(shop.write(), str(shop.directory), "symbolic links")


def test_a_file_that_is_no_text_is_left_alone(shop: Shop) -> None:
    """Nothing can be merged into what cannot be read."""
    shop.file.write_bytes(b"A=\xff\n")
    in_vain(shop.write(), str(shop.file), "UTF-8")
    assert shop.file.read_bytes() == b"A=\xff\n"


@pytest.mark.parametrize("given", [REAL, CHECK])
def test_a_value_without_a_spelling_is_refused_by_its_key(shop: Shop, given: Given) -> None:
    """The value is a secret, so the message has its key only, and says which dialect can carry it."""
    shop.file.write_text("MINE=1\n")
    in_vain(shop.write(given, variables={"ODD": "${odd}"}), str(shop.file), "ODD", "portable", "bash")
    assert shop.file.read_text() == "MINE=1\n"
    assert list(shop.directory.iterdir()) == [shop.file]


@pytest.mark.parametrize("value", ["", None], ids=["empty", "not there"])
def test_a_required_key_must_have_a_value(shop: Shop, value: str | None) -> None:
    """Better no new .env than one the application cannot start with."""
    mapped = {"OTHER": "1"} if value is None else {"URL": value}
    in_vain(shop.write(variables=mapped, required=["URL"]), str(shop.file), "URL", "tf_dotenv.required")
    assert not shop.file.exists()


def test_a_required_key_may_be_somebody_elses(shop: Shop) -> None:
    """What counts is that it is in the file."""
    shop.file.write_text("URL=mine\n")
    assert shop.write(required=["URL"])["changed"]


def test_a_file_that_git_tracks_is_refused(shop: Shop) -> None:
    """The next commit would publish it; unless somebody says that this is meant."""
    git = ["git", "-C", str(shop.directory)]
    subprocess.run([*git, "init", "-q"], check=True)
    shop.file.write_text("MINE=1\n")
    assert shop.write()["changed"]  # there, but not tracked
    shop.file.write_text("MINE=1\n")
    subprocess.run([*git, "add", "-f", ".env"], check=True)
    in_vain(shop.write(), str(shop.file), "git rm --cached", ".gitignore", "allow_tracked")
    assert shop.file.read_text() == "MINE=1\n"
    assert shop.write(allow_tracked=True)["changed"]


@pytest.mark.parametrize("mode", ["rw", "0999", "0200", "7777"])
def test_a_mode_is_an_octal_number(shop: Shop, mode: str) -> None:
    """And lets its owner read and write."""
    in_vain(shop.write(mode=mode), mode, "tf_dotenv.mode", "0600")
    assert not shop.file.exists()


def test_a_missing_template_is_named(shop: Shop) -> None:
    """With the variable that names it."""
    in_vain(shop.write(template=str(shop.directory / "no.j2")), str(shop.directory / "no.j2"), "tf_dotenv.template")


# The file itself


def test_the_mode_is_set_also_when_nothing_else_changes(shop: Shop) -> None:
    """An existing file that others could read is closed, unless tf_dotenv.mode says otherwise."""
    shop.write()
    shop.file.chmod(0o644)
    assert (shop.write()["changed"], shop.mode()) == (True, 0o600)
    assert (shop.write(mode="0640")["changed"], shop.mode()) == (True, 0o640)
    assert (shop.write(mode="0640")["changed"], shop.mode()) == (False, 0o640)


def test_the_owner_is_kept(shop: Shop) -> None:
    """A deployment run by root does not take the file away from its application."""
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    shop.file.write_text("MINE=1\n")
    os.chown(shop.file, 12345, 23456)
    shop.write()
    assert (shop.file.stat().st_uid, shop.file.stat().st_gid, shop.mode()) == (12345, 23456, 0o600)


@pytest.mark.parametrize("there", [True, False], ids=["to a file", "to nothing yet"])
def test_a_link_is_followed_and_kept(shop: Shop, there: bool) -> None:
    """The file behind it is written, and the user told which that is."""
    real = shop.directory / "shared" / "env"
    if there:
        real.parent.mkdir()
        real.write_text("MINE=1\n")
    shop.file.symlink_to("shared/env")
    answer = shop.write()
    assert (answer["dotenv_file"], shop.file.is_symlink()) == (str(real), True)
    assert real.read_text().endswith("ENDPOINT=db.example:5432\n")
    assert any(str(shop.file) in warning and str(real) in warning for warning in answer.warnings)


@pytest.fixture
def nobodys(shop: Shop) -> Iterator[Shop]:
    """The same as the user nobody has it, where that user can reach it."""
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        shutil.copytree(shop.project.root, directory / "shop" / "root")
        (directory / "apps").mkdir()
        forked.give_to_nobody(directory)
        yield Shop(replace(shop.project, directory=directory / "shop"), directory / "apps")


def written_by_nobody(shop: Shop, given: Given = REAL) -> Answer:
    def write() -> Answer:
        forked.become_nobody()
        return shop.write(given)

    answer: Answer = forked.in_child(write)
    return answer


@pytest.mark.parametrize("given", [REAL, CHECK], ids=["real", "check"])
@pytest.mark.parametrize("there", [True, False], ids=["the file", "the directory"])
def test_what_may_not_be_written_is_refused(nobodys: Shop, given: Given, there: bool) -> None:
    """In check mode too, and with the way out."""
    if there:
        nobodys.file.write_text("MINE=1\n")
        forked.give_to_nobody(nobodys.directory)
        nobodys.file.chmod(0o400)
    else:
        nobodys.directory.chmod(0o500)
    before = tree_of(nobodys.directory)
    in_vain(written_by_nobody(nobodys, given), str(nobodys.file), "permission", "tf_dotenv.path")
    assert tree_of(nobodys.directory) == before


def test_nobody_writes_where_nobody_may(nobodys: Shop) -> None:
    """Without obstacles the same works: the tests above fail for their own reason only."""
    assert written_by_nobody(nobodys)["added"] == ["ENDPOINT"]


def test_a_full_disk_leaves_the_old_file(shop: Shop) -> None:
    """Whole, with nothing beside it, and the message says that nothing was replaced."""

    def write() -> tuple[Answer, str, list[str]]:
        forked.mount_small_disk(shop.directory, kilobytes=16)
        shop.file.write_text("MINE=1\n")
        answer = shop.write(variables={"LONG": "x" * 16384})
        return answer, shop.file.read_text(), [path.name for path in shop.directory.iterdir()]

    if os.geteuid() != 0:
        pytest.skip("only root can mount a disk as small as that")
    answer, text, names = forked.in_child(write)
    in_vain(answer, str(shop.file), "No space left", "Nothing was replaced")
    assert (text, names) == ("MINE=1\n", [".env"])


# The kept plan


@dataclass(frozen=True)
class Kept:
    """A stack with a plan that tf_apply has kept."""

    shop: Shop
    plan_file: str

    @property
    def left(self) -> list[str]:
        return [path.name for path in self.shop.project.data_dir.iterdir() if "tfplan" in path.name]


@pytest.fixture
def kept(shop: Shop) -> Kept:
    return Kept(shop, shop.project.apply(keep_plan=True)["plan_file"])


def test_reading_a_plan_without_changes_is_one_process(kept: Kept) -> None:
    """And afterwards the plan with its secrets is gone."""
    assert kept.left != []
    answer = kept.shop.write(plan_file=kept.plan_file)
    assert (answer.commands, kept.left) == (["show"], [])


FAILURES: dict[str, Callable[[Shop], dict[str, Any]]] = {
    "a directory": lambda shop: {"path": str(shop.directory)},
    "a required key": lambda shop: {"required": ["MISSING"]},
    "a value without a spelling": lambda shop: {"variables": {"ODD": "${odd}"}},
    "an unknown output": lambda shop: {"variables": {"DB": "${endpiont}"}},
    "a wrong expression": lambda shop: {"variables": {"DB": "${endpoint |}"}},
    "a missing template": lambda shop: {"template": str(shop.directory / "no.j2")},
    "a wrong mode": lambda shop: {"mode": "rw"},
}


@pytest.mark.parametrize("failure", FAILURES)
def test_the_plan_is_gone_after_a_failure_too(kept: Kept, failure: str) -> None:
    """It holds every value in clear."""
    in_vain(kept.shop.write(plan_file=kept.plan_file, **FAILURES[failure](kept.shop)))
    assert kept.left == []


def test_the_plan_is_gone_when_terraform_fails(kept: Kept) -> None:
    """And when it was somebody else's."""
    Path(kept.plan_file).write_bytes(b"no plan")
    in_vain(kept.shop.write(plan_file=kept.plan_file), kept.plan_file)
    assert kept.left == []


# Check mode and diff


@pytest.mark.core
def test_check_mode_says_what_would_be_written(shop: Shop) -> None:
    """And writes nothing anywhere."""
    before = tree_of(shop.directory, shop.project.directory)
    answer = shop.write(CHECK)
    assert (answer["changed"], answer["added"], answer["predictable"]) == (True, ["ENDPOINT"], True)
    assert tree_of(shop.directory, shop.project.directory) == before


def test_outputs_that_are_about_to_change_are_said_to(shop: Shop) -> None:
    """Their values are not known yet: neither an unknown output nor a required key is an error then."""
    wanted = {"path": str(shop.file), "variables": {"NEW": "${not_there_yet}"}, "required": ["NEW"]}
    answer = shop.project.dotenv(CHECK, dotenv=wanted, outputs_pending=True)
    assert (answer["changed"], answer["predictable"]) == (True, False)
    assert not shop.file.exists()


def test_the_diff_has_names_only(shop: Shop) -> None:
    """Also of foreign keys no value is shown: who knows what they are."""
    shop.file.write_text("TOKEN=planted\nENDPOINT=planted\n")
    answer = shop.write(variables={"ENDPOINT": "${endpoint}", "PASSWORD": "${password | urlencode}"})
    diff = answer["diff"]
    assert "ENDPOINT=" in diff["before"]
    assert ["ENDPOINT" in diff["after"], "PASSWORD" in diff["after"]] == [True, True]
    assert [text for text in ("planted", "db.example", "s3cr3t") if text in str(answer.result)] == []
