"""Which addresses a document may lead to, in every range and spelling, and that the checked address is the one used."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpcore2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.web_guard import GuardedBackend, Refused, is_public, plain_host
from tests.services.web_server import WebServer, web_server

# IANA special-purpose address registries (RFC 6890 and its updates), multicast and reserved space.
SPECIAL_4 = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/29",
    "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
    "240.0.0.0/4", "255.255.255.255/32",
]  # fmt: skip
SPECIAL_6 = [
    "::/128", "::1/128", "::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:2::/48",
    "2001:db8::/32", "3fff::/20", "4000::/3", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "9.9.9.9", "93.184.216.34", "172.15.255.255", "172.32.0.1", "192.167.255.255",
    "223.255.255.255", "100.63.255.255", "2606:4700::1111", "2a00:1450:4001::200e", "2001:4860:4860::8888",
    "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1",
]  # fmt: skip


def within(networks: list[str]) -> st.SearchStrategy[Any]:
    """Addresses of the networks, their first and last more often than chance."""

    def of(text: str) -> st.SearchStrategy[Any]:
        network: Any = IPv6Network(text) if ":" in text else IPv4Network(text)
        kind = type(network.network_address)
        low, high = int(network.network_address), int(network.broadcast_address)
        return st.one_of(st.sampled_from([low, high]), st.integers(low, high)).map(kind)

    return st.one_of(*map(of, networks))


def carriers(address: IPv4Address) -> list[IPv6Address]:
    """IPv6 addresses that mean an IPv4 address: mapped, translated (NAT64), 6to4."""
    number = int(address)
    return [IPv6Address(number + (0xFFFF << 32)), IPv6Address((0x64FF9B << 96) + number),
            IPv6Address((0x2002 << 112) + (number << 80) + 1)]  # fmt: skip


@given(within(SPECIAL_4))
def test_no_special_ipv4_address_is_public_nor_any_ipv6_address_that_carries_it(address: IPv4Address) -> None:
    assert not is_public(address)
    assert not any(map(is_public, carriers(address)))


@given(within(SPECIAL_6))
def test_no_special_ipv6_address_is_public(address: IPv6Address) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(ip_address(address))


@given(st.integers(0, 2**128 - 1).map(IPv6Address))
def test_whatever_is_public_in_ipv6_lies_where_the_public_network_is(address: IPv6Address) -> None:
    if is_public(address):
        assert (address.is_global and not address.is_private) or address.sixtofour or address.ipv4_mapped


SPELLINGS = [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "0",
    "localhost", "LOCALHOST", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:7f00:1",
    "10.0.0.1", "0xa.1", "012.0.0.1", "192.168.1.1", "3232235777", "169.254.169.254", "0xa9fea9fe", "2852039166",
    "172.16.0.1", "100.64.0.1", "224.0.0.1", "255.255.255.255", "0.0.0.0", "::", "fe80::1", "fd00::1", "ff02::1",
]  # fmt: skip


@pytest.mark.parametrize("host", SPELLINGS)
def test_private_addresses_are_refused_however_they_are_written(host: str) -> None:
    with pytest.raises(Refused, match="private network"):
        GuardedBackend([], []).connect_tcp(host, 80, timeout=1)


@given(within(SPECIAL_4), st.sampled_from(["{}", "{:#x}", "dotted hex", "dotted octal", "short"]))
def test_no_spelling_of_a_special_address_passes(address: IPv4Address, spelling: str) -> None:
    parts = address.packed
    written = {
        "dotted hex": ".".join(map(hex, parts)),
        "dotted octal": ".".join(f"0{part:o}" for part in parts),
        "short": f"{parts[0]}.{int.from_bytes(parts[1:])}",
    }.get(spelling) or spelling.format(int(address))
    with pytest.raises((Refused, httpcore2.ConnectError)) as caught:
        GuardedBackend([], [])._checked(written, 80)
    assert caught.type is Refused or "resolved" in str(caught.value)


@pytest.fixture
def server() -> Any:
    with web_server() as running:
        yield running


@pytest.mark.parametrize(
    ("trusted", "allowed", "is_let"),
    [
        ([], [], False),
        ([("127.0.0.1", 0)], [], True),
        ([("127.0.0.1", 1)], [], False),
        ([], ["127.0.0.1"], True),
        ([], ["127.0.0.1:0"], True),
        ([], ["127.0.0.1:1"], False),
        ([], ["localhost"], False),
    ],
)
def test_named_servers_and_allowed_hosts_may_be_anywhere(
    server: WebServer, trusted: list[tuple[str, int]], allowed: list[str], is_let: bool
) -> None:
    here = [(host, port or server.port) for host, port in trusted]
    guard = GuardedBackend(here, [entry.replace(":0", f":{server.port}") for entry in allowed])
    if is_let:
        guard.connect_tcp("127.0.0.1", server.port, timeout=5).close()
    else:
        with pytest.raises(Refused):
            guard.connect_tcp("127.0.0.1", server.port, timeout=5)


def answering(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """A resolver that gives these addresses, one list a question; the names that were asked."""
    asked: list[str] = []
    waiting = list(answers)

    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        found = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr("connectors.web_guard.socket.getaddrinfo", resolve)
    return asked


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, ["93.184.216.34", "10.0.0.5"])
    with pytest.raises(Refused, match=r"two-faced\.example"):
        GuardedBackend([], []).connect_tcp("two-faced.example", 80)


def test_the_address_that_was_checked_is_connected_to_and_the_name_not_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = answering(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    connected: list[str] = []

    def connect(self: Any, host: str, *_: Any) -> httpcore2.NetworkStream:
        connected.append(host)
        return httpcore2.MockStream([])

    monkeypatch.setattr(httpcore2.SyncBackend, "connect_tcp", connect)
    GuardedBackend([], []).connect_tcp("rebinding.example", 80)
    assert (asked, connected) == (["rebinding.example"], ["93.184.216.34"])


def test_the_next_address_is_tried_when_one_does_not_answer(server: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, ["127.0.0.2", "127.0.0.1"])
    guard = GuardedBackend([("home.example", server.port)], [])
    guard.connect_tcp("home.example", server.port, timeout=5).close()


@pytest.mark.parametrize(
    ("host", "expected"),
    [("EXAMPLE.org.", "example.org"), ("[::1]", "::1"), ("0:0::1", "::1"), (" Host ", "host"), ("1.2.3.4", "1.2.3.4")],
)
def test_hosts_are_compared_in_one_form(host: str, expected: str) -> None:
    assert plain_host(host) == expected


def test_a_name_that_cannot_be_resolved_is_asked_again_later() -> None:
    with pytest.raises(httpcore2.ConnectError, match="resolved"):
        GuardedBackend([], []).connect_tcp("no-such-host.invalid", 80)


def test_socket_files_are_refused() -> None:
    with pytest.raises(Refused):
        GuardedBackend([], []).connect_unix_socket("/run/docker.sock")
