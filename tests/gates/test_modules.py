# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written twice because Ansible wants it so: modules, their actions, their documentation, the action group."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.gates.checkout import PLUGINS, ROOT, load_yaml, plugin, plugin_names

MODULES = sorted(plugin_names("modules"))
# the fields of an option that documentation and argument spec both state
FIELDS = ("type", "elements", "default", "required", "choices", "aliases")


def takes_stack_options(module: str) -> bool:
    return "process_environment" in arguments(module)


def arguments(module: str) -> dict[str, Any]:
    """The argument spec of a module; one whose work only an action can do keeps it there."""
    front = plugin("modules", module)
    if hasattr(front, "ARGUMENTS"):
        return dict(front.ARGUMENTS["argument_spec"])
    return dict(plugin("action", module).ARGUMENTS)


def documented(module: str) -> dict[str, Any]:
    """The options of a module's documentation, those of its fragments included."""
    own = yaml.safe_load(plugin("modules", module).DOCUMENTATION)
    options = dict(own.get("options") or {})
    fragments = own.get("extends_documentation_fragment") or []
    for fragment in [fragments] if isinstance(fragments, str) else fragments:
        options = {**fragment_options(fragment), **options}
    return options


def fragment_options(fragment: str) -> dict[str, Any]:
    """The options of a fragment named namespace.collection.file[.section]; none for those of ansible-core."""
    namespace, _, rest = fragment.partition(".terraform.")
    if namespace != "envforge":
        return {}
    file, _, section = rest.partition(".")
    text = getattr(plugin("doc_fragments", file).ModuleDocFragment, (section or "documentation").upper())
    return dict(yaml.safe_load(text).get("options") or {})


def facts(options: dict[str, Any], nested: str) -> dict[str, Any]:
    """What both sides say of each option, in one form: absent and empty are the same."""
    return {
        name: {
            **{field: option[field] for field in FIELDS if option.get(field) not in (None, False, [], {})},
            **({"options": facts(option[nested], nested)} if option.get(nested) else {}),
        }
        for name, option in options.items()
    }


def test_every_module_has_an_action_and_every_action_a_module() -> None:
    """Both routes exist for everything: the action runs in the worker, the module carries the documentation."""
    assert plugin_names("action") == plugin_names("modules")


def test_the_action_group_lists_the_modules_that_share_options() -> None:
    """module_defaults for the group reaches every module that knows the stack's options, and no other."""
    group = load_yaml("meta/runtime.yml")["action_groups"]["terraform"]
    assert group == sorted(name for name in MODULES if takes_stack_options(name))


@pytest.mark.parametrize("module", MODULES)
def test_documentation_and_argument_spec_agree(module: str) -> None:
    """Type, elements, default, requirement, choices and aliases of every option are the same on both sides."""
    assert facts(documented(module), "suboptions") == facts(arguments(module), "options")


@pytest.mark.parametrize("module", sorted(name for name in MODULES if takes_stack_options(name)))
def test_both_routes_use_one_argument_spec(module: str) -> None:
    """The action validates with the module's own object: a second copy could drift."""
    assert plugin("action", module).ActionModule.ARGUMENTS is plugin("modules", module).ARGUMENTS


@pytest.mark.parametrize("module", MODULES)
def test_examples_are_yaml_tasks_of_this_module(module: str) -> None:
    """The examples parse, each task has a name, and the module appears under its full name."""
    tasks = yaml.safe_load(plugin("modules", module).EXAMPLES)
    assert all("name" in task for task in tasks)
    assert any(f"envforge.terraform.{module}" in task for task in tasks)


def test_every_lookup_is_loaded_before_the_workers_are_forked() -> None:
    """A lookup left out of that list costs every worker its loading again."""
    assert set(plugin("plugin_utils", "_before_forking").LOOKUPS) == plugin_names("lookup")


def test_the_execution_environment_brings_what_the_documentation_requires() -> None:
    """The oldest boto3 that will do is the same for who reads the documentation and who builds an image."""
    image = (ROOT / "meta" / "ee-requirements.txt").read_text(encoding="utf-8").splitlines()
    fragment = (PLUGINS / "doc_fragments" / "backend.py").read_text(encoding="utf-8")
    stated = {line.strip("- ").replace(" ", "") for line in fragment.splitlines() if "boto" in line and ">=" in line}
    assert stated == {line for line in image if line and not line.startswith("#")}
