# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The core of tf_lock: releases the lock of a dead run, and finishes what that run had begun.

Terraform deletes a lock without looking at it again. Here each delete has a condition: a lock that somebody else took in
the meantime stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._backend.digest import DigestMismatch
from ansible_collections.envforge.terraform.plugins.module_utils._backend.locks import TABLE, Lock
from ansible_collections.envforge.terraform.plugins.module_utils._doors import Doors
from ansible_collections.envforge.terraform.plugins.module_utils._errors import (
    AwsConflict,
    Refused,
    StateEndangered,
    StateLocked,
)
from ansible_collections.envforge.terraform.plugins.module_utils._stack.stack import stack_of
from ansible_collections.envforge.terraform.plugins.module_utils._state.lock_info import (
    age_of,
    digest_told,
    note_of,
    told_of,
)
from ansible_collections.envforge.terraform.plugins.module_utils._state.lock_place import LockPlace, lock_place_of

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d+)([smhd]?)")


@dataclass(frozen=True)
class Request:
    """Which lock is to go. older_than is in seconds; shown are the locks that somebody has looked at, None for any."""

    lock_id: str | None
    older_than: int | None
    force: bool
    shown: Sequence[Mapping[str, Any]] | None = None


def lock_core(arguments: dict[str, Any], doors: Doors) -> dict[str, Any]:
    """tf_lock. Raises StateLocked for a lock that is not the one asked for, or too young, or taken meanwhile."""
    older_than = arguments["older_than"]
    seconds = seconds_of(older_than) if older_than else None  # a variable that is not set may arrive as an empty text
    request = Request(arguments["lock_id"] or None, seconds, arguments["force"], arguments["shown"])
    place = lock_place_of(stack_of(arguments, doors), doors)
    held = place.held()
    chosen = choose(held, request, place.address)
    left = [lock for lock in held if lock not in chosen]
    found = None if left else place.digest_mismatch()
    wrong = repairable(found, chosen, request.force)
    if not doors.check_mode:
        with doors.undivided():  # a digest is put right under a lock of ours
            _carry_out(place, chosen, wrong)
    if found and not wrong:
        doors.warn(lost(found))
    for lock in left:
        doors.warn(f"The state {lock.sentence()}: that lock has another ID and was left.")
    return {
        "changed": bool(chosen or wrong),
        "released": [told_of(lock) for lock in chosen],
        "repaired": digest_told(wrong) if wrong else None,
        "locks": [told_of(lock) for lock in left],
        "diff": _diff(held, left, wrong),
    }


def seconds_of(duration: str) -> int:
    """From 90, 90s, 15m, 2h or 1d. Raises Refused for anything else."""
    found = _DURATION.fullmatch(duration.strip())
    if found is None:
        raise Refused(
            f"Releasing a lock failed: the duration {duration!r} (older_than) is not one such as 90s, 15m, 2h or 1d."
        )
    return int(found[1]) * _UNITS[found[2]]


def choose(held: Sequence[Lock], request: Request, address: str) -> list[Lock]:
    """The locks to release; none when none is held. Pure. Raises StateLocked when what is held must not go."""
    if not held:
        return []
    if request.lock_id is None and request.older_than is None and not request.force:
        raise _refused(address, held, "name the one to release by its ID (lock_id) or by its age (older_than)")
    chosen = [lock for lock in held if request.lock_id in (None, lock.id) or request.force]
    if not chosen:
        raise _refused(address, held, f"none of its locks has the ID {request.lock_id}")
    if request.shown is not None:
        _demand_shown(chosen, request.shown, address)
    if request.older_than is not None and not request.force:
        _demand_old(chosen, request.older_than, address)
    return chosen


def _demand_shown(chosen: Sequence[Lock], shown: Sequence[Mapping[str, Any]], address: str) -> None:
    looked_at = {each.get("fingerprint") for each in shown}  # the rest of what was shown is masked
    for lock in chosen:
        if lock.fingerprint not in looked_at:
            raise _refused(address, [lock], "somebody has taken it since the locks were shown. Look at them again")


def _demand_old(chosen: Sequence[Lock], older_than: int, address: str) -> None:
    for lock in chosen:
        age = age_of(lock)
        if age is None:
            raise _refused(address, [lock], "nobody can say how old it is. If its run is dead, use force")
        if age < older_than:
            raise _refused(address, [lock], f"it is {int(age)} seconds old, and was to be at least {older_than}")


def _refused(address: str, held: Sequence[Lock], why: str) -> StateLocked:
    said = "; ".join(lock.sentence() for lock in held)
    return StateLocked(
        f"Releasing the lock of {address} was refused: {said}, and {why}.", locks=[told_of(lock) for lock in held]
    )


def repairable(wrong: DigestMismatch | None, chosen: Sequence[Lock], force: bool) -> DigestMismatch | None:
    """*wrong*, if the digest is to be put right. Pure. Raises StateEndangered for a state that must be looked at first.

    Between a state and its digest a run can be killed. A run of ours noted which states it might write: another one there
    was written by somebody who had no lock.
    """
    if wrong is None:
        return None
    if wrong.actual is None:
        if chosen:
            return None  # the lock would keep the restore away that alone brings the state back
        raise StateEndangered(f"Repairing the digest of {wrong.path} was refused. {lost(wrong)}")
    expected = [md5 for lock in chosen for md5 in note_of(lock).get("md5", [])]
    if expected and wrong.actual not in expected and not force:
        raise StateEndangered(
            f"Releasing the lock of {wrong.path} was refused: the state there is neither the one that its digest belongs to "
            "nor one that the run holding the lock was to write. Look at its versions (tf_state_info with versions: true); "
            "if the present one is right, use force."
        )
    return wrong


def lost(wrong: DigestMismatch) -> str:
    """What to do about a digest without a state."""
    return (
        f"The lock table knows the state {wrong.path}, but the bucket has none. Restore a version of it (ansible-playbook "
        f"envforge.terraform.restore), or delete the row whose LockID is {wrong.path}-md5 if the state is to be gone."
    )


def _carry_out(place: LockPlace, chosen: Sequence[Lock], wrong: DigestMismatch | None) -> None:
    """The digest first: while the dead run's lock is there, nobody else comes to write. Then the row, then the file."""
    if not chosen:
        place.repair()
        return
    if wrong:
        place.repair_under_lock(wrong)
    for lock in sorted(chosen, key=lambda lock: lock.mechanism != TABLE):
        try:
            place.release(lock)
        except AwsConflict as conflict:
            now = place.held()
            raise _refused(place.address, now or chosen, "somebody has taken it since it was looked at") from conflict


def _diff(held: Sequence[Lock], left: Sequence[Lock], wrong: DigestMismatch | None) -> Mapping[str, str]:
    before, after = ([f"{lock.sentence()}\n" for lock in locks] for locks in (held, left))
    if wrong:
        before.append(f"digest of {wrong.path}: {wrong.stored}\n")
        after.append(f"digest of {wrong.path}: {wrong.actual}\n")
    return {"before": "".join(before), "after": "".join(after)}
