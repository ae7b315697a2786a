"""The setting `outbox`: which addresses are understood, and that none of them is ever told whole."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from desk_parts import CLERK, COLLEAGUE, ONCE, START
from notice_parts import only_answers

from mappings.access import ANONYMOUS, Viewer
from mappings.grants import Grant, Scope
from service_desk.errors import Conflict, NotAllowed, NotFound
from service_desk.forms import AnswerForm
from service_desk.models import QueuedNotice
from service_desk.ports import Notice, RefusedForGood
from service_desk.sending.outboxes import OutboxMistaken, channels, described

NOTICE = Notice(1, "13800000000", "", "hello 檔", START, "token", "sms", False)


def opened(setting):
    return channels(setting, lambda address: Path(address.removeprefix("file:")))


SERVERS = {
    "smtps://desk:s%40cret@mail.example?from=d@a.example": ("mail.example", 465, "tls", "desk", "s@cret"),
    "smtp://mail.example?from=d@a.example": ("mail.example", 587, "starttls", "", ""),
    "smtp://mail.example:2525?from=d@a.example&security=none": ("mail.example", 2525, "none", "", ""),
    "mailtos://desk:x@a.example?smtp=mail.example&from=d@a.example": ("mail.example", 587, "starttls", "desk", "x"),
    "mailtos://desk:x@mail.example?mode=ssl&from=d@a.example": ("mail.example", 465, "tls", "desk", "x"),
    "mailto://mail.example?from=d@a.example": ("mail.example", 25, "none", "", ""),
}


@pytest.mark.parametrize("address", SERVERS)
def test_mail_servers(address):
    server = opened(address)._channels["email"]._server
    assert (server.host, server.port, server.security, server.user, server.password) == SERVERS[address]
    assert "s@cret" not in repr(server) and server.sender == "d@a.example"


MISTAKEN = {
    "": "empty",
    "smtps://desk:geheim@mail.example": "sender",
    "smtp://desk:geheim@mail.example?from=d@a.example&security=none": "in the clear",
    "mailto://desk:geheim@mail.example?from=d@a.example": "in the clear",
    "smtp://desk:geheim@mail.example?from=d@a.example&security=rot13": "security",
    "smtp://desk:geheim@mail.example:port?from=d@a.example": "no address",
    "nosuch://geheim@x": "none that Apprise understands",
    "file:a file:b": "the second for email",
}


@pytest.mark.parametrize("setting", MISTAKEN)
def test_what_cannot_be_followed_is_told_without_its_secrets(setting):
    with pytest.raises(OutboxMistaken, match=MISTAKEN[setting]) as caught:
        opened(setting)
    assert "geheim" not in str(caught.value)


def test_several_channels():
    setting = "smtps://u:geheim@mail.example?from=d@a.example sms=json://localhost/{to}"
    assert opened(setting).names == {"email", "sms"} and not opened(setting).is_quick
    assert described(setting) == "email by smtps, sms by json"
    assert opened("file:outbox").is_quick


class Gateway(BaseHTTPRequestHandler):
    """What a house's gateway for text messages looks like to Apprise."""

    taken: ClassVar[list[tuple[str, dict[str, object]]]] = []
    code = 200

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.taken.append((self.path, json.loads(body)))
        self.send_response(self.code)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def gateway():
    server = HTTPServer(("127.0.0.1", 0), Gateway)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Gateway.taken, Gateway.code = [], 200
    yield server
    server.shutdown()
    server.server_close()


def test_a_service_that_apprise_knows(gateway, caplog):
    outbox = opened(f"sms=json://user:geheim@127.0.0.1:{gateway.server_port}/to/{{to}}")
    outbox.send(NOTICE)
    [(path, told)] = Gateway.taken
    assert path.rstrip("/") == "/to/13800000000" and told["message"] == "hello 檔"
    Gateway.code = 500
    with pytest.raises(OSError, match="json") as caught:
        outbox.send(NOTICE)
    assert not isinstance(caught.value, RefusedForGood)
    assert "geheim" not in caplog.text and "13800000000" not in str(caught.value)


def test_a_channel_that_is_gone():
    with pytest.raises(OSError, match="sms"):
        opened("file:outbox").send(NOTICE)


# What staff see of it


class Refusing:
    is_quick = True

    def send(self, notice):
        raise RefusedForGood("address", "550 no")


@pytest.fixture
def stuck(desk, form):
    """A notice that was given up; its receipt."""
    only_answers(desk)
    desk.notices._outbox, outbox = Refusing(), desk.notices._outbox
    receipt = desk.filing.submit(form(), ANONYMOUS).receipt
    desk.requests.answer(receipt, AnswerForm(text="SECRET TEXT"), CLERK)
    desk.notices._outbox = outbox
    return receipt


def test_staff_see_what_was_given_up_and_why_and_try_again(desk, stuck, outbox):
    [row] = desk.outbox.listed(CLERK).rows
    assert (row.state, row.receipt, row.recipient, row.channel) == ("given_up", stuck, "w***@example.org", "email")
    assert (row.reason, row.problem) == ("address", "550 no") and "SECRET TEXT" not in repr(row)
    assert desk.notices.waiting() == 0
    desk.outbox.again(row.number, COLLEAGUE)
    assert desk.notices.deliver() == 1 and len(list(outbox.glob("*.eml"))) == 1
    with pytest.raises(Conflict):
        desk.outbox.again(row.number, CLERK)
    assert desk.outbox.listed(CLERK).rows == []


def _within(scope):
    grants = frozenset(Grant(action, scope) for action in ("requests.see", "requests.work"))
    return Viewer("x", frozenset({"staff"}), grants=grants)


@ONCE
def test_only_what_belongs_to_what_one_sees(desk, stuck, clock):
    with desk._database.write() as session:
        session.add(QueuedNotice(recipient="b@b.org", subject="Your code: X", body="b", created=clock.now()))
    everything = desk.outbox.listed(CLERK).rows
    assert [row.receipt for row in everything] == [stuck, None] and "X" not in everything[1].subject
    here, elsewhere = _within(Scope(holder="East Wing")), _within(Scope(holder="Elsewhere"))
    assert [row.receipt for row in desk.outbox.listed(here).rows] == [stuck]
    assert desk.outbox.listed(elsewhere).rows == []
    for number in (everything[0].number, everything[1].number, 0, 10**12):
        with pytest.raises(NotFound):
            desk.outbox.again(number, elsewhere)
    for nobody in (ANONYMOUS, Viewer("wang", frozenset({"reader"}))):
        with pytest.raises(NotAllowed):
            desk.outbox.listed(nobody)
