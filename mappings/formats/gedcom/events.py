"""Dates and events of GEDCOM, and who may still be alive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from mappings.dates import NOTHING, Span, parse
from mappings.record import clean

# Individual and family events (GEDCOM 7, 3.3): tag -> what a reader is told
EVENTS = {
    "BIRT": "born", "CHR": "christened", "BAPM": "baptised", "BARM": "bar mitzvah", "BASM": "bas mitzvah",
    "CONF": "confirmed", "FCOM": "first communion", "ORDN": "ordained", "NATU": "naturalised", "EMIG": "emigrated",
    "IMMI": "immigrated", "CENS": "census", "PROB": "probate", "WILL": "will", "GRAD": "graduated",
    "RETI": "retired", "DEAT": "died", "BURI": "buried", "CREM": "cremated", "ADOP": "adopted", "RESI": "residence",
    "EDUC": "education", "TITL": "title", "RELI": "religion", "NATI": "nationality", "CAST": "caste", "EVEN": "event",
    "FACT": "fact", "PROP": "property", "DSCR": "description", "MARR": "married", "MARB": "banns", "MARC": "contract",
    "MARL": "licence", "MARS": "settlement", "ENGA": "engaged", "DIV": "divorced", "DIVF": "divorce filed",
    "ANUL": "annulled",
}  # fmt: skip
_ENDS = frozenset({"DEAT", "BURI", "CREM", "PROB"})
YEARS_OF_LIFE = 110
_FIRST_FILE = 1984  # GEDCOM 1.0: no file, and so no date of a file, is older
_LATEST = 2026  # when the rule was written: a file dated later is believed only up to here


class Event(Struct, frozen=True):
    """Something that happened: its tag, its value, the date as written and in years, the place, the kind stated."""

    tag: str
    value: str | None = None
    date: str | None = None
    years: Span = NOTHING
    place: str | None = None
    kind: str | None = None

    @property
    def name(self) -> str:
        """What happened, in a word or two; events of a source's own are called as it calls them."""
        return self.kind if self.tag in ("EVEN", "FACT") and self.kind else EVENTS[self.tag]

    def told(self) -> str:
        """The event on one line: "born 2 OCT 1864, Löderup"."""
        value = self.value if self.value not in (None, "Y", "N") else None
        said = f"{self.name}: {value}" if value else self.name
        return ", ".join(part for part in (f"{said} {self.date}" if self.date else said, self.place) if part)


def events(record: Any) -> list[Event]:
    """The events of an individual or a family, in the order of the file."""
    return [_event(inner) for inner in record.sub_records if inner.tag in EVENTS]


def _event(record: Any) -> Event:
    date = record.sub_tag("DATE", follow=False)
    text, years = dated(date.value) if date is not None else (None, NOTHING)
    return Event(record.tag, written(record), text, years, below(record, "PLAC"), below(record, "TYPE"))


def written(record: Any) -> str | None:
    """The value of a record, if it is text."""
    return clean(record.value) if isinstance(record.value, str) else None


def below(record: Any, tag: str) -> str | None:
    """The text of the first record of that tag inside one."""
    found = record.sub_tag(tag, follow=False)
    return written(found) if found is not None else None


def dated(value: Any) -> tuple[str | None, Span]:
    """(text, years) of a GEDCOM date value, in any of its calendars."""
    from ged4py.date import DateValuePhrase, DateValueTypes

    if isinstance(value, DateValuePhrase):
        text = clean(value.phrase)
        return text, parse(text) if text else NOTHING
    first, last = value.key()
    begin, end = _years(first)[0], _years(last)[1]
    if value.kind in (DateValueTypes.BEFORE, DateValueTypes.TO):
        begin = None
    elif value.kind in (DateValueTypes.AFTER, DateValueTypes.FROM):
        end = None
    return clean(str(value)), (begin, end)


def _years(date: Any) -> Span:
    """The astronomical years of the Gregorian calendar in which a date can lie."""
    from ged4py.calendar import GregorianDate, HebrewDate

    if isinstance(date, GregorianDate):
        year = 1 - date.year if date.bc else date.year
        return year, year
    if isinstance(date, HebrewDate):
        return _hebrew(date.year, date.month)
    try:
        year = dt.date.fromordinal(int(date.key()[0] - _DAY_BEFORE_ALL)).year
    except (ValueError, OverflowError, TypeError, IndexError):
        return NOTHING
    return year, year


def _hebrew(year: int, month: str | None) -> Span:
    """The year begins in autumn: two months before the New Year, two around it, the others after. The library counts
    months from spring and would be off by half a year.
    """
    if month in ("TSH", "CSH"):
        return year - 3761, year - 3761
    return (year - 3761 if month in ("KSL", "TVT", None) else year - 3760), year - 3760


_DAY_BEFORE_ALL = 1721424.5  # the Julian day at the end of which the year 1 begins


def written_in(years: Iterable[int]) -> int:
    """The year by which the living are told: the latest date of the file that can be one."""
    return max((year for year in years if year <= _LATEST), default=_FIRST_FILE)


def died(found: list[Event]) -> bool:
    """Is there an end: a death, burial, cremation or probate that is not denied?"""
    return any(event.tag in _ENDS and event.value != "N" for event in found)


def first_years(found: list[Event]) -> Iterator[int]:
    """The latest year in which each event can have been: cautious, since the rule counts from it. What a source calls
    an event or fact of its own need not fall into a lifetime.
    """
    for event in found:
        if event.years[1] is not None and event.tag not in ("EVEN", "FACT"):
            yield event.years[1]


def may_live(known: Iterable[int], reference: int) -> bool:
    """May somebody without an end still live? Not when the first thing known is more than 110 years before the file."""
    first = min(known, default=None)
    return first is None or first + YEARS_OF_LIFE >= reference
