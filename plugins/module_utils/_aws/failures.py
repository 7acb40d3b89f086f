# Copyright (c) 2026 The envforge.terraform authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a failed call to AWS means, as one of our errors: which kind, in one sentence, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.envforge.terraform.plugins.module_utils._errors import (
    AwsConflict,
    AwsDenied,
    AwsError,
    AwsMissing,
    AwsUnreachable,
)

_MISSING = {
    "404",
    "NotFound",
    "NoSuchBucket",
    "NoSuchKey",
    "NoSuchVersion",
    "NoSuchBucketPolicy",
    "NoSuchLifecycleConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchTagSet",
    "OwnershipControlsNotFoundError",
    "ServerSideEncryptionConfigurationNotFoundError",
    "NotFoundException",
    "ResourceNotFoundException",
    "TableNotFoundException",
}
_DENIED = {"403", "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AllAccessDisabled"}
_NOT_WHO_THEY_SAY = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidToken",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_CONFLICT = {
    "409",
    "412",
    "ConditionalCheckFailedException",
    "ConditionalRequestConflict",
    "OperationAborted",
    "PreconditionFailed",
}

_BUSY = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestTimeout",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}

_AGAIN = "AWS gave the same answer to every try: run again in a while."
_GRANT = "Give these credentials that permission, or use others (profile, or AWS_PROFILE in process_environment)."
_RENEW = "Renew the credentials, for example with aws sso login, or use others (profile, AWS_PROFILE)."
_GIVE = (
    "Give credentials: profile, AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment or in"
    " process_environment; an emulator takes any."
)
_NO_CREDENTIALS = {"NoCredentialsError", "PartialCredentialsError", "NoAuthTokenError"}
_STALE_CREDENTIALS = {
    "CredentialRetrievalError",
    "SSOTokenLoadError",
    "TokenRetrievalError",
    "UnauthorizedSSOTokenError",
}
_NO_ANSWER = {
    "ConnectTimeoutError",
    "ConnectionClosedError",
    "EndpointConnectionError",
    "ProxyConnectionError",
    "ReadTimeoutError",
    "SSLError",
}


def refusal(action: str, response: Mapping[str, Any]) -> AwsError:
    """The error for an answer of AWS that is a refusal; its code is in details["aws_code"]."""
    code = str(response.get("Error", {}).get("Code", "unknown"))
    reason = str(response.get("Error", {}).get("Message", "")).rstrip(".")
    status = str(response.get("ResponseMetadata", {}).get("HTTPStatusCode", ""))
    kind, next_step = _kind_of(code, status)
    said = f"{code}: {reason}" if reason else code
    region = response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("x-amz-bucket-region")
    details = {"aws_code": code, **({"bucket_region": region} if region else {})}
    return kind(f"Could not {action}: {said}. {next_step}".rstrip(), **details)


def _kind_of(code: str, status: str) -> tuple[type[AwsError], str]:
    if code in _MISSING:
        return AwsMissing, ""
    if code in _NOT_WHO_THEY_SAY:
        return AwsDenied, _RENEW
    if code in _DENIED or status == "403":
        return AwsDenied, _GRANT
    if code in _CONFLICT or status == "412":
        return AwsConflict, "Somebody else changed it at the same time: run again."
    if code in _BUSY or status.startswith("5"):
        return AwsError, _AGAIN
    return AwsError, ""


def silence(action: str, error: Exception) -> AwsError:
    """The error for a call that never got an answer; *error* is one of botocore's own."""
    name = type(error).__name__
    if name in _NO_CREDENTIALS:
        return AwsUnreachable(f"Could not {action}: no AWS credentials were found. {_GIVE}", aws_code=name)
    if name in _STALE_CREDENTIALS:
        return AwsUnreachable(f"Could not {action}: {error}. {_RENEW}", aws_code=name)
    if name in _NO_ANSWER:
        return AwsUnreachable(f"Could not {action}: {_without_stop(error)}. {_whereabouts(error)}", aws_code=name)
    return AwsError(f"Could not {action}: {_without_stop(error)}.", aws_code=name)


def _without_stop(error: Exception) -> str:
    return str(error).rstrip(".")


def _whereabouts(error: Exception) -> str:
    endpoint = str(getattr(error, "kwargs", {}).get("endpoint_url", ""))
    if "amazonaws.com" in endpoint or not endpoint:
        return "Check the network, a proxy, and the region."
    return "Is the emulator running, and is this its address (endpoint_url, AWS_ENDPOINT_URL)?"
