"""Readers whom no channel reaches are rung: what they are to be told stands on the case until somebody told them."""

from __future__ import annotations

import pytest
from desk_parts import CLERK, COLLEAGUE, OTHER_READER, mails
from test_desk_notice_rules import Texting

from mappings.access import ANONYMOUS
from mappings.grants import Scope
from service_desk.errors import Conflict, NotAllowed, NotFound
from service_desk.forms import AnswerForm
from service_desk.roles import bundled
from service_desk.views import RoleView

PHONE = "138 0000 0000"
ELSEWHERE = bundled().viewer("else", [RoleView("clerk", Scope(holder="Elsewhere"))])


@pytest.fixture
def rung(desk, form):
    return desk.filing.submit(form(contact=PHONE, language="zh-Hans"), ANONYMOUS, "visitor-1").receipt


def waiting(desk, receipt):
    return [one.what for one in desk.telephone.waiting(receipt, CLERK)]


def in_inbox(desk):
    return {row.receipt: row.to_ring for row in desk.inbox.page(CLERK, "open").rows}


def test_what_nobody_sends_waits_to_be_told_and_is_told_once(desk, form, rung, outbox, clock):
    other = desk.filing.submit(form(), ANONYMOUS).receipt
    desk.cases.act(rung, "extend", {"days": 1, "text": "x"}, COLLEAGUE)
    told = desk.telephone.waiting(rung, CLERK)
    assert [one.what for one in told] == ["accepted", "extended"] and rung in told[0].subject and told[0].body
    assert in_inbox(desk) == {rung: True, other: False}
    assert desk.notices.waiting() == 0 and desk.outbox.listed(CLERK).rows == []
    assert not [mail for mail in mails(outbox) if rung in mail["subject"]], "nothing is sent"
    case = desk.telephone.told(rung, [told[0].number], CLERK)
    assert (case.events[-1].actor, case.events[-1].at) == (CLERK.name, clock.now())
    assert case.events[-1].payload == {"told_by_phone": ["accepted"]} and waiting(desk, rung) == ["extended"]
    with pytest.raises(Conflict):
        desk.telephone.told(rung, [told[0].number], COLLEAGUE)
    desk.telephone.told(rung, [told[1].number], COLLEAGUE)
    assert in_inbox(desk)[rung] is False
    kept = [(row.actor, row.subject) for row in desk.audit.rows().rows if row.what == "notice.told"]
    assert kept == [(COLLEAGUE.name, str(told[1].number)), (CLERK.name, str(told[0].number))]
    assert "told_by_phone" not in repr(desk.requests.status(rung, ANONYMOUS, visitor="visitor-1").events), (
        "an internal note"
    )


def test_only_who_works_there_tells_and_only_of_that_request(desk, form, rung):
    [one] = desk.telephone.waiting(rung, CLERK)
    other = desk.filing.submit(form(), ANONYMOUS).receipt
    with pytest.raises(Conflict):
        desk.telephone.told(other, [one.number], CLERK)
    for who in (OTHER_READER, ANONYMOUS, ELSEWHERE):
        for act in (lambda who=who: desk.telephone.told(rung, [one.number], who),
                    lambda who=who: desk.telephone.waiting(rung, who)):  # fmt: skip
            with pytest.raises((NotAllowed, NotFound)):
                act()
    assert waiting(desk, rung) == ["accepted"]


def test_where_telephones_are_sent_to_nobody_has_to_ring(desk, form):
    desk.notices._outbox = Texting()
    receipt = desk.filing.submit(form(contact=PHONE), ANONYMOUS).receipt
    desk.requests.answer(receipt, AnswerForm(text="x"), CLERK)
    assert waiting(desk, receipt) == [] and not desk.notices.by_phone(PHONE)


def test_who_left_no_telephone_is_not_rung(desk, form):
    receipt = desk.filing.submit(form(contact="c"), ANONYMOUS).receipt
    assert waiting(desk, receipt) == [] and not desk.notices.by_phone("c") and desk.notices.by_phone(PHONE)
