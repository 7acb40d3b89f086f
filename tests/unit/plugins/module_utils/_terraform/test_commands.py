# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command lines: all defaults, and everything set, for each."""

from __future__ import annotations

from ansible_collections.envforge.terraform.plugins.module_utils._terraform import commands


def test_init_with_all_defaults() -> None:
    """It never asks, and never migrates."""
    assert commands.Init().argv() == ["init", "-no-color", "-input=false", "-reconfigure"]
    assert commands.Init(reconfigure=False).argv() == ["init", "-no-color", "-input=false"]


def test_init_with_everything_set() -> None:
    """The backend's options are in a file, not on the command line."""
    assert commands.Init(backend_config_file="/d/backend.json", lockfile_readonly=True, backend=False).argv() == [
        "init",
        "-no-color",
        "-input=false",
        "-reconfigure",
        "-backend=false",
        "-backend-config=/d/backend.json",
        "-lockfile=readonly",
    ]


def test_plan_with_all_defaults() -> None:
    """Events, an exit status that tells, a plan file, and no waiting for a lock."""
    assert commands.Plan(out="/d/p").argv() == [
        "plan",
        "-json",
        "-no-color",
        "-input=false",
        "-detailed-exitcode",
        "-out=/d/p",
        "-lock-timeout=0s",
    ]


def test_plan_with_everything_set() -> None:
    """Every option has its place; files keep their order, the last one wins in Terraform."""
    options = commands.Plan(
        out="/d/p",
        var_files=("/a.tfvars", "/b.tfvars"),
        destroy=True,
        refresh=False,
        refresh_only=True,
        targets=("module.a", 'b.c["d e"]'),
        replace=("b.c",),
        lock=False,
        lock_timeout=60,
        parallelism=3,
        generate_config_out="/g.tf",
    )
    assert options.argv()[6:] == [
        "-lock=false",
        "-destroy",
        "-refresh=false",
        "-refresh-only",
        "-target=module.a",
        '-target=b.c["d e"]',
        "-replace=b.c",
        "-parallelism=3",
        "-generate-config-out=/g.tf",
        "-var-file=/a.tfvars",
        "-var-file=/b.tfvars",
    ]


def test_import_with_all_defaults() -> None:
    """An id may begin with a dash."""
    assert commands.Import("a.b", "-1").argv() == ["import", "-no-color", "-input=false", "--", "a.b", "-1"]


def test_import_with_everything_set() -> None:
    """Files keep their order."""
    options = commands.Import("a.b", "1", ("/a.tfvars", "/b.tfvars"))
    assert options.argv()[3:6] == ["-var-file=/a.tfvars", "-var-file=/b.tfvars", "--"]


def test_apply_with_all_defaults() -> None:
    """The plan file comes last."""
    assert commands.Apply("/d/p").argv() == ["apply", "-json", "-no-color", "-input=false", "-lock-timeout=0s", "/d/p"]


def test_apply_with_everything_set() -> None:
    """Variables only come in files: nobody reads a value in the list of processes."""
    assert commands.Apply("/d/p", ("/a.json",), lock_timeout=9, parallelism=1).argv()[4:] == [
        "-lock-timeout=9s",
        "-parallelism=1",
        "-var-file=/a.json",
        "/d/p",
    ]


def test_commands_without_options() -> None:
    """Those that only read."""
    assert commands.show("/d/p") == ["show", "-json", "-no-color", "/d/p"]
    assert commands.output() == ["output", "-json", "-no-color"]
    assert commands.state_pull() == ["state", "pull"]
    assert commands.show_state() == ["show", "-json", "-no-color"]


def test_commands_that_edit_a_state_file() -> None:
    """An address may begin with a dash, by mistake; it is no option then."""
    assert commands.state_move("/d/s", "a.b", "-c") == ["state", "mv", "-state=/d/s", "--", "a.b", "-c"]
    assert commands.state_remove("/d/s", ["-a", "b.c"]) == ["state", "rm", "-state=/d/s", "--", "-a", "b.c"]
