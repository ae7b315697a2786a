"""Tasks of departments: made by a route, listed, answered, back on the request; nobody's task unseen."""

from __future__ import annotations

import pytest
from desk_parts import CLERK, COLLEAGUE, READER, mails
from legs_parts import FILMS, STACKS, ruled, staffed

from mappings.access import ANONYMOUS
from service_desk import ledger
from service_desk.desk import Desk
from service_desk.errors import Conflict, Invalid, NotAllowed, NotFound
from service_desk.forms import AnswerForm, OpenRequestForm
from service_desk.models import Contact
from service_desk.ports import Upload

PDF = Upload("a.pdf", "application/pdf", b"%PDF-1.7 x")


@pytest.fixture
def house(desk: Desk) -> Desk:
    ruled(desk)
    staffed(desk)
    return desk


@pytest.fixture
def task(house: Desk, form):
    """The receipt of a request that became a task, and the task's code."""
    receipt = house.filing.submit(form(), ANONYMOUS, "visitor-1").receipt
    [row] = house.legs.tasks(FILMS)
    return receipt, row.code


def leg(desk: Desk, receipt: str):
    return desk.legs.of_case(receipt, CLERK)[-1]


def test_a_route_makes_a_task(house, task):
    receipt, code = task
    case = house.requests.case(receipt, CLERK)
    assert (case.status, case.department) == ("accepted", "special")
    [row] = house.legs.tasks(FILMS, "zh-Hans")
    assert (row.status, row.expects, row.asks, str(row.day)) == ("sent", "可播放的副本", "第214頁", "2026-03-09")
    assert house.legs.tasks(STACKS) == []
    assert [each.code for each in house.legs.tasks(CLERK)] == [code], "who works everywhere sees every task"
    with pytest.raises(NotAllowed):
        house.legs.tasks(READER)


def test_the_department_sees_what_is_asked_and_nothing_of_the_reader(house, task):
    receipt, code = task
    view = house.legs.task(code, FILMS)
    assert "wang@example.org" not in repr(view) and "王小明" not in repr(view)
    assert view.receipt == receipt, "the request belongs to the department, too"
    with pytest.raises(NotFound):
        house.legs.task(code, STACKS)


def test_an_answer_comes_back_on_the_request(house, task):
    receipt, code = task
    house.legs.acknowledge(code, FILMS)
    house.legs.answer(code, {"text": "影片一卷"}, FILMS, [PDF])
    found = leg(house, receipt)
    assert (found.status, found.worker, found.day) == ("answered", "films", None)
    assert [event.what for event in found.events] == ["sent", "acknowledged", "answered"]
    assert house.legs.file(code, 1, CLERK)[1] == PDF.data
    with pytest.raises(NotFound):
        house.legs.file(code, 1, STACKS)
    assert house.requests.case(receipt, CLERK).status == "accepted"
    assert house.legs.tasks(FILMS) == [] and [row.code for row in house.legs.tasks(FILMS, ended=True)] == [code]
    with pytest.raises(Conflict):
        house.legs.answer(code, {"text": "x"}, FILMS)
    with pytest.raises(Invalid):
        house.legs.answer(code, {"text": ""}, FILMS)


def test_it_is_returned_with_a_reason_and_sent_elsewhere(house, task):
    receipt, code = task
    with pytest.raises(Invalid):
        house.legs.give_back(code, {"text": " "}, FILMS)
    house.legs.give_back(code, {"text": "不是我们的"}, FILMS)
    assert leg(house, receipt).status == "returned"
    house.legs.send(receipt, {"kind": "department", "receiver": "holdings", "asks": "请找原件"}, CLERK)
    [row] = house.legs.tasks(STACKS)
    assert row.receipt is None and house.legs.task(row.code, STACKS).receipt is None, "the request is not theirs"
    house.legs.answer(row.code, {"held": False, "text": "无"}, STACKS)
    assert leg(house, receipt).status == "not_held"


def test_time_stands_still_while_we_are_asked(house, task, clock):
    receipt, code = task
    clock.push(days=2)
    house.legs.ask_back(code, {"text": "哪一卷？"}, FILMS)
    assert leg(house, receipt).day is None
    clock.push(days=7)
    [row] = house.legs.overseen(CLERK)
    assert row.why == "asked"
    house.legs.reply(code, {"text": "第二卷"}, CLERK)
    assert str(leg(house, receipt).day) == "2026-03-16"


