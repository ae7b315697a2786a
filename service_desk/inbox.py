"""The inbox of staff: saved views with their counts, narrowed by what a clerk looks for, in the order of what must
happen next, page by page.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any, Final, Literal, NamedTuple, get_args

from msgspec import Struct, structs
from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from mappings.access import Viewer, may_begin, scopes
from mappings.grants import Action, Scope
from service_desk import codes, inbox_pages, policy, shown
from service_desk.database import OFFSET_BOUND, PAGE_BOUND, Database, columns, paging
from service_desk.deadlines import ONE_DAY, Calendar
from service_desk.errors import Invalid
from service_desk.forms import one_line
from service_desk.inbox_rules import InboxRules
from service_desk.machine import OPEN, RUNNING, STATUSES, WAITING
from service_desk.models import Event, PolicyVersion, Request, Utc
from service_desk.ports import Clock
from service_desk.routes import Routes
from service_desk.rules import Rules
from service_desk.terms import Terms
from service_desk.views import Inbox, InboxRow

View = Literal["new", "mine", "late", "waiting", "open", "closed"]
Coordinated = Literal["stuck", "unassigned", "complex", "consent"]
VIEWS: tuple[View, ...] = get_args(View)
COORDINATED: tuple[Coordinated, ...] = get_args(Coordinated)
"""Views for those who coordinate: nobody did anything for long; accepted and in nobody's hands; of several houses or
otherwise for a coordinator; keyed in without the person's consent."""
COUNT_BOUND: Final = 100_000
"""No list is counted further."""
NOBODY: Final = "-"
"""In place of a handler: requests that nobody has in hand."""
_RUNNING, _OPEN = sorted(RUNNING), sorted(OPEN)
_HELD = ("handed_over", "taken", "released", "searching", "reopened")
"""Events after which somebody else has a request in hand."""
_FIND_BOUND = 300
_REMEMBERED = 256
_HANDED_BOUND = 20_000

Counts = dict[str, int]


class Narrowed(Struct, frozen=True):
    """What a view is narrowed to: each that is given. `handler` is an account, or `NOBODY`."""

    type: str | None = None
    department: str | None = None
    channel: str | None = None
    handler: str | None = None
    status: str | None = None
    urgent: bool | None = None


EVERYTHING: Final = Narrowed()


class InboxView:
    """Lists of requests, for staff."""

    def __init__(self, database: Database, clock: Clock, rules: Rules) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules
        self._counted = _Remembered()
        self._in_force: _InForce | None = None
        self._views: dict[object, _Views] = {}
        self._handed = _HandedOver()

    def forget_known(self) -> None:
        """Count anew, by the rules as they are."""
        self._counted.forget()
        self._in_force = None
        self._views, self._handed = {}, _HandedOver()

    def page(
        self,
        viewer: Viewer,
        view: str = "new",
        *,
        find: str = "",
        narrowed: Narrowed = EVERYTHING,
        at: str | None = None,
        size: int = 50,
        offset: int = 0,
    ) -> Inbox:
        """One page of a saved view, what must happen next first (closed ones: latest closed first); `at` is `next` or
        `previous` of another page. Raises NotAllowed, Invalid.

        `find` narrows to a receipt code, or to a part of name, contact, title or reference code; counts are of the
        views as a whole.
        """
        actor, now = policy.require_staff("inbox", viewer), self._clock.now()
        size = paging(size, PAGE_BOUND)
        with self._database.read() as session:
            last, in_force = self._standing(session)
            views = self._views_of(viewer, actor, in_force)
            values = views.values(now)
            if view not in views.names:
                raise Invalid.one("view", f"one of {', '.join(views.names)}")
            wanted = [views.of(view), *_found(find), *_only(narrowed)]
            order = inbox_pages.CLOSED if view == "closed" else inbox_pages.NEXT
            is_whole = len(wanted) == 1
            query = views.first(view, order, size) if is_whole else inbox_pages.first(wanted, order, size)
            page = paging(offset, OFFSET_BOUND)
            found = inbox_pages.fetch(session, query, values, wanted, order, at, size, page)
            rows = shown.inbox_rows(session, found.rows, in_force.terms, now)
            key = (viewer, last, in_force.version, now.replace(second=0, microsecond=0))
            counts = self._counted.get(key, lambda: _counts(session, views, values))
            return Inbox(
                view=view,
                total=counts[view] if is_whole else _count(session, wanted, values),
                rows=self._handed.told(session, found.rows, rows) if view == "mine" else rows,
                counts=counts,
                next=found.next,
                previous=found.previous,
            )

    def _standing(self, session: Session) -> tuple[int, _InForce]:
        """The number of the last event, and the rules in force, read anew when there is a newer version of any.

        Counts hold until anything happens at the desk, and for the minute: in the next one something may be late.
        """
        last, version = columns(session, _NEWEST).one()
        known = self._in_force
        if known is None or known.version != version:
            rule = self._rules.within(session, InboxRules)
            known = self._in_force = _InForce(version, Terms.of(self._rules, session), rule)
        return last, known

    def _views_of(self, viewer: Viewer, actor: str, in_force: _InForce) -> _Views:
        """Made once for everybody, as long as no rules change."""
        key = viewer, in_force.version
        known = self._views.get(key)
        if known is None:
            if len(self._views) >= _REMEMBERED:
                self._views.clear()
            known = self._views[key] = _Views(viewer, actor, in_force)
        return known


