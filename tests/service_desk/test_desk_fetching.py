"""A request whose route leads to the stacks is on the pick list, until it is closed."""

from __future__ import annotations

import pytest
from desk_parts import CLERK

from mappings.access import ANONYMOUS
from service_desk.forms import AnswerForm, RequestForm


@pytest.fixture
def asked(desk):
    def file(**values):
        form = {"resource_id": "r-rail", "type": "consult", "name": "A", "contact": "a@example.org"}
        return desk.filing.submit(RequestForm(**form | values), ANONYMOUS)

    return file


def orders(desk, receipt):
    with desk._database.read() as session:
        return [
            (order.title, order.state, order.is_urgent) for order in desk.stacks.picking.orders_of(session, receipt)
        ]


def test_what_is_accepted_is_ordered_and_what_is_closed_is_not_wanted(desk, asked):
    filed = asked()
    assert orders(desk, filed.receipt) == [("粵漢鐵路購地卷", "ordered", False)]
    desk.requests.withdraw(filed.receipt, secret=filed.secret)
    assert [state for _, state, _ in orders(desk, filed.receipt)] == ["cancelled"]


def test_what_waits_for_materials_is_not_fetched_yet(desk, asked):
    filed = asked(type="borrow")
    assert (filed.status, orders(desk, filed.receipt)) == ("needs_materials", [])
    desk.cases.act(filed.receipt, "check", {"verdicts": {"identity_document": "verified"}}, CLERK)
    assert [state for _, state, _ in orders(desk, filed.receipt)] == ["ordered"]


def test_a_clerk_sends_it_there(desk, asked):
    filed = asked(type="query")
    assert orders(desk, filed.receipt) == []
    desk.cases.act(filed.receipt, "classify", {"route": "own_stacks", "urgent": True}, CLERK)
    assert [(state, urgent) for _, state, urgent in orders(desk, filed.receipt)] == [("ordered", True)]
    desk.requests.answer(filed.receipt, AnswerForm(text="x"), CLERK)
    assert [state for _, state, _ in orders(desk, filed.receipt)] == ["cancelled"]
