# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong, as types.

TfError                    anything a module reports and stops on
├── Refused                the request itself cannot be carried out as asked; nothing was started
│   ├── RootModuleError    the root module is missing, empty, or lacks something the request needs
│   ├── EngineError        no terraform or tofu, or one too old for what was asked
│   ├── PlanRefused        a plan file that is not bound to this stack, or is stale
│   ├── GuardRefused       the plan does what tf_guards forbid
│   └── StateEndangered    going on could lose a state: one vanished, another lineage, errored.tfstate
├── CommandFailed          terraform exited with a status we do not accept
│   └── StateLocked        somebody else holds the lock of the state
├── UnreadableOutput       terraform answered, but not in a form we know
├── Unhealthy               what a stack made does not answer as wanted
├── FileError              a file or directory cannot be read, written or trusted
├── DotenvError            a .env that cannot be written or read as asked
└── AwsError               AWS refused or failed a call
    ├── AwsMissing         the object asked for does not exist
    ├── AwsConflict        a condition of the call does not hold: somebody else was faster
    ├── AwsDenied          these credentials may not do this
    └── AwsUnreachable     no answer: no credentials, no network, no such endpoint
"""

from __future__ import annotations

from typing import Any


class TfError(Exception):
    """Base of every error this collection raises on purpose.

    The message is one or two sentences: what was being done to what, why it failed, what to do next.
    *details* become further keys of the failed result; they are masked like every result, and must be JSON.
    """

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.details = details


class Refused(TfError):
    """The request itself cannot be carried out as asked; nothing was started."""


class RootModuleError(Refused):
    """The root module is missing, empty, or lacks something the request needs."""


class EngineError(Refused):
    """No terraform or tofu, or one too old for what was asked."""


class PlanRefused(Refused):
    """A plan file that is not bound to this stack, or is stale."""


class GuardRefused(Refused):
    """The plan does what tf_guards forbid."""


class StateEndangered(Refused):
    """Going on could lose a state."""


class CommandFailed(TfError):
    """Terraform exited with a status we do not accept."""


class StateLocked(CommandFailed):
    """Somebody else holds the lock of the state."""


class UnreadableOutput(TfError):
    """Terraform answered, but not in a form we know."""


class Unhealthy(TfError):
    """What a stack made does not answer as wanted."""


class FileError(TfError):
    """A file or directory cannot be read, written or trusted."""


class DotenvError(TfError):
    """A .env that cannot be written or read as asked."""


class AwsError(TfError):
    """AWS refused or failed a call."""


class AwsMissing(AwsError):
    """The object asked for does not exist."""


class AwsConflict(AwsError):
    """A condition of the call does not hold: somebody else was faster."""


class AwsDenied(AwsError):
    """These credentials may not do this."""


class AwsUnreachable(AwsError):
    """No answer: no credentials, no network, no such endpoint."""