_NEWEST = select(select(func.max(Event.id)).scalar_subquery(), select(func.max(PolicyVersion.id)).scalar_subquery())


class _InForce(NamedTuple):
    """The rules that lists follow, and the number of the newest version of any rules."""

    version: int | None
    terms: Terms
    inbox: InboxRules


class _Views:
    """The views of somebody, each made when it is asked for, with names in place of what goes on with time."""

    def __init__(self, viewer: Viewer, actor: str, in_force: _InForce) -> None:
        self._viewer = viewer
        self._actor = actor
        self._in_force = in_force
        self._coordinates = may_begin(viewer, "requests.coordinate")
        self.names: tuple[str, ...] = (*VIEWS, *COORDINATED) if self._coordinates else VIEWS
        self._made: dict[str, ColumnElement[bool]] = {}
        self._first: dict[tuple[str, int], Select[Any]] = {}

    def of(self, name: str) -> ColumnElement[bool]:
        """What is in a view."""
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def first(self, name: str, order: inbox_pages.Order, size: int) -> Select[Any]:
        """What asks for the first page of a view, in its order."""
        if (name, size) not in self._first:
            if len(self._first) >= _REMEMBERED:
                self._first.clear()
            self._first[name, size] = inbox_pages.first([self.of(name)], order, size)
        return self._first[name, size]

    def values(self, now: dt.datetime) -> dict[str, object]:
        """What the names stand for at that moment."""
        if not self._coordinates:
            return {"now": now}
        calendar = self._in_force.terms.calendar
        quiet = _working_days_ago(calendar, now, self._in_force.inbox.stuck_after)
        return {"now": now, "quiet": calendar.start_of(quiet)}

    def _make(self, name: str) -> ColumnElement[bool]:
        seen = seen_by(self._viewer)
        if name not in COORDINATED:
            return _condition(name, self._actor) & seen
        return _coordinated(self._in_force.terms.routes)[name] & seen & seen_by(self._viewer, "requests.coordinate")


def seen_by(viewer: Viewer, action: Action = "requests.see") -> ColumnElement[bool]:
    """The requests that this viewer's roles show: `policy.scopes_of` in the database's words."""
    return or_(false(), *(_within(scope) for scope in scopes(viewer, action)))


def _counts(session: Session, views: _Views, values: Mapping[str, object]) -> Counts:
    """All views of what is open in one look at it; what is closed apart, since it grows for years."""
    open_ones = [name for name in views.names if name != "closed"]
    sums = [func.coalesce(func.sum(case((views.of(name), 1), else_=0)), 0) for name in open_ones]
    row = session.execute(select(*sums).where(Request.status.in_(_OPEN)), values).one()
    counted = dict(zip(open_ones, map(int, row), strict=True))
    return {
        name: counted[name] if name in counted else _count(session, [views.of(name)], values) for name in views.names
    }


def _count(session: Session, conditions: Sequence[ColumnElement[bool]], values: Mapping[str, object]) -> int:
    bounded = select(Request.id).where(*conditions).limit(COUNT_BOUND).subquery()
    return session.scalar(select(func.count()).select_from(bounded), values) or 0


_NOW, _QUIET = (bindparam(name, type_=Utc()) for name in ("now", "quiet"))


def _condition(view: str, actor: str) -> ColumnElement[bool]:
    running = Request.status.in_(_RUNNING)
    made: dict[str, Callable[[], ColumnElement[bool]]] = {
        "new": lambda: running & Request.handler.is_(None),
        "mine": lambda: Request.status.in_(_OPEN) & (Request.handler == actor),
        "late": lambda: running & (Request.due <= _NOW),
        "waiting": lambda: Request.status.in_(sorted(WAITING | {"ready"})),
        "open": lambda: Request.status.in_(_OPEN),
        "closed": lambda: Request.status.in_(sorted(set(STATUSES) - OPEN)),
    }
    return made[view]()


