"""Our one way to the web: guarded, bounded, patient, and quiet about secrets.

A body is given out only when all of it is there: one that ends early, by its length, its chunks or its compression, is
asked for again later. Passwords go to the servers that the source file names and to no other, whatever leads there.
Standards: RFC 9110 (conditional requests, Retry-After), RFC 7617 (basic authentication).
"""

from __future__ import annotations

import base64
import logging
import os
import re
import ssl
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache, lru_cache
from typing import Annotated, BinaryIO, TypeVar, cast

import httpcore2
import httpx2
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from connectors.base import RetryLater, SkipItem, SourceError
from connectors.secrets import Secret
from connectors.spool import spooled
from connectors.web_guard import TOO_SLOW, GuardedBackend, Refused, plain_host

USER_AGENT = "onestop-archives (nightly harvest)"
PAUSES = (1.0, 4.0)
LONGEST_PAUSE = 60.0
"""Seconds."""
_ANSWERS = frozenset({200, 203, 204})
_LATER = frozenset({408, 425, 429})
_ASKS_WHO = frozenset({401, 403, 407})
_IN_MEMORY = 4 << 20
_PIECE = 1 << 20
_LONGEST_WAIT = 86_400.0
_SETTLED = timedelta(seconds=60)
"""How old a Last-Modified must be to tell versions apart: it counts whole seconds, and clocks of one site differ."""
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\x20-\x7e\t]*")
_OURS = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding"})
Origin = tuple[str, str, int]
"""Scheme, host and port."""
T = TypeVar("T")

for _name in ("httpx2", "httpcore2"):  # they log whole addresses and headers, in which secrets may stand
    logging.getLogger(_name).setLevel(logging.WARNING)


class TooLarge(SourceError):
    """A body beyond the bound."""


def _address(value: str) -> str:
    """An address of the web as a setting. Raises ValueError, which does not repeat it."""
    try:
        url = httpx2.URL(value.strip())
    except (httpx2.InvalidURL, ValueError):
        raise ValueError("it is not an address of the web; an example: https://example.org/records") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("it must begin with http:// or https:// and name a server")
    if url.userinfo:
        raise ValueError("put user and password into settings.user and settings.password, not into the address")
    return str(url.copy_with(fragment=None))


Address = Annotated[str, AfterValidator(_address)]


