"""Objects of an S3 bucket (MinIO, Ceph, AWS, ...) as raw items.

Keys are the objects' names below `settings.prefix`, in the order the server lists them (by UTF-8 bytes), in pages of
1,000. Hidden names and folder markers are left out, as a folder's hidden files are. The ETag vouches for the bytes of
an object: one that did not change is not opened. Bytes are given as stored, whatever ``Content-Encoding`` says.

The client's own retries are off: whoever asks decides how long to wait. Nothing that comes from here, message or
representation, holds a key.
"""

from __future__ import annotations

import io
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, BinaryIO, ClassVar
from urllib.parse import urlsplit
from xml.etree.ElementTree import ParseError

import urllib3
from minio import Minio
from minio.datatypes import Object
from minio.error import InvalidResponseError, S3Error, ServerError
from minio.helpers import check_bucket_name
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from urllib3.exceptions import HTTPError, InvalidHeader, NameResolutionError, NewConnectionError, SSLError
from urllib3.exceptions import TimeoutError as NoAnswer

from connectors.base import RawItem, RetryLater, SkipItem, SourceError, StopSource
from connectors.globs import glob_pattern
from connectors.secrets import Secret

_PATIENCE = urllib3.Timeout(connect=5, read=30)
_CONNECTIONS = 16
"""Kept open by a process: more than whoever reads ahead has threads."""
_BUFFER = 256 << 10
_NOT_IMPLEMENTED = 501
_WRONG_KEYS = frozenset(
    {"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "TokenRefreshRequired"}
)
_WRONG_REGION = frozenset(
    {"AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect", "Redirect"}
)
_OF_OBJECTS = {
    "NoSuchKey": "is not there any more; the next run will see that it is gone",
    "AccessDenied": "may be listed and not be read; allow s3:GetObject on it",
    "InvalidObjectState": "lies in an archive tier; restore it first",
}


class S3Settings(BaseModel):
    """`endpoint` (``http(s)://host:port``) and `bucket`; `prefix` is a folder in it, `glob` chooses objects below that.
    Without `access_key` and `secret_key` the bucket is asked anonymously.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    endpoint: str = Field(min_length=1)
    bucket: str = Field(min_length=1)
    prefix: str = ""
    glob: str = Field(default="**/*", min_length=1)
    access_key: Secret | None = None
    secret_key: Secret | None = None
    region: str = Field(default="us-east-1", pattern=r"^[A-Za-z0-9_-]+$")

    @field_validator("endpoint")
    @classmethod
    def _is_address(cls, given: str) -> str:
        url = urlsplit(given)
        if url.scheme not in ("http", "https") or not url.hostname or url.path not in ("", "/") or url.query:
            raise ValueError("it must be http://host:port or https://host:port and nothing more")
        if url.username is not None:
            raise ValueError("keys do not belong into it; give them as access_key and secret_key")
        _ = url.port  # raises ValueError
        return f"{url.scheme}://{url.netloc}"

    @field_validator("bucket")
    @classmethod
    def _is_bucket(cls, given: str) -> str:
        check_bucket_name(given)
        return given

    @field_validator("prefix")
    @classmethod
    def _is_folder(cls, given: str) -> str:
        folder = given.strip("/")
        if {".", ".."} & set(folder.split("/")):
            raise ValueError("it must not contain . or .. as a part")
        return f"{folder}/" if folder else ""

    @model_validator(mode="after")
    def _both_or_none(self) -> S3Settings:
        if (self.access_key is None) != (self.secret_key is None):
            raise ValueError("give both access_key and secret_key, or neither to ask anonymously")
        return self


@dataclass(frozen=True, slots=True)
class _Place:
    """Where to ask, as it travels to worker processes. Its representation keeps the keys to itself."""

    endpoint: str
    bucket: str
    prefix: str
    region: str
    access_key: SecretStr | None
    secret_key: SecretStr | None

    def __str__(self) -> str:
        return f"bucket {self.bucket!r} at {self.endpoint}"


class S3Connector:
    """Transport ``s3``: every object below a prefix, listed in full on each run."""

    settings_model: ClassVar[type[BaseModel]] = S3Settings
    remote = True
    separate = False
    complete = True

    def __init__(self, settings: S3Settings, base: Path) -> None:
        self._wanted = glob_pattern(settings.glob)
        self._place = _Place(
            settings.endpoint,
            settings.bucket,
            settings.prefix,
            settings.region,
            settings.access_key,
            settings.secret_key,
        )

    def read(self, cursor: str | None) -> Iterator[RawItem]:
        """Every object, page by page. Raises RetryLater, StopSource."""
        for key, found in self._listed():
            token = "-".join(part for part in (found.etag, found.version_id) if part) or None
            yield RawItem(key, partial(_open, self._place, key), found.size or 0, token, token=token)

    def next_cursor(self) -> str | None:
        return None

    def keys(self) -> Iterator[str]:
        """The keys that `read` gives."""
        return (key for key, _ in self._listed())

    def fetch(self, key: str) -> BinaryIO:
        """The bytes of one object below the prefix. Raises SkipItem for anything else."""
        if not _is_shown(key):
            raise SkipItem(f"{key!r} is not an object of this source")
        return _open(self._place, key)

    def _listed(self) -> Iterator[tuple[str, Object]]:
        place = self._place
        with _asking(place):
            for found in _client(place).list_objects(place.bucket, prefix=place.prefix, recursive=True):
                key = str(found.object_name)[len(place.prefix) :]
                if _is_shown(key) and self._wanted.match(key):
                    yield key, found


def _is_shown(key: str) -> bool:
    """Neither hidden (which ``..`` is, too) nor the marker of a folder."""
    return not key.endswith("/") and key != "" and not any(part.startswith(".") for part in key.split("/"))


def _open(place: _Place, key: str) -> BinaryIO:
    with _asking(place, key):
        return io.BufferedReader(
            _Body(_client(place).get_object(place.bucket, place.prefix + key), place, key), _BUFFER
        )


class _Body(io.RawIOBase):
    """The bytes of one answer as they come. Raises RetryLater when there are fewer than it announced."""

    def __init__(self, response: urllib3.BaseHTTPResponse, place: _Place, key: str) -> None:
        self._response, self._place, self._key = response, place, key

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self._read(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def readall(self) -> bytes:
        return self._read(None)

    def _read(self, size: int | None) -> bytes:
        with _asking(self._place, self._key):
            return self._response.read(size, decode_content=False)

    def close(self) -> None:
        if not self.closed:
            self._response.close()
            self._response.release_conn()
        super().close()


class _Pool(urllib3.PoolManager):
    """Connections of one process. Asks once, follows nothing, and says when a busy server wants to be asked again."""

    def __init__(self, place: _Place) -> None:
        super().__init__(timeout=_PATIENCE, maxsize=_CONNECTIONS, retries=False)
        self._place = place

    def urlopen(self, *request: Any, **more: Any) -> urllib3.BaseHTTPResponse:
        """One answer; those of a server that is busy or broken raise RetryLater."""
        response = super().urlopen(*request, **more | {"redirect": False})
        if response.status == 429 or (response.status >= 500 and response.status != _NOT_IMPLEMENTED):
            response.drain_conn()
            raise RetryLater(f"{self._place} answers {response.status}", _after(response))
        return response


def _after(response: urllib3.BaseHTTPResponse) -> float | None:
    """The seconds a server asks for (RFC 9110, 10.2.3), None when it asks for none."""
    try:
        return urllib3.Retry().parse_retry_after(response.headers["Retry-After"])
    except (KeyError, InvalidHeader):
        return None


@lru_cache(maxsize=64)
def _client(place: _Place) -> Minio:
    """The client of this process; it serves any number of threads."""
    url = urlsplit(place.endpoint)
    return Minio(
        endpoint=url.netloc,
        access_key=place.access_key.get_secret_value() if place.access_key else None,
        secret_key=place.secret_key.get_secret_value() if place.secret_key else None,
        secure=url.scheme == "https",
        region=place.region,
        http_client=_Pool(place),
    )


@contextmanager
def _asking(place: _Place, key: str | None = None) -> Iterator[None]:
    """What goes wrong while a bucket is listed, or an object of it read, by what to do next."""
    try:
        yield
    except S3Error as error:
        code = re.sub(r"\W", "", error.code or "")[:60]
        raise _said(place, code) or _refused(place, key, code) from None
    except (HTTPError, OSError) as error:
        raise _broken(place, error) from None
    except (InvalidResponseError, ServerError, ParseError, ValueError):
        raise _no_s3(place, key) from None


def _said(place: _Place, code: str) -> SourceError | None:
    """What an error code means for the whole source (Amazon S3 API Reference, "Error responses")."""
    if code == "RequestTimeout":
        return RetryLater(f"{place} did not answer in time")
    if code == "NoSuchBucket":
        return StopSource(f"there is no {place}; create it or correct settings.bucket")
    if code in _WRONG_KEYS:
        return StopSource(f"{place} refuses the keys ({code}); check settings.access_key and settings.secret_key")
    if code == "RequestTimeTooSkewed":
        return StopSource(f"the clocks of this machine and of {place} differ too much; set the wrong one right")
    if code in _WRONG_REGION:
        return StopSource(f"{place} lies in another region than {place.region}; correct settings.region")
    return None


def _refused(place: _Place, key: str | None, code: str) -> SourceError:
    """What any other code means for a listing, or for one object."""
    if key is not None:
        return SkipItem(f"{key!r} in {place} {_OF_OBJECTS.get(code, f'cannot be read ({code})')}")
    if code == "AccessDenied":
        who = "anonymously" if place.access_key is None else "with the keys given"
        return StopSource(f"{place} may not be listed {who}; allow s3:ListBucket and s3:GetObject, or give other keys")
    return StopSource(f"{place} cannot be listed ({code}); check settings")


def _no_s3(place: _Place, key: str | None) -> SourceError:
    """An answer that is none of S3, or an object's name that cannot even be asked for."""
    if key is not None:
        return SkipItem(f"{key!r} in {place} cannot be read; its name, or a proxy before the server, stands in the way")
    return StopSource(f"{place} does not answer as S3 does; check settings.endpoint")


def _broken(place: _Place, error: Exception) -> SourceError:
    """A network that fails. Only a certificate nobody vouches for stays as it is."""
    if isinstance(error.args and error.args[0], ssl.SSLCertVerificationError):
        return StopSource(f"the certificate of {place} is not trusted; name its authority in SSL_CERT_FILE")
    if isinstance(error, SSLError):
        return RetryLater(f"{place} does not speak TLS with this machine; check whether it is http or https")
    if isinstance(error, NameResolutionError):
        return RetryLater(f"the host of {place} is not known; check settings.endpoint and the network")
    if isinstance(error, NewConnectionError):
        return RetryLater(f"{place} cannot be reached")
    if isinstance(error, NoAnswer):
        return RetryLater(f"{place} did not answer in time")
    return RetryLater(f"{place} broke the connection off")
