"""Notices by a real mail server in another process: refused, down, slow, killed in between, several senders at once."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from desk_parts import CLERK, ONCE
from mail_server import MailServer
from notice_parts import only_answers

from mappings.access import ANONYMOUS
from service_desk.database import Database, make_engine
from service_desk.desk import Desk
from service_desk.forms import AnswerForm
from service_desk.models import QueuedNotice
from service_desk.sending.outboxes import SmtpOutbox, channels
from tests.forked import Program


@pytest.fixture
def mail(tmp_path):
    return MailServer(tmp_path / "mail")


@pytest.fixture
def rows(database):
    """The rows of the queue."""
    engine = make_engine(database)

    def read():
        with Database(engine).read() as session:
            return list(session.scalars(sa.select(QueuedNotice).order_by(QueuedNotice.id)))

    yield read
    engine.dispose()


def outbox_of(mail):
    return channels(mail.address, lambda address: Path(address))


@pytest.fixture
def mailing(database, clock, holdings, mail, desk):
    """A desk on the same database whose notices leave by the mail server."""
    only_answers(desk)
    opened = Desk(database, objects=None, holdings=holdings, outbox=outbox_of(mail), clock=clock)
    yield opened
    opened.close()


def queue(desk, form, **changes):
    """A request that is answered; nothing is sent yet."""
    desk.notices.deliver = lambda: 0
    receipt = desk.filing.submit(form(**changes), ANONYMOUS).receipt
    desk.requests.answer(receipt, AnswerForm(text="SECRET TEXT"), CLERK)
    return receipt


def test_a_notice_arrives(mailing, form, mail, rows):
    with mail.up():
        receipt = queue(mailing, form, language="zh-Hans")
        assert (mailing.notices.deliver_now(), mailing.notices.waiting()) == (1, 0)
    [message] = mail.taken()
    assert message["To"] == "wang@example.org" and message["From"] == "desk@archive.example"
    assert receipt in message["Subject"] and "粵漢鐵路購地卷" in message.get_content()
    assert message["Message-ID"] == f"<{rows()[0].token}@archive.example>"
    assert message["Auto-Submitted"] == "auto-generated" and "SECRET TEXT" not in message.get_content()


def test_an_address_refused_for_good_is_given_up_at_once(mailing, form, mail, rows):
    with mail.up():
        queue(mailing, form, contact="wang@gone.example")
        assert (mailing.notices.deliver_now(), mailing.notices.waiting()) == (0, 0)
    [row] = rows()
    assert row.given_up and "550" in row.problem and "no such mailbox" in row.problem and not row.sent


def test_an_address_refused_for_now_is_tried_later_and_at_last_given_up(mailing, form, mail, rows, clock):
    with mail.up():
        queue(mailing, form, contact="wang@later.example")
        pauses = []
        while mailing.notices.waiting():
            assert mailing.notices.deliver_now() == 0
            pauses.append((rows()[0].next_try - clock.now()).total_seconds() / 60)
            clock.push(minutes=max(pauses[-1], 1))
    assert pauses[:6] == [2, 10, 30, 60, 240, 720] and set(pauses[6:-1]) == {720}
    assert rows()[0].given_up and "451" in rows()[0].problem


def test_a_server_that_is_down_gets_the_notice_once_it_is_up(mailing, form, mail, rows, clock):
    queue(mailing, form)
    assert mailing.notices.deliver_now() == 0 and mailing.notices.waiting() == 1
    assert rows()[0].problem and rows()[0].attempts == 1
    with mail.up():
        assert mailing.notices.deliver_now() == 0, "not before its time"
        clock.push(minutes=2)
        assert mailing.notices.deliver_now() == 1
    assert len(mail.taken()) == 1


@ONCE
def test_a_server_too_slow_may_get_it_twice_under_one_message_id(database, desk, form, mail, clock, holdings):
    only_answers(desk)
    impatient = Desk(database, objects=None, holdings=holdings, outbox=slow(mail, 0.3), clock=clock)
    queue(impatient, form)
    with mail.up(seconds=1):
        assert impatient.notices.deliver_now() == 0
        wait_for(lambda: mail.taken())
    clock.push(minutes=2)
    with mail.up():
        assert impatient.notices.deliver_now() == 1
    impatient.close()
    assert len(mail.taken()) == 2 and len({message["Message-ID"] for message in mail.taken()}) == 1


def slow(mail, seconds):
    server = outbox_of(mail)._channels["email"]._server
    return SmtpOutbox(server, seconds)


def wait_for(what):
    for _ in range(200):
        if what():
            return
        time.sleep(0.05)
    raise AssertionError("did not happen")


@ONCE
def test_whoever_answers_does_not_wait_for_the_server(mailing, form, mail):
    with mail.up(seconds=3):
        receipt = mailing.filing.submit(form(), ANONYMOUS).receipt
        mailing.requests.answer(receipt, AnswerForm(text="x"), CLERK)
        assert mailing.notices.waiting() == 1, "the server has not given its word yet"
        wait_for(lambda: mailing.notices.waiting() == 0)
    assert len(mail.taken()) == 1


def test_two_senders_at_once_send_each_notice_once(mailing, open_desk, database, form, mail, holdings, clock):
    for _ in range(12):
        queue(mailing, form)
    others = [Desk(database, objects=None, holdings=holdings, outbox=outbox_of(mail), clock=clock) for _ in range(3)]
    with mail.up():
        left = []
        threads = [threading.Thread(target=lambda d=desk: left.append(d.notices.deliver_now())) for desk in others]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for desk in others:
        desk.close()
    assert sum(left) == 12 and len(mail.taken()) == 12
    assert len({message["Message-ID"] for message in mail.taken()}) == 12


DIES = """
import os, signal, sys
from pathlib import Path
from service_desk.desk import Desk
from service_desk.notices import Notices
from service_desk.sending.outboxes import channels

def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)

Notices._left = killed  # the server has taken it, we have not written that down
desk = Desk(sys.argv[1], objects=None, holdings=None, outbox=channels(sys.argv[2], Path), clock=None)
class At:
    def now(self):
        import datetime as dt
        return dt.datetime.fromisoformat(sys.argv[3])
desk.notices._clock = At()
desk.notices.deliver_now()
"""


def test_killed_between_the_servers_word_and_ours(mailing, database, form, mail, clock):
    """Nothing is lost; what is sent once more is the same message."""
    for _ in range(2):
        queue(mailing, form)
    with mail.up():
        assert Program(DIES, database, mail.address, clock.now().isoformat()).wait(120) == -9
        assert len(mail.taken()) == 1
        assert mailing.notices.deliver_now() == 1, "the other one; the first may still be on its way"
        clock.push(minutes=5)
        assert mailing.notices.deliver_now() == 1 and mailing.notices.waiting() == 0
    ids = [message["Message-ID"] for message in mail.taken()]
    assert len(ids) == 3 and len(set(ids)) == 2 and ids[0] == ids[2]
