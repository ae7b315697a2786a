"""Addresses of places where files are kept: a folder of this machine, or a folder in a bucket of an S3 server.

``file:FOLDER``, relative to the workspace, or ``s3+http(s)://KEY:SECRET@ENDPOINT[:PORT]/BUCKET/PREFIX``, with
``?region=`` (us-east-1) and ``?ca=`` (a PEM file, relative to the workspace). Key and secret are percent-encoded; both
left out, they come from ``AWS_ACCESS_KEY_ID`` and ``AWS_SECRET_ACCESS_KEY``.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from mappings.mistakes import nearest
from onestop.addresses import shown
from onestop.errors import SettingsError

if TYPE_CHECKING:
    from mappings.bucket import Bucket
    from service_desk.ports import ObjectStore

REGION = "us-east-1"
_SCHEMES = {"s3+http": "http", "s3+https": "https"}
_QUERY = ("region", "ca")
_SHAPE = "s3+https://KEY:SECRET@HOST:9000/BUCKET/FOLDER"
KEYS_IN_ENVIRONMENT = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def is_remote(address: str) -> bool:
    """Does it name a bucket?"""
    return address.partition("://")[0] in _SCHEMES


def with_keys(address: str, environment: Mapping[str, str]) -> str:
    """The address of a bucket with the keys of the environment in it, where it has none; any other as it is."""
    scheme, _, rest = address.partition("://")
    keys = [environment.get(name, "") for name in KEYS_IN_ENVIRONMENT]
    if scheme not in _SCHEMES or "@" in rest.partition("/")[0] or not all(keys):
        return address
    return f"{scheme}://{':'.join(quote(key, safe='') for key in keys)}@{rest}"


def place(address: str, workspace: Path, what: str) -> Path | Bucket:
    """Where an address leads. `what` stands before it in messages: ``records in onestop.toml``. Raises SettingsError,
    in which no key stands.
    """
    scheme, _, path = address.partition(":")
    if scheme == "file" and path:
        return workspace / path
    if not is_remote(address):
        raise SettingsError(
            f"{what} = {shown(address)!r} is not an address that this version can open; "
            f"name a folder, 'file:FOLDER', or a bucket, '{_SHAPE}'."
        )
    try:
        return _bucket(urlsplit(address), workspace)
    except ValueError as error:
        raise SettingsError(f"{what} = {shown(address)!r}: {error}; its shape is {_SHAPE}.") from None


def _bucket(url: SplitResult, workspace: Path) -> Bucket:
    """Raises ValueError with what is wrong, in which nothing stands that may be part of a key."""
    from mappings.bucket import Bucket

    if "@" in f"{url.path}{url.query}{url.fragment}" or url.fragment:
        raise ValueError("what is no letter or digit in its key and secret must be percent-encoded")
    if not url.username or not url.password:
        raise ValueError(f"it has no keys, and {' and '.join(KEYS_IN_ENVIRONMENT)} are not set")
    name, prefix = _folder(unquote(url.path))
    query = _query(url.query)
    return Bucket(
        endpoint=f"{_SCHEMES[url.scheme]}://{_host(url)}",
        name=name,
        prefix=prefix,
        region=query.get("region") or REGION,
        access_key=unquote(url.username),
        secret_key=unquote(url.password),
        ca=_authority(workspace / query["ca"]) if query.get("ca") else None,
    )


def _host(url: SplitResult) -> str:
    """Host and port as they stand in a URL."""
    try:
        port = url.port
    except ValueError:
        raise ValueError("its port is no number from 1 to 65535") from None
    if not url.hostname:
        raise ValueError("it names no host")
    host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
    return f"{host}:{port}" if port else host


def _folder(path: str) -> tuple[str, str]:
    """The name of the bucket, and the folder in it."""
    from minio.helpers import check_bucket_name

    name, _, prefix = path.strip("/").partition("/")
    check_bucket_name(name)
    if not prefix or {"", ".", ".."} & set(prefix.split("/")):
        raise ValueError("it must name a folder in the bucket, without . or .. as a part")
    return name, prefix


def _query(text: str) -> dict[str, str]:
    query = dict(parse_qsl(text, keep_blank_values=True))
    for name in query:
        if name not in _QUERY:
            raise ValueError(f"it has an unknown parameter {name!r}, {nearest(name, _QUERY).rstrip('.')}")
    if not re.fullmatch(r"[A-Za-z0-9-]*", query.get("region", "")):
        raise ValueError("its region is none")
    return query


def _authority(file: Path) -> str:
    """The file, which holds certificates. Raises ValueError."""
    try:
        ssl.create_default_context(cafile=str(file))
    except (OSError, ssl.SSLError):
        raise ValueError(f"{file} is no file with certificates (PEM) that can be read") from None
    return str(file)


def objects_at(where: Path | Bucket) -> ObjectStore:
    """The desk's files at a place."""
    from service_desk.objects import FolderObjects

    if isinstance(where, Path):
        return FolderObjects(where)
    from service_desk.bucket_objects import BucketObjects

    return BucketObjects(where)


def is_within(inner: Path | Bucket, outer: Path | Bucket) -> bool:
    """Does one place lie in the other, or is it the same?"""
    if isinstance(inner, Path) or isinstance(outer, Path):
        return isinstance(inner, Path) and isinstance(outer, Path) and inner.resolve().is_relative_to(outer.resolve())
    same = (inner.endpoint, inner.name) == (outer.endpoint, outer.name)
    return same and f"{inner.prefix}/".startswith(f"{outer.prefix}/")
