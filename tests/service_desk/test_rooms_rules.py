"""Rules of the reading room: what they may say, when they say a room is open, and an exception added to their text."""

from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

import pytest
from desk_parts import ONCE
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mappings import yaml_text
from service_desk.deadlines import Calendar, Exceptional
from service_desk.errors import Conflict
from service_desk.reading_room import closing
from service_desk.reading_room.checks import check_length, check_open, floor, units
from service_desk.reading_room.forms import ClosingForm
from service_desk.reading_room.refusals import SENTENCES, SeatRefused
from service_desk.reading_room.rules import UNIT, Hours, ReadingRoomRules, SpecialDay
from service_desk.reading_room.telling import NOTICES
from service_desk.rule_documents import DOCUMENTS
from service_desk.rules import RulesMistaken, bundled_text, read
from service_desk.sending.events import EVENTS

BUNDLED = bundled_text(ReadingRoomRules)
MONDAY = dt.date(2026, 3, 2)
ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe"])
DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31))
QUARTERS = st.integers(0, 95).map(lambda number: dt.time(number // 4, number % 4 * 15))


HELD = read(ReadingRoomRules, BUNDLED)


def rules(**changes):
    return HELD.model_copy(update=changes)


MISTAKES = {
    "hours": ('"09:00-17:00"', '"9 to 5"', "write them as 09:00-17:00"),
    "backwards": ('"09:00-17:00"', '"17:00-09:00"', "are no hours"),
    "overlap": ('mon: ["09:00-17:00"]', 'mon: ["09:00-12:00", "11:00-13:00"]', "without overlap"),
    "feature": ("features: [microfilm]", "features: [sofa]", "features do not name"),
    "seat twice": ('number: "2"', 'number: "1"', "seat 1 is there twice"),
    "step": ("shortest: 30", "shortest: 45", "multiples of step"),
    "letters": ("letter: B", "letter: A", "the same letter"),
    "room": ("exceptions: []", "exceptions: [{day: 2026-03-02, room: attic, reason: x}]", "which there is not"),
    "instead": ("exceptions: []", "exceptions: [{day: 2026-03-02, instead: 2026-03-02, reason: x}]", "not later"),
    "day twice": (
        "exceptions: []",
        "exceptions: [{day: 2026-03-02, reason: x}, {day: 2026-03-02, reason: y}]",
        "two exceptions",
    ),
    "word": ("days_ahead: 28", "days_ahaed: 28", "days_ahaed"),
}


@ONCE
@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told(kind, name):
    before, after, said = MISTAKES[name]
    assert before in BUNDLED
    with pytest.raises(RulesMistaken, match=said):
        read(ReadingRoomRules, BUNDLED.replace(before, after, 1))


@ONCE
def test_they_are_among_the_documents_and_all_is_said_in_all_languages(kind):
    assert ReadingRoomRules in DOCUMENTS
    assert set(NOTICES.values()) <= EVENTS.keys()
    assert all(sentence[-1] in ".}" for sentence in SENTENCES.values())


@ONCE
@given(day=DAYS, zone=ZONES, opens=QUARTERS, closes=QUARTERS)
def test_hours_are_those_of_the_archives_clock(kind, day, zone, opens, closes):
    assume(opens < closes)
    special = SpecialDay(day=day, hours=(Hours(opens=opens, closes=closes),), reason="x")
    there = rules(exceptions=(special,)).by(Calendar("CN", zone))
    for starts, ends in there.open_spans(day, "main"):
        assert {one.timestamp() % UNIT.total_seconds() for one in (starts, ends)} == {0}, "on quarters everywhere"
        assert all(there.day_of(one) == day for one in (starts, ends - dt.timedelta(seconds=1)) if starts < ends)
        wall = starts.astimezone(ZoneInfo(zone))
        assert (wall.time() == opens) or wall.dst() is not None, "but for an hour that the clock leaves out"


@ONCE
@given(start=st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 1, 1)), length=st.integers(1, 96))
def test_units_cover_a_visit_and_nothing_else(kind, start, length):
    starts = floor(start.replace(tzinfo=dt.UTC))
    ends = starts + length * UNIT
    covered = units(starts, ends)
    assert covered[0] == starts and covered[-1] + UNIT == ends and len(covered) == length
    assert units(ends, starts) == [] and floor(starts + UNIT / 2) == starts
    later = units(ends, ends + UNIT)
    assert not set(covered) & set(later), "visits that follow each other share nothing"


