"""A place in a bucket of an S3 server (MinIO, Ceph, AWS, ...), as it is handed to the parts that keep things there, and
what its errors mean.

It lies here because the desk and the pipelines share nothing else. Keys are in no message and no representation.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error
from urllib3.exceptions import (
    HTTPError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ResponseError,
    SSLError,
)
from urllib3.exceptions import TimeoutError as NoAnswer

BucketErrors = (MinioException, HTTPError)
"""What the client raises."""
_PATIENCE = urllib3.Timeout(connect=3, read=15)
_CONNECTIONS = 16
_BUSY = (429, 500, 502, 503, 504)
_WRONG_KEYS = "it refuses the keys; check them"
_WRONG_REGION = "it lies in another region than {region}; name the right one as ?region="
_NOT_REACHED = "it cannot be reached; check the address and that the server is up"
_NOT_KNOWN = "the name of its host is not known; check the address and the network"
_NOT_TRUSTED = "its certificate is not trusted; name the file of its authority as ?ca="
_NO_TLS = "it does not speak TLS; check whether the address is http or https"
_NO_S3 = "what answers there is no S3 server; check the address"
_NO_ANSWER = "it did not answer in time; check the server and the network"
_BUSY_NOW = "it is busy, or starts just now; try again a little later"
_AWAY = frozenset({_NOT_REACHED, _NO_ANSWER, _BUSY_NOW})
_CODES = {
    "NoSuchBucket": "there is no such bucket; make it, or correct its name",
    "AccessDenied": (
        "the keys do not allow that; allow s3:ListBucket, s3:GetObject, s3:PutObject and s3:DeleteObject on it"
    ),
    "InvalidAccessKeyId": _WRONG_KEYS,
    "SignatureDoesNotMatch": _WRONG_KEYS,
    "ExpiredToken": _WRONG_KEYS,
    "InvalidToken": _WRONG_KEYS,
    "AuthorizationHeaderMalformed": _WRONG_REGION,
    "IllegalLocationConstraintException": _WRONG_REGION,
    "PermanentRedirect": _WRONG_REGION,
    "RequestTimeTooSkewed": "its clock and that of this machine differ too much; set the wrong one right",
    "RequestTimeout": _NO_ANSWER,
    "InternalError": _BUSY_NOW,
    "ServiceUnavailable": _BUSY_NOW,
    "SlowDown": _BUSY_NOW,
    "SlowDownRead": _BUSY_NOW,
    "SlowDownWrite": _BUSY_NOW,
    "XMinioServerNotInitialized": _BUSY_NOW,
    "XMinioStorageFull": "its disk is full; make room there",
    "NoSuchKey": "it is not there any more; put it back from a backup",
}
"""Amazon S3 API Reference, "Error responses"."""
_SIGNS = (
    (re.compile("certificate", re.I), _NOT_TRUSTED),
    (re.compile("dns error|failed to lookup", re.I), _NOT_KNOWN),
    (re.compile("InvalidContentType|corrupt message|wrong version", re.I), _NO_TLS),
    (re.compile("timed out|timeout:", re.I), _NO_ANSWER),
    (re.compile("error sending request|connection (refused|reset|closed)|tcp connect", re.I), _NOT_REACHED),
    (re.compile("non-2xx status code"), _NO_S3),
)
"""What stands in the message of a library that has no types for these; the first that fits says it."""
_COLOURS = re.compile(r"\x1b\[\d+m")


@dataclass(frozen=True, slots=True)
class Bucket:
    """`endpoint` is ``http(s)://host:port``; `prefix` a folder without slashes around it, empty for the whole bucket;
    `ca` a PEM file with the authorities that may vouch for the server, None for those this machine knows.
    """

    endpoint: str
    name: str
    prefix: str
    region: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    ca: str | None = None

    def __str__(self) -> str:
        return f"{self.path} at {self.endpoint}"

    @property
    def path(self) -> str:
        """``bucket/prefix``."""
        return f"{self.name}/{self.prefix}".rstrip("/")

    def key(self, path: str) -> str:
        """The name of the object that a path below the prefix stands for."""
        return f"{self.prefix}/{path}" if self.prefix else path

    def client(self, retries: int) -> Minio:
        """The client of this process, for any number of threads; it asks a server that is away so many times more."""
        return _client(self, retries)

    def reason(self, error: BaseException) -> str:
        """Why it did not work and what to do, as a clause without a full stop at its end."""
        said = _by_type(error) or _by_text(str(error)) or _last_line(error)
        return said.format(region=self.region) if "{region}" in said else said

    def is_away(self, error: BaseException) -> bool:
        """Can the server not be asked now, so that trying again later may help?"""
        return self.reason(error) in _AWAY


@lru_cache(maxsize=16)
def _client(bucket: Bucket, retries: int) -> Minio:
    url = urlsplit(bucket.endpoint)
    pool = urllib3.PoolManager(
        timeout=_PATIENCE,
        maxsize=_CONNECTIONS,
        retries=urllib3.Retry(
            total=retries, backoff_factor=0.2, status_forcelist=_BUSY, respect_retry_after_header=False
        ),
        ssl_context=ssl.create_default_context(cafile=bucket.ca) if url.scheme == "https" else None,
    )
    return Minio(
        endpoint=url.netloc,
        access_key=bucket.access_key,
        secret_key=bucket.secret_key,
        secure=url.scheme == "https",
        region=bucket.region,
        http_client=pool,
    )


def _by_type(error: BaseException) -> str | None:
    if isinstance(error, S3Error):
        return _CODES.get(error.code or "", f"it answers {error.code}")
    if isinstance(error, MaxRetryError) and error.reason is not None:
        error = error.reason
    if isinstance(error, SSLError):
        trusted = not isinstance(error.args and error.args[0], ssl.SSLCertVerificationError)
        return _NO_TLS if trusted else _NOT_TRUSTED
    if isinstance(error, NameResolutionError):
        return _NOT_KNOWN
    if isinstance(error, NewConnectionError):  # a kind of time-out, for urllib3
        return _NOT_REACHED
    if isinstance(error, NoAnswer):
        return _NO_ANSWER
    if isinstance(error, ResponseError):
        return _BUSY_NOW  # every answer was one of those asked again
    if isinstance(error, HTTPError):
        return _NOT_REACHED
    return _NO_S3 if isinstance(error, MinioException) else None


def _by_text(text: str) -> str | None:
    """What delta-rs and Arrow hand on: the answer of the server, or the words of their HTTP clients."""
    code = re.search(r"<Code>(\w+)</Code>", text)
    if code:
        return _CODES.get(code[1], f"it answers {code[1]}")
    return next((said for sign, said in _SIGNS if sign.search(text)), None)


def _last_line(error: BaseException) -> str:
    """The innermost reason of an error that tells its causes line by line."""
    lines = [line.strip(" \u21b3") for line in _COLOURS.sub("", str(error)).splitlines()]
    return ([line for line in lines if line] or [type(error).__name__])[-1].rstrip(".")