class WebSettings(BaseModel):
    """What every transport over the web can be told: who we are there (`headers`, `user` and `password`), the hosts of
    private networks its documents may lead to (`allow`), and bounds: `timeout` in seconds, `largest` in MiB,
    `redirects`.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    allow: list[str] = []
    headers: dict[str, Secret] = {}
    user: str | None = None
    password: Secret | None = None
    timeout: float = Field(default=60, gt=0, le=3600)
    largest: int = Field(default=256, ge=1)
    redirects: int = Field(default=5, ge=0, le=20)

    @model_validator(mode="after")
    def _can_be_sent(self) -> WebSettings:
        for name, value in self.headers.items():
            if not _HEADER_NAME.fullmatch(name) or name.lower() in _OURS:
                raise ValueError(f"headers: {name!r} is not a header that can be set")
            if not _HEADER_VALUE.fullmatch(value.get_secret_value()):
                raise ValueError(f"headers: the value of {name!r} has characters that a header cannot hold")
        if (self.user is None) != (self.password is None):
            raise ValueError("give user and password together")
        if self.user is not None and any(name.lower() == "authorization" for name in self.headers):
            raise ValueError("give either user and password or a header Authorization")
        return self

    def web(self, *addresses: str) -> Web:
        """The way to these addresses, which the source file names."""
        own = {origin(httpx2.URL(address)) for address in addresses}
        own |= {("https", host, 443) for scheme, host, port in own if (scheme, port) == ("http", 80)}
        return Web(
            own=frozenset(own),
            allow=frozenset(map(_allowed, self.allow)),
            timeout=self.timeout,
            largest=self.largest << 20,
            redirects=self.redirects,
            secrets=tuple(self._secrets()),
        )

    def _secrets(self) -> Iterator[tuple[str, str]]:
        for name, value in self.headers.items():
            yield name, value.get_secret_value()
        if self.user is not None and self.password is not None:
            both = f"{self.user}:{self.password.get_secret_value()}".encode()
            yield "Authorization", "Basic " + base64.b64encode(both).decode("ascii")


@dataclass(frozen=True, slots=True)
class Web:
    """A way to the web as plain values, which travels to worker processes: the origins that the source file names, to
    which alone `secrets` (header lines) go, hosts allowed besides, and bounds in seconds and bytes.
    """

    own: frozenset[Origin]
    allow: frozenset[str]
    timeout: float
    largest: int
    redirects: int
    secrets: tuple[tuple[str, str], ...] = field(repr=False)


@dataclass(slots=True)
class Answer:
    """What a server said: the address it came from after redirects, and the whole body from its beginning, decoded;
    without one when it was not asked for, or has not changed (status 304).
    """

    url: str
    status: int
    headers: httpx2.Headers
    body: BinaryIO | None = None

    @property
    def token(self) -> str | None:
        """What the server vouches for (RFC 9110, 8.8): its entity tag, else a time of change that has settled."""
        if tag := self.headers.get("etag"):
            return f"etag {tag}"
        changed, said = _moment(self.headers.get("last-modified")), _moment(self.headers.get("date"))
        if changed is None or said is None or said - changed < _SETTLED:
            return None
        return f"modified {self.headers['last-modified']}"


def ask(
    web: Web,
    url: str,
    final: type[SourceError],
    *,
    method: str = "GET",
    known: str | None = None,
    accept: frozenset[int] = frozenset(),
    body: bool = True,
    headers: dict[str, str] | None = None,
) -> Answer:
    """The answer to one request, after redirects. `known` is a token of before: unchanged is status 304. Statuses in
    `accept` are answers, too; without `body` the connection ends after the head.

    Raises RetryLater when waiting may help (timeout, broken connection, 408, 425, 429, 5xx, a body that ends early),
    `final` when it will not (refused or wrong address, no permission, nothing there, too large).
    """
    sent = {**(headers or {}), **_conditions(known)}
    with _in_a_sentence(web, url, final), client(web).stream(method, url, headers=sent) as response:
        status = response.status_code
        answer = Answer(str(response.url), status, response.headers)
        if status == 304 and known is not None:
            return answer
        if status not in _ANSWERS and status not in accept:
            raise _refusal(response, url, final)
        if body:
            answer.body = spooled(response.iter_bytes(), _IN_MEMORY)
        return answer


def open_item(web: Web, url: str) -> BinaryIO:
    """The bytes of one item. Raises SkipItem or RetryLater."""
    return cast(BinaryIO, ask(web, url, SkipItem).body)


def again(asking: Callable[[], T]) -> T:
    """What is asked for within a listing, asked again a few times after what the server says, or `PAUSES`: given up,
    the whole listing would begin anew, and meet the same limit at the same place. Raises what the last time raises, and
    RetryLater at once when the wait is longer than `LONGEST_PAUSE`.
    """
    for pause in PAUSES:
        try:
            return asking()
        except RetryLater as error:
            wait = pause if error.after is None else error.after
            if wait > LONGEST_PAUSE:
                raise
            time.sleep(wait)
    return asking()


def client(web: Web) -> httpx2.Client:
    """The client of this process for a way to the web, kept open. Whatever it is asked is guarded, bounded and checked
    for its end, redirects included; its errors are those of httpx2, Refused and TooLarge.
    """
    return _client(web, os.getpid())


@lru_cache(maxsize=32)
def _client(web: Web, process: int) -> httpx2.Client:
    return httpx2.Client(
        transport=_Guarded(web),
        trust_env=False,
        follow_redirects=True,
        max_redirects=web.redirects,
        timeout=web.timeout,
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
    )


def shown(url: str) -> str:
    """An address as it may be told: without user and query, in which secrets may stand."""
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError):
        return "an address that is none"
    bare = str(parsed.copy_with(userinfo=b"", query=None, fragment=None))
    return f"{bare}?..." if parsed.query else bare


def origin(url: httpx2.URL) -> Origin:
    """Scheme, host and port of an address."""
    port = url.port or (443 if url.scheme == "https" else 80)
    return url.scheme, plain_host(url.raw_host.decode("ascii")), port


class _Guarded(httpx2.HTTPTransport):
    """Sends to permitted addresses only, secrets to own ones only, and gives bodies that are bounded."""

    def __init__(self, web: Web) -> None:
        super().__init__(verify=_tls(), trust_env=False)
        self._web = web
        self._pool = httpcore2.ConnectionPool(
            ssl_context=_tls(),
            max_keepalive_connections=10,
            keepalive_expiry=30,
            network_backend=GuardedBackend({(host, port) for _, host, port in web.own}, web.allow),
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """One hop. Raises Refused, and what httpx2 raises."""
        if request.url.scheme not in ("http", "https"):
            raise Refused(f"it leads to {request.url.scheme!r}, which is no address of the web")
        headers = httpx2.Headers(request.headers)
        if origin(request.url) in self._web.own:
            headers.update(dict(self._web.secrets))
        answer = super().handle_request(
            httpx2.Request(
                request.method, request.url, headers=headers, stream=request.stream, extensions=request.extensions
            )
        )
        stream = cast(httpx2.SyncByteStream, answer.stream)
        coding = answer.headers.pop("content-encoding", "identity").strip().lower()
        if coding != "identity":
            answer.headers.pop("content-length", None)
        body = _Body(stream, coding, self._web, is_read=not answer.has_redirect_location)
        return httpx2.Response(answer.status_code, headers=answer.headers, stream=body, extensions=answer.extensions)


class _Body(httpx2.SyncByteStream):
    """A body, decoded, which ends with an error when it is too large or not all there. That of a redirect is left
    unread.
    """

    def __init__(self, raw: httpx2.SyncByteStream, coding: str, web: Web, is_read: bool) -> None:
        self._raw, self._coding, self._web, self._is_read = raw, coding, web, is_read

    def __iter__(self) -> Iterator[bytes]:
        if not self._is_read:
            return
        size = 0
        for piece in self._decoded():
            size += len(piece)
            if size > self._web.largest:
                raise TooLarge(f"it is larger than {self._web.largest >> 20} MiB; raise settings.largest if it may be")
            yield piece

    def close(self) -> None:
        self._raw.close()

    def _decoded(self) -> Iterator[bytes]:
        if self._coding == "identity":
            yield from self._raw
        elif self._coding in ("gzip", "x-gzip"):
            yield from unzipped(iter(self._raw))
        else:
            raise Refused(f"the answer is packed as {self._coding[:20]!r}, which was not asked for")


def unzipped(packed: Iterator[bytes]) -> Iterator[bytes]:
    """The contents of a gzip stream (RFC 1952, several members) in pieces of at most 1 MiB. Raises RemoteProtocolError
    when it is damaged or ends early.
    """
    unpacker = zlib.decompressobj(wbits=31)
    is_begun = False
    try:
        for rest in packed:
            while rest:
                if unpacker.eof:
                    unpacker = zlib.decompressobj(wbits=31)
                is_begun = True
                while piece := unpacker.decompress(rest, _PIECE):
                    yield piece
                    rest = unpacker.unconsumed_tail
                rest = unpacker.unused_data.lstrip(b"\0")
    except zlib.error:
        raise httpx2.RemoteProtocolError("its compressed body is damaged") from None
    if is_begun and not unpacker.eof:
        raise httpx2.RemoteProtocolError("its compressed body ends early")


@contextmanager
def _in_a_sentence(web: Web, url: str, final: type[SourceError]) -> Iterator[None]:
    """Errors of the network as ours, each with the address."""
    where = shown(url)
    try:
        yield
    except (Refused, TooLarge) as error:
        raise final(f"{where}: {error}") from None
    except httpx2.TimeoutException as error:
        said = TOO_SLOW if str(error) == TOO_SLOW else f"no answer within {web.timeout:g} seconds"
        raise RetryLater(f"{where}: {said}") from None
    except httpx2.TooManyRedirects:
        raise final(f"{where} leads on more than {web.redirects} times; name the last address instead") from None
    except httpx2.NetworkError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            hint = "have it renewed, or name the file of your own authority in the environment as SSL_CERT_FILE"
            raise final(f"{where}: the certificate of the server cannot be verified; {hint}") from None
        raise RetryLater(f"{where} cannot be reached: {_words(error)}") from None
    except httpx2.RemoteProtocolError as error:
        raise RetryLater(f"{where} broke off: {_words(error)}") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError):
        raise final(f"{where} cannot be asked for: it is, or leads to, no address of the web") from None
    except OSError as error:
        raise RetryLater(f"{where}: the answer cannot be kept ({error.strerror}); check the temporary folder") from None


def _words(error: Exception) -> str:
    """What the library says, in one line."""
    return " ".join(str(error).split())[:200] or type(error).__name__


def _refusal(response: httpx2.Response, asked: str, final: type[SourceError]) -> SourceError:
    """What an answer that is none means for what to do next."""
    status = response.status_code
    where = f"{shown(asked)} answers {status} {response.reason_phrase}".rstrip()
    if status in _LATER or status >= 500:
        return RetryLater(where, retry_after(response.headers))
    if status in _ASKS_WHO:
        moved = origin(response.url) != origin(httpx2.URL(asked))
        led = f" after leading on to {shown(str(response.url))}, where no password is sent" if moved else ""
        return final(f"{where}{led}; check headers, user and password in its settings")
    if status in (404, 410):
        return final(f"{where}: nothing is there; check the address")
    return final(f"{where}; check the address and what it expects")


def retry_after(headers: httpx2.Headers) -> float | None:
    """The seconds a server asks to wait (RFC 9110, 10.2.3), at most a day; a date is counted from the server's own
    clock.
    """
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdecimal():
        return min(float(said), _LONGEST_WAIT)
    until = _moment(said)
    if until is None:
        return None
    now = _moment(headers.get("date")) or datetime.now(UTC)
    return min(max((until - now).total_seconds(), 0.0), _LONGEST_WAIT)


def _moment(text: str | None) -> datetime | None:
    """An HTTP date, None for what is none."""
    try:
        found = parsedate_to_datetime(text or "")
    except (ValueError, TypeError, IndexError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _conditions(known: str | None) -> dict[str, str]:
    """The header that asks for what has changed since a token."""
    kind, _, value = (known or "").partition(" ")
    if not value or not _HEADER_VALUE.fullmatch(value):
        return {}
    return {"If-None-Match": value} if kind == "etag" else {"If-Modified-Since": value}


def _allowed(entry: str) -> str:
    """``host`` or ``host:port`` as it is compared."""
    host, colon, port = entry.strip().rpartition(":")
    if colon and port.isdecimal() and (":" not in host or host.endswith("]")):
        return f"{plain_host(host)}:{port}"
    return plain_host(entry)


@cache
def _tls() -> ssl.SSLContext:
    """Verifies certificates; with the authorities of SSL_CERT_FILE when the environment names one."""
    return httpx2.create_ssl_context()
