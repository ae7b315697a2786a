"""A proxy before a search server, as archives have them: TLS of an own authority, users with and without the right to
write, API keys - and failures and slowness on demand.
"""

from __future__ import annotations

import json
import re
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlsplit

import urllib3

from tests.services.authority import Authority
from tests.services.opensearch_server import engine_address

_READING = re.compile(r"/(_search|_msearch|_count|_pit|_mget|_analyze|_search/point_in_time|_search/scroll)$")
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host", "authorization"})

What = int | Literal["drop", "lose"]
"""A status to answer with; ``drop``: the connection ends before the request is passed on; ``lose``: it ends after."""


@dataclass(frozen=True)
class Asked:
    """A request as it came, and who asked."""

    method: str
    path: str
    who: str


@dataclass
class Failing:
    """Requests to fail: so many of those whose ``METHOD /path`` holds `match` (regular expression)."""

    what: What
    times: int
    match: str


class ProxyServer:
    """Stands before `behind` (``http://127.0.0.1:PORT``) and speaks TLS when it is given a folder for its authority.

    `keeper` and who has the `api_key` may do anything, `reader` only search. `log` holds what was asked, `latency`
    (seconds) is waited before each request is passed on.
    """

    keeper = ("keeper", "höchst/geheim:#1@?& %")
    reader = ("reader", "only-looking")
    api_key = "key-of-a-program:hush-hush"

    def __init__(self, product: str, behind: str, folder: Path | None = None) -> None:
        self.product, self.log, self.latency = product, list[Asked](), 0.0
        self._behind, self._failing, self._lock = behind, list[Failing](), threading.Lock()
        self._pool = urllib3.PoolManager(maxsize=32, retries=False)
        self._http = _Http(self)
        self.authority = Authority(folder) if folder else None
        if self.authority:
            self._http.tls = self.authority.context()
        self.scheme = "https" if self.authority else "http"
        self.port: int = self._http.server_address[1]
        self.address = f"{self.scheme}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def ca(self) -> Path:
        """The certificate of its authority. Raises RuntimeError without TLS."""
        if self.authority is None:
            raise RuntimeError("it speaks no TLS")
        return self.authority.file

    def engine(self, index: str = "onestop", login: tuple[str, str] | None = keeper, parameters: str = "") -> str:
        """The `engine` of a workspace that reaches an index through it; its authority is named."""
        bare = engine_address(self.product, self.address, index, "&".join(filter(None, (self._trust(), parameters))))
        if login is None:
            return bare
        return bare.replace("://", f"://{quote(login[0], safe='')}:{quote(login[1], safe='')}@", 1)

    def _trust(self) -> str:
        return f"ca={quote(str(self.authority.file))}" if self.authority else ""

    def fail_next(self, what: What, times: int = 1, match: str = "") -> None:
        """The next requests that match are failed."""
        with self._lock:
            self._failing.append(Failing(what, times, match))

    def well(self) -> None:
        """Nothing fails or is slow any more."""
        with self._lock:
            self._failing.clear()
            self.latency = 0.0

    def failing(self, asked: Asked) -> What | None:
        """How this request is to fail, if it is."""
        with self._lock:
            self.log.append(asked)
            for failing in self._failing:
                if failing.times and re.search(failing.match, f"{asked.method} {asked.path}"):
                    failing.times -= 1
                    return failing.what
        return None

    def who(self, authorization: str) -> str | None:
        """The user behind a header; None for nobody that is known."""
        known = {f"Basic {_encoded(':'.join(login))}": login[0] for login in (self.keeper, self.reader)}
        return {**known, f"ApiKey {_encoded(self.api_key)}": "keeper"}.get(authorization)

    def passed_on(self, method: str, target: str, headers: dict[str, str], body: bytes) -> urllib3.BaseHTTPResponse:
        """What the server behind answers."""
        if self.latency:
            time.sleep(self.latency)
        return self._pool.request(method, self._behind + target, body=body or None, headers=headers, timeout=60)

    def stop(self) -> None:
        """No more answers."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
        self._pool.clear()


@contextmanager
def proxy_server(product: str, behind: str, folder: Path | None = None) -> Iterator[ProxyServer]:
    """A proxy for as long as the block runs."""
    server = ProxyServer(product, behind, folder)
    try:
        yield server
    finally:
        server.stop()


def _encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    tls: Any = None

    def __init__(self, owner: ProxyServer) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In the thread of the connection: a handshake that hangs holds up nobody else."""
        if self.tls is not None:
            request = self.tls.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that does not trust us, or hangs up, is nothing to report."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Http

    def answer(self) -> None:
        proxy, path = self.server.owner, urlsplit(self.path).path
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        who = proxy.who(self.headers.get("Authorization", ""))
        failing = proxy.failing(Asked(self.command, path, who or ""))
        if failing == "drop":
            self.close_connection = True
        elif isinstance(failing, int):
            self._say(failing, {"error": {"type": "injected", "reason": f"{failing} on demand"}, "status": failing})
        elif who is None:
            self._put(401, {"Content-Type": "text/plain", "WWW-Authenticate": "Basic"}, b"Unauthorized")
        elif who == "reader" and not self._only_reads(path):
            reason = f"no permissions for this and User [name={who}]"
            cause = {"type": "security_exception", "reason": reason}
            self._say(403, {"error": {"root_cause": [cause], **cause}, "status": 403})
        else:
            self._pass_on(body, lose=failing == "lose")

    def __getattr__(self, name: str) -> Any:
        """Every method is answered alike."""
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def _only_reads(self, path: str) -> bool:
        point = path.endswith(("/_pit", "/point_in_time")) and self.command == "DELETE"
        return self.command in ("GET", "HEAD") or point or (self.command == "POST" and bool(_READING.search(path)))

    def _pass_on(self, body: bytes, *, lose: bool) -> None:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
        try:
            said = self.server.owner.passed_on(self.command, self.path, headers, body)
        except urllib3.exceptions.HTTPError:
            self._put(502, {"Content-Type": "text/html"}, b"<html>Bad Gateway</html>")
            return
        if lose:
            self.close_connection = True
            return
        kept = {name: value for name, value in said.headers.items() if name.lower() not in _HOP_BY_HOP}
        length = said.headers.get("Content-Length") if self.command == "HEAD" else None
        self._put(said.status, {**kept, **({"Content-Length": length} if length else {})}, said.data)

    def _say(self, status: int, document: dict[str, Any]) -> None:
        self._put(status, {"Content-Type": "application/json"}, json.dumps(document).encode())

    def _put(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Quiet."""
