"""Our way to the web against a server that fails in every way it can."""

from __future__ import annotations

import gzip
import logging
import pickle
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from connectors.base import RetryLater, SkipItem, SourceError, StopSource
from connectors.web import Address, Answer, Web, WebSettings, _tls, ask, client, open_item, retry_after, shown, unzipped
from connectors.web_guard import Refused
from tests.services.web_server import Reply, WebServer, web_server

TEXT = "卷一 · volume one. ".encode() * 400


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as running:
        yield running


@pytest.fixture
def other() -> Iterator[WebServer]:
    with web_server() as running:
        yield running


def way(server: WebServer, **settings: Any) -> Web:
    return WebSettings(**settings).web(server.url())


def body(web: Web, url: str) -> bytes:
    with open_item(web, url) as stream:
        return stream.read()


WHOLE = {
    "with a length": Reply(TEXT),
    "in chunks": Reply(TEXT, chunked=True),
    "until the connection ends": Reply(TEXT, bare=True),
    "compressed": Reply(gzip.compress(TEXT), headers={"Content-Encoding": "gzip"}),
    "compressed, in chunks": Reply(gzip.compress(TEXT), headers={"Content-Encoding": "x-gzip"}, chunked=True),
    "compressed in two members": Reply(
        gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]) + b"\0" * 20, headers={"Content-Encoding": "gzip"}
    ),
}


@pytest.mark.parametrize("reply", WHOLE.values(), ids=WHOLE)
def test_a_body_arrives_whole_however_it_is_sent(server: WebServer, reply: Reply) -> None:
    server.routes["/a"] = reply
    assert body(way(server), server.url("/a")) == TEXT


LATER = {
    "cut before its length": (Reply(TEXT, cut=100), "broke off"),
    "cut to nothing": (Reply(TEXT, cut=0), "broke off"),
    "cut between chunks": (Reply(TEXT, cut=100, chunked=True), "broke off"),
    "compressed and cut": (Reply(gzip.compress(TEXT)[:-9], headers={"Content-Encoding": "gzip"}), "ends early"),
    "compressed and damaged": (Reply(b"no gzip at all", headers={"Content-Encoding": "gzip"}), "damaged"),
    "500": (Reply(b"", 500), "answers 500"),
    "502": (Reply(b"", 502), "answers 502"),
    "503": (Reply(b"", 503), "answers 503"),
    "429": (Reply(b"", 429), "answers 429"),
    "408": (Reply(b"", 408), "answers 408"),
    "no answer in time": (Reply(TEXT, delay=60), "no answer within 0.2 seconds"),
}


@pytest.mark.parametrize(("reply", "said"), LATER.values(), ids=LATER)
@pytest.mark.parametrize("final", [StopSource, SkipItem])
def test_what_may_get_better_says_later(server: WebServer, reply: Reply, said: str, final: type[SourceError]) -> None:
    server.routes["/a"] = reply
    with pytest.raises(RetryLater, match=said) as caught:
        ask(way(server, timeout=0.2 if reply.delay else 30), server.url("/a?key=secret"), final)
    assert "\n" not in str(caught.value) and "secret" not in str(caught.value)


FINAL = {
    "401": (Reply(b"", 401), "answers 401 .*headers, user and password"),
    "403": (Reply(b"", 403), "answers 403"),
    "404": (Reply(b"", 404), "answers 404 .*nothing is there"),
    "410": (Reply(b"", 410), "answers 410"),
    "400": (Reply(b"", 400), "answers 400"),
    "a part of it": (Reply(b"abc", 206), "answers 206"),
    "not changed, which nobody asked": (Reply(b"", 304), "answers 304"),
    "another packing": (Reply(TEXT, headers={"Content-Encoding": "br"}), "packed as 'br'"),
    "packed twice": (Reply(TEXT, headers={"Content-Encoding": "gzip, gzip"}), "packed as"),
    "too large": (Reply(bytes(2 << 20)), "larger than 1 MiB.*settings.largest"),
    "too large, in chunks": (Reply(bytes(2 << 20), chunked=True), "larger than 1 MiB"),
    "a bomb": (Reply(gzip.compress(bytes(64 << 20), 1), headers={"Content-Encoding": "gzip"}), "larger than 1 MiB"),
    "in a circle": (Reply(b"", 302, {"Location": "/a"}), "more than 5 times"),
    "to a file": (Reply(b"", 302, {"Location": "file:///etc/passwd"}), "no address of the web"),
    "to nonsense": (Reply(b"", 302, {"Location": "http://[::1/"}), "no address of the web|broke off"),
    "to a private address": (Reply(b"", 302, {"Location": "http://10.0.0.1/"}), "private network.*settings.allow"),
    "to loopback in disguise": (Reply(b"", 302, {"Location": "http://0x7f.1:1/"}), "private network"),
}


