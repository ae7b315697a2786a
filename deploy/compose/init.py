"""The first step of `docker compose up`: what the other services take for granted. What is there already stays.

The bucket of ONESTOP_OBJECTS with a user who may do anything in it and nothing elsewhere, the workspace, and, where no
certificate lies in /tls, one that only a trial can do with.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from minio import Minio, MinioAdmin
from minio.credentials import StaticProvider
from minio.error import MinioAdminException, MinioException
from urllib3.exceptions import HTTPError

from onestop.errors import OnestopError
from onestop.scaffold import make_workspace
from onestop.settings import FILE_NAME

FORESEEN = (OnestopError, MinioException, MinioAdminException, HTTPError, OSError, subprocess.CalledProcessError)
ADMIN = "admin"
TLS = Path("/tls")


def main() -> int:
    """Everything, or one sentence about what cannot be; the exit code."""
    workspace = Path(os.environ["ONESTOP_WORKSPACE"])
    try:
        make_bucket(os.environ["ONESTOP_OBJECTS"], os.environ["S3_ADMIN_SECRET"], os.environ["S3_SECRET"])
        is_new = not (workspace / FILE_NAME).exists()
        if is_new:
            make_workspace(workspace)
        certify(TLS, os.environ.get("SERVER_NAME", "localhost"))
    except (
        OnestopError,
        MinioException,
        MinioAdminException,
        HTTPError,
        OSError,
        subprocess.CalledProcessError,
    ) as error:
        print(f"The installation cannot be made ready: {error}", file=sys.stderr)
        return 2
    if is_new:
        print("The workspace is made. An account: docker compose exec web onestop user add NAME --role staff")
    return 0


def make_bucket(address: str, admin_secret: str, secret: str) -> None:
    """The bucket of an address ``s3+http://USER:...@HOST:PORT/BUCKET/...`` and its user, with this secret."""
    where = urlsplit(address)
    endpoint, secure = where.netloc.rpartition("@")[2], where.scheme == "s3+https"
    bucket, user = where.path.split("/")[1], where.username or ""
    client = Minio(endpoint=endpoint, access_key=ADMIN, secret_key=admin_secret, secure=secure)
    if not client.bucket_exists(bucket_name=bucket):
        client.make_bucket(bucket_name=bucket)
    admin = MinioAdmin(endpoint=endpoint, credentials=StaticProvider(ADMIN, admin_secret), secure=secure)
    everything = {
        "Effect": "Allow",
        "Action": ["s3:*"],
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
    }
    admin.user_add(user, secret)
    admin.policy_add(bucket, policy={"Version": "2012-10-17", "Statement": [everything]})
    if bucket not in json.loads(admin.user_info(user)).get("policyName", "").split(","):
        admin.policy_set(bucket, user=user)


def certify(folder: Path, name: str) -> None:
    """A certificate that signs itself for `name`, unless there is one."""
    certificate, key = folder / "onestop.crt", folder / "onestop.key"
    if certificate.exists():
        return
    made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365"
    named = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*made.split(), *named, *files], check=True, capture_output=True)  # noqa: S603
    key.chmod(0o600)


if __name__ == "__main__":
    sys.exit(main())
