"""Several serving processes behind one port: each answers, one that dies is replaced, files find their screen."""

from __future__ import annotations

import http.client
import os
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from search_ui.processes import CannotStart, Processes
from search_ui.server import _listen
from tests.benchmarks.programs import Server, free_port, onestop, run, serving
from tests.browser.house import run as told
from tests.search_ui.web.house import PASSWORD, token_in

PROCESSES = 2
PATIENCE = 30
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    place = tmp_path_factory.mktemp("processes") / "archive"
    run(*onestop(place.parent, "init", place.name))
    told(place, "user", "add", "clerk", "--role", "staff", ONESTOP_PASSWORD=PASSWORD)
    port = free_port()
    with serving(onestop(place, "serve", "--port", str(port), "--processes", str(PROCESSES)), port) as up:
        yield up
        left = children(up.pid)
        os.kill(up.pid, signal.SIGTERM)
        eventually(lambda: not any(Path(f"/proc/{pid}/fd").exists() for pid in left))


def children(pid: int) -> set[int]:
    """Processes that a process has started and that have not ended."""
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def eventually(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.1)


def asked(server: Server, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> int:
    """The status of an answer over a connection of its own."""
    host = server.address.removeprefix("http://")
    with closing(http.client.HTTPConnection(host, timeout=PATIENCE)) as connection:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        answer.read()
        return answer.status


def token(server: Server) -> str:
    """What a browser proves that a form is its own with, as Streamlit sets it."""
    host = server.address.removeprefix("http://")
    with closing(http.client.HTTPConnection(host, timeout=PATIENCE)) as connection:
        connection.request("GET", "/_stcore/health")
        cookies = connection.getresponse().headers.get_all("set-cookie") or []
    return next(cookie.split(";")[0].partition("=")[2] for cookie in cookies if cookie.startswith("_streamlit_xsrf"))


def signed_in(server: Server) -> str:
    """The session of a member of staff, from whom files are taken."""
    with httpx2.Client(base_url=server.address, timeout=PATIENCE) as browser:
        form = {"csrf": token_in(browser.get("/login").text), "name": "clerk", "password": PASSWORD}
        assert browser.post("/login", data=form).status_code == 303
        return str(browser.cookies["sid"])


def test_a_file_reaches_the_screen_it_was_sent_from_over_any_connection(server: Server) -> None:
    eventually(lambda: len(children(server.pid)) == PROCESSES)
    boundary = uuid.uuid4().hex
    form = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nsent\r\n--{boundary}--\r\n'
    )
    proof = token(server)
    headers = {
        "content-type": f"multipart/form-data; boundary={boundary}",
        "x-xsrftoken": proof,
        "cookie": f"_streamlit_xsrf={proof}; sid={signed_in(server)}",
    }
    url = server.address.replace("http://", "ws://") + "/_stcore/stream"
    with connect(url, subprotocols=[Subprotocol("streamlit")], origin=Origin(server.address)) as screen:
        screen.send(BackMsg(rerun_script=ClientState()).SerializeToString())
        session = next(filter(None, (session_of(screen.recv(PATIENCE)) for _ in range(50))))
        address = f"/_stcore/upload_file/{session}/"
        sent = {asked(server, "PUT", f"{address}{number}", form.encode(), headers) for number in range(2 * PROCESSES)}
        assert sent == {204}
        assert {asked(server, "DELETE", f"{address}{number}", headers=headers) for number in range(PROCESSES)} == {204}
    strange = f"/_stcore/upload_file/{uuid.uuid4()}/1"
    assert asked(server, "PUT", strange, form.encode(), headers) == 400
    assert asked(server, "GET", strange, headers={"x-onestop-question": "1"}) != 204
    assert {asked(server, "GET", "/media/none.png") for _ in range(PROCESSES)} == {404}


def session_of(payload: str | bytes) -> str:
    """The id of a session, in the message that begins it."""
    message = ForwardMsg.FromString(payload if isinstance(payload, bytes) else payload.encode())
    return message.new_session.initialize.session_id if message.WhichOneof("type") == "new_session" else ""


def test_a_process_that_dies_is_replaced_while_the_others_answer(server: Server) -> None:
    eventually(lambda: len(children(server.pid)) == PROCESSES)
    before = children(server.pid)
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    eventually(lambda: victim not in children(server.pid))
    assert {asked(server, "GET", "/_stcore/health") for _ in range(2 * PROCESSES)} == {200}
    eventually(lambda: len(children(server.pid)) == PROCESSES)
    assert before - {victim} < children(server.pid)


def test_processes_that_cannot_start_are_given_up() -> None:
    listener = _listen("127.0.0.1", free_port())
    with pytest.raises(CannotStart):
        Processes(listener, lambda channel, door: ["/bin/false"], 1).run()
    assert listener.fileno() == -1