@pytest.mark.parametrize(("reply", "said"), FINAL.values(), ids=FINAL)
@pytest.mark.parametrize("final", [StopSource, SkipItem])
def test_what_will_not_get_better_says_so(server: WebServer, reply: Reply, said: str, final: type[SourceError]) -> None:
    server.routes["/a"] = reply
    with pytest.raises((StopSource, SkipItem, RetryLater), match=said) as caught:
        ask(way(server, largest=1), server.url("/a?key=secret"), final)
    assert caught.type is final or "broke off" in str(caught.value)
    assert "\n" not in str(caught.value) and "secret" not in str(caught.value)


def test_a_server_that_is_not_there_says_later() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(RetryLater, match="cannot be reached"):
            ask(WebSettings().web(url), url, StopSource)


def test_something_that_speaks_no_http_says_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"

        def speak() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.sendall(b"220 mail.example ESMTP\r\n")

        speaking = threading.Thread(target=speak)
        speaking.start()
        with pytest.raises(RetryLater, match=r"broke off|cannot be reached"):
            ask(WebSettings().web(url), url, StopSource)
        speaking.join()


def test_a_server_that_drips_is_not_waited_for(server: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.routes["/a"] = Reply(TEXT)
    moments = iter(range(0, 10**6, 100))
    monkeypatch.setattr("connectors.web_guard.monotonic", lambda: float(next(moments)))
    with pytest.raises(RetryLater, match="less than 1024 bytes a second"):
        ask(way(server), server.url("/a"), StopSource)


def test_waiting_counts_anew_for_each_request_on_a_connection(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.routes["/a"] = Reply(b"x")
    moments = iter(range(0, 10**6, 4))
    monkeypatch.setattr("connectors.web_guard.monotonic", lambda: float(next(moments)))
    for _ in range(30):
        assert body(way(server, timeout=30), server.url("/a")) == b"x"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": " 0 "}, 0),
        ({"Retry-After": "99999999999"}, 86_400),
        ({"Retry-After": "Fri, 13 Nov 2026 08:01:40 GMT", "Date": "Fri, 13 Nov 2026 08:00:00 GMT"}, 100),
        ({"Retry-After": "Fri, 13 Nov 2026 07:00:00 GMT", "Date": "Fri, 13 Nov 2026 08:00:00 GMT"}, 0),
        ({"Retry-After": "Fri, 13 Nov 2009 07:00:00 GMT"}, 0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "１２"}, None),
    ],
)
def test_how_long_a_server_asks_to_wait(headers: dict[str, str], expected: float | None) -> None:
    given = [(name.encode(), value.encode("utf-8")) for name, value in headers.items()]
    assert retry_after(httpx2.Headers(given)) == expected


def test_the_wait_travels_with_the_error(server: WebServer) -> None:
    server.routes["/a"] = Reply(b"", 503, {"Retry-After": "7"})
    with pytest.raises(RetryLater) as caught:
        ask(way(server), server.url("/a"), StopSource)
    assert caught.value.after == pickle.loads(pickle.dumps(caught.value)).after == 7


