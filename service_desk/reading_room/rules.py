"""What an administrator says of the reading room and of the window: rooms, seats, hours, lengths, limits, services."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated, ClassVar, Final, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, PrivateAttr, StringConstraints, field_validator, model_validator

from mappings.sentences import Sentence, sentence
from service_desk.deadlines import Calendar
from service_desk.rules import Document
from service_desk.told import Title, Told

UNIT: Final = dt.timedelta(minutes=15)
"""What seats are kept by. Every time of the rules is a multiple of it, so that a booking made under other rules still
stands in the way of those made today."""
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: Final[tuple[Weekday, ...]] = get_args(Weekday)
_HOURS = re.compile(r"([01]\d|2[0-3]):(00|15|30|45)-([01]\d|2[0-3]):(00|15|30|45)")


def _text(value: object) -> object:
    """A number that YAML read where a name was meant."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Label = Annotated[str, BeforeValidator(_text), StringConstraints(pattern=r"^[\w.-]{1,20}$")]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class Hours(Told):
    """From when to when, by the clock of the archive. In YAML ``09:00-17:00``."""

    opens: dt.time
    closes: dt.time

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        found = _HOURS.fullmatch(value.replace(" ", ""))
        if found is None or found[0][:5] >= found[0][6:]:
            said = "{given!r} are no hours; write them as 09:00-17:00, in quarters of an hour"
            raise ValueError(sentence(said, given=value[:60]))
        return {"opens": dt.time(int(found[1]), int(found[2])), "closes": dt.time(int(found[3]), int(found[4]))}


def _in_order(spans: tuple[Hours, ...]) -> tuple[Hours, ...]:
    for one, other in pairwise(spans):
        if other.opens < one.closes:
            said = "hours of one day must follow each other; put them in order, without overlap"
            raise ValueError(sentence(said))
    return spans


class Seat(Told):
    """A place to work at."""

    number: Label
    features: tuple[Code, ...] = ()


class Room(Told):
    """A reading room. `capacity` is how many people may be in it at once, all seats when it is left out."""

    title: Title
    seats: Annotated[tuple[Seat, ...], Field(min_length=1, max_length=500)]
    hours: dict[Weekday, tuple[Hours, ...]]
    capacity: Annotated[int, Field(ge=1)] | None = None

    @field_validator("hours")
    @classmethod
    def _follow(cls, hours: dict[Weekday, tuple[Hours, ...]]) -> dict[Weekday, tuple[Hours, ...]]:
        return {day: _in_order(spans) for day, spans in hours.items()}

    @model_validator(mode="after")
    def _once(self) -> Room:
        numbers = [seat.number for seat in self.seats]
        if twice := {number for number in numbers if numbers.count(number) > 1}:
            raise ValueError(sentence("seat {seat} is there twice; number each seat once", seat=min(twice)))
        return self

    def seat(self, number: str) -> Seat | None:
        """The seat of that number."""
        return next((seat for seat in self.seats if seat.number == number), None)

    @property
    def places(self) -> int:
        """How many people may be here at once."""
        return min(self.capacity or len(self.seats), len(self.seats))


class SpecialDay(Told):
    """A day unlike its weekday: closed, or open at `hours`; in one room, or, without one, in all and at the window.

    `reason` is told to readers; a text that is not translated is told as it is. Bookings that the day leaves no room
    for are moved to the day `instead`, else cancelled.
    """

    day: dt.date
    room: Code | None = None
    hours: tuple[Hours, ...] = ()
    reason: Title | Reason
    instead: dt.date | None = None

    @field_validator("hours")
    @classmethod
    def _follow(cls, hours: tuple[Hours, ...]) -> tuple[Hours, ...]:
        return _in_order(hours)

    def told(self, language: str) -> str:
        """The reason in that language."""
        return self.reason if isinstance(self.reason, str) else self.reason.in_language(language)


class Visits(Told):
    """Bounds of a visit, in minutes; `days_ahead` in days; `at_once` bookings of one reader that are still to come."""

    step: Literal[15, 30, 60] = 30
    shortest: Annotated[int, Field(ge=15, le=1440, multiple_of=15)] = 30
    longest: Annotated[int, Field(ge=15, le=1440, multiple_of=15)] = 480
    days_ahead: Annotated[int, Field(ge=0, le=366)] = 28
    at_once: Annotated[int, Field(ge=1, le=100)] = 3
    records: Annotated[int, Field(ge=0, le=40)] = 5
    fetch_minutes: Annotated[int, Field(ge=0, le=20_160)] = 120
    kept_days: Annotated[int, Field(ge=1, le=3_660)] = 365

    @model_validator(mode="after")
    def _fits(self) -> Visits:
        if self.shortest > self.longest or self.shortest % self.step or self.longest % self.step:
            said = "shortest and longest must be multiples of step, and shortest not the longer one"
            raise ValueError(sentence(said))
        return self


class Missed(Told):
    """Seats that nobody took: free again `minutes` after the beginning. Who missed `times` bookings within `days` asks
    at the window.
    """

    minutes: Annotated[int, Field(ge=0, le=480)] = 30
    times: Annotated[int, Field(ge=1, le=100)] = 3
    days: Annotated[int, Field(ge=1, le=3_660)] = 180


