"""De-identified copies: released only when every span is decided, never for another text, nothing ever changed."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from desk_parts import CLERK, COLLEAGUE, READER, START
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.access import ANONYMOUS
from mappings.deidentification import Mark, Release
from service_desk import copy_machine
from service_desk.copies import CopyReview, Looked
from service_desk.copy_machine import ACTIONS, Payload, State
from service_desk.database import make_engine, upgrade
from service_desk.errors import Conflict, Invalid, NotAllowed

KEY = ("court", "卷#1")
NAME, PHONE, CARD = Mark(1, 2, 5, "name"), Mark(1, 9, 20, "phone"), Mark(2, 0, 16, "bank_card")
LOOKED = Looked(KEY, "v1", (NAME, PHONE))
IMAGES = {"1.png": "abc"}


def test_a_copy_from_proposal_to_release_and_back(desk, clock):
    assert desk.copies.review(LOOKED, CLERK) == CopyReview("new", 0, ((NAME, None), (PHONE, None)))
    made = desk.copies.decide(LOOKED, CLERK, accept=[NAME], reject=[PHONE], add=[CARD], note="one\nline")
    assert made == CopyReview("proposed", 4, ((NAME, True), (PHONE, False), (CARD, True)))
    assert desk.copies.released(KEY) is None
    clock.push(days=1)
    assert desk.copies.release(LOOKED, IMAGES, COLLEAGUE).status == "released"
    release = Release(KEY, "v1", (NAME, CARD), IMAGES, clock.now().isoformat())
    assert desk.copies.released(KEY) == release
    assert desk.copies.standing() == [release]
    desk.copies.withdraw(KEY, CLERK, note="a name was missed")
    assert desk.copies.released(KEY) is None and desk.copies.standing() == []
    assert desk.copies.review(LOOKED, CLERK).status == "withdrawn"
    desk.copies.release(LOOKED, IMAGES, CLERK)
    assert desk.copies.released(KEY) is not None


def test_every_span_has_to_be_decided(desk):
    desk.copies.decide(LOOKED, CLERK, accept=[NAME])
    with pytest.raises(Conflict, match=r"1 of 2 spans are not decided, the first on page 1, characters 9 to 20"):
        desk.copies.release(LOOKED, IMAGES, CLERK)
    assert desk.copies.review(LOOKED, CLERK).open == 1
    desk.copies.decide(LOOKED, CLERK, reject=[PHONE])
    desk.copies.release(LOOKED, IMAGES, CLERK)


def test_a_copy_in_which_nothing_is_proposed_may_be_released(desk):
    nothing = Looked(KEY, "v1", ())
    desk.copies.release(nothing, {}, CLERK)
    assert desk.copies.released(KEY).marks == ()


def test_another_text_begins_anew_and_the_older_release_is_stale(desk):
    desk.copies.decide(LOOKED, CLERK, accept=[NAME, PHONE])
    desk.copies.release(LOOKED, IMAGES, CLERK)
    other = Looked(KEY, "v2", (NAME,))
    assert desk.copies.review(other, CLERK) == CopyReview("new", 3, ((NAME, None),), stale=True)
    assert desk.copies.released(KEY).version == "v1", "of a text that is not there any more: `deidentified` gives none"
    desk.copies.decide(other, CLERK, accept=[NAME])
    assert desk.copies.released(KEY) is None
    with pytest.raises(Conflict, match="not decided"):
        desk.copies.release(Looked(KEY, "v3", (NAME,)), IMAGES, CLERK)


def test_a_release_ends_with_the_next_thing_that_is_done(desk, clock):
    def released(looked):
        desk.copies.decide(looked, CLERK, accept=looked.proposed)
        desk.copies.release(looked, IMAGES, CLERK)
        return desk.copies.released(looked.key)

    first = released(LOOKED)
    other = released(Looked(("court", "2"), "v1", (NAME,)))
    assert desk.copies.ended() == frozenset() and first.id != other.id
    desk.copies.withdraw(KEY, CLERK)
    assert desk.copies.ended() == {first.id}
    clock.push(days=1)
    desk.copies.release(LOOKED, IMAGES, CLERK)
    again = desk.copies.released(KEY)
    assert again.id != first.id and desk.copies.ended() == {first.id}
    desk.copies.decide(Looked(KEY, "v2", (NAME,)), CLERK, accept=[NAME])
    assert desk.copies.ended() == {first.id, again.id}


def test_what_was_begun_is_listed_the_latest_first(desk, clock):
    desk.copies.decide(LOOKED, CLERK, accept=[NAME])
    clock.push(days=1)
    desk.copies.release(Looked(("court", "2"), "v1", ()), {}, COLLEAGUE)
    assert [(one.key, one.status, one.open, one.account_name) for one in desk.copies.begun(CLERK)] == [
        (("court", "2"), "released", 0, COLLEAGUE.name),
        (KEY, "proposed", 1, CLERK.name),
    ]
    for viewer in (READER, ANONYMOUS):
        with pytest.raises(NotAllowed):
            desk.copies.begun(viewer)


def test_new_rules_ask_for_new_spans_and_keep_decisions(desk):
    desk.copies.decide(LOOKED, CLERK, accept=[NAME], reject=[PHONE])
    more = Looked(KEY, "v1", (NAME, PHONE, CARD))
    assert desk.copies.review(more, CLERK).spans == ((NAME, True), (PHONE, False), (CARD, None))
    with pytest.raises(Conflict, match="1 of 3"):
        desk.copies.release(more, IMAGES, CLERK)


def test_a_released_copy_is_changed_only_after_it_is_withdrawn(desk):
    desk.copies.decide(LOOKED, CLERK, accept=[NAME, PHONE])
    desk.copies.release(LOOKED, IMAGES, CLERK)
    with pytest.raises(Conflict, match="withdraw it first"):
        desk.copies.decide(LOOKED, CLERK, reject=[NAME])
    desk.copies.withdraw(KEY, CLERK)
    desk.copies.decide(LOOKED, CLERK, reject=[NAME])


def test_all_or_nothing(desk):
    with pytest.raises(Conflict, match="Nothing is proposed on page 2"):
        desk.copies.decide(LOOKED, CLERK, accept=[NAME], reject=[CARD])
    assert desk.copies.review(LOOKED, CLERK).status == "new"


def test_who_looked_at_an_older_state_is_told(desk):
    seen = desk.copies.review(LOOKED, CLERK).number
    desk.copies.decide(LOOKED, COLLEAGUE, accept=[NAME], seen=seen)
    with pytest.raises(Conflict, match="has changed since"):
        desk.copies.decide(LOOKED, CLERK, reject=[NAME], seen=seen)


@pytest.mark.parametrize("viewer", [ANONYMOUS, READER])
def test_copies_are_for_staff(desk, viewer):
    for call in (
        lambda: desk.copies.review(LOOKED, viewer),
        lambda: desk.copies.decide(LOOKED, viewer, accept=[NAME]),
        lambda: desk.copies.release(LOOKED, IMAGES, viewer),
        lambda: desk.copies.withdraw(KEY, viewer),
    ):
        with pytest.raises(NotAllowed):
            call()


NONSENSE = {
    "a page before the first": Mark(0, 1, 2, "name"),
    "an end before its start": Mark(1, 2, 2, "name"),
    "a kind there is not": Mark(1, 1, 2, "shoe size"),
}


@pytest.mark.parametrize("mark", NONSENSE.values(), ids=NONSENSE)
def test_spans_that_are_none(desk, mark):
    with pytest.raises(Invalid):
        desk.copies.decide(LOOKED, CLERK, add=[mark])


@pytest.mark.parametrize("key", [("", "1"), ("a", ""), ("a" * 301, "1"), ("a", "x\0")])
def test_records_that_cannot_be_kept(desk, key):
    with pytest.raises(Invalid):
        desk.copies.decide(Looked(key, "v1", ()), CLERK, add=[NAME])


def test_nothing_released_is_nothing_to_withdraw(desk):
    with pytest.raises(Conflict, match="not released"):
        desk.copies.withdraw(KEY, CLERK)


@pytest.mark.parametrize(
    "statement", ["UPDATE deidentification_event SET what = 'x'", "DELETE FROM deidentification_event"]
)
def test_the_database_refuses_to_change_decisions(desk, database, statement):
    desk.copies.decide(LOOKED, CLERK, accept=[NAME])
    engine = make_engine(database)
    upgrade(engine)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
    assert desk.copies.review(LOOKED, CLERK).number == 2


MARKS = st.sampled_from([NAME, PHONE, CARD])
STEPS = st.lists(st.tuples(st.sampled_from(sorted(ACTIONS)), st.lists(MARKS, max_size=3), st.sampled_from("ab")))


@settings(max_examples=300)
@given(STEPS)
def test_whatever_happens_a_release_is_of_one_text_and_fully_decided(steps):
    state = State()
    for what, marks, version in steps:
        before = state if state.version == version else State(version=version, number=state.number)
        payload = Payload(tuple(marks))
        try:
            copy_machine.check(before, what, payload.marks)
        except Conflict:
            continue
        state = copy_machine.after(state, version, what, payload, START)
        release = copy_machine.release_of(KEY, state)
        assert (release is not None) is (what == "released")
        if release is not None:
            assert release.version == version and not state.open
            assert set(release.marks) <= state.proposed | state.decided.keys()
