"""The inbox of staff: saved views with their counts, and the search of the window for a receipt code, a name or a
title.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal, get_args

from sqlalchemy import ColumnElement, Text, and_, cast, false, func, or_, select, true
from sqlalchemy.orm import Session

from mappings.access import Viewer, scopes
from mappings.grants import Scope
from service_desk import codes, policy, shown
from service_desk.database import OFFSET_BOUND, PAGE_BOUND, Database, paging
from service_desk.deadlines import Calendar
from service_desk.errors import Invalid
from service_desk.forms import one_line
from service_desk.machine import OPEN
from service_desk.models import Request
from service_desk.ports import Clock
from service_desk.views import Inbox

View = Literal["new", "mine", "late", "open", "closed"]
VIEWS: tuple[View, ...] = get_args(View)
_FIND_BOUND = 300


class InboxView:
    """Lists of requests, for staff."""

    def __init__(self, database: Database, clock: Clock, calendar: Calendar) -> None:
        self._database = database
        self._clock = clock
        self._calendar = calendar

    def page(self, viewer: Viewer, view: str = "new", *, find: str = "", size: int = 50, offset: int = 0) -> Inbox:
        """One page of a saved view, oldest first (closed ones: latest closed first). Raises NotAllowed, Invalid.

        `find` narrows to a receipt code, or to a part of name, contact, title or reference code; counts are of the
        views as a whole.
        """
        actor = policy.require_staff("inbox", viewer)
        today = self._calendar.day_of(self._clock.now())
        views = {name: condition & _seen_by(viewer) for name, condition in self._conditions(actor, today).items()}
        if view not in views:
            raise Invalid.one("view", f"one of {', '.join(VIEWS)}")
        wanted = [views[view], *_found(find)]
        order = (Request.closed.desc(), Request.id.desc()) if view == "closed" else (Request.submitted, Request.id)
        page = (
            select(Request)
            .where(*wanted)
            .order_by(*order)
            .offset(paging(offset, OFFSET_BOUND))
            .limit(paging(size, PAGE_BOUND))
        )
        with self._database.read() as session:
            return Inbox(
                view=view,
                total=_count(session, *wanted),
                rows=tuple(shown.inbox_row(row, self._calendar, today) for row in session.scalars(page)),
                counts={name: _count(session, condition) for name, condition in views.items()},
            )

    def _conditions(self, actor: str, today: dt.date) -> dict[str, ColumnElement[bool]]:
        is_open = Request.status.in_(sorted(OPEN))
        on_time = self._calendar.start_of(self._calendar.earliest_on_time(today))
        conditions: dict[View, ColumnElement[bool]] = {
            "new": Request.status == "submitted",
            "mine": (Request.status == "taken") & (Request.handler == actor),
            "late": is_open & (Request.submitted < on_time),
            "open": is_open,
            "closed": ~is_open,
        }
        return {name: conditions[name] for name in VIEWS}


def _seen_by(viewer: Viewer) -> ColumnElement[bool]:
    """The requests that this viewer's roles show: `policy.scopes_of` in the database's words."""
    return or_(*(_within(scope) for scope in scopes(viewer, "requests.see")))


def _within(scope: Scope) -> ColumnElement[bool]:
    if scope.department:
        return false()  # requests do not say to which it belongs
    limits = {"holder": scope.holder, "fonds": scope.fonds}
    held = [Request.hit[name].as_string() == value for name, value in limits.items() if value]
    if scope.theme:
        held.append(Request.hit["themes"].as_string().contains(f'"{scope.theme}"', autoescape=True))
    return and_(true(), *held)


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Request).where(*conditions)) or 0


def _found(text: str) -> list[ColumnElement[bool]]:
    sought = str(one_line(text))[:_FIND_BOUND]
    if not sought:
        return []
    title, reference_code = Request.hit["title"].as_string(), Request.hit["reference_code"].as_string()
    fields = (Request.name, Request.contact, cast(title, Text), cast(reference_code, Text))
    contained = (field.icontains(sought, autoescape=True) for field in fields)
    return [or_(Request.receipt == codes.normalise(sought), *contained)]
