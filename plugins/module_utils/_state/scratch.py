# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of a state in a shadow of the root module, where Terraform imports, generates configuration and plans unseen."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ansible_collections.envforge.terraform.plugins.module_utils._errors import CommandFailed
from ansible_collections.envforge.terraform.plugins.module_utils._files import (
    make_private_directory,
    read_text,
    remove,
    write_atomically,
)
from ansible_collections.envforge.terraform.plugins.module_utils._stack.prediction import in_shadow
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Work
from ansible_collections.envforge.terraform.plugins.module_utils._stack.state import local_path
from ansible_collections.envforge.terraform.plugins.module_utils._state.document import Document, read_document
from ansible_collections.envforge.terraform.plugins.module_utils._state.rehearsal import Rehearsal
from ansible_collections.envforge.terraform.plugins.module_utils._terraform import commands
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.cli import FAILED, Ended
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.diagnostics import as_data, sentence_of
from ansible_collections.envforge.terraform.plugins.module_utils._terraform.plan import Plan

_BLOCKS, _GENERATED = "envforge_import.tf.json", "envforge_generated.tf"


@dataclass(frozen=True)
class Import:
    """An object of the real world and the address it is to have. id is what the provider imports by."""

    to: str
    id: str


@dataclass(frozen=True)
class Scratch:
    """work is that of the stack, its root module and data directory in the shadow."""

    work: Work

    @classmethod
    def of(cls, work: Work) -> Scratch:
        """Costs an init."""
        directory = os.path.join(work.directory, "scratch")
        make_private_directory(directory)
        return cls(in_shadow(replace(work, directory=directory)))

    @property
    def document(self) -> Document | None:
        text = read_text(self._state_file, newline="")
        return read_document(text.encode(), self._state_file) if text else None

    def hold(self, document: Document | None) -> None:
        """Begin from *document*; from no state at all when that is None."""
        remove(self._state_file)
        if document is not None:
            make_private_directory(os.path.dirname(self._state_file))
            write_atomically(self._state_file, document.with_serial(document.serial))

    def take(self, wanted: Import) -> None:
        """Import one object. Raises CommandFailed for an id the provider does not know, and an address without configuration."""
        work = self.work
        options = commands.Import(wanted.to, wanted.id, work.variables.write(work.directory))
        work.terraform.import_object(options)

    def generate(self, wanted: Sequence[Import]) -> str | None:
        """Configuration for those of *wanted* that have none, None when all have; further imports take it for written."""
        blocks = [{"to": each.to, "id": _literal(each.id)} for each in wanted]
        write_atomically(os.path.join(self._root, _BLOCKS), json.dumps({"import": blocks}))
        path = os.path.join(self._root, _GENERATED)
        try:
            ended = self._plan(generate=path)
        finally:
            remove(os.path.join(self._root, _BLOCKS))
        if ended.status == FAILED:
            raise self._failed("Generating configuration for", ended)
        return read_text(path)

    def plan(self) -> Rehearsal:
        """What Terraform would do with the state that is held now."""
        ended = self._plan()
        if ended.status == FAILED:
            raise self._failed("Planning", ended)
        return Rehearsal.of(Plan.from_json(self.work.terraform.show(self._plan_file)), ended)

    def _plan(self, generate: str | None = None) -> Ended:
        variables = self.work.variables.write(self.work.directory)
        options = commands.Plan(self._plan_file, variables, lock=False, generate_config_out=generate)
        return self.work.terraform.plan(options, lambda event: None)

    def _failed(self, doing: str, ended: Ended) -> CommandFailed:
        found = ended.log.diagnostics
        return CommandFailed(
            f"{doing} {self.work.stack.label} with a copy of its state failed: {sentence_of(found)}.",
            diagnostics=as_data(found),
            rc=ended.status,
        )

    @property
    def _root(self) -> str:
        return self.work.terraform.root

    @property
    def _plan_file(self) -> str:
        return os.path.join(self.work.directory, "scratch.tfplan")

    @property
    def _state_file(self) -> str:
        return local_path(replace(self.work.stack, root=self._root, backend_type="local", backend_config={}))


def _literal(text: str) -> str:
    """Strings in JSON configuration are templates."""
    return text.replace("${", "$${").replace("%{", "%%{")
