"""Bounds on what one client may ask: so many requests a minute, from our own pages where they change something, bodies
of so many bytes, no deeper than needed and no slower.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from search_ui.security import SAFE_METHODS, same_origin
from service_desk.errors import TooMany
from service_desk.ratelimit import RateLimit
from service_desk.sniffing import MAX_BYTES

log = structlog.get_logger(__name__)

Refusal = Callable[[int, str, dict[str, str]], ASGIApp]
"""Makes the answer to a call that is refused: status, sentence, headers."""
MAX_BODY: Final = 64 * 1024
WITH_FILES: Final = MAX_BYTES + (1 << 20)
"""Bytes of a form with files, all of them together; what a proxy in front lets through, too."""
MAX_DEPTH: Final = 16
BODY_SECONDS: Final = 30.0
SLOWEST: Final = 64 * 1024
"""Seconds for a body to come, beside what it takes at so many bytes a second: a client that sends one now and then is
not waited for.
"""
_NETWORK_BITS: Final = 64
"""Of an address of IPv6: whoever has one has all that begin with them."""


class Limits:
    """ASGI middleware of the API: so many calls for each client address, nothing changed from other sites' pages, then
    the bounds of the body.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        rate: RateLimit,
        refuse: Refusal,
        exempt: frozenset[str] = frozenset(),
        largest: Callable[[Scope], int] = lambda scope: MAX_BODY,
    ) -> None:
        """`largest` tells how many bytes the body of a call may have."""
        self._app = app
        self._largest = largest
        self._rate = rate
        self._refuse = refuse
        self._exempt = exempt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        refusal = None if path in self._exempt else self._too_many(client_of(scope))
        if refusal is None and scope["method"] not in SAFE_METHODS:
            refusal = self._foreign(scope)
        if refusal is None and scope["method"] not in SAFE_METHODS:
            limit = await run_in_threadpool(self._largest, scope)
            body = await read_body(scope, receive, limit)
            refusal = self._bad_body(body, limit)
            receive = _replay(body or b"")
        await (refusal or self._app)(scope, receive, send)

    def _too_many(self, client: str) -> ASGIApp | None:
        try:
            self._rate.spend(client)
        except TooMany as error:
            return self._refuse(429, str(error), {"Retry-After": str(error.retry_after)})
        return None

    def _foreign(self, scope: Scope) -> ASGIApp | None:
        if same_origin(Headers(scope=scope)):
            return None
        return self._refuse(403, "A page of another site may not change anything here.", {})

    def _bad_body(self, body: bytes | None, limit: int) -> ASGIApp | None:
        if body is None:
            return self._refuse(413, f"The body is larger than {limit} bytes, or took too long to come.", {})
        if limit == MAX_BODY and too_deep(body):  # of files, brackets say nothing
            return self._refuse(422, f"body: nested more than {MAX_DEPTH} levels deep.", {})
        return None


def client_of(scope: Scope) -> str:
    """The address of the client, of IPv6 its network; behind a proxy that is trusted the server has put the forwarded
    one there.
    """
    client = scope.get("client")
    address = str(client[0]) if client else "unknown"
    forwarded = Headers(scope=scope).get("x-forwarded-for", "")
    if forwarded and address not in forwarded:
        _tell_of_proxy(address)
    return counted_as(address)


@lru_cache(maxsize=4096)
def counted_as(address: str) -> str:
    """What an address is counted under: one of IPv6 is one of so many that its owner has, one of IPv4 stands alone."""
    try:
        read = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(read, ipaddress.IPv4Address):
        return address
    if read.ipv4_mapped is not None:
        return str(read.ipv4_mapped)
    return str(ipaddress.ip_network((read, _NETWORK_BITS), strict=False))


@lru_cache(maxsize=16)
def _tell_of_proxy(address: str) -> None:
    """Once for each: behind a proxy that is not trusted all readers share one bound."""
    log.warning(
        "this client says that it forwards for others, but proxies does not name it; if it is your proxy, add it there",
        address=address,
    )


async def read_body(scope: Scope, receive: Receive, limit: int = MAX_BODY) -> bytes | None:
    """The whole body, or None when it is larger than `limit`, found out before it is all read, or too slow."""
    if int(_digits(Headers(scope=scope).get("content-length", "0"))) > limit:
        return None
    try:
        async with asyncio.timeout(BODY_SECONDS + limit / SLOWEST):
            return await _read(receive, limit)
    except TimeoutError:
        return None


async def _read(receive: Receive, limit: int) -> bytes | None:
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            return None
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def _digits(text: str) -> str:
    return text if text.isdigit() and len(text) < 19 else "0"


def _replay(body: bytes) -> Receive:
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def too_deep(body: bytes, limit: int = MAX_DEPTH) -> bool:
    """Are brackets nested deeper than `limit`? Those inside strings count too: no honest body comes near."""
    depth = 0
    for byte in body:
        if byte in b"[{":
            depth += 1
            if depth > limit:
                return True
        elif byte in b"]}":
            depth -= 1
    return False
