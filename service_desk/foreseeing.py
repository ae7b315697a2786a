"""What changed rules would do to open requests, told before they are brought into force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from service_desk.calendar_rules import CalendarRules
from service_desk.machine import OPEN, RUNNING
from service_desk.models import Request
from service_desk.ports import Clock
from service_desk.request_types import Types
from service_desk.rules import Rules
from service_desk.terms import Terms, standing
from service_desk.told import Title


def foresee_dates(rules: Rules, clock: Clock) -> None:
    """Have those who change types or calendar told how many open dates move, and how many would be missed by that."""

    def of_types(session: Session, new: Types) -> Iterator[Title]:
        return _moved(session, replace(Terms.of(rules, session), types=new), clock.now())

    def of_calendar(session: Session, new: CalendarRules) -> Iterator[Title]:
        return _moved(session, replace(Terms.of(rules, session), calendar=new.calendar()), clock.now())

    rules.foreseen(Types, of_types)
    rules.foreseen(CalendarRules, of_calendar)


def _moved(session: Session, terms: Terms, now: dt.datetime) -> Iterator[Title]:
    moved = missed = 0
    for request in session.scalars(select(Request).where(Request.status.in_(sorted(OPEN)))):
        due = terms.due(request.type, standing(request), now)
        moved += due != request.due
        was_late = request.due is not None and request.due <= now
        missed += request.status in RUNNING and due is not None and due <= now and not was_late
    if moved:
        yield Title.of(
            f"Open dates that move: {moved:,}.", f"变动的未结期限：{moved} 个。", f"變動的未結期限：{moved} 個。"
        )
    if missed:
        yield Title.of(
            f"Requests that are late by that at once: {missed:,}.",
            f"因此立即迟延的申请：{missed} 件。",
            f"因此立即遲延的申請：{missed} 件。",
        )
