"""The state machine: every action from every status, and the fold."""

from __future__ import annotations

import pytest
from desk_parts import START
from msgspec import Struct

from service_desk.errors import Conflict
from service_desk.machine import ACTIONS, BY_EVENT, CLOSED, OPEN, STATUSES, State, after, available, check, fold

ALLOWED = {
    # status -> actions that may start from it, by whoever may do them
    "submitted": {"take", "answer", "refuse", "withdraw", "write", "tell", "note"},
    "taken": {"release", "answer", "refuse", "withdraw", "write", "tell", "note"},
    "answered": {"note"},
    "refused": {"note"},
    "withdrawn": {"note"},
}
ENDS = {"take": "taken", "release": "submitted", "answer": "answered", "refuse": "refused", "withdraw": "withdrawn"}


class Told(Struct):
    what: str
    actor: str | None = None
    at: object = START


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_an_action_starts_only_where_the_table_says(status, action):
    state = State(status, None, 1)
    if action.name in ALLOWED[status]:
        check(state, action, "li")
        assert after(state, action, "li", START).status == ENDS.get(action.name, status)
    else:
        with pytest.raises(Conflict):
            check(state, action, "li")


def test_the_table_is_whole():
    assert set(ALLOWED) == set(STATUSES) == OPEN | CLOSED
    assert len(BY_EVENT) == len(ACTIONS), "each event belongs to one action"


FOLDS = {
    "nothing": ([], State()),
    "filed": ([Told("submitted")], State("submitted", None, 1)),
    "taken": ([Told("submitted"), Told("taken", "li")], State("taken", "li", 2)),
    "released": ([Told("submitted"), Told("taken", "li"), Told("released", "chen")], State("submitted", None, 3)),
    "answered at once": ([Told("submitted"), Told("answered", "li")], State("answered", "li", 2, START)),
    "a note changes nothing": (
        [Told("submitted"), Told("refused", "li"), Told("note", "chen")],
        State("refused", "li", 3, START),
    ),
    "a message changes nothing": ([Told("submitted"), Told("message", "wang")], State("submitted", None, 2)),
    "withdrawn while in hand": (
        [Told("submitted"), Told("taken", "li"), Told("withdrawn")],
        State("withdrawn", "li", 3, START),
    ),
}


@pytest.mark.parametrize("name", FOLDS)
def test_fold(name):
    events, state = FOLDS[name]
    assert fold(events) == state


@pytest.mark.parametrize("action", ["answer", "refuse"])
def test_only_who_has_it_in_hand_closes_it(action):
    taken = State("taken", "li", 2)
    check(taken, ACTIONS[action], "li")
    with pytest.raises(Conflict, match="in the hands of li"):
        check(taken, ACTIONS[action], "chen")


def test_what_was_decided_on_an_older_version_is_a_conflict():
    check(State("taken", "li", 5), ACTIONS["answer"], "li", seen=5)
    with pytest.raises(Conflict, match="changed since"):
        check(State("taken", "li", 5), ACTIONS["answer"], "li", seen=4)


def test_a_reader_is_not_told_which_clerk():
    with pytest.raises(Conflict) as caught:
        check(State("answered", "li", 3), ACTIONS["withdraw"], "wang")
    assert "li" not in str(caught.value).split()


BUTTONS = {
    "staff, new": (State("submitted", None, 1), "staff", "li", ("take", "answer", "refuse", "tell", "note")),
    "staff, own": (State("taken", "li", 2), "staff", "li", ("release", "answer", "refuse", "tell", "note")),
    "staff, a colleague's": (State("taken", "li", 2), "staff", "chen", ("release", "tell", "note")),
    "staff, closed": (State("answered", "li", 3), "staff", "li", ("note",)),
    "owner, open": (State("taken", "li", 2), "owner", None, ("withdraw", "write")),
    "owner, closed": (State("refused", "li", 2), "owner", None, ()),
    "nobody": (State("submitted", None, 1), "anyone", None, ()),
}


@pytest.mark.parametrize("name", BUTTONS)
def test_the_actions_a_screen_offers(name):
    state, party, actor, expected = BUTTONS[name]
    assert available(state, frozenset({party}), actor) == expected
