"""The state machine: every action from every status, the fold, and the clock that stops for the reader's turn."""

from __future__ import annotations

import datetime as dt

import pytest
from desk_parts import START
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from service_desk.errors import Conflict
from service_desk.machine import (
    ACTIONS,
    ANSWERED,
    BY_EVENT,
    CLOSED,
    OPEN,
    RUNNING,
    STATUSES,
    WAITING,
    Clock,
    State,
    Stop,
    after,
    available,
    check,
    fold,
)

ANY_TIME = {"consent", "note"}
WHILE_OPEN = ANY_TIME | {
    "supply", "check", "take", "hand_over", "classify", "answer", "answer_part", "refuse", "not_held", "withdraw",
    "write", "tell",
}  # fmt: skip
WHILE_RUNNING = WHILE_OPEN | {"make_ready", "extend", "progress", "warn", "escalate"}
WHILE_WAITING = WHILE_OPEN | {"expire", "remind"}
ALLOWED = {
    # status -> actions that may start from it, by whoever may do them, when nobody has it in hand
    "draft": {"submit"},
    "submitted": WHILE_RUNNING | {"accept", "ask_materials", "search", "relay"},
    "reopened": WHILE_RUNNING | {"accept", "ask_materials", "search", "relay"},
    "accepted": WHILE_RUNNING | {"ask_materials", "search", "relay", "review", "quote"},
    "in_search": WHILE_RUNNING | {"ask_materials", "relay", "review", "quote"},
    "in_review": WHILE_RUNNING | {"ask_materials", "search", "relay", "quote"},
    "relayed": WHILE_RUNNING | {"come_back"},
    "needs_materials": WHILE_WAITING | {"resume"},
    "quoted": WHILE_WAITING | {"agree"},
    "awaiting_payment": WHILE_WAITING | {"pay"},
    "ready": WHILE_WAITING | {"hand_out"},
    "delivered": ANY_TIME | {"reopen"},
    "partly_delivered": ANY_TIME | {"reopen"},
    "refused": ANY_TIME | {"reopen"},
    "not_held": ANY_TIME | {"reopen"},
    "expired": ANY_TIME | {"reopen"},
    "withdrawn": ANY_TIME,
}
ENDS = {
    "submit": "submitted",
    "accept": "accepted",
    "ask_materials": "needs_materials",
    "search": "in_search",
    "relay": "relayed",
    "come_back": "in_search",
    "review": "in_review",
    "quote": "quoted",
    "agree": "awaiting_payment",
    "make_ready": "ready",
    "hand_out": "delivered",
    "answer": "delivered",
    "answer_part": "partly_delivered",
    "refuse": "refused",
    "not_held": "not_held",
    "withdraw": "withdrawn",
    "expire": "expired",
    "reopen": "reopened",
}
BACK = "in_review"
"""Where the states of these tests came from before they waited."""


class Told(Struct):
    what: str
    actor: str | None = None
    at: dt.datetime = START
    payload: dict = {}


def state(status, handler=None):
    return State(status, handler, 1, None, BACK if status in WAITING else None, Clock(START))


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_an_action_starts_only_where_the_table_says(status, action):
    before = state(status)
    if action.name in ALLOWED[status]:
        check(before, action, "li")
        ends = BACK if action.resumes else ENDS.get(action.name, status)
        assert after(before, action, "li", START, {"days": 1}).status == ends
    else:
        with pytest.raises(Conflict):
            check(before, action, "li")


def test_the_table_is_whole():
    assert set(ALLOWED) == set(STATUSES) == OPEN | CLOSED | {"draft"}
    assert RUNNING | WAITING | {"ready"} == OPEN and not RUNNING & WAITING
    assert len(BY_EVENT) == len(ACTIONS), "each event belongs to one action"
    assert all(len(action.event) <= 20 for action in ACTIONS.values()), "it has to fit its column"


