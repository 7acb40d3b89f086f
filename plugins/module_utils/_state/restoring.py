# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tf_state with restore: an earlier state in place of the present one, or only rehearsed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._errors import CommandFailed, StateEndangered
from ansible_collections.envforge.terraform.plugins.module_utils._files import (
    make_private_directory,
    remove,
    while_trying_to,
)
from ansible_collections.envforge.terraform.plugins.module_utils._stack.errored import (
    errored_states,
    is_anothers,
    owner_of,
    restore_command,
)
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import Work
from ansible_collections.envforge.terraform.plugins.module_utils._stack.state import tell_of_lock
from ansible_collections.envforge.terraform.plugins.module_utils._state import versions
from ansible_collections.envforge.terraform.plugins.module_utils._state.backups import directory_of, list_backups
from ansible_collections.envforge.terraform.plugins.module_utils._state.document import Document
from ansible_collections.envforge.terraform.plugins.module_utils._state.lock_place import lock_place_of
from ansible_collections.envforge.terraform.plugins.module_utils._state.places import (
    Place,
    S3Place,
    Stored,
    refuse_held,
)
from ansible_collections.envforge.terraform.plugins.module_utils._state.rehearsal import rehearse, said
from ansible_collections.envforge.terraform.plugins.module_utils._state.replacement import (
    Replacement,
    carry_out,
    readable,
)
from ansible_collections.envforge.terraform.plugins.module_utils._state.resources import (
    addresses,
    described,
    differing,
    same_content,
)
from ansible_collections.envforge.terraform.plugins.module_utils._state.sources import (
    Source,
    lineage_at,
    newest_backup,
    source_of,
)

_LOOK_BACK = 20  # versions whose serial a restored state has to exceed
_SOURCES = ("version_id", "at", "path", "key", "errored")


