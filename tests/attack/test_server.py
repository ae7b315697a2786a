"""Attacks on the server as it runs: its websocket, its door for files, its sockets."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import httpx2
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from search_ui import bounded, paths
from search_ui.server import WS_BYTES
from tests.attack.house import MARK
from tests.search_ui.web.house import PASSWORD, token_in
from tests.services.server import free_port

pytestmark = pytest.mark.slow
PATIENCE: Final = 30
MOST_GROWTH: Final = 60 * 1024
"""KiB that the server may grow by under an attack."""
HEAD_SECONDS: Final = 2.0
SERVE: Final = """
import json, sys
from pathlib import Path
from search_ui import bounded, limits, server
from tests.attack.house import filed, furnished
bounded.HEAD_SECONDS = limits.BODY_SECONDS = float(sys.argv[3])
made = furnished(Path(sys.argv[1]))
told = filed(made)
def listening():
    print(json.dumps({"receipt": told.receipt}), flush=True)
server.serve(made, port=int(sys.argv[2]), options={"server.cookieSecret": "s" * 32}, listening=listening)
"""


class Running(NamedTuple):
    """The attacked house, served in a process of its own."""

    address: str
    process: subprocess.Popen[str]
    receipt: str

    @property
    def socket(self) -> socket.socket:
        parts = urlsplit(self.address)
        return socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=PATIENCE)

    @property
    def memory(self) -> int:
        """KiB in memory now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])  # type: ignore[index]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    port, folder = free_port(), tmp_path_factory.mktemp("served")
    command = [sys.executable, "-W", "ignore", "-c", SERVE, str(folder), str(port), str(HEAD_SECONDS)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    running = Running(f"http://127.0.0.1:{port}", process, told["receipt"])
    assert httpx2.get(f"{running.address}/health", timeout=PATIENCE).status_code == 200
    yield running
    process.terminate()
    process.wait(10)


def browser(server: Running, name: str | None = None) -> httpx2.Client:
    made = httpx2.Client(base_url=server.address, timeout=PATIENCE, headers={"accept-language": "en"})
    form = {"csrf": token_in(made.get("/login").text), "name": name or "", "password": PASSWORD}
    made.get("/_stcore/health")
    if name:
        assert made.post("/login", data=form).status_code == 303
    return made


@contextlib.contextmanager
def screen(server: Running, by: httpx2.Client, **options: Any) -> Iterator[ClientConnection]:
    """The websocket of a screen, as this browser opens it."""
    cookies = "; ".join(f"{name}={value}" for name, value in by.cookies.items())
    given = {
        "origin": Origin(server.address),
        "additional_headers": {"cookie": cookies, "accept-language": "en"},
        **options,
    }
    url = server.address.replace("http", "ws") + "/_stcore/stream"
    with connect(url, subprotocols=[Subprotocol("streamlit")], max_size=None, **given) as opened:
        yield opened


def drawn(opened: ClientConnection, path: str, query: str = "") -> tuple[str, str]:
    """What a screen shows, and the id of its session."""
    state = ClientState(query_string=query, page_name=path.strip("/"))
    opened.send(BackMsg(rerun_script=state).SerializeToString())
    shown, session = [], ""
    while True:
        message = ForwardMsg.FromString(opened.recv(PATIENCE))
        shown.append(str(message))
        if message.WhichOneof("type") == "new_session":
            session = message.new_session.initialize.session_id
        if message.WhichOneof("type") == "script_finished":
            return "".join(shown).encode("latin-1", "replace").decode("unicode_escape", "replace"), session


def put(server: Running, by: httpx2.Client, session: str, data: bytes = b"x", **headers: str) -> int:
    proof = next((value for name, value in by.cookies.items() if name.startswith("_streamlit_xsrf")), "")
    address = f"{paths.UPLOADS}{session}/{uuid.uuid4()}"
    return by.put(address, files={"f": ("a.txt", data)}, headers={"x-xsrftoken": proof, **headers}).status_code


def test_screens_open_from_our_own_pages_alone(server: Running) -> None:
    clerk = browser(server, "coordinator")
    port = urlsplit(server.address).port
    for origin in (
        "https://foreign.example",
        "http://localhost:1",
        f"http://localhost:{port}",
        "null",
        "http://127.0.0.1:9",
    ):
        with pytest.raises((InvalidStatus, ConnectionClosed)), screen(server, clerk, origin=Origin(origin)) as opened:
            opened.recv(PATIENCE)
    with screen(server, clerk) as opened:
        assert "pwned" in drawn(opened, paths.FEEDBACK_LIST, "")[0]


def test_a_screen_is_of_its_session_at_every_run(server: Running) -> None:
    """Signed out elsewhere, it shows nothing more, though its socket is open still."""
    clerk = browser(server, "coordinator")
    with screen(server, clerk) as opened:
        assert "pwned" in drawn(opened, paths.FEEDBACK_LIST, "")[0]
        assert clerk.post("/account/sign-out", data={"csrf": token_in(clerk.get("/account").text)}).status_code == 303
        after = drawn(opened, paths.FEEDBACK_LIST, "")[0]
        assert "pwned" not in after and "coordinator" not in after


@pytest.mark.parametrize("path", [paths.FEEDBACK_LIST, paths.LINKS, paths.RUNS])
def test_screens_of_staff_are_empty_for_others(server: Running, path: str) -> None:
    for name in (None, "chen"):
        with screen(server, browser(server, name)) as opened:
            shown = drawn(opened, path, f"receipt={server.receipt}&find={server.receipt}")[0]
            assert MARK not in shown and "window.pwned=9" not in shown and "Land files" not in shown
            assert "staff" in shown.lower()


def test_files_are_taken_from_staff_alone(server: Running) -> None:
    """Streamlit takes them from whoever has a screen open, as many as one likes, and keeps them in memory."""
    clerk = browser(server, "coordinator")
    for name in (None, "chen"):
        stranger = browser(server, name)
        with screen(server, stranger) as opened:
            session = drawn(opened, paths.ASK)[1]
            before = server.memory
            assert {put(server, stranger, session, b"x" * 5_000_000) for _ in range(4)} == {403}
            assert server.memory - before < MOST_GROWTH
    with screen(server, clerk) as opened:
        session = drawn(opened, paths.FEEDBACK_LIST, "")[1]
        assert put(server, clerk, session) == 204
        assert put(server, clerk, session, **{"x-xsrftoken": "x"}) == 403
        assert put(server, clerk, session, origin="https://foreign.example") == 403
        assert put(server, clerk, session, **{"sec-fetch-site": "cross-site"}) == 403
        assert put(server, clerk, str(uuid.uuid4())) == 400, "a screen that there is not"
        assert put(server, clerk, session, b"x" * (21 * 1024 * 1024)) == 413
        assert {put(server, clerk, session) for _ in range(80)} == {204, 429}, "so many a minute"


def test_a_message_has_a_bound(server: Running) -> None:
    stranger = browser(server)
    with screen(server, stranger) as opened:
        drawn(opened, paths.LANDING)
        opened.send(b"x" * (WS_BYTES + 1))
        with pytest.raises(ConnectionClosed):
            for _ in range(100):
                opened.recv(PATIENCE)


ENDLESS: Final = {
    "headers": (b"GET / HTTP/1.1\r\nHost: x\r\n", b"X-A: " + b"a" * 1000 + b"\r\n"),
    "one header": (b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ", b"a" * 4000),
    "an address": (b"GET /", b"a" * 4000),
    "trailers": (
        b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
        b"X-A: " + b"a" * 1000 + b"\r\n",
    ),
    "a chunk's header": (b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"a" * 4000),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_what_has_no_end_is_cut_off(server: Running, what: str) -> None:
    begin, more = ENDLESS[what]
    before, sent = server.memory, 0
    with server.socket as line:
        line.sendall(begin)
        with contextlib.suppress(OSError):
            while sent < 64 * bounded.HEAD_BYTES:
                line.sendall(more)
                sent += len(more)
    assert sent < 64 * bounded.HEAD_BYTES, "it went on taking"
    assert server.memory - before < MOST_GROWTH
    assert httpx2.get(f"{server.address}/ready", timeout=PATIENCE).status_code == 200


SLOW: Final = {
    "nothing at all": b"",
    "half a head": b"GET / HTTP/1.1\r\nHost: x\r\nX-",
    "half a form": b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\ncsrf=",
    "half a call": b"POST /api/v1/feedback HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
}


@pytest.mark.parametrize("what", SLOW)
def test_who_says_nothing_more_is_not_waited_for(server: Running, what: str) -> None:
    """The answer, or the end, comes by itself."""
    with server.socket as line:
        line.sendall(SLOW[what])
        told = line.recv(100)
    assert told == b"" or told.split()[1] in (b"413", b"408")


SMUGGLED: Final = {
    "two lengths": b"Content-Length: 5\r\nContent-Length: 50\r\n",
    "a length and chunks": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "a length that is none": b"Content-Length: +5\r\n",
    "chunks in disguise": b"Transfer-Encoding: xchunked\r\n",
    "a space before the colon": b"Content-Length : 5\r\n",
}


@pytest.mark.parametrize("what", SMUGGLED)
def test_no_second_request_hides_in_a_first(server: Running, what: str) -> None:
    """RFC 9112, 6.3: what two may read in two ways is refused, or read as the one body that it is."""
    hidden = b"GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n"
    with server.socket as line:
        line.sendall(b"POST /login HTTP/1.1\r\nHost: x\r\n" + SMUGGLED[what] + b"\r\n0\r\n\r\n" + hidden)
        line.shutdown(socket.SHUT_WR)
        told = b""
        with contextlib.suppress(OSError):
            while piece := line.recv(65536):
                told += piece
    first = told.split(b"\r\n", 1)[0]
    assert b" 400 " in first or told.count(b"HTTP/1.1 ") <= 1 or b"User-agent" not in told, told[:300]


def test_a_chunked_body_is_bounded_too(server: Running) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(2_000):
            yield b"x" * 1024

    answer = httpx2.post(f"{server.address}/login", content=pieces(), timeout=PATIENCE)
    assert answer.status_code == 413
