"""Seasons as months."""

from __future__ import annotations

from mappings.dates.days import Stretch, day, last_day, months


def season_of(year: int, first: int, last: int, until: int | None = None) -> Stretch:
    """From its first to its last month; a winter of one year only is at either end of it."""
    if until is not None and until > year:
        end = last if first <= last or until == year + 1 else 12
        return Stretch(day(year, first, 1), day(until, end, last_day(until, end)), "season")
    return months(year, 1, 12, "season") if last < first else months(year, first, last, "season")
