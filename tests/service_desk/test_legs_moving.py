"""The date of a partner moves, and the partner is told: by letter, by webhook, and as another installation, whose own
date follows; once for each date, on both databases.
"""

from __future__ import annotations

import datetime as dt
import json

import pytest
from desk_parts import CLERK, ONCE
from houses import AT_ONE
from sqlalchemy import select
from test_legs_houses import addresses, call, houses, leg, leg_of, one, other, receipt, road, seen, there  # noqa: F401

from service_desk.calendar_rules import CalendarRules
from service_desk.forms import OpenRequestForm
from service_desk.legs.rules import Partners
from service_desk.legs.tables import LegPost
from service_desk.rules import bundled_text

ASK = {"kind": "partner", "receiver": "hill", "asks": "請查", "expects": "副本"}
AGREED, LATER = dt.date(2026, 3, 6), dt.date(2026, 3, 9)


def closed(*days: str) -> str:
    """The calendar of the package with days on which the house is closed."""
    rows = "".join(f"\n  - {{day: {day}, working: false, name: Moving}}" for day in days)
    return bundled_text(CalendarRules).replace("exceptions: []", f"exceptions:{rows}" if rows else "exceptions: []")


def move(desk, *days: str) -> None:
    desk.rules.bring_into_force(CalendarRules, closed(*days) + f"# {len(days)} {days}\n", "test")


def posted(desk, what: str = "moved") -> list[str]:
    """The dates of what was to leave."""
    with desk._database.read() as session:
        return [post.body["due"] for post in session.scalars(select(LegPost).where(LegPost.what == what))]


def test_another_installation_is_told_and_its_own_date_follows(one, other, receipt, leg):  # noqa: F811
    assert leg.day == AGREED
    one.relay()
    before = there(other)
    assert before.promise.due == LATER
    move(one, "2026-03-05")
    assert (leg_of(one, receipt).day, leg_of(one, receipt).waiting) == (LATER, 1)
    assert leg_of(one, receipt).events[-1].text == "2026-03-09"
    one.relay()
    case = there(other)
    assert case.events[-1].what == "message" and "2026-03-09" in case.events[-1].text
    assert case.promise.due == before.promise.due, "ours was no earlier anyway"
    many = [f"2026-03-{day:02d}" for day in range(5, 21)]
    move(one, *many)
    one.relay()
    case = there(other)
    assert leg_of(one, receipt).day == dt.date(2026, 3, 24)
    assert case.promise.due == dt.date(2026, 3, 24), "it moves to what was agreed"
    extended = case.events[-1]
    assert (extended.what, extended.party, extended.payload["agreed"]) == ("extended", "desk", "2026-03-24")
    assert "extend" in case.actions
    other.cases.act(case.receipt, "extend", {"days": 1, "text": "x"}, CLERK)
    one.relay()
    assert seen(one, receipt) == ["sent", "moved", "acknowledged", "moved", "informed", "informed"]


def test_a_date_that_moves_forward_takes_nothing_from_what_was_promised(one, other, receipt, leg):  # noqa: F811
    one.relay()
    many = [f"2026-03-{day:02d}" for day in range(5, 21)]
    move(one, *many)
    one.relay()
    promised = there(other).promise.due
    move(one)
    one.relay()
    case = there(other)
    assert posted(one) == ["2026-03-24", "2026-03-06"] and leg_of(one, receipt).day == AGREED
    assert case.promise.due == promised == dt.date(2026, 3, 24)
    assert case.events[-1].what == "message" and "2026-03-06" in case.events[-1].text


def test_nothing_is_told_of_a_date_that_stays(one, other, receipt, leg):  # noqa: F811
    one.relay()
    for days in (("2026-03-12",), ("2026-03-12", "2026-04-01"), ()):
        move(one, *days)
        one.relay()
    assert posted(one) == [] and seen(one, receipt) == ["sent", "acknowledged"]
    move(one, "2026-03-05")
    move(one, "2026-03-05", "2026-03-20")
    one.relay()
    one.relay()
    assert posted(one) == ["2026-03-09"]
    assert [event.what for event in there(other).events].count("message") == 1


def test_what_had_not_left_says_each_date_in_its_turn(one, other, road, receipt, leg, clock):  # noqa: F811
    road.down.add("hill.example")
    one.relay()
    move(one, "2026-03-05")
    move(one, "2026-03-05", "2026-03-06")
    road.down.clear()
    clock.push(minutes=10)
    one.relay()
    case = there(other)
    assert "2026-03-06" in case.note
    told = [event.text for event in case.events if event.what in ("message", "extended")]
    assert [text[-10:] for text in told] == ["2026-03-09", "2026-03-10"]


