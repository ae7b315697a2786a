"""Ratings: whose they are, when they can be given and changed, what a clerk may, what is kept when a reader is
forgotten.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from desk_parts import CLERK, ONCE, OTHER_READER, READER
from sqlalchemy import select

from mappings.access import ANONYMOUS, Viewer
from mappings.grants import Grant, Scope
from service_desk.desk import Desk
from service_desk.errors import Conflict, Invalid, NotAllowed, NotFound
from service_desk.forms import AnswerForm, MessageForm, RefusalForm, parse
from service_desk.models import AuditRow
from service_desk.ratings.rules import RatingRules
from service_desk.ratings.service import WORDS, RatingForm, RatingView
from service_desk.ratings.tables import Rating
from service_desk.retention import RetentionPolicy
from service_desk.rules import bundled_text

HAPPY = RatingForm(stars=5, words="很快")
SAD = RatingForm(stars=1)


@pytest.fixture
def answered(desk: Desk, filed):
    desk.requests.answer(filed.receipt, AnswerForm(text="here"), CLERK)
    return filed


def rows(desk: Desk) -> list[Rating]:
    with desk._database.read() as session:
        return list(session.scalars(select(Rating).order_by(Rating.id)))


def test_a_reader_rates_an_answer_and_changes_it(desk: Desk, answered, clock) -> None:
    who = {"secret": answered.secret}
    before = desk.ratings.of(answered.receipt, **who)
    assert before is not None and before.stars is None and before.open_until is not None
    desk.ratings.give(answered.receipt, HAPPY, **who)
    told = desk.ratings.of(answered.receipt, **who)
    assert told is not None and (told.stars, told.words) == (5, "很快")
    clock.push(days=13)
    desk.ratings.give(answered.receipt, SAD, visitor="visitor-1")
    (row,) = rows(desk)
    assert (row.stars, row.words, row.channel, row.keyed_by) == (1, "", "web", None)
    assert row.changed == clock.now() and row.at < row.changed


def test_only_an_answer_can_be_rated(desk: Desk, filed) -> None:
    who = {"secret": filed.secret}
    assert desk.ratings.of(filed.receipt, **who) is None
    with pytest.raises(Conflict):
        desk.ratings.give(filed.receipt, HAPPY, **who)
    desk.requests.withdraw(filed.receipt, **who)
    assert desk.ratings.of(filed.receipt, **who) is None
    with pytest.raises(Conflict):
        desk.ratings.give(filed.receipt, HAPPY, **who)
    with pytest.raises(Conflict):
        desk.ratings.key_in(filed.receipt, HAPPY, CLERK)
    assert rows(desk) == []


def test_a_refusal_is_an_answer_too(desk: Desk, filed) -> None:
    desk.requests.refuse(filed.receipt, RefusalForm(reason="closed", alternative="the other copy"), CLERK)
    desk.ratings.give(filed.receipt, SAD, secret=filed.secret)
    assert [row.stars for row in rows(desk)] == [1]


def test_the_times_are_those_of_the_rules(desk: Desk, answered, clock) -> None:
    who = {"secret": answered.secret}
    clock.push(days=89)
    desk.ratings.give(answered.receipt, HAPPY, **who)
    with pytest.raises(Conflict, match="is over"):
        desk.ratings.give(answered.receipt, SAD, **who)
    told = desk.ratings.of(answered.receipt, **who)
    assert told == RatingView(5, "很快", None)
    text = bundled_text(RatingRules).replace("days_to_change: 14", "days_to_change: 100")
    desk.rules.bring_into_force(RatingRules, text, "adm")
    desk.ratings.give(answered.receipt, SAD, **who)
    assert rows(desk)[0].stars == 1


def test_too_late_is_too_late(desk: Desk, answered, clock) -> None:
    clock.push(days=91)
    told = desk.ratings.of(answered.receipt, secret=answered.secret)
    assert told == RatingView()
    for act in (
        lambda: desk.ratings.give(answered.receipt, HAPPY, secret=answered.secret),
        lambda: desk.ratings.key_in(answered.receipt, HAPPY, CLERK),
    ):
        with pytest.raises(Conflict, match="is over"):
            act()


def test_each_closing_is_rated_once_more(desk: Desk, answered) -> None:
    who = {"secret": answered.secret}
    desk.ratings.give(answered.receipt, SAD, **who)
    desk.requests.reopen(answered.receipt, MessageForm(text="not this one"), **who)
    assert desk.ratings.of(answered.receipt, **who) is None
    with pytest.raises(Conflict):
        desk.ratings.give(answered.receipt, HAPPY, **who)
    desk.requests.answer(answered.receipt, AnswerForm(text="this one"), CLERK)
    desk.requests.note(answered.receipt, MessageForm(text="aside"), CLERK)
    told = desk.ratings.of(answered.receipt, **who)
    assert told is not None and told.stars is None
    desk.ratings.give(answered.receipt, HAPPY, **who)
    assert [row.stars for row in rows(desk)] == [1, 5] and len({row.closing for row in rows(desk)}) == 2


def test_nobody_rates_what_is_not_theirs(desk: Desk, answered, form) -> None:
    mine = desk.filing.submit(form(), READER)
    desk.requests.answer(mine.receipt, AnswerForm(text="x"), CLERK)
    strangers = [
        (answered.receipt, ANONYMOUS, {}),
        (answered.receipt, ANONYMOUS, {"secret": mine.secret}),
        (answered.receipt, READER, {}),
        (answered.receipt, CLERK, {}),
        (mine.receipt, OTHER_READER, {}),
        ("2222-2222", ANONYMOUS, {"secret": mine.secret}),
    ]
    for receipt, viewer, who in strangers:
        with pytest.raises(NotFound):
            desk.ratings.of(receipt, viewer, **who)
        with pytest.raises(NotFound):
            desk.ratings.give(receipt, HAPPY, viewer, **who)
    desk.ratings.give(mine.receipt, HAPPY, READER)
    assert len(rows(desk)) == 1


def test_a_clerk_takes_it_down_once_and_sees_nothing(desk: Desk, answered, form) -> None:
    assert desk.ratings.may_key_in(answered.receipt, CLERK)
    desk.ratings.key_in(answered.receipt, HAPPY, CLERK)
    (row,) = rows(desk)
    assert (row.channel, row.keyed_by) == ("window", "li")
    assert not desk.ratings.may_key_in(answered.receipt, CLERK)
    with pytest.raises(Conflict):
        desk.ratings.key_in(answered.receipt, SAD, CLERK)
    desk.ratings.give(answered.receipt, SAD, secret=answered.secret)
    (row,) = rows(desk)
    assert (row.stars, row.channel, row.keyed_by) == (1, "web", None), "the reader's own word counts"
    with desk._database.read() as session:
        noted = session.scalars(select(AuditRow).where(AuditRow.what == "request.rate")).all()
    assert [(one.actor, one.subject, one.detail) for one in noted] == [("li", answered.receipt, {})]


def test_a_clerk_of_elsewhere_may_not(desk: Desk, answered) -> None:
    grants = frozenset({Grant(action, Scope(holder="Elsewhere")) for action in ("requests.see", "requests.work")})
    elsewhere = Viewer("wu", frozenset({"clerk", "staff"}), grants=grants)
    for act in (
        lambda: desk.ratings.key_in(answered.receipt, HAPPY, elsewhere),
        lambda: desk.ratings.may_key_in(answered.receipt, elsewhere),
    ):
        with pytest.raises(NotFound):
            act()
    for viewer in (READER, ANONYMOUS):
        with pytest.raises(NotAllowed):
            desk.ratings.key_in(answered.receipt, HAPPY, viewer)


def test_two_at_once_are_one_rating(open_desk: Callable[[], Desk], desk: Desk, answered) -> None:
    desks, ready, failed = [open_desk() for _ in range(3)], threading.Barrier(6), []

    def rate(at: int) -> None:
        ready.wait()
        try:
            desks[at % 3].ratings.give(answered.receipt, RatingForm(stars=1 + at % 5), secret=answered.secret)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=rate, args=(at,)) for at in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == [] and len(rows(desk)) == 1


def test_words_go_when_the_reader_is_forgotten_and_the_stars_stay(desk: Desk, answered, clock) -> None:
    desk.ratings.give(answered.receipt, HAPPY, secret=answered.secret)
    clock.push(days=400)
    assert desk.retention.apply(RetentionPolicy(requests=365), "adm").requests == 1
    (row,) = rows(desk)
    assert (row.stars, row.words) == (5, "")


@ONCE
@pytest.mark.parametrize(
    "values", [{"stars": 0}, {"stars": 6}, {"stars": "x"}, {}, {"stars": 3, "words": "x" * (WORDS + 1)}]
)
def test_what_is_no_rating(kind: str, values: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        parse(RatingForm, values)
