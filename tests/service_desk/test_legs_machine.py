"""The leg's machine by property: whatever is done in whatever order, no request is relayed without an open leg, clocks
hold, and the state is the fold of the events.
"""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from desk_parts import START
from hypothesis import given, settings
from hypothesis import strategies as st
from legs_parts import HARBOUR, ROUTES, partners_text

from service_desk import flow, ledger
from service_desk.calendar_rules import CalendarRules
from service_desk.deadlines import Limit
from service_desk.errors import Conflict
from service_desk.ledger import Step as RequestStep
from service_desk.legs import machine, making
from service_desk.legs.hearing import SAYS, apply_events
from service_desk.legs.making import DEPARTMENT, PARTNER, Sent, Step
from service_desk.legs.rules import Partners
from service_desk.legs.tables import legs_of
from service_desk.machine import ACTIONS, ANSWERED
from service_desk.materials import Materials
from service_desk.models import Request
from service_desk.request_types import Types
from service_desk.routes import Departments, Routes
from service_desk.rules import bundled_text, read
from service_desk.terms import Terms

TERMS = Terms(
    read(Types, bundled_text(Types)),
    read(Materials, bundled_text(Materials)),
    read(Routes, ROUTES),
    read(CalendarRules, bundled_text(CalendarRules)).calendar(),
    read(Departments, bundled_text(Departments)),
    read(Partners, partners_text(HARBOUR)),
)
RECEIVERS = ((DEPARTMENT, "special"), (DEPARTMENT, "holdings"), (PARTNER, "harbour"), (PARTNER, "hill"))
ON_REQUEST = sorted(
    set(ACTIONS)
    - {"submit", "relay", "come_back", "classify", "extend", "hand_over", "warn", "escalate", "progress", "remind"}
)
STEPS = st.one_of(
    st.tuples(st.just("send"), st.sampled_from(RECEIVERS), st.booleans()),
    st.tuples(st.just("leg"), st.integers(0, 5), st.sampled_from(sorted(machine.ACTIONS))),
    st.tuples(st.just("request"), st.sampled_from(ON_REQUEST), st.none()),
    st.tuples(st.just("classify"), st.sampled_from(["films", "harbour", "window"]), st.none()),
)


def filed(type_: str = "question") -> Request:
    request = Request(
        receipt="A", type=type_, language="zh-Hans", more=[], barred=[], submitted=START, urgent=False, name="n",
        contact="c", channel="web",
    )  # fmt: skip
    ledger.advance(request, RequestStep("submit", "reader", None, "?"), START, TERMS)
    flow.follow(request, START, TERMS)
    return request


def do(request: Request, step: tuple, at: dt.datetime) -> None:
    kind, what, more = step
    if kind == "send":
        sent = Sent(what[0], what[1], "asks", beside=more)
        making.begin(request, sent, Step("send", "sender", "li"), at, TERMS)
    elif kind == "leg":
        if what < len(legs_of(request)):
            leg = legs_of(request)[what]
            if more in ("go_on", "wait"):
                machine.check(machine.fold(leg.events), machine.ACTIONS[more])
                leg.beside = more == "go_on"
            making.advance(leg, Step(more, "receiver", None, "x"), at, TERMS)
    elif kind == "classify":
        route = TERMS.routes.routes[what]
        payload = {"route": what, "department": route.department} if route.department else {"route": what}
        ledger.advance(request, RequestStep("classify", "staff", "li", "", payload), at, TERMS)
        flow.classified(request, payload)
    else:
        ledger.advance(request, RequestStep(what, "staff", "li", "x"), at, TERMS)
    flow.follow(request, at, TERMS)


