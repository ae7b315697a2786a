"""Reviews of the opening of records: the newest counts, nothing is changed, all of it is in the log."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from desk_parts import CLERK, COLLEAGUE, READER, START

from mappings.access import ANONYMOUS
from mappings.opening import STATES, Review
from service_desk.database import make_engine
from service_desk.errors import Invalid, NotAllowed
from service_desk.opening import Decision

FONDS, FILE, SCAN = ("court", "J1"), ("court", "卷#1"), ("scans", "1")


def test_the_newest_decision_on_each_unit_counts(desk, clock):
    desk.openings.review([FONDS], Decision("under_review", note="one\nline"), CLERK)
    clock.push(days=1)
    desk.openings.review([FILE, SCAN], Decision("extended", "2040-02-29", "第二十七条"), COLLEAGUE)
    desk.openings.review([FONDS], Decision("open"), CLERK)
    day = (START + dt.timedelta(1)).date()
    until = dt.date(2040, 2, 29)
    assert desk.openings.standing() == [
        Review(FILE, "extended", day, until, "第二十七条", 2),
        Review(SCAN, "extended", day, until, "第二十七条", 3),
        Review(FONDS, "open", day, number=4),
    ]
    told = desk.openings.history([FONDS, SCAN], CLERK)
    assert [(one.key, one.state, one.note, one.account) for one in told] == [
        (FONDS, "open", "", "li"),
        (SCAN, "extended", "", "chen"),
        (FONDS, "under_review", "one line", "li"),
    ]


def test_what_is_under_review_is_listed_until_it_is_decided(desk):
    desk.openings.review([FONDS], Decision("under_review"), CLERK)
    desk.openings.review([FILE], Decision("under_review"), CLERK)
    assert [one.key for one in desk.openings.under_review(CLERK)] == [FONDS, FILE]
    desk.openings.review([FONDS], Decision("not_reviewed"), CLERK)
    assert [one.key for one in desk.openings.under_review(CLERK)] == [FILE]


@pytest.mark.parametrize(
    ("keys", "decision", "field"),
    [
        ([], Decision("open"), "record"),
        ([("", "1")], Decision("open"), "record"),
        ([("a", "\ud800")], Decision("open"), "record"),
        ([("a", "x" * 10_001)], Decision("open"), "record"),
        ([FILE], Decision("opened"), "state"),
        ([FILE], Decision("extended"), "until"),
        ([FILE], Decision("extended", "next year"), "until"),
        ([FILE], Decision("partly", "2040-01-01"), "until"),
        ([FILE, ("", "1")], Decision("open"), "record"),
    ],
)
def test_what_cannot_be_kept(desk, keys, decision, field):
    with pytest.raises(Invalid) as caught:
        desk.openings.review(keys, decision, CLERK)
    assert [error.field for error in caught.value.errors] == [field]
    assert desk.openings.standing() == []


@pytest.mark.parametrize("viewer", [ANONYMOUS, READER])
def test_readers_may_not(desk, viewer):
    for call in (
        lambda: desk.openings.review([FILE], Decision("open"), viewer),
        lambda: desk.openings.history([FILE], viewer),
        lambda: desk.openings.under_review(viewer),
        lambda: desk.openings.may_apply(viewer),
    ):
        with pytest.raises(NotAllowed):
            call()


def test_every_decision_and_every_policy_is_in_the_log(desk):
    for state in STATES:
        until = "2040-01-01" if state == "extended" else ""
        desk.openings.review([FILE], Decision(state, until, "art. 30"), CLERK)
    desk.openings.applied("li", "applied", 1, "abc")
    desk.openings.applied("li", "undone", 2, "def")
    rows = [row for row in desk.audit.rows(size=50).rows if row.what.startswith("opening.")]
    assert sorted((row.what, row.detail.get("state")) for row in rows if row.what == "opening.review") == sorted(
        ("opening.review", state) for state in STATES
    )
    assert {row.what: row.detail for row in rows if row.what != "opening.review"} == {
        "opening.apply": {"number": 1, "digest": "abc"},
        "opening.undo": {"number": 2, "digest": "def"},
    }
    assert {row.subject for row in rows} == {"court:卷#1", "opening"}
    assert desk.audit.verify().broken is None


def test_nothing_is_changed_or_deleted(desk, database):
    desk.openings.review([FILE], Decision("open"), CLERK)
    engine = make_engine(database)
    for statement in ("UPDATE opening_review SET state = 'closed'", "DELETE FROM opening_review"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(sa.text(statement))
    engine.dispose()
    assert [one.state for one in desk.openings.standing()] == ["open"]