LATER, LATER_STILL = START + dt.timedelta(days=1), START + dt.timedelta(days=3)
FILED = Told("submitted")
FOLDS = {
    "nothing": ([], State()),
    "filed": ([FILED], State("submitted", None, 1, clock=Clock(START))),
    "came in by post last week": (
        [Told("submitted", payload={"received": "2026-02-23T09:00:00+08:00"})],
        State("submitted", None, 1, clock=Clock(dt.datetime.fromisoformat("2026-02-23T09:00:00+08:00"))),
    ),
    "taken": ([FILED, Told("taken", "li")], State("submitted", "li", 2, clock=Clock(START))),
    "released": (
        [FILED, Told("taken", "li"), Told("released", "chen")],
        State("submitted", None, 3, clock=Clock(START)),
    ),
    "handed over": (
        [FILED, Told("taken", "li"), Told("handed_over", "li", payload={"to": "chen"})],
        State("submitted", "chen", 3, clock=Clock(START)),
    ),
    "answered at once": (
        [FILED, Told("answered", "li", LATER)],
        State("delivered", "li", 2, LATER, clock=Clock(START, answered=LATER)),
    ),
    "a note changes nothing": (
        [FILED, Told("refused", "li", LATER), Told("note", "chen", LATER_STILL)],
        State("refused", "li", 3, LATER, clock=Clock(START, answered=LATER)),
    ),
    "asked for materials": (
        [FILED, Told("materials_asked", None, LATER)],
        State("needs_materials", None, 2, back="submitted", clock=Clock(START, stops=(Stop(LATER),))),
    ),
    "and supplied": (
        [FILED, Told("materials_asked", None, LATER), Told("resumed", None, LATER_STILL)],
        State("submitted", None, 3, clock=Clock(START, stops=(Stop(LATER, LATER_STILL),))),
    ),
    "estimate, consent and payment are one turn": (
        [FILED, Told("accepted"), Told("quoted", "li", LATER), Told("agreed"), Told("paid", "li", LATER_STILL)],
        State("accepted", "li", 5, clock=Clock(START, START, (Stop(LATER, LATER_STILL),))),
    ),
    "expired while it waited": (
        [FILED, Told("materials_asked", None, LATER), Told("expired", None, LATER_STILL)],
        State(
            "expired", None, 3, LATER_STILL, clock=Clock(START, stops=(Stop(LATER, LATER_STILL),), answered=LATER_STILL)
        ),
    ),
    "ready is an answer, handing out is none": (
        [FILED, Told("ready", "li", LATER), Told("handed_out", "li", LATER_STILL)],
        State("delivered", "li", 3, LATER_STILL, clock=Clock(START, answered=LATER)),
    ),
    "extended twice": (
        [FILED, Told("extended", "li", payload={"days": 5}), Told("extended", "li", payload={"days": 2})],
        State("submitted", None, 3, clock=Clock(START, extended=7, extensions=2)),
    ),
    "reopened begins anew": (
        [FILED, Told("extended", payload={"days": 5}), Told("refused", at=LATER), Told("reopened", at=LATER_STILL)],
        State("reopened", None, 4, clock=Clock(LATER_STILL)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FOLDS)
def test_fold(name):
    events, expected = FOLDS[name]
    assert fold(events) == expected


@pytest.mark.parametrize("action", ["answer", "answer_part", "refuse", "not_held", "ask_materials", "quote"])
def test_only_who_has_it_in_hand_closes_it(action):
    taken = state("in_search", "li")
    check(taken, ACTIONS[action], "li")
    with pytest.raises(Conflict, match="in the hands of li"):
        check(taken, ACTIONS[action], "chen")


def test_what_follows_by_rule_asks_nobody():
    check(state("accepted", "li"), ACTIONS["answer"], None)


def test_taking_what_somebody_has_and_releasing_what_nobody_has_are_nothing():
    with pytest.raises(Conflict, match="li"):
        check(state("accepted", "li"), ACTIONS["take"], "chen")
    with pytest.raises(Conflict):
        check(state("accepted"), ACTIONS["release"], "chen")
    check(state("accepted", "li"), ACTIONS["release"], "chen")


def test_what_was_decided_on_an_older_version_is_a_conflict():
    held = State("in_search", "li", 5)
    check(held, ACTIONS["answer"], "li", seen=5)
    with pytest.raises(Conflict, match="changed since"):
        check(held, ACTIONS["answer"], "li", seen=4)


def test_a_reader_is_not_told_which_clerk():
    with pytest.raises(Conflict) as caught:
        check(State("delivered", "li", 3), ACTIONS["withdraw"], "wang")
    assert "li" not in str(caught.value).split()


BUTTONS = {
    "owner, open": (state("in_search", "li"), "owner", None, ("supply", "withdraw", "write")),
    "owner, an estimate": (state("quoted", "li"), "owner", None, ("supply", "agree", "withdraw", "write")),
    "owner, closed": (state("refused", "li"), "owner", None, ("reopen",)),
    "owner, withdrawn": (state("withdrawn"), "owner", None, ()),
    "nobody": (state("submitted"), "anyone", None, ()),
    "staff, closed": (state("delivered", "li"), "staff", "li", ("reopen", "consent", "note")),
    "staff, a colleague's": (
        state("relayed", "li"),
        "staff",
        "chen",
        ("supply", "check", "release", "hand_over", "classify", "come_back", "extend", "tell", "consent", "note"),
    ),
    "the desk itself, waiting": (
        state("needs_materials"),
        "desk",
        None,
        ("resume", "classify", "answer", "expire", "remind"),
    ),
}


@pytest.mark.parametrize("name", BUTTONS)
def test_the_actions_a_screen_offers(name):
    before, party, actor, expected = BUTTONS[name]
    assert sorted(available(before, frozenset({party}), actor)) == sorted(expected)


@given(st.lists(st.sampled_from(sorted(ACTIONS)), max_size=40))
def test_whatever_happens_the_clock_is_whole(names):
    """Stops follow each other and are all ended but, while it is the reader's turn, the last; what is answered stays so
    until it is taken up again; every open request may still be ended.
    """
    reached, at = after(State(), ACTIONS["submit"], None, START), START
    for name in names:
        at += dt.timedelta(hours=5)
        action = ACTIONS[name]
        try:
            check(reached, action, "li")
        except Conflict:
            continue
        reached = after(reached, action, "li", at, {"days": 1, "to": "li"})
        clock = reached.clock
        assert clock.stands_still == (reached.status in WAITING)
        assert all(stop.ended is not None for stop in clock.stops[:-1])
        moments = [moment for stop in clock.stops for moment in (stop.began, stop.ended) if moment is not None]
        assert moments == sorted(moments) and all(clock.began <= moment <= at for moment in moments)
        assert (clock.answered is not None) == (reached.status in ANSWERED)
        assert (reached.closed is not None) == (reached.status in CLOSED)
        assert (reached.back is not None) == (reached.status in WAITING)
        assert reached.status in CLOSED or "withdraw" in available(reached, frozenset({"owner"}), None)
