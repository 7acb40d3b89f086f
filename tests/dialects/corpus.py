# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of .env files as people, editors and other programs write them. In Python, so that no tool mends their line ends."""

from __future__ import annotations

PEM = "-----BEGIN PRIVATE KEY-----\nMIIBVAIBADANBgkqhkiG9w0BAQEFAASCAT4=\n-----END PRIVATE KEY-----"

CORPUS = {
    "empty": "",
    "blank": "\n\n  \n\t\n",
    "plain": "A=1\nB=two\nC=\n",
    "no_final_newline": "A=1\nB=2",
    "windows": "A=1\r\n\r\n# comment\r\nB='two words'\r\nC=\"x\"\r\n",
    "windows_multi_line": "A='one\r\ntwo'\r\nB=3\r\n",
    "old_mac": "A=1\rB=2\r",
    "byte_order_mark": "\ufeffA=1\nB=2\n",
    "comments": "# first\n  # indented\nA=1 # after\nB=x#y\nC='q' # after\nD=\"q\" # after\n;semicolon\nE=#no\n",
    "comment_ending_in_backslash": "# path C:\\\nA=1\nB=2\n",
    "spaces": "A = 1\n B=2\nC= 3\nD =4\nE=a b\nF='a b'  \n",
    "export": "export A=1\nexport B='two words'\nexport  C=\"3\"\nexport D\nexport\tE=5\n",
    "exports_on_a_line": "export A=1 B=2\nC=3 D=4\n",
    "duplicates": "A=1\nB=x\nA=2\nA='3'\n",
    "references": "A=1\nB=$A\nC=${A}/x\nD=\"$A\"\nE='$A'\nF=${A:-y}\n",
    "references_outside": "A=${HOME_OF_NOBODY}\nB=$HOME_OF_NOBODY\nC=1\n",
    "escapes": 'A="a\\nb"\nB="a\\tb"\nC="\\$x"\nD="say \\"x\\""\nE=a\\ b\nF=\'a\\nb\'\nG="\\\\"\n',
    "quotes_within": 'A=it\'s\nB="it\'s"\nC=\'say "x"\'\nD=say "x"\n',
    "joined_quotes": "A='it'\\''s'\nB='a'\"b\"c\nC=x'y'\n",
    "backticks": "A=`x`\nB='`x`'\n",
    "command_substitution": "A=$(printf x)\nB=\"$(printf ')')\"\nC=1\n",
    "url": "A=postgres://app:p%40ss@db.example.com:5432/app?sslmode=require\nB=https://example.com/#top\n",
    "json": 'A={"a": [1, 2], "b": "c"}\nB=\'{"a":"b"}\'\n',
    "pem": f"A=\"{PEM}\"\nB='{PEM}'\nC=1\n",
    "yaml_style": "A: 1\nB: 'two'\n",
    "names": "a.b=1\na-b=2\n1A=3\nÄ=4\nA=5\n",
    "name_alone": "A=1\nB\nC=2\nA\n",
    "equals": "A==\nB=x=y\n=z\n",
    "unclosed_quote": "A=1\nB='open\nC=2\n",
    "unclosed_double_quote": 'A=1\nB="open\nC=2\n',
    "garbage": "A=1\nthis is no assignment\n<<<<<<< HEAD\nB=2\n",
    "trailing_backslash": "A=C:\\dir\\\nB=2\n",
    "quoted_trailing_backslash": "A='C:\\dir\\'\nB='2'\n",
    "tilde": "A=~/x\nB=a~b\nC='~'\n",
    "dollars": "A=$\nB=a$\nC=$$\nD='$$'\n",
    "unicode": "A=größer\nB='日本'\nC=\u00a0x\nD='\u2028'\n",
    "ansi_c": "A=$'x'\nB=$'a\\nb'\n",
    "octal": 'A="\\0101"\nB="\\0777"\nC="\\0128"\nD="\\0"\n',
    "arithmetic": 'A="x$[1+1]"\nB=$((1+1))\nC=1\n',
    "set_key_of_python_dotenv": "A='it\\'s'\nB='plain'\n",
}
