"""nginx as an archive would put it before onestop: the files of `deploy/nginx`, with other ports and a certificate."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.services.server import NotThere, Server, free_port

DEPLOYED = Path(__file__).resolve().parents[2] / "deploy" / "nginx"
PROCESS = "x-process"
"""The header in which the answers of these tests tell which process gave them."""
MAIN = """\
{user}daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    add_header {mark} $upstream_addr always;
    include {folder}/conf.d/*.conf;
}}
"""


class NginxServer(Server):
    """Before `onestop serve` on these ports. `base` is where readers come: https, by a certificate of its own
    (`certificate`); `plain` is the port without TLS. Without `sticky` each request goes to the next process.
    """

    def __init__(self, ports: Sequence[int], *, sticky: bool = True) -> None:
        self._program = _program()
        super().__init__()
        self._port = free_port()
        self.base = f"https://127.0.0.1:{self._port}"
        self.plain = f"http://127.0.0.1:{free_port()}"
        self.certificate = self.folder / "onestop.crt"
        self._furnish(ports, sticky)

    def command(self) -> list[str]:
        return [self._program, "-p", str(self.folder), "-e", "stderr", "-c", str(self.folder / "nginx.conf")]

    def is_up(self) -> bool:
        with socket.socket() as caller:
            return caller.connect_ex(("127.0.0.1", self._port)) == 0

    def _furnish(self, ports: Sequence[int], sticky: bool) -> None:
        self._certify()
        place = self.folder / "conf.d"
        place.mkdir()
        user = "user root;\n" if os.geteuid() == 0 else ""
        main = MAIN.format(user=user, folder=self.folder, mark=PROCESS)
        (self.folder / "nginx.conf").write_text(main, encoding="utf-8")
        (place / "onestop.conf").write_text(self._servers(), encoding="utf-8")
        (place / "onestop-upstream.conf").write_text(_processes(ports, sticky), encoding="utf-8")

    def _servers(self) -> str:
        """The file as it is deployed but for ports, which are not free here, and the place of the certificate."""
        plain = self.plain.rpartition(":")[2]
        return _changed(
            "onestop.conf",
            {
                "    listen 80;\n    listen [::]:80;\n": f"    listen 127.0.0.1:{plain};\n",
                "    listen 443 ssl http2;\n    listen [::]:443 ssl http2;\n": f"    listen {self._port} ssl http2;\n",
                "/etc/nginx/tls/onestop.crt": str(self.certificate),
                "/etc/nginx/tls/onestop.key": str(self.folder / "onestop.key"),
            },
        )

    def _certify(self) -> None:
        made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1"
        files = ["-keyout", str(self.folder / "onestop.key"), "-out", str(self.certificate)]
        named = ["-addext", "subjectAltName=IP:127.0.0.1"]
        subprocess.run([*made.split(), *files, *named], check=True, capture_output=True)


def _processes(ports: Sequence[int], sticky: bool) -> str:
    """The upstream file with a line for each port."""
    line = "    server 127.0.0.1:8501 max_fails=1 fail_timeout=5s;\n"
    lines = "".join(line.replace("8501", str(port)) for port in ports)
    changes = {line: lines} if sticky else {line: lines, "    hash $onestop_reader consistent;\n": ""}
    return _changed("onestop-upstream.conf", changes)


def _changed(name: str, changes: dict[str, str]) -> str:
    """A deployed file with passages replaced, each of which must stand in it once."""
    text = (DEPLOYED / name).read_text(encoding="utf-8")
    for before, after in changes.items():
        assert text.count(before) == 1, f"{before!r} should stand in {name} once"
        text = text.replace(before, after)
    return text


def _program() -> str:
    """Where nginx is; Debian keeps it off the path of most people. Raises NotThere."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if not found:
        raise NotThere("the tests need nginx; install it with: apt-get install nginx")
    return found
