"""Calls to other houses: guarded, bounded, not redirected, quiet about secrets.

Only addresses that the rules name are called, by https; one that leads back to this machine, or to where machines of a
cloud ask about themselves, is refused wherever it was written (server-side request forgery).
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import ip_address

import httpcore2
import httpx2

from connectors.base import SourceError
from connectors.web_guard import GuardedBackend
from service_desk.legs.ports import Reply

SECONDS = 15.0
LARGEST = 1 << 20
USER_AGENT = "onestop-archives (relay)"


class Forbidden(SourceError):
    """The address may not be called."""


class _Outside(GuardedBackend):
    """Connections to the named houses, wherever they are but on this machine and its link."""

    def __init__(self, named: Iterable[tuple[str, int]], *, loopback: bool) -> None:
        super().__init__(named, ())
        self._loopback = loopback

    def _checked(self, host: str, port: int) -> list[str]:
        addresses = super()._checked(host, port)
        for address in map(ip_address, addresses):
            inside = address.is_loopback and not self._loopback
            if inside or address.is_link_local or address.is_multicast or address.is_unspecified:
                raise Forbidden("the address leads to this machine or its link, and is not called")
        return addresses


class _Transport(httpx2.HTTPTransport):
    def __init__(self, backend: _Outside) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore2.ConnectionPool(ssl_context=_tls(), network_backend=backend, keepalive_expiry=5)


class StaysInside:
    """The courier of a training desk: calls nobody."""

    def call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"", largest: int = LARGEST
    ) -> Reply:
        """Raises OSError, always."""
        raise OSError("this is a training desk: nothing leaves the house")


class HttpCourier:
    """Calls over http. `loopback` lets http and this machine in: for trials on one machine."""

    def __init__(self, *, loopback: bool = False) -> None:
        self._loopback = loopback

    def call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"", largest: int = LARGEST
    ) -> Reply:
        """The answer to one call. Raises OSError with a reason that can be shown: it never repeats an address."""
        try:
            return self._called(method, httpx2.URL(url), headers, body, largest)
        except (httpx2.TimeoutException, httpcore2.TimeoutException):
            raise OSError("the other house did not answer in time") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, httpcore2.NetworkError, httpcore2.ProtocolError):
            raise OSError("the other house cannot be reached") from None
        except SourceError as error:
            raise OSError(str(error)) from None

    def _called(self, method: str, url: httpx2.URL, headers: Mapping[str, str], body: bytes, largest: int) -> Reply:
        if url.scheme != "https" and not self._loopback:
            raise OSError("other houses are called by https only")
        port = url.port or (443 if url.scheme == "https" else 80)
        backend = _Outside({(url.host, port)}, loopback=self._loopback)
        with (
            httpx2.Client(transport=_Transport(backend), follow_redirects=False, timeout=SECONDS) as client,
            client.stream(
                method, url, headers={**headers, "user-agent": USER_AGENT, "accept-encoding": "identity"}, content=body
            ) as answer,
        ):
            data = bytearray()
            for piece in answer.iter_raw(1 << 16):
                data += piece
                if len(data) > largest:
                    raise OSError("the other house answers with more than is taken")
            told = {name.lower(): value for name, value in answer.headers.items()}
            return Reply(answer.status_code, told, bytes(data))


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
