"""What coordinators see, pages that stay, what is remembered, colleagues, related requests."""

from __future__ import annotations

import itertools

import pytest
from desk_parts import CLERK, COLLEAGUE, ONCE, OTHER_READER, READER

from mappings.access import ANONYMOUS
from mappings.grants import Scope
from service_desk.errors import Invalid, NotAllowed, NotFound
from service_desk.forms import AnswerForm, MessageForm
from service_desk.inbox import COORDINATED, VIEWS, Narrowed
from service_desk.inbox_rules import InboxRules
from service_desk.roles import bundled
from service_desk.views import RoleView

WINDOW = bundled().viewer("li", [RoleView("window_clerk")])
WORKER = bundled().viewer("li", [RoleView("department_worker", Scope(department="special"))])


def receipts(page):
    return [row.receipt for row in page.rows]


def test_coordinators_see_what_is_stuck_unassigned_and_complex(desk, form, clock):
    first = desk.filing.submit(form(), ANONYMOUS).receipt
    clock.push(days=3)
    second = desk.filing.submit(form(), ANONYMOUS).receipt
    complaint = desk.filing.submit(form(type="complaint"), ANONYMOUS).receipt
    assert receipts(desk.inbox.page(CLERK, "stuck")) == []
    assert receipts(desk.inbox.page(CLERK, "complex")) == [complaint]
    clock.push(days=5)  # eight days after the first, with a weekend: six working days
    assert receipts(desk.inbox.page(CLERK, "stuck")) == [first]
    desk.watch.look()
    assert receipts(desk.inbox.page(CLERK, "stuck")) == [first], "what the desk does itself moves nothing on"
    desk.requests.note(first, MessageForm(text="x"), COLLEAGUE)
    assert receipts(desk.inbox.page(CLERK, "stuck")) == []
    assert set(receipts(desk.inbox.page(CLERK, "unassigned"))) == {first, second, complaint}
    desk.requests.take(second, CLERK)
    assert set(receipts(desk.inbox.page(CLERK, "unassigned"))) == {first, complaint}


def test_when_something_is_stuck_is_a_rule(desk, form, clock):
    receipt = desk.filing.submit(form(), ANONYMOUS).receipt
    clock.push(days=2)
    assert receipts(desk.inbox.page(CLERK, "stuck")) == []
    desk.rules.bring_into_force(InboxRules, "stuck_after: 1\n", "test")
    assert receipts(desk.inbox.page(CLERK, "stuck")) == [receipt]


@ONCE
def test_others_have_no_views_of_coordinators(desk):
    assert set(desk.inbox.page(WINDOW).counts) == set(VIEWS)
    assert set(desk.inbox.page(CLERK).counts) == {*VIEWS, *COORDINATED}
    for view in COORDINATED:
        with pytest.raises(Invalid):
            desk.inbox.page(WINDOW, view)


def test_what_waits_comes_last_and_what_is_urgent_first(desk, form, clock):
    quoted, early, late, urgent = (desk.filing.submit(form(), ANONYMOUS).receipt for _ in range(4))
    lines = {"lines": [{"what": "x", "price": 1}]}
    desk.cases.act(quoted, "quote", lines, CLERK)
    desk.cases.act(urgent, "classify", {"urgent": True}, CLERK)
    desk.cases.act(early, "extend", {"days": 3, "text": "x"}, CLERK)
    page = desk.inbox.page(CLERK, "open")
    assert receipts(page) == [urgent, late, early, quoted]
    assert [row.paused for row in page.rows] == [False, False, False, True]


@pytest.mark.parametrize("view", ["open", "closed"])
def test_pages_follow_one_another_both_ways(desk, form, clock, view):
    filed = []
    for number in range(7):
        filed.append(desk.filing.submit(form(name=f"R {number}"), ANONYMOUS).receipt)
        if view == "closed":
            desk.requests.answer(filed[-1], AnswerForm(text="x"), CLERK)
        clock.push(minutes=number % 2)  # some at the same moment
    whole = receipts(desk.inbox.page(CLERK, view))
    assert sorted(whole) == sorted(filed)
    for size in (1, 2, 3, 7):
        pages = [desk.inbox.page(CLERK, view, size=size)]
        while pages[-1].next:
            pages.append(desk.inbox.page(CLERK, view, size=size, at=pages[-1].next))
        assert list(itertools.chain.from_iterable(map(receipts, pages))) == whole
        back = [pages[-1]]
        while back[0].previous:
            back.insert(0, desk.inbox.page(CLERK, view, size=size, at=back[0].previous))
        if len(whole) % size == 0 or size == 2:
            assert list(itertools.chain.from_iterable(map(receipts, back))) == whole
    assert desk.inbox.page(CLERK, view, size=2).previous is None


