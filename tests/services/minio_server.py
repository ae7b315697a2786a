"""MinIO, an S3 server."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import Any

import urllib3
from minio import Minio
from minio.error import MinioException
from urllib3.exceptions import HTTPError

from mappings.bucket import Bucket
from tests.services.authority import Authority
from tests.services.server import NotThere, Server, free_port

REGION = "us-east-1"


class MinioServer(Server):
    """Holds everything below its own folder. `endpoint` is ``http://127.0.0.1:PORT``; the keys may do anything."""

    access_key = "archive-keeper"
    secret_key = "only/for+tests&nothing-else"

    def __init__(self, authority: Authority | None = None) -> None:
        """Speaks TLS when there is an authority to vouch for it."""
        self._program = _program()
        super().__init__()
        self._address = f"127.0.0.1:{free_port()}"
        self._console = f"127.0.0.1:{free_port()}"
        self._authority = authority
        self.endpoint = f"{'https' if authority else 'http'}://{self._address}"
        if authority:
            authority.server_files(self.folder / "certs" / "public.crt", self.folder / "certs" / "private.key")

    def command(self) -> list[str]:
        listen = ["--address", self._address, "--console-address", self._console]
        tls = ["--certs-dir", str(self.folder / "certs")] if self._authority else []
        return [self._program, "server", str(self.folder / "data"), "--quiet", *listen, *tls]

    def options(self) -> dict[str, Any]:
        ours = {"MINIO_ROOT_USER": self.access_key, "MINIO_ROOT_PASSWORD": self.secret_key}
        quiet = {"MINIO_BROWSER": "off", "MINIO_UPDATE": "off", "MINIO_CI_CD": "on", "MINIO_SITE_REGION": REGION}
        return {"env": os.environ | ours | quiet}

    def is_up(self) -> bool:
        """Asked as a source asks: a green health page may still go with 503 and ``Retry-After: 60``."""
        try:
            self.client(retries=False, timeout=5).list_buckets()
        except (MinioException, HTTPError):
            return False
        return True

    def client(self, **pool: Any) -> Minio:
        """A client that may do anything; `pool` are arguments of `urllib3.PoolManager`."""
        keys = {"access_key": self.access_key, "secret_key": self.secret_key}
        secure = self._authority is not None
        if self._authority:
            pool["ca_certs"] = str(self._authority.file)
        http = urllib3.PoolManager(**pool) if pool else None
        return Minio(endpoint=self._address, secure=secure, region=REGION, http_client=http, **keys)

    def place(self, prefix: str = "house", bucket: str | None = None, **more: Any) -> Bucket:
        """A folder in a bucket of this server, by default in a new one."""
        if bucket is None:
            bucket = f"b-{secrets.token_hex(6)}"
            self.client().make_bucket(bucket)
        keys = {"access_key": self.access_key, "secret_key": self.secret_key}
        return Bucket(**{"endpoint": self.endpoint, "name": bucket, "prefix": prefix, "region": REGION, **keys, **more})

    def names(self, place: Bucket) -> list[str]:
        """The objects below a place, by their names from there on."""
        start = f"{place.prefix}/"
        found = self.client().list_objects(place.name, prefix=start, recursive=True)
        return [str(one.object_name).removeprefix(start) for one in found]

    def settings(self, bucket: str, **more: str) -> dict[str, str]:
        """The settings of a source that reads a bucket of this server."""
        keys = {"access_key": self.access_key, "secret_key": self.secret_key}
        return {"endpoint": self.endpoint, "bucket": bucket, **keys, **more}


def _program() -> str:
    """Where MinIO is: on the path, or where Go installs programs. Raises NotThere."""
    usual = Path.home() / "go" / "bin" / "minio"
    found = shutil.which("minio") or (str(usual) if usual.is_file() else shutil.which("minio", path=_go_programs()))
    if not found:
        raise NotThere("the tests need MinIO; install it with: go install github.com/minio/minio@latest")
    return found


def _go_programs() -> str:
    """The folder `go install` writes to. Asked last: Go may look for a newer Go on the network first."""
    go = shutil.which("go")
    if not go:
        return ""
    said = subprocess.run([go, "env", "GOPATH"], capture_output=True, text=True, check=False).stdout.strip()
    return str(Path(said) / "bin")
