"""When a notice may leave: not in quiet hours, and after a failure later and later."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from service_desk.sending.rules import Quiet, Tries


def quiet_until(now: dt.datetime, quiet: Quiet, zone: ZoneInfo) -> dt.datetime | None:
    """When the quiet hours end that `now` lies in, in UTC; None outside them. Hours may pass midnight; on a day on
    which the clocks change they begin and end by what the clock on the wall shows.
    """
    if quiet.begins == quiet.ends:
        return None
    today = now.astimezone(zone).date()
    for day in (today - dt.timedelta(days=1), today):
        begins = _instant(day, quiet.begins, zone)
        until = day if quiet.begins < quiet.ends else day + dt.timedelta(days=1)
        ends = _instant(until, quiet.ends, zone)
        if begins <= now < ends:
            return ends
    return None


def _instant(day: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, time, zone).astimezone(dt.UTC)


def next_try(now: dt.datetime, attempts: int, tries: Tries) -> dt.datetime:
    """When a notice that failed for the `attempts`-th time is tried again."""
    pause = tries.pauses[min(max(attempts, 1), len(tries.pauses)) - 1]
    return now + dt.timedelta(minutes=pause)


def is_given_up(now: dt.datetime, since: dt.datetime, tries: Tries) -> bool:
    """Has it been tried long enough?"""
    return now - since >= dt.timedelta(days=tries.give_up_days)