class TestConditionalRequests:
    def test_an_entity_tag_of_before_gives_unchanged(self, server: WebServer) -> None:
        server.routes["/a"] = Reply(TEXT, tagged=True)
        web = way(server)
        token = ask(web, server.url("/a"), StopSource).token
        again = ask(web, server.url("/a"), StopSource, known=token)
        assert (again.status, again.body, again.token) == (304, None, token)
        server.routes["/a"] = Reply(TEXT + b"more", tagged=True)
        changed = ask(web, server.url("/a"), StopSource, known=token)
        assert changed.status == 200 and changed.token != token

    OLD, NOW = "Mon, 02 Nov 2026 08:00:00 GMT", "Fri, 13 Nov 2026 08:00:00 GMT"

    @pytest.mark.parametrize(
        ("headers", "token"),
        [
            ({"ETag": 'W/"1"', "Last-Modified": OLD, "Date": NOW}, 'etag W/"1"'),
            ({"Last-Modified": OLD, "Date": NOW}, f"modified {OLD}"),
            ({"Last-Modified": NOW, "Date": NOW}, None),
            ({"Last-Modified": OLD}, None),
            ({"Last-Modified": "yesterday", "Date": NOW}, None),
            ({}, None),
        ],
    )
    def test_what_tells_versions_apart(self, headers: dict[str, str], token: str | None) -> None:
        assert Answer("http://x/", 200, httpx2.Headers(headers)).token == token

    def test_a_time_of_change_is_asked_with(self, server: WebServer) -> None:
        server.routes["/a"] = Reply(b"", 304)
        assert ask(way(server), server.url("/a"), StopSource, known=f"modified {self.OLD}").status == 304
        assert server.log[0].headers["If-Modified-Since"] == self.OLD

    @pytest.mark.parametrize("token", ["etag a\r\nX: y", "etag ", "", "etag 卷"])
    def test_a_token_that_is_no_header_is_not_sent(self, server: WebServer, token: str) -> None:
        server.routes["/a"] = Reply(TEXT)
        assert ask(way(server), server.url("/a"), StopSource, known=token).status == 200


class TestSecrets:
    SECRET = "hunter2-hunter2"

    def test_they_go_to_the_own_server_and_nowhere_else(self, server: WebServer, other: WebServer) -> None:
        server.routes["/a"] = Reply(b"", 302, {"Location": other.url("/b")})
        server.routes["/c"] = Reply(b"", 302, {"Location": "/d"})
        server.routes["/d"] = other.routes["/b"] = Reply(TEXT)
        web = way(server, headers={"X-Key": self.SECRET, "Authorization": self.SECRET}, allow=["127.0.0.1"])
        assert body(web, server.url("/a")) == body(web, server.url("/c")) == body(web, other.url("/b")) == TEXT
        assert {asked.headers["X-Key"] for asked in server.log} == {self.SECRET}
        assert [self.SECRET in str(asked.headers) for asked in other.log] == [False, False]

    def test_user_and_password_are_sent_as_basic_authentication(self, server: WebServer) -> None:
        server.routes["/a"] = Reply(TEXT)
        body(way(server, user="ann", password="geheim"), server.url("/a"))
        assert server.log[0].headers["Authorization"] == "Basic YW5uOmdlaGVpbQ=="

    def test_a_redirect_to_where_no_password_goes_is_told(self, server: WebServer, other: WebServer) -> None:
        server.routes["/a"] = Reply(b"", 302, {"Location": other.url("/b")})
        other.routes["/b"] = Reply(b"", 401)
        with pytest.raises(StopSource, match=r"leading on to .*/b, where no password is sent"):
            ask(way(server, allow=["127.0.0.1"], user="ann", password="x"), server.url("/a"), StopSource)

    def test_they_are_in_no_representation_and_survive_the_way_to_a_worker(self, server: WebServer) -> None:
        settings = WebSettings(headers={"X-Key": self.SECRET}, user="ann", password=self.SECRET)
        web = settings.web(server.url())
        assert self.SECRET not in repr(settings) + str(settings) + repr(web) + str(web)
        assert pickle.loads(pickle.dumps(web)) == web

    def test_nothing_of_the_address_or_headers_is_logged(
        self, server: WebServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        server.routes["/a"] = Reply(TEXT)
        body(way(server, headers={"X-Key": self.SECRET}), server.url("/a?key=geheim"))
        assert self.SECRET not in caplog.text and "geheim" not in caplog.text

    @pytest.mark.parametrize(
        ("settings", "said"),
        [
            ({"headers": {"X-Key": "hunter2\r\nHost: x"}}, "characters that a header cannot hold"),
            ({"headers": {"X-Key": "hunter2卷"}}, "characters that a header cannot hold"),
            ({"headers": {"X Key": "hunter2"}}, "not a header that can be set"),
            ({"headers": {"Host": "hunter2"}}, "not a header that can be set"),
            ({"user": "ann"}, "user and password together"),
            ({"password": "hunter2"}, "user and password together"),
            ({"user": "a", "password": "hunter2", "headers": {"authorization": "b"}}, "either user and password or"),
            ({"timeout": 0}, "greater than 0"),
            ({"redirects": -1}, "greater than or equal"),
        ],
    )
    def test_settings_that_cannot_work_say_so_without_them(self, settings: dict[str, Any], said: str) -> None:
        with pytest.raises(ValidationError, match=said) as caught:
            WebSettings(**settings)
        assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ftp://example.org/", "must begin with"),
        ("example.org/records", "must begin with"),
        ("http:///records", "must begin with|not an address"),
        ("http://[::1/", "not an address"),
        ("https://ann:geheim@example.org/", "not into the address"),
        ("", "must begin with"),
    ],
)
def test_an_address_in_the_settings_that_is_none(address: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said) as caught:
        TypeAdapter(Address, config={"hide_input_in_errors": True}).validate_python(address)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://ann:geheim@example.org/a?key=geheim#part", "https://example.org/a?..."),
        ("http://example.org:8080/a b", "http://example.org:8080/a%20b"),
        ("http://[::1/", "an address that is none"),
    ],
)
def test_an_address_is_shown_without_what_may_be_secret(address: str, expected: str) -> None:
    assert shown(address) == expected