def holds(request: Request, at: dt.datetime) -> None:
    still = [leg for leg in legs_of(request) if making.is_open(leg)]
    partners = [leg for leg in still if leg.kind == PARTNER]
    if request.status == "relayed":
        assert partners, "nobody is waited for"
        assert len(partners) == len(still), "a department works on it"
        assert not any(leg.beside for leg in still)
        assert request.clock and request.due is not None, "the clock of the request keeps running"
    if request.status in ("accepted", "in_search") and partners and len(partners) == len(still):
        assert any(leg.beside for leg in still), "it would be relayed"
    if request.status in ANSWERED:
        assert not still, "what is answered asks nobody"
    for leg in legs_of(request):
        state = machine.fold(leg.events)
        assert (state.status, state.version) == (leg.status, leg.version)
        assert [event.number for event in leg.events] == list(range(1, leg.version + 1))
        clock = making.clock_of(leg)
        assert (leg.due is None) == (leg.status not in machine.WITH_RECEIVER)
        assert clock.stands_still == (leg.status == "asked_back")
        assert (clock.answered is not None) == (leg.status in machine.ANSWERED)
        assert all(stop.ended is None or stop.began <= stop.ended for stop in clock.stops)
        assert leg.channel in ("desk", "email") and (leg.kind == PARTNER or not leg.posts)


@given(st.lists(st.tuples(STEPS, st.integers(0, 72)), max_size=25), st.sampled_from(["question", "copy"]))
@settings(max_examples=100, deadline=None)
def test_whatever_is_done_nothing_is_relayed_for_ever(steps, type_):
    request, at = filed(type_), START
    holds(request, at)
    for step, hours in steps:
        at += dt.timedelta(hours=hours)
        try:
            do(request, step, at)
        except Conflict:
            continue
        holds(request, at)
    for leg in [leg for leg in legs_of(request) if making.is_open(leg)]:
        making.advance(leg, Step("answer", "receiver", None, "x"), at, TERMS)
        flow.follow(request, at, TERMS)
        holds(request, at)
    assert request.status != "relayed", "the last answer brings it back"


@given(st.lists(st.sampled_from(sorted(SAYS)), max_size=8), st.randoms())
@settings(max_examples=50, deadline=None)
def test_what_others_say_in_any_order_ends_in_one_answer(said, random):
    request = filed()
    making.begin(request, Sent(PARTNER, "harbour", "?"), Step("send", "sender", "li"), START, TERMS)
    flow.follow(request, START, TERMS)
    [leg] = legs_of(request)
    words = [*said, "answered"]
    random.shuffle(words)
    apply_events(leg, [SimpleNamespace(what=word, text=word) for word in words], START, TERMS)
    flow.follow(request, START, TERMS)
    ends = [event.what for event in leg.events if machine.BY_EVENT[event.what].ends in machine.ANSWERED]
    assert len(ends) == 1 and leg.events[-1].what == ends[0], "the first answer is the answer, nothing comes after it"
    assert request.status == "in_search"


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
@settings(max_examples=40, deadline=None)
def test_days_of_our_turn_do_not_count(before, stands, after):
    """As many working days as the limit says, besides those on which they waited for us."""
    request = filed()
    making.begin(request, Sent(PARTNER, "harbour", "?"), Step("send", "sender", "li"), START, TERMS)
    [leg] = legs_of(request)
    back = START + dt.timedelta(days=before)
    making.advance(leg, Step("ask_back", "receiver", None, "?"), back, TERMS)
    replied = back + dt.timedelta(days=stands)
    making.advance(leg, Step("reply", "sender", "li", "!"), replied, TERMS)
    calendar, limit = TERMS.calendar, making.limit_of(leg)
    assert limit == Limit(working_days=4)
    due = calendar.promise(making.clock_of(leg), limit, replied + dt.timedelta(days=after))
    counted = calendar.working_days(calendar.day_of(START), due.due, due.pauses)
    assert counted == 4


@pytest.mark.parametrize("status", machine.STATUSES)
def test_every_open_status_can_end(status):
    ends = {name for name in machine.ACTIONS if status in machine.ACTIONS[name].starts and machine.ACTIONS[name].ends}
    assert bool(ends & {"answer", "take_back"}) == (status in machine.OPEN)
