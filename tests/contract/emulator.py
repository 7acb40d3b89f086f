# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""moto's server on a free port of the loopback interface, for as long as a test session lasts."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

_DEADLINE = 30.0  # seconds
_SERVER = Path(__file__).parents[2] / "roles" / "sandbox" / "files" / "server.py"
_RUNNING = re.compile(r"Running on (http://127\.0\.0\.1:\d+)")
# any key is right for the emulator; long enough to be masked, odd enough to be found
ACCESS_KEY, SECRET_KEY = "AKIAEMULATEDACCESSKEY", "emulated-secret-access-key"
REGION = "us-east-1"


@dataclass(frozen=True)
class Emulator:
    """A running emulator; log is what it printed, one line a request."""

    url: str
    log: Path

    @property
    def environment(self) -> dict[str, str]:
        """What Terraform and boto3 need to call it instead of AWS."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str) -> Any:
        """boto3's client of a service."""
        session: Any = boto3.Session(ACCESS_KEY, SECRET_KEY, region_name=REGION)  # the service is no literal
        return session.client(service, endpoint_url=self.url)

    def make_backend(self, name: str) -> None:
        """A bucket with versions and a lock table, both called *name*."""
        s3 = self.client("s3")
        s3.create_bucket(Bucket=name)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        self.client("dynamodb").create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def backend_config(self, name: str, key: str) -> dict[str, object]:
        """The options of Terraform's S3 backend for what make_backend made."""
        return {
            "bucket": name,
            "key": key,
            "region": REGION,
            "dynamodb_table": name,
            "use_path_style": True,
            "skip_credentials_validation": True,
            "skip_requesting_account_id": True,
            "skip_metadata_api_check": True,
            "endpoints": {"s3": self.url, "dynamodb": self.url, "sts": self.url},
        }


@contextmanager
def running(directory: Path) -> Iterator[Emulator]:
    """Start the emulator, which chooses its port itself, and stop it again."""
    log = directory / "emulator.log"
    with log.open("w") as stream:
        command = [sys.executable, str(_SERVER), "-H", "127.0.0.1", "-p", "0"]
        process = subprocess.Popen(command, stdout=stream, stderr=stream, stdin=subprocess.DEVNULL)
    try:
        yield Emulator(_url(process, log), log)
    finally:
        process.terminate()
        process.wait()


def _url(process: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + _DEADLINE
    while time.monotonic() < until and process.poll() is None:
        if found := _RUNNING.search(log.read_text()):
            with urllib.request.urlopen(f"{found[1]}/moto-api/data.json", timeout=_DEADLINE):
                return found[1]
        time.sleep(0.05)
    raise RuntimeError(f"the emulator did not start: {log.read_text()}")
