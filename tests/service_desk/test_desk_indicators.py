"""Indicators at the desk: from what really happens there, who may see them, what a number opens, what is remembered."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import random
from collections.abc import Callable

import pytest
from desk_parts import CLERK, READER, START
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from mappings.access import ANONYMOUS, Viewer
from mappings.grants import Grant
from service_desk.calendar_rules import CalendarRules
from service_desk.desk import Desk
from service_desk.errors import Invalid, NotAllowed
from service_desk.forms import AnswerForm, MessageForm, RefusalForm
from service_desk.indicators import histories
from service_desk.indicators.definitions import DEFINITIONS, pick
from service_desk.indicators.histories import Histories
from service_desk.indicators.periods import KINDS, Kind, Period
from service_desk.indicators.service import Selection
from service_desk.indicators.tables import KeptRounds
from service_desk.indicators.weak import Late
from service_desk.ratings.service import RatingForm
from service_desk.reading_room.tables import Visit
from service_desk.request_types import Types
from service_desk.retention import RetentionPolicy
from service_desk.rules import bundled_text

MANAGER = Viewer("boss", frozenset({"manager", "staff"}), grants=frozenset({Grant("indicators.see")}))
REAL_READ = histories._read
MARCH = Selection(Period.named("2026-03"))


def file(desk: Desk, form, **changes: object):
    return desk.filing.submit(form(**changes), ANONYMOUS, "visitor-1")


@pytest.fixture
def busy(desk: Desk, form, clock):
    """Three answered, one of them late and badly rated, one refused, one withdrawn, one still open."""
    receipts = [file(desk, form, type=type_) for type_ in ("copy", "copy", "query", "copy", "query", "copy")]
    clock.push(days=1)
    desk.requests.answer(receipts[0].receipt, AnswerForm(text="x"), CLERK)
    desk.requests.refuse(receipts[2].receipt, RefusalForm(reason="x", alternative="y"), CLERK)
    desk.requests.withdraw(receipts[3].receipt, secret=receipts[3].secret)
    clock.push(days=10)
    desk.requests.answer(receipts[1].receipt, AnswerForm(text="x"), CLERK)
    desk.requests.answer(receipts[4].receipt, AnswerForm(text="x"), CLERK)
    desk.ratings.give(receipts[0].receipt, RatingForm(stars=5), secret=receipts[0].secret)
    desk.ratings.give(receipts[1].receipt, RatingForm(stars=2), secret=receipts[1].secret)
    return receipts


def test_the_numbers_of_what_happened(desk: Desk, busy) -> None:
    told = desk.indicators.report(MANAGER, MARCH)
    assert told.figures["handling"].n == 4
    assert told.figures["handling"].value == pytest.approx((1 + 9 + 1 + 9) / 4)
    assert (told.figures["fulfilment"].value, told.figures["fulfilment"].n) == (0.75, 4)
    assert (told.figures["satisfaction"].value, told.figures["satisfaction"].n) == (3.5, 2)
    assert told.satisfied.value == 0.5 and told.figures["visits"].n == 0 and told.figures["visits"].value is None
    assert (told.outcomes.delivered, told.outcomes.refused, told.outcomes.withdrawn) == (3, 1, 1)
    assert (told.spread.median, told.spread.p90, told.spread.late) == (5.0, 9.0, 2)
    assert [(group.value, group.spread.n) for group in told.groups["type"]] == [("query", 2), ("copy", 2)]
    assert told.known["type"] == ("copy", "query") and told.known["theme"] == ("rails", "railways")
    assert told.before["handling"].n == 0
    assert any(isinstance(point, Late) for point in told.weak)


def test_each_number_opens_what_it_was_counted_from(desk: Desk, busy) -> None:
    told = desk.indicators.report(MANAGER, MARCH)
    for one in DEFINITIONS:
        if one.key != "visits":
            assert desk.indicators.cases(MANAGER, MARCH, one.key).total == told.figures[one.key].n
    for name in ("delivered", "refused", "withdrawn", "expired", "at_once"):
        assert desk.indicators.cases(MANAGER, MARCH, name).total == getattr(told.outcomes, name)
    late = desk.indicators.cases(MANAGER, MARCH, "late")
    assert {row.receipt for row in late.rows} == {busy[1].receipt, busy[4].receipt} and all(
        row.late for row in late.rows
    )
    assert [row.receipt for row in desk.indicators.cases(MANAGER, MARCH, "dissatisfied").rows] == [busy[1].receipt]
    assert desk.indicators.cases(MANAGER, MARCH, "all", size=2, offset=4).total == 5
    assert len(desk.indicators.cases(MANAGER, MARCH, "all", size=2, offset=4).rows) == 1
    for name in ("nothing", "stood.", "asked.", "__class__", ""):
        with pytest.raises(Invalid):
            desk.indicators.cases(MANAGER, MARCH, name)
    assert desk.indicators.cases(MANAGER, MARCH, "stood.nowhere").total == 0
    assert pick("stood.in_search") is not None


def test_a_selection_narrows(desk: Desk, busy) -> None:
    copies = Selection(MARCH.period, type="copy")
    assert desk.indicators.report(MANAGER, copies).figures["handling"].n == 2
    assert desk.indicators.report(MANAGER, Selection(MARCH.period, theme="railways")).figures["handling"].n == 4
    assert desk.indicators.report(MANAGER, Selection(MARCH.period, theme="none")).figures["handling"].n == 0
    assert desk.indicators.report(MANAGER, Selection(Period.named("2026-02"))).figures["handling"].n == 0
    assert desk.indicators.report(MANAGER, Selection(Period.named("2026"))).figures["handling"].n == 4
    assert desk.indicators.report(MANAGER, Selection(Period.named("2026-Q1"), "copy")).groups["type"][0].value == "copy"


def test_the_rows_of_an_export_are_the_numbers(desk: Desk, busy) -> None:
    rows = {(row.by, row.value, row.what): (row.number, row.n) for row in desk.indicators.rows(MANAGER, MARCH)}
    told = desk.indicators.report(MANAGER, MARCH)
    assert rows["all", "", "fulfilment"] == (0.75, 4) and rows["type", "copy", "late"] == (1, 2)
    assert rows["all", "", "refused"] == (1, 5) and rows["all", "", "satisfied"] == (0.5, 2)
    assert rows["theme", "rails", "handling"] == (told.figures["handling"].value, 4)


def test_only_who_may_sees_any(desk: Desk, busy) -> None:
    clerk = Viewer("li", CLERK.roles, grants=CLERK.grants - {Grant("indicators.see")})
    for viewer in (clerk, READER, ANONYMOUS):
        for act in (desk.indicators.report, desk.indicators.cases, desk.indicators.rows):
            with pytest.raises(NotAllowed):
                act(viewer, MARCH)


def test_what_was_computed_once_is_what_is_computed_anew(
    open_desk: Callable[[], Desk], desk: Desk, form, clock
) -> None:
    """A process that has looked all along tells the same as one that has just begun."""
    chance, watching, secrets = random.Random(7), open_desk(), {}
    for _ in range(60):
        act = chance.choice(("file", "answer", "refuse", "reopen", "withdraw", "rate", "wait"))
        if act == "file" or not secrets:
            made = file(desk, form, type=chance.choice(("copy", "query")))
            secrets[made.receipt] = made.secret
        elif act == "wait":
            clock.push(days=chance.randrange(5))
        else:
            receipt = chance.choice(sorted(secrets))
            do_it(desk, act, receipt, secrets[receipt], chance)
        if chance.random() < 0.3:
            watching.indicators.report(MANAGER, MARCH)
        if chance.random() < 0.2:
            chance.choice((desk, watching)).indicators.keep()
    fresh = Histories(desk._database, desk.rules)
    assert watching.indicators._histories.cases() == fresh.cases() != ()
    assert fresh.cases() == from_events(desk)


def do_it(desk: Desk, act: str, receipt: str, secret: str, chance: random.Random) -> None:
    from service_desk.errors import Conflict

    acts = {
        "answer": lambda: desk.requests.answer(receipt, AnswerForm(text="x"), CLERK),
        "refuse": lambda: desk.requests.refuse(receipt, RefusalForm(reason="x", alternative="y"), CLERK),
        "reopen": lambda: desk.requests.reopen(receipt, MessageForm(text="x"), secret=secret),
        "withdraw": lambda: desk.requests.withdraw(receipt, secret=secret),
        "rate": lambda: desk.ratings.give(receipt, RatingForm(stars=chance.randrange(1, 6)), secret=secret),
    }
    with contextlib.suppress(Conflict):
        acts[act]()


def from_events(desk: Desk):
    """The cases when nothing is kept."""
    with desk._database.write() as session:
        session.execute(delete(KeptRounds))
    return Histories(desk._database, desk.rules).cases()


def kept(desk: Desk) -> dict[int, int]:
    with desk._database.read() as session:
        return {row.request_id: row.version for row in session.scalars(select(KeptRounds))}


def test_a_start_reads_what_is_kept_and_what_happened_since(desk: Desk, busy, monkeypatch) -> None:
    assert (desk.indicators.keep(), desk.indicators.keep()) == (len(busy), 0)
    desk.requests.answer(busy[5].receipt, AnswerForm(text="x"), CLERK)
    read = []
    monkeypatch.setattr(histories, "_read", lambda session, ids: read.extend(ids) or REAL_READ(session, ids))
    fresh = Histories(desk._database, desk.rules)
    cases = fresh.cases()
    assert read == [6], "the others are kept"
    assert (fresh.keep(), kept(desk)[6]) == (1, desk.requests.case(busy[5].receipt, CLERK).version)
    assert cases == from_events(desk)


def test_what_is_kept_by_other_rules_or_cannot_be_read_is_computed_anew(desk: Desk, busy) -> None:
    desk.indicators.keep()
    with desk._database.write() as session:
        session.execute(update(KeptRounds).where(KeptRounds.request_id == 1).values(body="[[1]]"))
        session.execute(update(KeptRounds).where(KeptRounds.request_id == 2).values(body="not JSON"))
    fresh = Histories(desk._database, desk.rules)
    assert fresh.keep() == 2 and fresh.cases() == desk.indicators._histories.cases()
    text = bundled_text(Types).replace("limit: {working_days: 5}", "limit: {working_days: 50}")
    desk.rules.bring_into_force(Types, text, "adm")
    assert not any(one.late for one, _ in Histories(desk._database, desk.rules).cases())
    assert (desk.indicators.keep(), Histories(desk._database, desk.rules).keep()) == (len(busy), 0)


def test_nothing_is_kept_of_a_request_that_is_forgotten(desk: Desk, busy, clock) -> None:
    desk.tidy()
    assert kept(desk).keys() == set(range(1, 7))
    clock.push(days=500)
    desk.retention.apply(RetentionPolicy(requests=365), "adm")
    assert kept(desk).keys() == {6}, "the one that is open"


def test_rules_that_change_count_at_once(desk: Desk, busy) -> None:
    assert desk.indicators.report(MANAGER, MARCH).spread.late == 2
    text = bundled_text(Types).replace("limit: {working_days: 5}", "limit: {working_days: 50}")
    desk.rules.bring_into_force(Types, text, "adm")
    assert desk.indicators.report(MANAGER, MARCH).spread.late == 0
    closed = "exceptions:\n" + "".join(
        f"  - {{day: 2026-03-{day:02}, working: false, name: moving}}\n" for day in range(3, 31)
    )
    text = bundled_text(CalendarRules)
    text = text.replace(text[text.index("exceptions:") :], closed) if "\nexceptions:" in text else text + closed
    desk.rules.bring_into_force(CalendarRules, text, "adm")
    assert desk.indicators.report(MANAGER, MARCH).figures["handling"].value == 0


def test_who_was_forgotten_is_counted_all_the_same(desk: Desk, busy, clock) -> None:
    before = desk.indicators.report(MANAGER, MARCH)
    clock.push(days=500)
    desk.retention.apply(RetentionPolicy(requests=365), "adm")
    fresh = Histories(desk._database, desk.rules)
    assert len([one for one in fresh.cases() if one[0].worked]) == before.figures["handling"].n


def test_visits_are_counted_where_somebody_keeps_them(desk: Desk, busy) -> None:
    visit = {"kind": "seat", "place": "main-1", "by": "li"}
    with desk._database.write() as session:
        for at in (START, START + dt.timedelta(days=2), START + dt.timedelta(days=300)):
            session.add(Visit(request_id=1, at=at, day=at.date().isoformat(), **visit))
        session.add(Visit(request_id=None, at=START, day=START.date().isoformat(), **visit))
    told = desk.indicators.report(MANAGER, MARCH)
    assert (told.figures["visits"].value, told.figures["visits"].n) == (0.75, 4)
    assert [row.receipt for row in desk.indicators.cases(MANAGER, MARCH, "visits").rows] == [busy[0].receipt]


@given(st.dates(dt.date(1991, 1, 1), dt.date(2199, 1, 1)), st.sampled_from(KINDS), st.integers(-3, 3))
def test_periods(day: dt.date, called: Kind, by: int) -> None:
    period = Period.of(called, day)
    assert period.has(day) and period.kind == called and Period.named(period.name) == period
    assert period.moved(1).first == period.end and period.moved(by).moved(-by) == period
    course = period.course()
    assert course[-1].end == period.end and all(one.end == other.first for one, other in itertools.pairwise(course))


@pytest.mark.parametrize("name", ["", "2026-13", "2026-Q5", "26", "2026-3", "1800", "٢٠٢٦", "2026-Q1 ", "9999"])
def test_what_is_no_period(name: str) -> None:
    with pytest.raises(Invalid):
        Period.named(name)