def test_an_extension_gives_a_partner_as_much_more_time(one, other, receipt, leg):  # noqa: F811
    one.relay()
    one.cases.act(receipt, "extend", {"days": 3, "text": "they need longer"}, CLERK)
    moved = leg_of(one, receipt)
    assert moved.day == dt.date(2026, 3, 11) and posted(one) == ["2026-03-11"]
    one.relay()
    assert "2026-03-11" in there(other).events[-1].text
    move(one, "2026-03-05")
    assert leg_of(one, receipt).day == dt.date(2026, 3, 12), "the calendar moves what was extended, too"


def test_by_webhook(one, road, receipt):  # noqa: F811
    made = one.legs.send(receipt, ASK | {"receiver": "mailbox"}, CLERK)
    one.relay()
    move(one, "2026-03-05")
    road.hook_status = 503
    one.relay()
    road.hook_status = 200
    said = [json.loads(each.body) for each in road.hooked]
    assert [each["what"] for each in said] == ["sent", "moved"]
    assert said[1]["due"] == "2026-03-09" and said[1]["leg"] == made.code and said[0]["due"] == "2026-03-06"


def test_by_letter(one, receipt, tmp_path):  # noqa: F811
    from test_legs_letters import letters

    mail = (
        "  post:\n    title: {en: P, zh-Hans: P, zh-Hant: P}\n    email: {address: d@harbour.example, language: en}\n"
    )
    one.rules.bring_into_force(Partners, bundled_text(Partners).replace("partners: {}\n", AT_ONE + mail), "test")
    one.legs.send(receipt, ASK | {"receiver": "post"}, CLERK)
    one.relay()
    move(one, "2026-03-05")
    for _ in range(2):
        one.relay()
    first, second = letters(tmp_path / "one" / "outbox")
    assert "6 March 2026" in first and "9 March 2026" in second and "6 March 2026" not in second
    assert "/relay/" in second and "請查" in second


def test_who_asked_back_is_told_with_the_reply(one, other, receipt, leg):  # noqa: F811
    """Their time stands still: what it will be is not known yet."""
    one.relay()
    other.cases.act(there(other).receipt, "ask_materials", {"verdicts": {"identity_document": "missing"}}, CLERK)
    one.relay()
    move(one, "2026-03-05")
    assert posted(one) == [] and leg_of(one, receipt).day is None
    one.legs.reply(leg.code, {"text": "x"}, CLERK)
    assert posted(one, "replied") == ["2026-03-09"]


def test_a_department_has_its_date_without_a_message(one):  # noqa: F811
    form = OpenRequestForm(type="question", name="n", contact="c", note="x")
    code = one.filing.submit(form, CLERK).receipt
    one.legs.send(code, {"kind": "department", "receiver": "special", "asks": "x"}, CLERK)
    before = leg_of(one, code).day
    move(one, "2026-03-05")
    assert leg_of(one, code).day > before and posted(one) == [] and seen(one, code) == ["sent"]


@ONCE
@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"what": "moved", "due": "2026-13-40"}, 422),
        ({"what": "moved", "due": "soon"}, 422),
        ({"what": "moved"}, 422),
        ({"what": "moved", "due": "9999-12-31"}, 200),
        ({"what": "moved", "due": "0001-01-01"}, 200),
    ],
)
def test_odd_dates(one, other, receipt, leg, clock, said, status):  # noqa: F811
    one.relay()
    before = there(other).promise.due
    answer = other.exchange.hear(call("POST", f"/relay/{leg.code}", said, clock.now()), leg.code)
    assert answer.status == status
    assert before <= there(other).promise.due < before + dt.timedelta(days=800)


@ONCE
def test_an_installation_of_before_holds_nothing_back(one, other, road, receipt, leg, monkeypatch):  # noqa: F811
    """It refuses what it does not know; what is said afterwards leaves all the same."""
    one.relay()
    from service_desk.legs import exchange

    monkeypatch.setattr(exchange, "_FROM_SENDERS", exchange._FROM_SENDERS - {"moved"})
    move(one, "2026-03-05")
    one.legs.remind(leg.code, {"text": "soon?"}, CLERK)
    one.relay()
    assert leg_of(one, receipt).waiting == 0 and there(other).events[-1].text == "soon?"


@ONCE
def test_after_its_end_nothing_moves(one, other, receipt, leg):  # noqa: F811
    one.relay()
    one.legs.take_back(leg.code, {"text": ""}, CLERK)
    move(one, "2026-03-05")
    assert posted(one) == []
