"""Certificate authorities made for a test, with `openssl`."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
_CA = ("-addext", "keyUsage=critical,keyCertSign,cRLSign")


class Authority:
    """An authority in a folder; `file` is its certificate (PEM)."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self.file, self._key = folder, folder / "ca.pem", folder / "ca.key"
        _request([*_KEY, "-keyout", str(self._key), "-out", str(self.file), "-subj", "/CN=Authority of a test", *_CA])

    def context(self, names: str = "IP:127.0.0.1,DNS:localhost") -> ssl.SSLContext:
        """What a server needs to speak TLS under these names (`subjectAltName` of OpenSSL)."""
        certificate, key = self._folder / "server.pem", self._folder / "server.key"
        self.server_files(certificate, key, names)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context

    def server_files(self, certificate: Path, key: Path, names: str = "IP:127.0.0.1,DNS:localhost") -> None:
        """A certificate for a server under these names, and its key, as files (PEM)."""
        certificate.parent.mkdir(parents=True, exist_ok=True)
        signed = ["-CA", str(self.file), "-CAkey", str(self._key), "-addext", f"subjectAltName={names}"]
        usage = ["-addext", "basicConstraints=CA:FALSE", "-addext", "keyUsage=digitalSignature"]
        subject = ["-keyout", str(key), "-out", str(certificate), "-subj", "/CN=Server of a test"]
        _request([*_KEY, *subject, *signed, *usage])


def _request(arguments: list[str]) -> None:
    subprocess.run(["openssl", "req", "-x509", *arguments], check=True, capture_output=True, stdin=subprocess.DEVNULL)
