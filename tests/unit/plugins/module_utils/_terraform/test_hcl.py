# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outline of HCL, odd spellings included."""

from __future__ import annotations

import pytest

from ansible_collections.envforge.terraform.plugins.module_utils._terraform.hcl import Block, Unreadable, parse


def names(block: Block) -> list[str]:
    return [" ".join([inner.type, *inner.labels]) for inner in block.blocks]


def test_blocks_labels_and_attributes_are_found_with_their_lines() -> None:
    """In a file as people write it."""
    found = parse('# a comment\nvariable "a" {\n  type = string\n\n  default = "x"\n}\n\nresource "t" "n" {}\n')
    assert names(found) == ["variable a", "resource t n"]
    variable = found.blocks[0]
    assert (variable.line, {name: a.line for name, a in variable.attributes.items()}) == (2, {"type": 3, "default": 5})
    assert variable.attributes["type"].expression == "string"


@pytest.mark.parametrize(
    "expression",
    [
        '"a } b { c"',
        '"quote \\" and brace }"',
        '"${jsonencode({ a = "}" })}"',
        '"%{ if true }}%{ endif }"',
        '"$${literal} %%{literal}"',
        '"a # b // c /* d"',
        "[\n    1, # }\n    2, /* ] */\n  ]",
        "{\n    a = { b = 1 }\n    // }\n  }",
        '<<EOT\nvariable "no" {\n}\nEOT',
        '<<-EOT\n    ${upper("}")} }\n    EOT',
        '<<E-O_T\n"unclosed\nE-O_T',
        "var.a == 1 ? 2 : 3",
        "var.a >= 1 && !var.b",
        '[for k, v in var.a : v if k != "}"]',
        'object({ a = optional(string, "}") })',
        "1 /* one */ + /* two */ 2",
        "a.b[*].c",
        "(\n    1\n  )",
    ],
)
def test_an_expression_does_not_end_too_early(expression: str) -> None:
    """Strings, templates, heredocs, brackets and comments may hold anything."""
    found = parse(f'locals {{\n  odd = {expression}\n  next = 1\n}}\nvariable "after" {{}}\n')
    assert names(found) == ["locals", "variable after"]
    assert list(found.blocks[0].attributes) == ["odd", "next"]


@pytest.mark.parametrize(
    "text",
    [
        'variable "a" {}variable "b" {}',
        'variable "a" { default = 1 }\nvariable "b" {}',
        "variable a {}\r\nvariable b {\r\n}\r\n",
        '\ufeffvariable "a" {}\n/* x\n} */ variable "b" {} # end',
        'variable /* here */ "a" {}\nvariable "b" { /* nothing */ }',
    ],
)
def test_odd_spellings_of_blocks_are_read(text: str) -> None:
    """On one line, without quotes, with Windows line ends, a byte order mark, comments in between."""
    assert names(parse(text)) == ["variable a", "variable b"]


def test_nested_blocks_stay_nested() -> None:
    """The backend is in a terraform block; a block of that name elsewhere is not one."""
    found = parse('terraform {\n  backend "s3" {\n    key = "a"\n  }\n}\n')
    assert [block.labels for block in found.blocks[0].nested("backend")] == [("s3",)]
    assert found.blocks[0].nested("cloud") == []


def test_a_tfvars_file_has_attributes_only() -> None:
    """Names may be quoted; the line is that of the name."""
    found = parse('a = 1\n"b" = {\n  c = 2\n}\n\nd = <<X\nx = 1\nX\n')
    assert {name: attribute.line for name, attribute in found.attributes.items()} == {"a": 1, "b": 2, "d": 6}


@pytest.mark.parametrize(
    "text",
    [
        "variable {",
        'variable "a" {',
        "}",
        "a = [1",
        'a = "unclosed',
        "a = <<X\nnever",
        "= 1",
        'variable "a" {}}',
        "a 1 {}",
    ],
)
def test_what_is_no_hcl_is_said_to_be_unreadable(text: str) -> None:
    """Nothing is concluded from a half-read file."""
    with pytest.raises(Unreadable):
        parse(text)


def test_an_empty_file_is_valid() -> None:
    """As is one with comments only."""
    assert parse("").blocks == parse("# nothing\n\n/* at all */").blocks == []
