"""An HTTP server of the tests' own on loopback: every route says what to answer, and how to fail at it."""

from __future__ import annotations

import hashlib
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    target: str
    headers: dict[str, str]

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


@dataclass(frozen=True)
class Reply:
    """What to answer. `cut`: so many bytes of the body are sent, then the connection ends; `chunked`: without a length;
    `bare`: neither length nor chunks, the end of the connection is the end; `delay`: seconds before the answer, ended
    early when the server stops; `tagged`: with an ETag, and 304 for who knows it.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    chunked: bool = False
    bare: bool = False
    delay: float = 0
    tagged: bool = False

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'


Route = Reply | Callable[[Asked], Reply] | list[Reply]
"""A reply, what makes one, or one for each request (the last one stays)."""


class WebServer:
    """`routes` by path, or by path and query; everything else is `otherwise`. `log` holds what was asked. With `tls` it
    speaks https.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.scheme = "http" if tls is None else "https"
        self.routes: dict[str, Route] = {}
        self.otherwise: Route = Reply(b"nothing here", 404)
        self.log: list[Asked] = []
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._http = _Http(self)
        if tls is not None:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        self.port: int = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    def asked(self, path: str) -> list[Asked]:
        """The requests for a path, in their order."""
        return [asked for asked in self.log if asked.path == path]

    def reply(self, asked: Asked) -> Reply:
        """What the routes say to a request."""
        with self._lock:
            self.log.append(asked)
            route = self.routes.get(asked.target, self.routes.get(asked.path, self.otherwise))
            if isinstance(route, list):
                return route.pop(0) if len(route) > 1 else route[0]
        return route if isinstance(route, Reply) else route(asked)

    def stop(self) -> None:
        """No more answers; requests that wait are let go."""
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@contextmanager
def web_server(tls: ssl.SSLContext | None = None) -> Iterator[WebServer]:
    """A server for as long as the block runs."""
    server = WebServer(tls)
    try:
        yield server
    finally:
        server.stop()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, owner: WebServer) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is nothing to report."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Http

    def do_GET(self) -> None:
        asked = Asked(self.command, self.path, dict(self.headers.items()))
        reply = self.server.owner.reply(asked)
        if reply.delay:
            self.server.owner.stopping.wait(reply.delay)
        if reply.tagged and self.headers.get("If-None-Match") == reply.etag:
            reply = Reply(status=304, headers={**reply.headers, "ETag": reply.etag})
        self._send(reply)

    def do_HEAD(self) -> None:
        self.do_GET()

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        headers = {**reply.headers, **({"ETag": reply.etag} if reply.tagged else {})}
        if reply.chunked:
            headers["Transfer-Encoding"] = "chunked"
        elif not reply.bare and reply.status != 304:
            headers.setdefault("Content-Length", str(len(reply.body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD" and reply.status != 304:
            self._send_body(reply)

    def _send_body(self, reply: Reply) -> None:
        body = reply.body if reply.cut is None else reply.body[: reply.cut]
        if reply.chunked:
            for start in range(0, len(body), 1 << 16):
                piece = body[start : start + (1 << 16)]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            if reply.cut is None:
                self.wfile.write(b"0\r\n\r\n")
        else:
            self.wfile.write(body)
        if reply.cut is not None or reply.bare:
            self.close_connection = True

    def log_message(self, *arguments: Any) -> None:
        """Quiet."""
