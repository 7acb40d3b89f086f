# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The secrets, one for each way in, and every spelling in which one could come out."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from urllib.parse import quote

FROM_VAULT = "by-vault-8Qz/w:1@x"
# the line in the middle is what is looked for: whoever shows a part of it shows the secret
_LINE = "MIIEvQIBADANBgkqhkiG9w0BAQ-by-file-3Tn/x+Z"
FROM_FILE = f"-----BEGIN PRIVATE KEY-----\n{_LINE}\n-----END PRIVATE KEY-----\n"
FROM_ENVIRONMENT = 'by-environment-5Lk"quoted\\path'
FROM_PROMPT = "by-prompt-7Vd/&?=#"
SECRET_KEY = "by-backend-secret-key-2Hf/s"
SESSION_TOKEN = "by-backend-token-6Jp+t=="
IN_CHILD = hashlib.sha256(f"child of {FROM_VAULT}".encode()).hexdigest()

# what is looked for, by where it comes from
SECRETS = {
    "vault": FROM_VAULT,
    "file": _LINE,
    "environment": FROM_ENVIRONMENT,
    "prompt": FROM_PROMPT,
    "secret key of the backend": SECRET_KEY,
    "session token of the backend": SESSION_TOKEN,
    "child module": IN_CHILD,
}


def spellings(secret: str) -> Iterator[bytes]:
    """As it is, as JSON, in a URL, in a shell's or Python's quotes, and as base64."""
    once = json.dumps(secret)[1:-1]
    by_terraform = once.replace("&", "\\u0026")
    texts = {
        secret,
        once,
        by_terraform,
        json.dumps(once)[1:-1],
        quote(secret, safe=""),
        quote(secret),
        repr(secret)[1:-1],
    }
    yield from (text.encode() for text in sorted(texts))
    yield base64.b64encode(secret.encode()).rstrip(b"=")[:-1]


def within(content: bytes, secret: str) -> bool:
    return any(spelling in content for spelling in spellings(secret))
