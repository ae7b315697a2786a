"""Notices: after the commit, once for each event, again after a failure or crash, without anything confidential."""

from __future__ import annotations

import email
from email import policy as email_policy

import pytest
from desk_parts import CLERK, ONCE
from notice_parts import TEXT, only_answers

from mappings.access import ANONYMOUS
from service_desk.desk import Desk
from service_desk.errors import Conflict
from service_desk.forms import AnswerForm, MessageForm, RefusalForm
from service_desk.notices import FolderOutbox
from service_desk.sending.rules import NoticeRules


@pytest.fixture(autouse=True)
def told_of_answers(desk):
    only_answers(desk)


def sent(outbox):
    paths = sorted(outbox.glob("*")) if outbox.exists() else []
    return [email.message_from_bytes(path.read_bytes(), policy=email_policy.default) for path in paths]


ACTS = {
    "answer": lambda desk, receipt: desk.requests.answer(receipt, AnswerForm(text="SECRET TEXT"), CLERK),
    "refuse": lambda desk, receipt: desk.requests.refuse(
        receipt, RefusalForm(reason="SECRET TEXT", alternative="y"), CLERK
    ),
    "tell": lambda desk, receipt: desk.requests.tell(receipt, MessageForm(text="SECRET TEXT"), CLERK),
    "take": lambda desk, receipt: desk.requests.take(receipt, CLERK),
    "note": lambda desk, receipt: desk.requests.note(receipt, MessageForm(text="SECRET TEXT"), CLERK),
}


@ONCE
@pytest.mark.parametrize("act", ACTS)
def test_a_notice_says_that_and_not_what(desk, filed, outbox, act):
    ACTS[act](desk, filed.receipt)
    messages = sent(outbox)
    assert len(messages) == (act in ("answer", "refuse", "tell"))
    for message in messages:
        assert message["To"] == "wang@example.org"
        assert filed.receipt in message["Subject"] and "粵漢鐵路購地卷" in message.get_content()
        assert "SECRET TEXT" not in message.get_content() and filed.secret not in message.get_content()


@ONCE
@pytest.mark.parametrize("contact", ["13800000000", "Li <a@b.org>", "a@b.org, c@d.org", "房間 3"])
def test_no_notice_where_there_is_no_address(desk, form, outbox, contact):
    filed = desk.filing.submit(form(contact=contact), ANONYMOUS)
    ACTS["answer"](desk, filed.receipt)
    assert sent(outbox) == [] and desk.notices.waiting() == 0


@ONCE
@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_in_the_readers_language(desk, form, outbox, language):
    filed = desk.filing.submit(form(language=language), ANONYMOUS)
    ACTS["answer"](desk, filed.receipt)
    told = desk.rules.now(NoticeRules).message("answered").subject.in_language(language)
    assert sent(outbox)[0]["Subject"] == told.replace("{{ receipt }}", filed.receipt)


def test_nothing_leaves_for_what_did_not_happen(desk, filed, outbox):
    ACTS["answer"](desk, filed.receipt)
    with pytest.raises(Conflict):
        ACTS["answer"](desk, filed.receipt)
    assert len(sent(outbox)) == 1


def test_a_mailer_that_fails_does_not_undo_the_answer_and_is_tried_again(desk, filed, outbox, clock):
    outbox.parent.mkdir(exist_ok=True)
    outbox.write_text("a file where the folder should be")
    assert ACTS["answer"](desk, filed.receipt).status == "delivered"
    assert desk.notices.waiting() == 1
    outbox.unlink()
    assert desk.notices.deliver() == 0, "not at once: somebody may still be at it"
    clock.push(minutes=5)
    assert desk.notices.deliver() == 1
    assert (len(sent(outbox)), desk.notices.waiting()) == (1, 0)
    clock.push(minutes=5)
    assert desk.notices.deliver() == 0


class Killed(BaseException):
    """As `kill -9`: nothing of ours runs afterwards."""


class DiesAfterSending:
    def __init__(self, folder):
        self.real = FolderOutbox(folder)

    def send(self, notice):
        self.real.send(notice)
        raise Killed


def test_a_crash_between_sending_and_noting_it_sends_the_same_file_again(desk, filed, outbox, clock, database):
    dying = Desk(database, objects=None, holdings=None, outbox=DiesAfterSending(outbox), clock=clock)
    with pytest.raises(Killed):
        ACTS["answer"](dying, filed.receipt)
    dying.close()
    assert desk.requests.case(filed.receipt, CLERK).status == "delivered"
    clock.push(minutes=5)
    assert desk.notices.deliver() == 1
    assert len(sent(outbox)) == 1


def test_a_desk_without_an_outbox_keeps_its_notices(desk, filed, database, clock):
    mute = Desk(database, objects=None, holdings=None, clock=clock)
    ACTS["answer"](mute, filed.receipt)
    mute.tidy()
    mute.close()
    assert desk.notices.deliver() == 1


def test_the_address_to_follow_a_request(desk, filed, outbox, database, clock):
    linked = Desk(
        database,
        objects=None,
        holdings=None,
        outbox=FolderOutbox(outbox),
        clock=clock,
        status_url="https://archive.example/s/{}".format,
    )
    ACTS["answer"](linked, filed.receipt)
    linked.close()
    assert f"https://archive.example/s/{filed.receipt}" in sent(outbox)[0].get_content()


@ONCE
def test_filing_is_told_once_with_what_stands_now(desk, form, outbox, clock):
    """Filed and accepted at once is one notice, with the day by which the answer comes."""
    desk.rules.bring_into_force(NoticeRules, TEXT, "test")
    receipt = desk.filing.submit(form(), ANONYMOUS).receipt
    [message] = sent(outbox)
    assert message["Subject"] == f"Your request {receipt} is accepted" and "March 2026" in message.get_content()


@ONCE
def test_an_estimate_is_told_with_its_sum_and_its_day(desk, filed, outbox):
    lines = [{"what": "scan", "count": 24, "price": 150}]
    desk.cases.act(filed.receipt, "quote", {"lines": lines, "currency": "CNY"}, CLERK)
    assert "CN¥36.00" in sent(outbox)[-1].get_content()