def test_a_page_stays_when_one_before_it_goes(desk, form):
    for _ in range(6):
        desk.filing.submit(form(), ANONYMOUS)
    first = desk.inbox.page(CLERK, "open", size=2)
    second = desk.inbox.page(CLERK, "open", size=2, at=first.next)
    desk.requests.answer(first.rows[0].receipt, AnswerForm(text="x"), CLERK)
    assert receipts(desk.inbox.page(CLERK, "open", size=2, at=first.next)) == receipts(second)


@ONCE
@pytest.mark.parametrize("at", ["x", ">1.2", "<1.999999999999999999.1", ">1.1.1\n", "٣" * 5])
def test_a_place_that_there_is_not(desk, at):
    with pytest.raises(Invalid, match="at"):
        desk.inbox.page(CLERK, at=at)


def test_counts_are_counted_anew_when_something_happened(desk, form, clock, open_desk):
    other = open_desk()
    receipt = desk.filing.submit(form(), ANONYMOUS).receipt
    assert desk.inbox.page(CLERK).counts["mine"] == 0
    other.requests.take(receipt, CLERK)
    assert desk.inbox.page(CLERK).counts["mine"] == 1
    clock.push(days=30)
    assert desk.inbox.page(CLERK).counts["late"] == 1, "by time alone"


def test_a_list_is_narrowed(desk, form):
    one, other = desk.filing.submit(form(), ANONYMOUS).receipt, desk.filing.submit(form(type="query"), READER).receipt
    desk.requests.take(other, CLERK)
    for narrowed, expected in (
        (Narrowed(type="query"), [other]),
        (Narrowed(handler="-"), [one]),
        (Narrowed(handler="li", status="accepted"), [other]),
        (Narrowed(channel="web", urgent=False), [one, other]),
        (Narrowed(department="\ud800"), []),
    ):
        assert sorted(receipts(desk.inbox.page(CLERK, "open", narrowed=narrowed))) == sorted(expected)


def test_who_handed_it_over_is_told_until_somebody_takes_it(desk, form):
    receipt = desk.filing.submit(form(), ANONYMOUS).receipt
    desk.cases.act(receipt, "hand_over", {"to": "chen", "text": "yours"}, CLERK)
    assert [row.handed_by for row in desk.inbox.page(COLLEAGUE, "mine").rows] == ["li"]
    assert [row.handed_by for row in desk.inbox.page(CLERK, "open").rows] == [None]
    desk.requests.release(receipt, COLLEAGUE)
    desk.requests.take(receipt, COLLEAGUE)
    assert [row.handed_by for row in desk.inbox.page(COLLEAGUE, "mine").rows] == [None]


def test_colleagues_are_those_who_may_work_on_it(desk, form):
    desk.accounts.add("worker", "x" * 12, "reader", "Worker")
    desk.roles.give("worker", "department_worker", Scope(department="special"), "test")
    desk.accounts.add("boss", "x" * 12, "manager")
    desk.accounts.add("gone", "x" * 12, "staff")
    desk.accounts.disable("gone")
    receipt = desk.filing.submit(form(), ANONYMOUS).receipt
    names = [one.name for one in desk.related.colleagues(receipt, CLERK)]
    assert names == ["chen", "li"]
    desk.cases.act(receipt, "classify", {"department": "special", "about": "chen"}, CLERK)
    assert [one.name for one in desk.related.colleagues(receipt, CLERK)] == ["li", "worker"]
    assert [one.name for one in desk.related.staff(CLERK)] == ["chen", "li", "worker"]
    for viewer in (ANONYMOUS, READER, desk.accounts.viewer("boss")):
        with pytest.raises(NotAllowed):
            desk.related.colleagues(receipt, viewer)
    desk.cases.act(receipt, "classify", {"department": "holdings"}, CLERK)
    with pytest.raises(NotFound):
        desk.related.colleagues(receipt, WORKER)


def test_related_requests_within_what_one_sees(desk, form):
    mine = [desk.filing.submit(form(), READER).receipt for _ in range(3)]
    other = desk.filing.submit(form(), OTHER_READER).receipt
    about = desk.filing.submit(form(type="complaint", concerns=other), ANONYMOUS).receipt
    found = desk.related.requests(mine[1], CLERK)
    assert {row.receipt for row in found.of_reader} == {mine[0], mine[2]}
    assert {row.receipt for row in found.on_record} == {mine[0], mine[2], other, about}
    assert [row.receipt for row in desk.related.requests(about, CLERK).of_reader] == [other]
    assert [row.receipt for row in desk.related.requests(other, CLERK).of_reader] == [about]
    with pytest.raises(NotFound):
        desk.related.requests(mine[1], WORKER)
    desk.cases.act(mine[0], "classify", {"department": "special"}, CLERK)
    seen = desk.related.requests(mine[0], WORKER)
    assert seen.of_reader == seen.on_record == ()
