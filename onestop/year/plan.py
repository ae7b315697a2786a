"""The plan of a year: when which requests come in, what fails, and what of it all has to be told at its end."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from onestop.year.days import ONE, Days, Staff, at
from onestop.year.lives import CHANNELS, HOURS, TYPES, End, Life, Writer, pick

CLERKS = ("zhou", "wu", "zheng", "feng", "chu", "wei", "jiang", "shen", "han", "yang")
LATELY = dt.timedelta(14)


class Plan(Struct, frozen=True):
    """A year: its lives by the time they are filed, who works, and the days on which search or mail is down."""

    days: Days
    staff: Staff
    lives: tuple[Life, ...]
    blind: frozenset[dt.date]
    mute: frozenset[dt.date]

    def ended(self, until: dt.datetime | None = None) -> Iterator[tuple[Life, End]]:
        """Every round that ended by then, by the last day when none is given, as it was known then: without stars that
        were given later.
        """
        until = until or at(self.days.last + ONE, 0)
        for life in self.lives:
            yield from ((life, _known(end, until)) for end in life.ends if end.at < until)


def _known(end: End, until: dt.datetime) -> End:
    return end if end.rated is None or end.rated < until else replace(end, stars=None, rated=None)


def plan(
    count: int, first: dt.date, last: dt.date, seed: int = 2026, clerks: Sequence[str] = CLERKS, lately: int = 0
) -> Plan:
    """A year of so many requests: the same for the same seed. `lately` more come in its last days, when more than
    usual is forgotten: they are what is open at its end.
    """
    chance, days = random.Random(f"{seed} {count}"), Days(first, last)  # noqa: S311
    blind, mute = (frozenset(chance.sample(days.inside, min(2, len(days.inside)))) for _ in range(2))
    a_day = 1 + round(1.6 * count / len(days.inside) / len(clerks))
    staff = Staff(clerks, a_day, days, chance)
    writer = Writer(days, staff, chance, blind)
    since = last - LATELY
    filings = sorted(_filing(days, chance, first if number < count else since) for number in range(count + lately))
    if lately:
        writer.forgets_from(since)
    lives = tuple(writer.life(number, *one) for number, one in enumerate(filings))
    return Plan(days, staff, lives, blind, mute)


def _filing(days: Days, chance: random.Random, first: dt.date) -> tuple[dt.datetime, str, str]:
    """When, not before `first`, what and how. The web is open at all hours, and used less when the house is shut."""
    type_ = pick(chance, TYPES)
    channel = chance.choice(("window", "phone")) if type_ == "emergency" else pick(chance, CHANNELS)
    if channel != "web":
        day = chance.choice([day for day in days.inside if day >= first] or days.inside)
        return at(day, chance.randrange(9, 13), chance.randrange(60)), type_, channel
    while True:
        day = first + chance.randrange((days.last - first).days + 1) * ONE
        if days.is_worked(day) or chance.random() < 0.4:
            break
    return at(day, chance.choices(range(24), HOURS)[0], chance.randrange(60)), type_, channel