def _coordinated(routes: Routes) -> dict[str, ColumnElement[bool]]:
    complex_routes = [name for name, route in routes.routes.items() if route.to == "coordinator"]
    somebody = (Event.request_id == Request.id) & (Event.party != "desk") & (Event.at >= _QUIET)
    running = Request.status.in_(sorted(RUNNING))
    return {
        "stuck": running & ~exists().where(somebody),
        "unassigned": Request.handler.is_(None) & Request.status.in_(sorted(RUNNING - {"submitted"})),
        "complex": Request.status.in_(sorted(OPEN)) & Request.route.in_(complex_routes),
        "consent": Request.status.in_(sorted(OPEN)) & Request.keyed_by.is_not(None) & Request.consent.is_(None),
    }


def _working_days_ago(calendar: Calendar, now: dt.datetime, days: int) -> dt.date:
    """The day after which so many working days have passed with today."""
    day = calendar.day_of(now)
    while days > 0:
        days -= calendar.is_working(day)
        day -= ONE_DAY
    return day


def _within(scope: Scope) -> ColumnElement[bool]:
    limits = {"holder": scope.holder, "fonds": scope.fonds}
    held = [Request.hit[name].as_string() == value for name, value in limits.items() if value]
    if scope.department:
        held.append(Request.department == scope.department)
    if scope.theme:
        held.append(Request.hit["themes"].as_string().contains(f'"{scope.theme}"', autoescape=True))
    return and_(true(), *held)


def _found(text: str) -> list[ColumnElement[bool]]:
    sought = str(one_line(text))[:_FIND_BOUND]
    if not sought:
        return []
    title, reference_code = Request.hit["title"].as_string(), Request.hit["reference_code"].as_string()
    fields = (Request.name, Request.contact, cast(title, Text), cast(reference_code, Text))
    contained = (field.icontains(sought, autoescape=True) for field in fields)
    return [or_(Request.receipt == codes.normalise(sought), *contained)]


def _only(narrowed: Narrowed) -> list[ColumnElement[bool]]:
    given = {name: value for name, value in structs.asdict(narrowed).items() if value is not None}
    if given.get("handler") == NOBODY:
        del given["handler"]
        return [Request.handler.is_(None), *_equal(given)]
    return _equal(given)


def _equal(given: dict[str, object]) -> list[ColumnElement[bool]]:
    cleaned = {name: one_line(value) for name, value in given.items()}
    return [getattr(Request, name) == value for name, value in cleaned.items()]


_WHO_HELD = (
    select(Event.request_id, Event.what, Event.actor)
    .where(Event.request_id.in_(bindparam("ids", expanding=True)), Event.what.in_(_HELD))
    .order_by(Event.request_id, Event.number)
)


class _HandedOver:
    """Who handed a request over to its handler: asked once for each of its versions, since events are only added."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], str | None] = {}

    def told(self, session: Session, found: Sequence[Row[Any]], rows: tuple[InboxRow, ...]) -> tuple[InboxRow, ...]:
        """The rows of somebody's own, with who handed them over where that is how they came."""
        by = self._by(session, {(one.id, one.version) for one in found})
        pairs = ((row, by[one.id, one.version]) for one, row in zip(found, rows, strict=True))
        return tuple(structs.replace(row, handed_by=who) if who else row for row, who in pairs)

    def _by(self, session: Session, wanted: set[tuple[int, int]]) -> dict[tuple[int, int], str | None]:
        known = {key: self._known[key] for key in wanted if key in self._known}
        asked = dict(wanted - known.keys())
        if asked:
            last = {id: (what, actor) for id, what, actor in session.execute(_WHO_HELD, {"ids": sorted(asked)})}
            new = {(id, asked[id]): actor if what == "handed_over" else None for id, (what, actor) in last.items()}
            known |= dict.fromkeys(asked.items()) | new
            if len(self._known) + len(asked) > _HANDED_BOUND:
                self._known = {}
            self._known |= known
        return known


class _Remembered:
    """The last counts, for as long as nothing has happened; shared between threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[object, Counts] = OrderedDict()
        self._lock = Lock()

    def get(self, key: object, count: Callable[[], Counts]) -> Counts:
        with self._lock:
            known = self._kept.get(key)
        if known is None:
            known = count()
            with self._lock:
                self._kept[key] = known
                while len(self._kept) > _REMEMBERED:
                    self._kept.popitem(last=False)
        return dict(known)

    def forget(self) -> None:
        """Count anew the next time."""
        with self._lock:
            self._kept.clear()