def restore(work: Work, place: Place, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Raises Refused and its kinds for what must not be restored here, StateLocked; the state is the former one then."""
    wanted = arguments["restore"]
    if wanted["rehearse"]:
        return _rehearse(work, place, wanted)
    if wanted["errored"] and not errored_states(work.stack):
        return {"changed": False, "source": None, "backup": None, **_told(readable(place.read()))}
    source = _source(work, place, wanted)
    doing = f"Restoring the state of {work.stack.label} from {source.where}"
    before = place.read()
    present = readable(before)
    if present is not None and same_content(present, source.document):
        put_right, put_away = _digest_put_right(work, place, doing), _put_away(work, source)
        tell_of_lock(work)
        return {"changed": put_right or bool(put_away), "source": source.where, "backup": None, **_told(present)}
    if not wanted["force"]:
        _refuse_foreign(work, place, source, present)
        _refuse_older(work, source, present)
    after = Document({**source.document.raw, "serial": _next_serial(place, source, before)})
    replacement = Replacement(doing, "OperationTypeRestore", before, after, arguments["require_no_changes"])
    kept, planned = carry_out(work, place, replacement)
    _put_away(work, source)
    return {
        "changed": True,
        "source": source.where,
        "backup": kept,
        **_told(after),
        **(planned.told() if planned else {}),
        **({"diff": _diff(present, after)} if work.doors.diff else {}),
    }


def _source(work: Work, place: Place, wanted: Mapping[str, Any]) -> Source:
    source = source_of(work.stack, place, wanted)
    for told in source.left_out:
        work.doors.warn(told)
    if not wanted["force"]:
        _refuse_anothers(work, source)
    return source


def _digest_put_right(work: Work, place: Place, doing: str) -> bool:
    """Whether the digest was not that of the state, as after copying a version over it by hand: Terraform refuses both then.

    Raises StateLocked, in check mode too: a restore that was killed before the digest has left its lock.
    """
    locks = lock_place_of(work.stack, work.doors)
    if locks.digest_mismatch() is None:
        return False
    if work.doors.check_mode:
        refuse_held(place, doing)
    else:
        locks.repair()
    return True


def _rehearse(work: Work, place: Place, wanted: Mapping[str, Any]) -> dict[str, Any]:
    named = any(wanted[name] for name in _SOURCES)
    if not named and not list_backups(work.stack, place) and lineage_at(place) is None:
        return {"changed": False, "source": None, "backup": None, **_told(None)}  # never applied: nothing to recover
    source = source_of(work.stack, place, wanted) if named else newest_backup(work.stack, place)
    planned = rehearse(work, source.document.with_serial(source.document.serial))
    result = {"changed": False, "source": source.where, "backup": None, **_told(source.document), **planned.told()}
    if planned.changed:
        raise CommandFailed(
            f"Rehearsing the recovery of {work.stack.label} from {source.where} failed: {said(planned)}. "
            "The live state was not touched.",
            **result,
        )
    return result


def _refuse_foreign(work: Work, place: Place, source: Source, present: Document | None) -> None:
    """Another lineage is another stack's state, unless it is a version of this key and nothing lies in its place."""
    known = present.lineage if present else lineage_at(place)
    if known is None:
        _refuse_unknown(work, source)
    if known in (None, source.document.lineage):
        return
    if source.own and (present is None or not present.resources):
        return
    raise StateEndangered(
        f"Restoring the state of {work.stack.label} from {source.where} was refused: it is another stack's, of lineage "
        f"{source.document.lineage} and not {known}. Name a state of this stack, or set force if you are sure."
    )


def _refuse_anothers(work: Work, source: Source) -> None:
    """A copied state has the lineage of the original, and before a first apply there is none to compare: the note decides."""
    for each in source.errored:
        if is_anothers(work.stack, each):
            raise StateEndangered(
                f"Restoring the state of {work.stack.label} from {source.where} was refused: it is that of {each.owner}, and not "
                f"of {owner_of(work.stack)}. Restore it there ({restore_command(work.stack, each.owner)}), or set force if you "
                "are sure that it belongs here."
            )


def _refuse_unknown(work: Work, source: Source) -> None:
    """Before a first apply nothing but a note tells whose state a file holds: others use the same directories."""
    if source.errored and not any(each.owner == owner_of(work.stack) for each in source.errored):
        raise StateEndangered(
            f"Restoring the state of {work.stack.label} from {source.where} was refused: the stack has no state to compare its "
            "lineage with, nothing says whose that one is, and other environments and workspaces may have left it there. Look "
            "into that file; if these resources are this stack's, set force, else restore it where they belong."
        )


def _refuse_older(work: Work, source: Source, present: Document | None) -> None:
    """What a failed apply left is worth nothing any more when the state went on after it."""
    if source.errored and present is not None and present.serial >= source.document.serial:
        raise StateEndangered(
            f"Restoring the state of {work.stack.label} from {source.where} was refused: its serial is "
            f"{source.document.serial}, and the state has gone on to {present.serial} since. Compare them. Then remove that "
            "file, or set force to restore it all the same."
        )


def _next_serial(place: Place, source: Source, before: Stored) -> int:
    """Above every serial that anybody may know: of the present state, the restored one, and stored versions."""
    known = [source.document.serial, versions.head_of(before.body or b"")[0] or 0]
    if isinstance(place, S3Place):
        stored = versions.list_versions(place)[:_LOOK_BACK]
        known += [version.serial or 0 for version in versions.with_heads(place, stored)]
    return max(known) + 1


def _put_away(work: Work, source: Source) -> list[str]:
    """What a failed apply left is in the state now: it goes to the backups, and does not stop the next run any more."""
    if source.errored and not work.doors.check_mode:
        directory = directory_of(work.stack)
        make_private_directory(directory)
        for each in source.errored:
            target = os.path.join(directory, f"{source.document.serial:08d}-{os.path.basename(each.path)}")
            with while_trying_to(f"move {each.path} to {target}"):
                os.replace(each.path, target)
            remove(each.note)
    return [each.path for each in source.errored]


def _told(document: Document | None) -> dict[str, Any]:
    if document is None:
        return {"serial": None, "lineage": None, "resources": []}
    return {"serial": document.serial, "lineage": document.lineage, "resources": addresses(document)}


def _diff(present: Document | None, after: Document) -> dict[str, Any]:
    changed = differing(present, after)
    return {
        "before": described(present),
        "after": {**described(after), **({"attributes_that_differ": changed} if changed else {})},
    }
