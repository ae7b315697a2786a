"""A request whose route leads to the stacks is on the pick list, until it is closed."""

from __future__ import annotations

import pytest
from desk_parts import CLERK

from mappings.access import ANONYMOUS
from service_desk.forms import AnswerForm, RequestForm
from service_desk.routes import Departments, Routes
from service_desk.rules import RulesMistaken


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


def test_what_is_fetched_is_the_work_of_the_department_that_its_route_names(desk, asked):
    filed = asked()
    case = desk.requests.case(filed.receipt, CLERK)
    assert (case.department, desk.legs.of_case(filed.receipt, CLERK)) == ("holdings", []), "no task: it is fetched"
    desk.cases.act(filed.receipt, "classify", {"route": "film_and_sound"}, CLERK)
    case = desk.requests.case(filed.receipt, CLERK)
    [leg] = desk.legs.of_case(filed.receipt, CLERK)
    assert (case.department, leg.receiver) == ("special", "special"), "another route, another department"
    desk.cases.act(filed.receipt, "classify", {"route": "own_stacks", "department": "description"}, CLERK)
    assert desk.requests.case(filed.receipt, CLERK).department == "description", "what a clerk says comes first"


def test_a_house_without_that_department_and_routes_without_one_go_on_working(desk, asked):
    title = "{en: x, zh-Hans: x, zh-Hant: x}"
    desk.rules.bring_into_force(Departments, f"departments: {{cellar: {{title: {title}}}}}", "test")
    assert desk.requests.case(asked().receipt, CLERK).department is None
    desk.rules.bring_into_force(Routes, f"routes: {{all: {{title: {title}, to: stacks}}}}", "test")
    assert desk.requests.case(asked().receipt, CLERK).department is None
    desk.rules.bring_into_force(Routes, f"routes: {{all: {{title: {title}, to: stacks, department: cellar}}}}", "test")
    assert desk.requests.case(asked().receipt, CLERK).department == "cellar"


@pytest.mark.parametrize(
    ("to", "told"), [("department", "which one"), ("window, department: holdings", "only with these")]
)
def test_where_a_department_may_be_named(desk, to, told):
    text = f"routes: {{all: {{title: {{en: x, zh-Hans: x, zh-Hant: x}}, to: {to}}}}}"
    with pytest.raises(RulesMistaken, match=told):
        desk.rules.check(Routes, text)
