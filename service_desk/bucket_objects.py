"""Objects in a bucket of an S3 server (MinIO, Ceph, AWS, ...): the ObjectStore port beyond one machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import structlog
from minio import Minio
from minio.error import S3Error

from mappings.bucket import Bucket, BucketErrors
from service_desk.errors import Unavailable
from service_desk.objects import checked

log = structlog.get_logger(__name__)

_RETRIES = 3
"""Someone waits at a screen."""
_PART_BYTES = 64 << 20
"""Larger than any file of an answer: one request each."""


class BucketObjects:
    """An object per key below the folder of the bucket. An object is there with its last byte, or not at all."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def put(self, key: str, data: bytes) -> None:
        """Keep the bytes, at the server when this returns. Raises Unavailable."""
        name = self._name(key)
        with self._asking():
            self._client.put_object(self._bucket.name, name, BytesIO(data), len(data), part_size=_PART_BYTES)

    def get(self, key: str) -> bytes:
        """The bytes put there. Raises KeyError when there are none; Unavailable."""
        name = self._name(key)
        with self._asking(key):
            answer = self._client.get_object(self._bucket.name, name)
            try:
                data: bytes = answer.read()
                return data
            finally:
                answer.close()
                answer.release_conn()

    def delete(self, key: str) -> None:
        """Forget the bytes, at the server when this returns. Raises Unavailable."""
        name = self._name(key)
        with self._asking():
            self._client.remove_object(self._bucket.name, name)

    def keys(self) -> Iterator[str]:
        """The key of every object. Raises Unavailable."""
        start = f"{self._bucket.prefix}/" if self._bucket.prefix else ""
        with self._asking():
            for found in self._client.list_objects(self._bucket.name, prefix=start, recursive=True):
                yield str(found.object_name)[len(start) :]

    def check(self) -> None:
        """Is the bucket there, and do the keys open it? Raises Unavailable, with the reason for whoever keeps it."""
        try:
            next(iter(self._client.list_objects(self._bucket.name, prefix=self._bucket.key(""))), None)
        except BucketErrors as error:
            raise Unavailable(f"{self._bucket}: {self._bucket.reason(error)}.") from None

    @property
    def _client(self) -> Minio:
        return self._bucket.client(_RETRIES)

    def _name(self, key: str) -> str:
        return self._bucket.key(checked(key))

    @contextmanager
    def _asking(self, key: str | None = None) -> Iterator[None]:
        """What goes wrong, for a reader's screen; the reason names hosts and is for the log."""
        try:
            yield
        except BucketErrors as error:
            if key is not None and isinstance(error, S3Error) and error.code == "NoSuchKey":
                raise KeyError(key) from None
            log.warning(
                "the files of the desk do not answer", place=str(self._bucket), reason=self._bucket.reason(error)
            )
            raise Unavailable("The files of the desk cannot be reached now; please try again later.") from None
