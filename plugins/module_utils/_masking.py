# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must not be shown: secrets among the options of a task, and values that Terraform marks as sensitive."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._errors import Refused

SENSITIVE = "(sensitive)"
_LONG_LINE = 16  # characters that no other line has by chance
SHORTEST_SECRET = 4  # masking replaces substrings: anything shorter would wreck every result

# Names whose values say where and how, not who: masking `prod` or a region would make results unreadable.
_PUBLIC_ENVIRONMENT = frozenset(
    [
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_CA_BUNDLE",
        "AWS_SDK_LOAD_CONFIG",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_ROLE_ARN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_RETRY_MODE",
        "AWS_MAX_ATTEMPTS",
        "AWS_STS_REGIONAL_ENDPOINTS",
        "HOME",
        "PATH",
        "NO_PROXY",
        "no_proxy",
        "TF_CLI_CONFIG_FILE",
        "TF_PLUGIN_CACHE_DIR",
        "GOOGLE_PROJECT",
        "ARM_TENANT_ID",
        "ARM_SUBSCRIPTION_ID",
    ]
)
_SECRET_WORDS = ("password", "secret", "token", "access_key", "sas_", "encryption_key", "customer_key", "credentials")


def secrets_of(parameters: Mapping[str, Any], no_log_values: set[str]) -> set[str]:
    """The texts to mask in everything a task returns or shows.

    *no_log_values* is what Ansible collected from options with no_log. Too-short texts and process_environment's public
    values are left out of it; credentials inside backend_config are added.
    """
    environment = parameters.get("process_environment") or {}
    public = {str(value) for name, value in environment.items() if _is_public(str(name))}
    hidden = {str(value) for name, value in environment.items() if not _is_public(str(name))}
    hidden |= set(leaves(parameters.get("secret_values") or {}))
    for option in ("backend_config", "config"):
        hidden |= set(_credentials(parameters.get(option) or {}))
    return _spelled((no_log_values - public) | hidden)


def refuse_short_secrets(values: Mapping[str, Any]) -> None:
    """Raises Refused for a secret that cannot be masked."""
    for name, value in values.items():
        if isinstance(value, (str, int, float)) and len(str(value)) < SHORTEST_SECRET:
            raise Refused(
                f"The secret variable {name} is shorter than {SHORTEST_SECRET} characters and could not be masked in "
                "results. Take a longer value, or leave it out of tf_secret_variables if it is no secret."
            )


def leaves(value: Any) -> Iterator[str]:
    """Every text or number inside *value*, as text."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from leaves(inner)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def masked(value: Any, marks: Any) -> Any:
    """*value* with SENSITIVE wherever *marks* says so.

    *marks* is Terraform's form (before_sensitive, after_sensitive): true for the whole value, or a mapping or list of
    the same shape whose leaves are true; what it does not mention is not sensitive.
    """
    if marks is True:
        return SENSITIVE
    if isinstance(value, Mapping) and isinstance(marks, Mapping):
        return {name: masked(inner, marks.get(name)) for name, inner in value.items()}
    if isinstance(value, list) and isinstance(marks, list):
        padded = [*marks, *[None] * (len(value) - len(marks))]
        return [masked(inner, mark) for inner, mark in zip(value, padded, strict=False)]
    return value


def sensitive_leaves(value: Any, marks: Any) -> Iterator[str]:
    """Every text that masked() would hide."""
    if marks is True:
        yield from leaves(value)
    elif isinstance(value, Mapping) and isinstance(marks, Mapping):
        for name, inner in value.items():
            yield from sensitive_leaves(inner, marks.get(name))
    elif isinstance(value, list) and isinstance(marks, list):
        for inner, mark in zip(value, marks, strict=False):
            yield from sensitive_leaves(inner, mark)


def without(text: str, secrets: set[str]) -> str:
    """*text* with every secret in it replaced, longest first so that no rest of one remains."""
    return _replaced(text, _longest_first(secrets))


def scrubbed(value: Any, secrets: set[str]) -> Any:
    """*value* with every text in it as without() leaves it: for copies of a secret that carry no mark of their own."""
    return _scrubbed(value, _longest_first(secrets))


def _scrubbed(value: Any, spellings: list[str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _scrubbed(inner, spellings) for name, inner in value.items()}
    if isinstance(value, list):
        return [_scrubbed(inner, spellings) for inner in value]
    return _replaced(value, spellings) if isinstance(value, str) else value


def _replaced(text: str, spellings: list[str]) -> str:
    for spelling in spellings:
        text = text.replace(spelling, SENSITIVE)
    return text


def _longest_first(secrets: set[str]) -> list[str]:
    return sorted(_spelled(secrets), key=len, reverse=True)


def _spelled(secrets: set[str]) -> set[str]:
    spelled = {spelling for secret in secrets for spelling in _spellings(secret)}
    return {spelling for spelling in spelled if len(spelling) >= SHORTEST_SECRET}


def _spellings(secret: str) -> Iterator[str]:
    """The forms in which a secret comes back: as it is, trimmed, on one line, inside JSON, and single long lines of it."""
    yield from (secret, secret.strip(), " ".join(secret.split()))
    inside = json.dumps(secret, ensure_ascii=False)[1:-1]
    yield inside
    yield inside.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")  # jsonencode()
    if "\n" in secret:
        yield from (line.strip() for line in secret.splitlines() if len(line.strip()) >= _LONG_LINE)


def _is_public(name: str) -> bool:
    return name in _PUBLIC_ENVIRONMENT or name.startswith("AWS_ENDPOINT_URL")


def _credentials(config: Mapping[str, Any]) -> Iterator[str]:
    for name, value in config.items():
        if any(word in str(name) for word in _SECRET_WORDS):
            yield from leaves(value)
        elif isinstance(value, Mapping):
            yield from _credentials(value)