def test_an_answered_request_asks_nobody(house, task):
    receipt, _ = task
    house.requests.answer(receipt, AnswerForm(text="x"), CLERK)
    assert leg(house, receipt).status == "taken_back" and house.legs.tasks(FILMS) == []


def test_another_route_takes_the_task_along(house, task):
    receipt, _ = task
    house.cases.act(receipt, "classify", {"department": "holdings"}, CLERK)
    assert house.legs.tasks(FILMS) == [] and len(house.legs.tasks(STACKS)) == 1
    house.cases.act(receipt, "classify", {"route": "window"}, CLERK)
    assert house.legs.tasks(STACKS) == []
    assert [each.status for each in house.legs.of_case(receipt, CLERK)] == ["taken_back", "taken_back"]


def test_nobodys_task_is_seen(desk, form, clock):
    ruled(desk)
    receipt = desk.filing.submit(form(), ANONYMOUS, "visitor-1").receipt
    [row] = desk.legs.overseen(CLERK)
    assert (row.why, row.receipt) == ("nobody", receipt)
    staffed(desk)
    assert desk.legs.overseen(CLERK) == []
    clock.push(days=3)
    assert [row.why for row in desk.legs.overseen(CLERK)] == ["stuck"]
    clock.push(days=7)
    assert [row.why for row in desk.legs.overseen(CLERK)] == ["late"]
    with pytest.raises(NotAllowed):
        desk.legs.overseen(FILMS)


def test_who_it_is_about_does_not_work_on_it(house, task):
    receipt, code = task
    house.cases.act(receipt, "classify", {"about": "films"}, CLERK)
    with pytest.raises(Conflict):
        house.legs.answer(code, {"text": "x"}, FILMS)


def test_only_what_is_accepted_asks_others(house):
    filed = house.filing.submit(
        OpenRequestForm(type="question", name="n", contact="c", note="?"), ANONYMOUS, "visitor-1"
    )
    house.legs.send(filed.receipt, {"kind": "department", "receiver": "special", "asks": "?"}, COLLEAGUE)
    house.requests.answer(filed.receipt, AnswerForm(text="x"), CLERK)
    with pytest.raises(Conflict):
        house.legs.send(filed.receipt, {"kind": "department", "receiver": "special", "asks": "?"}, COLLEAGUE)
    with pytest.raises(Invalid, match="receiver"):
        house.legs.send(filed.receipt, {"kind": "partner", "receiver": "nobody", "asks": "?"}, COLLEAGUE)


def test_a_department_is_told_of_its_task_once_and_again_when_it_is_late(house, form, outbox, clock):
    with house._database.write() as session:
        for name in (FILMS.name, STACKS.name):
            session.add(Contact(account_name=name, value=f"{name}@a.example", confirmed=clock.now()))
    receipt = house.filing.submit(form(), ANONYMOUS, "visitor-1").receipt
    house.legs.go_on(leg(house, receipt).code, CLERK, beside=True)
    for _ in range(2):
        clock.push(days=9)
        house.tick()
    told = [mail for mail in mails(outbox) if mail["to"].endswith("@a.example")]
    assert {mail["to"] for mail in told} == {"films@a.example"}, "not another department"
    assert [mail["subject"] for mail in told] == ["声像档案部有新任务", "声像档案部有任务已逾期"]
    assert "2026 年 3 月 9 日" in told[0].get_content() and receipt not in told[0].get_content()
    assert "wang" not in told[0].get_content()


def test_who_must_not_handle_it_is_not_told(house, form, outbox, clock):
    with house._database.write() as session:
        session.add(Contact(account_name=FILMS.name, value="films@a.example", confirmed=clock.now()))
    filed = house.filing.submit(form(type="question"), ANONYMOUS, "visitor-1").receipt
    with house._database.write() as session:
        ledger.found(session, filed, to_write=True).barred = [FILMS.name]
    house.legs.send(filed, {"kind": "department", "receiver": "special", "asks": "x"}, CLERK)
    assert not [mail for mail in mails(outbox) if mail["to"] == "films@a.example"]
