"""Calls to other houses: not to this machine, not redirected, not without an end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import pytest

from onestop import courier, relaying
from onestop.courier import HttpCourier
from onestop.settings import FILE_NAME, load


class Other(BaseHTTPRequestHandler):
    """Another house, of several moods."""

    asked: ClassVar[list[tuple[str, str, bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        self.asked.append((self.command, self.path, body))
        if self.path == "/moved":
            self.send_response(307)
            self.send_header("location", "/in")
            self.send_header("content-length", "0")
            self.end_headers()
            return
        data = b"x" * 5000 if self.path == "/large" else b"ok"
        self.send_response(200)
        self.send_header("x-Onestop-Id", "i")
        self.send_header("content-length", str(len(data) + (10 if self.path == "/short" else 0)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST  # noqa: N815 - as http.server calls it

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def other() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Other)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def test_a_call_comes_through(other: str) -> None:
    reply = HttpCourier(loopback=True).call("POST", f"{other}/in", {"x-a": "b"}, b"said")
    assert (reply.status, reply.body, reply.headers["x-onestop-id"]) == (200, b"ok", "i")
    assert Other.asked[-1] == ("POST", "/in", b"said")


def test_redirects_are_answers_and_are_not_followed(other: str) -> None:
    assert HttpCourier(loopback=True).call("POST", f"{other}/moved", {}, b"said").status == 307
    assert Other.asked[-1][1] == "/moved"


def test_more_than_is_taken_and_less_than_was_said(other: str) -> None:
    for path in ("large", "short"):
        with pytest.raises(OSError, match=r"more than is taken|cannot be reached"):
            HttpCourier(loopback=True).call("GET", f"{other}/{path}", {}, b"", 1000)


@pytest.mark.parametrize("address", ["http://example.org/in", "http://127.0.0.1:9/", "ftp://example.org/"])
def test_nothing_but_https(address: str) -> None:
    with pytest.raises(OSError, match="https"):
        HttpCourier().call("POST", address, {})


INSIDE = ("127.0.0.1", "127.8.9.1", "[::1]", "169.254.169.254", "0.0.0.0", "[fe80::1]", "224.0.0.1", "localhost")


@pytest.mark.parametrize("host", INSIDE)
def test_this_machine_and_its_link_are_not_called(host: str) -> None:
    with pytest.raises(OSError, match=r"this machine|cannot be reached") as caught:
        HttpCourier().call("POST", f"https://{host}:9/in", {"x-secret": "s"}, b"")
    assert "169.254" not in str(caught.value) and "127." not in str(caught.value)


def test_a_name_that_leads_inside_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    from connectors import web_guard

    monkeypatch.setattr(web_guard, "_resolved", lambda host, port: ["93.184.216.34", "127.0.0.1"])
    with pytest.raises(OSError, match="this machine"):
        HttpCourier().call("POST", "https://harbour.example/in", {})


def test_a_house_that_is_not_there(other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "SECONDS", 2.0)
    with pytest.raises(OSError, match=r"reached|in time"):
        HttpCourier(loopback=True).call("POST", "http://127.0.0.1:9/in", {})


def test_secrets_come_from_the_environment_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("f" * 40 + "\n", encoding="utf-8")
    environment = {
        "ONESTOP_RELAY_A": "a" * 32,
        "ONESTOP_RELAY_B": "file:key",
        "ONESTOP_RELAY_C": "file:none",
        "ONESTOP_RELAY_D": "short",
        "ONESTOP_SITE": "https://a.example/",
    }
    (tmp_path / FILE_NAME).touch()
    workspace = SimpleNamespace(environment=environment, folder=tmp_path, settings=load(tmp_path, environment))
    made = relaying.relays(workspace)  # type: ignore[arg-type]
    assert made.secret_of("ONESTOP_RELAY_A") == b"a" * 32 and made.secret_of("ONESTOP_RELAY_B") == b"f" * 40
    assert [made.secret_of(f"ONESTOP_RELAY_{name}") for name in "CDE"] == [None, None, None]
    assert made.site == "https://a.example" and made.archive("zh-Hans") == "onestop"
