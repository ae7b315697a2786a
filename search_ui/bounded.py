"""The bounds of a connection that the server itself does not keep: on the head of a request, and on how long it takes.

uvicorn's parser (llhttp) takes heads of any length from anyone, and waits for their end for ever. A proxy in front has
bounds of its own; where there is none, or it hands everything on, these hold.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final, cast

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

log = structlog.get_logger(__name__)

HEAD_BYTES: Final = 64 * 1024
"""Of request line and headers; of trailers and chunk headers, too. Browsers and proxies stay below 32 KiB."""
HEAD_SECONDS: Final = 30.0
"""From the beginning of a connection, or of a further request on it, to the end of the head."""
TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Bounded(HttpToolsProtocol):
    """uvicorn's protocol with these bounds."""

    _unread = 0
    """Bytes since something was understood that has an end of its own: a head, a piece of a body."""
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unread += len(data)
        super().data_received(data)
        if self._unread > HEAD_BYTES and not self.transport.is_closing():
            log.warning("the head of a request is too long", client=self.client and self.client[0])
            self.transport.write(TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        self._wait_no_more()
        self._unread = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._unread = 0
        super().on_message_complete()

    def _wait(self) -> None:
        self._wait_no_more()
        self._waiting = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        """The head did not come; an answer to the request before it is still sent to its end."""
        running = cast(Any, self.cycle)
        if not self.transport.is_closing() and (running is None or running.response_complete):
            self.transport.close()