@ONCE
@given(day=DAYS, starts=QUARTERS, ends=QUARTERS)
def test_a_visit_lies_within_hours_and_bounds_or_is_refused(kind, day, starts, ends):
    assume(starts < ends)
    held = rules()
    a, b = held.at(day, starts), held.at(day, ends)
    try:
        check_length(held, a, b)
        check_open(held, "main", a, b, "en")
    except SeatRefused:
        return
    minutes = (b - a).total_seconds() / 60
    assert held.visits.shortest <= minutes <= held.visits.longest and minutes % held.visits.step == 0
    assert any(opens <= a and b <= closes for opens, closes in held.open_spans(day, "main"))
    assert held.special(day, "main") is None and day.weekday() < 5


TAILS = st.sampled_from(
    [
        "exceptions: []",
        "exceptions: []  # none yet",
        "exceptions:\n  - {day: 2026-12-31, reason: x}",
        "exceptions:\n- {day: 2026-12-31, reason: x}",
        "exceptions:   # days\n\n  # one\n    - day: 2026-12-31\n      reason: x",
        "",
    ]
)


@ONCE
@settings(max_examples=25, deadline=None)
@given(
    tail=TAILS,
    reason=st.text(min_size=1, max_size=300).filter(lambda text: text.strip()),
    hours=st.sampled_from(["", "09:00-12:00", "09:00-10:00, 11:00-12:00"]),
    room=st.sampled_from(["", "main"]),
)
def test_an_exception_is_added_and_all_else_stays(kind, tail, reason, hours, room):
    text = BUNDLED.replace("exceptions: []", tail)
    values = {"room": room, "day": MONDAY, "hours": hours, "reason": reason, "instead": MONDAY + dt.timedelta(days=1)}
    try:
        form = ClosingForm(**values)
    except ValueError:
        return
    added = closing.with_day(text, form)
    before, after = read(ReadingRoomRules, text), read(ReadingRoomRules, added)
    [new] = [one for one in after.exceptions if one.day == MONDAY]
    assert set(before.exceptions) < set(after.exceptions) and len(after.exceptions) == len(before.exceptions) + 1
    assert after.model_copy(update={"exceptions": before.exceptions}) == before
    assert (new.room, new.told("en"), len(new.hours)) == (
        room or None,
        form.reason.strip(),
        len(hours.split(",")) if hours else 0,
    )
    kept = [line for line in text.splitlines() if line.strip() and not line.startswith("exceptions")]
    lines = added.splitlines()
    assert [line for line in kept if line not in lines] == []


@ONCE
def test_a_text_that_cannot_be_added_to_says_so(kind):
    written_on = BUNDLED.replace("exceptions: []", "exceptions: [{day: 2026-12-31, reason: x}]")
    as_json = json.dumps(yaml_text.content(BUNDLED.replace("exceptions: []\n", "")), default=str)
    for text in (written_on, as_json):
        with pytest.raises(Conflict, match="add the day on the page of the rules"):
            closing.with_day(text, ClosingForm(day=MONDAY, reason="x"))


@pytest.mark.parametrize("holidays", ["closed", "open"])
def test_a_day_on_which_the_house_is_closed_closes_its_rooms(holidays):
    shut = Calendar(exceptions={MONDAY: Exceptional(working=False, name="盘点")})
    held = rules(holidays=holidays).by(shut)
    assert held.open_hours(MONDAY, "main") == () and held.open_hours(MONDAY, None) == ()
    assert held.special(MONDAY, "main").reason.in_language("zh-Hant") == "盘点"
    own = held.model_copy(
        update={
            "exceptions": (
                SpecialDay(day=MONDAY, reason=held.special(MONDAY, None).reason, hours=HELD.rooms["main"].hours["mon"]),
            )
        }
    ).by(shut)
    assert own.open_hours(MONDAY, "main")  # what is said of the room itself counts