@pytest.mark.parametrize("allow", ["127.0.0.1", " 127.0.0.1 ", "127.0.0.1:PORT"])
def test_an_allowed_host_of_a_private_network_is_asked(server: WebServer, other: WebServer, allow: str) -> None:
    other.routes["/a"] = Reply(TEXT)
    web = way(server, allow=[allow.replace("PORT", str(other.port))])
    assert body(web, other.url("/a")) == TEXT
    with pytest.raises(SkipItem, match="private network"):
        body(way(server, allow=["localhost", "127.0.0.1:1"]), other.url("/a"))


def test_the_client_itself_is_guarded_and_bounded(server: WebServer) -> None:
    bomb = Reply(gzip.compress(bytes(8 << 20)), headers={"Content-Encoding": "gzip"})
    server.routes |= {"/a": bomb, "/b": Reply(b"", 302, {"Location": "http://127.0.0.1:1/"}), "/c": Reply(TEXT, cut=9)}
    ours = client(way(server, largest=1))
    with pytest.raises(SourceError, match="larger"):
        ours.get(server.url("/a"))
    with pytest.raises(Refused):
        ours.get(server.url("/b"))
    with pytest.raises(httpx2.RemoteProtocolError):
        ours.get(server.url("/c"))


def test_the_body_of_a_redirect_is_left_unread(server: WebServer) -> None:
    server.routes |= {"/a": Reply(bytes(4 << 20), 302, {"Location": "/b"}), "/b": Reply(TEXT)}
    assert body(way(server, largest=1), server.url("/a")) == TEXT


class TestCertificates:
    """The connection is made to the checked address, the certificate is still that of the name."""

    NAME = "archive.example"

    @pytest.fixture
    def secure(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
        key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
        made = f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN={self.NAME}"
        named = ["-addext", f"subjectAltName=DNS:{self.NAME}", "-keyout", str(key), "-out", str(certificate)]
        subprocess.run([*made.split(), *named], check=True, capture_output=True)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        _tls.cache_clear()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        with web_server(context) as running:
            yield running
        _tls.cache_clear()

    def test_it_is_checked_by_name(self, secure: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
        here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", secure.port))]
        monkeypatch.setattr("connectors.web_guard.socket.getaddrinfo", lambda *_, **__: here)
        secure.routes["/a"] = Reply(TEXT)
        right, wrong = secure.url("/a", self.NAME), secure.url("/a", "other.example")
        assert body(WebSettings().web(right), right) == TEXT
        assert secure.log[0].headers["Host"] == f"{self.NAME}:{secure.port}"
        with pytest.raises(StopSource, match=r"certificate of the server cannot be verified.*SSL_CERT_FILE"):
            ask(WebSettings().web(wrong), wrong, StopSource)


@given(st.binary(max_size=5000), st.integers(1, 700))
def test_what_was_packed_comes_out_in_any_pieces(content: bytes, size: int) -> None:
    packed = gzip.compress(content)
    assert b"".join(unzipped(packed[at : at + size] for at in range(0, len(packed), size))) == content


@given(st.binary(min_size=1, max_size=500), st.data())
def test_what_was_packed_and_cut_never_comes_out_short(content: bytes, data: st.DataObject) -> None:
    packed = gzip.compress(content)
    cut = packed[: data.draw(st.integers(1, len(packed) - 1))]
    with pytest.raises(httpx2.RemoteProtocolError):
        b"".join(unzipped(iter([cut])))