class Service(Told):
    """What people come to the window for; its tickets begin with `letter`."""

    title: Title
    letter: Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]


class Window(Told):
    """The queue: services, counters, and what the expected wait is worked out from - the last `weeks`, when there are
    at least `enough` tickets. `most_waiting` bounds the tickets of a service that wait at once.
    """

    hours: dict[Weekday, tuple[Hours, ...]]
    services: Annotated[dict[Code, Service], Field(min_length=1)]
    counters: Annotated[dict[Label, Title], Field(min_length=1)]
    weeks: Annotated[int, Field(ge=1, le=52)] = 4
    enough: Annotated[int, Field(ge=1, le=1000)] = 5
    most_waiting: Annotated[int, Field(ge=1, le=1000)] = 100

    @field_validator("hours")
    @classmethod
    def _follow(cls, hours: dict[Weekday, tuple[Hours, ...]]) -> dict[Weekday, tuple[Hours, ...]]:
        return {day: _in_order(spans) for day, spans in hours.items()}

    @model_validator(mode="after")
    def _letters(self) -> Window:
        letters = [service.letter for service in self.services.values()]
        if len(set(letters)) < len(letters):
            said = "two services have the same letter; give each its own, or tickets cannot be told apart"
            raise ValueError(sentence(said))
        return self


class ReadingRoomRules(Document):
    """All of it."""

    name: ClassVar[str] = "reading_room"
    called: ClassVar[Title | None] = Title.of("Reading room and window", "阅览室与窗口", "閱覽室與窗口")

    holidays: Literal["closed", "open"] = "closed"
    features: dict[Code, Title] = Field(default_factory=dict)
    rooms: Annotated[dict[Code, Room], Field(min_length=1)]
    exceptions: tuple[SpecialDay, ...] = ()
    visits: Visits = Visits()
    missed: Missed = Missed()
    window: Window
    _calendar: Calendar = PrivateAttr(default_factory=Calendar)

    def by(self, calendar: Calendar) -> ReadingRoomRules:
        """The same by the clock and the holidays of this calendar, which is a document of its own."""
        made = self.model_copy()
        made._calendar = calendar
        return made

    @model_validator(mode="after")
    def _fits_together(self) -> ReadingRoomRules:
        for mistake in (*self._unknown_features(), *self._unknown_days()):
            raise ValueError(mistake)
        return self

    def _unknown_features(self) -> Iterator[Sentence]:
        for name, room in self.rooms.items():
            for seat in room.seats:
                if unknown := [one for one in seat.features if one not in self.features]:
                    said = "seat {seat} of {room} has {feature!r}, which features do not name; add it there"
                    yield sentence(said, seat=seat.number, room=name, feature=unknown[0])

    def _unknown_days(self) -> Iterator[Sentence]:
        met: set[tuple[dt.date, str | None]] = set()
        for special in self.exceptions:
            if special.room is not None and special.room not in self.rooms:
                said = "the exception on {day} is for the room {room!r}, which there is not"
                yield sentence(said, day=special.day, room=special.room)
            if (special.day, special.room) in met:
                yield sentence("there are two exceptions on {day} for the same room; keep one", day=special.day)
            if special.instead is not None and special.instead <= special.day:
                said = "the exception on {day} moves bookings to {instead}, which is not later"
                yield sentence(said, day=special.day, instead=special.instead)
            met.add((special.day, special.room))

    @property
    def zone(self) -> ZoneInfo:
        """The clock of the archive."""
        return ZoneInfo(self._calendar.timezone)

    def day_of(self, instant: dt.datetime) -> dt.date:
        """The archive's day at that instant."""
        return instant.astimezone(self.zone).date()

    def at(self, day: dt.date, time: dt.time) -> dt.datetime:
        """The instant at which the archive's clock shows that."""
        return dt.datetime.combine(day, time, self.zone).astimezone(dt.UTC)

    def special(self, day: dt.date, room: str | None) -> SpecialDay | None:
        """What is unusual about that day in that room (None: at the window): what is said of the room itself, else of
        all, else that it is a holiday.
        """
        those = [one for one in self.exceptions if one.day == day and one.room in (None, room)]
        return max(those, key=lambda one: one.room is not None, default=None) or self._holiday(day)

    def _holiday(self, day: dt.date) -> SpecialDay | None:
        if own := self._calendar.own_day_off(day):  # the house is closed, whatever is done on public holidays
            return SpecialDay(day=day, reason=Title.of(own, own, own))
        name = self._calendar.holiday_name(day) if self.holidays == "closed" else ""
        if not name or self._calendar.is_working(day):
            return None
        return SpecialDay(day=day, reason=Title(**{"en": name, "zh-Hans": "节假日", "zh-Hant": "國定假日"}))

    def open_hours(self, day: dt.date, room: str | None) -> Sequence[Hours]:
        """When a room, or the window, is open on that day."""
        if (special := self.special(day, room)) is not None:
            return special.hours
        week = self.window.hours if room is None else self.rooms[room].hours
        return week.get(WEEKDAYS[day.weekday()], ())

    def open_spans(self, day: dt.date, room: str | None) -> list[tuple[dt.datetime, dt.datetime]]:
        """The same as instants."""
        return [(self.at(day, one.opens), self.at(day, one.closes)) for one in self.open_hours(day, room)]
