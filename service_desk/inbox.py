"""The inbox of staff: saved views with their counts, and the search of the window for a receipt code, a name or a
title.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal, get_args

from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, or_, select, true
from sqlalchemy.orm import Session

from mappings.access import Viewer, scopes
from mappings.grants import Scope
from service_desk import codes, policy, shown
from service_desk.database import OFFSET_BOUND, PAGE_BOUND, Database, paging
from service_desk.errors import Invalid
from service_desk.forms import one_line
from service_desk.machine import OPEN, RUNNING, WAITING
from service_desk.models import Request
from service_desk.ports import Clock
from service_desk.rules import Rules
from service_desk.terms import Terms
from service_desk.views import Inbox, InboxRow

View = Literal["new", "mine", "late", "waiting", "open", "closed"]
VIEWS: tuple[View, ...] = get_args(View)
_FIND_BOUND = 300


class InboxView:
    """Lists of requests, for staff."""

    def __init__(self, database: Database, clock: Clock, rules: Rules) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules

    def page(self, viewer: Viewer, view: str = "new", *, find: str = "", size: int = 50, offset: int = 0) -> Inbox:
        """One page of a saved view, what is urgent and due first (closed ones: latest closed first). Raises NotAllowed,
        Invalid.

        `find` narrows to a receipt code, or to a part of name, contact, title or reference code; counts are of the
        views as a whole.
        """
        actor = policy.require_staff("inbox", viewer)
        now = self._clock.now()
        views = {name: condition & _seen_by(viewer) for name, condition in _conditions(actor, now).items()}
        if view not in views:
            raise Invalid.one("view", f"one of {', '.join(VIEWS)}")
        wanted = [views[view], *_found(find)]
        next_first = (Request.urgent.desc(), Request.due.is_(None), Request.due, Request.id)
        order = (Request.closed.desc(), Request.id.desc()) if view == "closed" else next_first
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
                rows=self._rows(session, page, now),
                counts={name: _count(session, condition) for name, condition in views.items()},
            )

    def _rows(self, session: Session, page: Select[Request], now: dt.datetime) -> tuple[InboxRow, ...]:
        terms = Terms.of(self._rules, session)
        return tuple(shown.inbox_row(row, terms, now) for row in session.scalars(page))


def _conditions(actor: str, now: dt.datetime) -> dict[str, ColumnElement[bool]]:
    is_open = Request.status.in_(sorted(OPEN))
    conditions: dict[View, ColumnElement[bool]] = {
        "new": is_open & Request.handler.is_(None) & Request.status.in_(sorted(RUNNING)),
        "mine": is_open & (Request.handler == actor),
        "late": Request.status.in_(sorted(RUNNING)) & (Request.due <= now),
        "waiting": Request.status.in_(sorted(WAITING | {"ready"})),
        "open": is_open,
        "closed": ~is_open,
    }
    return {name: conditions[name] for name in VIEWS}


def _seen_by(viewer: Viewer) -> ColumnElement[bool]:
    """The requests that this viewer's roles show: `policy.scopes_of` in the database's words."""
    return or_(*(_within(scope) for scope in scopes(viewer, "requests.see")))


def _within(scope: Scope) -> ColumnElement[bool]:
    limits = {"holder": scope.holder, "fonds": scope.fonds}
    held = [Request.hit[name].as_string() == value for name, value in limits.items() if value]
    if scope.department:
        held.append(Request.department == scope.department)
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
