"""Where a document may lead: not into the network this runs in.

A manifest, a link to the next page or a redirect can name any address. One that resolves to a private one is refused
(server-side request forgery), unless the source file itself names that server, or allows the host. The name is resolved
here and the connection made to the very address that was checked, so a name that changes its mind in between (DNS
rebinding) gains nothing; certificate and server name are still checked by name.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from time import monotonic
from typing import Any

import httpcore2

from connectors.base import SourceError

IP = IPv4Address | IPv6Address
_GLOBAL_UNICAST = ip_network("2000::/3")  # RFC 4291: all of IPv6 that is assigned to be reached from everywhere
_TRANSLATED = ip_network("64:ff9b::/96")  # RFC 6052: the IPv4 address is in the last 32 bits
_DOCUMENTATION = ip_network("3fff::/20")  # RFC 9637, younger than the tables of Python 3.11

SLOWEST = 1 << 10
"""Bytes a second: a server that keeps a connection alive with less is not answering."""
TOO_SLOW = f"it sends less than {SLOWEST} bytes a second"


class Refused(SourceError):
    """The address may not be connected to."""


def is_public(address: IP) -> bool:
    """Can this address be one of the public network? IPv6 addresses that carry an IPv4 address are what that is."""
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and not address.is_reserved
    carried = address.ipv4_mapped or address.sixtofour
    if carried is None and address in _TRANSLATED:
        carried = IPv4Address(int(address) & 0xFFFFFFFF)
    if carried is not None:
        return is_public(carried)
    return address in _GLOBAL_UNICAST and address.is_global and address not in _DOCUMENTATION


def plain_host(host: str) -> str:
    """A host as it is compared: lower case, no brackets, no dot at the end, an IP address in its usual form."""
    bare = host.strip().lower().removeprefix("[").removesuffix("]").rstrip(".")
    try:
        return str(ip_address(bare))
    except ValueError:
        return bare


class GuardedBackend(httpcore2.NetworkBackend):
    """Connections to `trusted` (host, port) and to `allowed` (``host`` or ``host:port``) wherever they are; to all
    others only if every address they resolve to is public.
    """

    def __init__(self, trusted: Iterable[tuple[str, int]], allowed: Iterable[str]) -> None:
        self._trusted = frozenset(trusted)
        self._allowed = frozenset(allowed)
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """A connection to the first address that answers. Raises Refused, and what httpcore2 raises."""
        addresses = self._checked(host, port)
        for address in addresses[:-1]:
            try:
                return _Watched(self._sockets.connect_tcp(address, port, timeout, local_address, socket_options))
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return _Watched(self._sockets.connect_tcp(addresses[-1], port, timeout, local_address, socket_options))

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        raise Refused("a socket file is no address of the web")

    def _checked(self, host: str, port: int) -> list[str]:
        """The addresses of a host, all of which may be connected to."""
        addresses = _resolved(host, port)
        name = plain_host(host)
        if (name, port) in self._trusted or self._allowed & {name, f"{name}:{port}"}:
            return addresses
        if not all(is_public(ip_address(address)) for address in addresses):
            place = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
            raise Refused(
                f"{place} is an address of a private network, to which a document may not lead; "
                f"if it is yours, add {name!r} to settings.allow"
            )
        return addresses


class _Watched(httpcore2.NetworkStream):
    """A connection that times out when its server only drips: between two requests, the time spent waiting for it is
    bounded by `timeout` and what has come.
    """

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream
        self._waited = 0.0
        self._received = 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        begun = monotonic()
        found = self._stream.read(max_bytes, timeout)
        self._waited += monotonic() - begun
        self._received += len(found)
        if timeout is not None and self._waited > timeout + self._received / SLOWEST:
            raise httpcore2.ReadTimeout(TOO_SLOW)
        return found

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._waited, self._received = 0.0, 0
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Watched(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _resolved(host: str, port: int) -> list[str]:
    """The addresses of a host, each once, in the order of the resolver. Odd spellings (``0x7f.1``, ``2130706433``) are
    read as the system reads them.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise httpcore2.ConnectError("its name cannot be resolved") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
