"""The inbox: saved views, counts, order, search."""

from __future__ import annotations

import pytest
from desk_parts import CLERK, COLLEAGUE, ONCE

from mappings.access import ANONYMOUS
from service_desk.errors import Invalid
from service_desk.forms import AnswerForm, OpenRequestForm, parse


@pytest.fixture
def receipts(desk, form, clock):
    """Seven days of one request each: the first two are late; one taken by each clerk, one answered, one withdrawn."""
    filed = []
    for number in range(7):
        filed.append(desk.filing.submit(form(name=f"Reader {number}"), ANONYMOUS))
        clock.push(days=1)
    desk.requests.take(filed[1].receipt, CLERK)
    desk.requests.take(filed[2].receipt, COLLEAGUE)
    desk.requests.answer(filed[3].receipt, AnswerForm(text="x"), CLERK)
    clock.push(minutes=1)
    desk.requests.withdraw(filed[4].receipt, secret=filed[4].secret)
    clock.push(days=2)
    return [each.receipt for each in filed]


EXPECTED = {
    "new": [0, 5, 6],
    "mine": [1],
    "late": [0, 1],
    "waiting": [],
    "open": [0, 1, 2, 5, 6],
    "closed": [4, 3],
}


COORDINATORS = {"stuck": 1, "unassigned": 3, "complex": 0, "consent": 0}
"""What whoever coordinates sees beside: the oldest that nobody has has not moved for as long as the rules say."""


@pytest.mark.parametrize("view", EXPECTED)
def test_views(desk, receipts, view):
    page = desk.inbox.page(CLERK, view)
    assert [row.receipt for row in page.rows] == [receipts[number] for number in EXPECTED[view]]
    assert page.total == len(EXPECTED[view])
    assert page.counts == {name: len(numbers) for name, numbers in EXPECTED.items()} | COORDINATORS


def test_late_rows_are_those_of_the_late_view(desk, receipts):
    page = desk.inbox.page(CLERK, "open")
    assert [row.receipt for row in page.rows if row.late] == [
        row.receipt for row in desk.inbox.page(CLERK, "late").rows
    ]
    assert [row.next_step for row in page.rows] == ["search"] * 5


def test_paging(desk, receipts):
    assert [row.receipt for row in desk.inbox.page(CLERK, "open", size=2, offset=1).rows] == receipts[1:3]
    assert desk.inbox.page(CLERK, "open", size=-1, offset=-5).rows == ()
    assert desk.inbox.page(CLERK, "open", offset=10**30).rows == ()


FOUND = {
    "reader 5": [5],
    "READER": [0, 1, 2, 5, 6],
    "鐵路購地": [0, 1, 2, 5, 6],
    "J12-3": [0, 1, 2, 5, 6],
    "wang@example": [0, 1, 2, 5, 6],
    "%": [],
    "_": [],
    "\ud800": [0, 1, 2, 5, 6],
    "' OR 1=1": [],
}


@pytest.mark.parametrize("text", FOUND)
def test_find(desk, receipts, text):
    assert [row.receipt for row in desk.inbox.page(CLERK, "open", find=text).rows] == [
        receipts[number] for number in FOUND[text]
    ]


def test_find_by_receipt_code_as_typed(desk, receipts):
    typed = receipts[6].lower().replace("-", " ")
    assert [row.receipt for row in desk.inbox.page(CLERK, "open", find=typed).rows] == [receipts[6]]


@ONCE
def test_an_unknown_view(desk):
    with pytest.raises(Invalid, match="view"):
        desk.inbox.page(CLERK, "everything")


@pytest.mark.parametrize(
    ("note", "asked"),
    [
        ("我想查  1972 年\n收养的档案", "我想查 1972 年 收养的档案"),
        ("a" * 80, "a" * 80),
        ("a" * 78 + " bcd", "a" * 78 + "…"),
    ],
)
@ONCE
def test_what_is_about_no_record_says_what_was_asked(desk, form, note, asked):
    desk.filing.submit(
        parse(OpenRequestForm, {"type": "question", "name": "x", "contact": "y", "note": note}), ANONYMOUS
    )
    desk.filing.submit(form(note=note), ANONYMOUS)
    about_none, about_one = sorted(desk.inbox.page(CLERK).rows, key=lambda row: row.title)
    assert (about_none.title, about_none.asked) == ("", asked)
    assert about_one.title and about_one.asked == "", "the record says what it is about"
