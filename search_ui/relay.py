"""Requests that belong to a screen, passed on to the process that has the screen (see `search_ui.processes`).

Uploads name their session; media do not, so whoever has the file answers. Everything else any process can answer.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config
from streamlit.runtime import Runtime

from search_ui.limits import read_body
from search_ui.paths import UPLOADS

MEDIA: Final = "/media/"
QUESTION: Final = "x-onestop-question"
"""Asks a sibling whether it has a session; like `PASSED_ON` heeded only at the door, where no reader can knock."""
PASSED_ON: Final = "x-onestop-passed-on"
OVERHEAD: Final = 1 << 20
"""Bytes of a form round the file that is sent with it."""
PATIENCE: Final = 60.0
_OWN: Final = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "upgrade", "expect", "content-length", "date"}
)
"""Headers of one connection, which the other one sets for itself."""


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Relay:
    """ASGI middleware of a worker. `door` is its own; those of its siblings lie beside it."""

    def __init__(self, app: ASGIApp, *, door: Path) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith((UPLOADS, MEDIA)):
            await self._app(scope, receive, send)
            return
        names = {name.decode("latin-1") for name, _ in scope["headers"]}
        if scope["client"] is None and QUESTION in names:
            await Response(status_code=204 if _is_here(scope["path"]) else 404)(scope, receive, send)
        elif scope["client"] is None and PASSED_ON in names:
            await self._app(scope, receive, send)
        elif scope["path"].startswith(UPLOADS):
            await self._upload(scope, receive, send)
        else:
            await self._media(scope, receive, send)

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        owner = None if _is_here(scope["path"]) else await self._owner(scope)
        if owner is None:
            await self._app(scope, receive, send)
            return
        most = config.get_option("server.maxUploadSize") * (1 << 20) + OVERHEAD
        body = await read_body(scope, receive, most)
        if body is None:
            await Response("File too large", 413)(scope, receive, send)
            return
        answer = await asyncio.to_thread(_asked, owner, scope, PASSED_ON, body)
        await _given(answer or _Answer(502))(scope, receive, send)

    async def _owner(self, scope: Scope) -> Path | None:
        """The door of the sibling that has the session."""
        for door in self._siblings():
            answer = await asyncio.to_thread(_asked, door, {**scope, "method": "GET"}, QUESTION)
            if answer is not None and answer.status == 204:
                return door
        return None

    async def _media(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answered here unless it is not found here, then by the first sibling that finds it."""
        missing: list[Message] = []

        async def unless_missing(message: Message) -> None:
            if missing or (message["type"] == "http.response.start" and message["status"] == 404):
                missing.append(message)
            else:
                await send(message)

        await self._app(scope, receive, unless_missing)
        for door in self._siblings() if missing else ():
            answer = await asyncio.to_thread(_asked, door, scope, PASSED_ON)
            if answer is not None and answer.status != 404:
                await _given(answer)(scope, receive, send)
                return
        for message in missing:
            await send(message)

    def _siblings(self) -> list[Path]:
        return [door for door in sorted(self._door.parent.glob("*.sock")) if door != self._door]


def _is_here(path: str) -> bool:
    """Has this process the session that an upload names?"""
    session = path.removeprefix(UPLOADS).partition("/")[0]
    return Runtime.exists() and Runtime.instance().is_active_session(session)


class _Door(HTTPConnection):
    """A connection to a sibling."""

    def __init__(self, door: Path) -> None:
        super().__init__("worker", timeout=PATIENCE)
        self._door = door

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._door))


def _asked(door: Path, scope: Scope, mark: str, body: bytes = b"") -> _Answer | None:
    """What a sibling answers to a request; None when it does not."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    kept = {name: value for name, value in headers.items() if name not in _OWN}
    target = scope["path"] + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
    try:
        with closing(_Door(door)) as connection:
            connection.request(scope["method"], target, body or None, {**kept, mark: "1"})
            response = connection.getresponse()
            return _Answer(response.status, tuple(response.getheaders()), response.read())
    except (OSError, HTTPException):
        return None


def _given(answer: _Answer) -> Response:
    made = Response(answer.body, answer.status)
    for name, value in answer.headers:
        if name.lower() not in _OWN:
            made.headers.append(name, value)
    return made
