"""Pages of the inbox that stay where they are: each begins after the last row of the one before, by what it is ordered
by, so that a request that was done in between moves none.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Row, Select, SQLColumnExpression, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from service_desk.database import columns
from service_desk.errors import Invalid
from service_desk.machine import RUNNING
from service_desk.models import Request, Utc

_NEVER: Final = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)
_PLACE: Final = re.compile(r"([<>])(\d{1,9})\.(\d{1,18})\.(\d{1,18})", re.ASCII)

Place = tuple[int, dt.datetime, int]
"""Where a row stands: a rank, an instant, its number."""


Column = SQLColumnExpression[Any]


class Order(Struct, frozen=True):
    """What a list is ordered by, and the same of a row."""

    columns: tuple[Column, Column, Column]
    place: Callable[[Row[Any]], Place]
    newest_first: bool = False


class Found(Struct, frozen=True):
    """The rows of a page, and the names of those beside it."""

    rows: tuple[Row[Any], ...]
    next: str | None
    previous: str | None


def _rank(request: Row[Any]) -> int:
    return (0 if request.urgent else 1) if request.status in RUNNING else 2


_RANK: Final = case(
    (Request.status.not_in(sorted(RUNNING)), 2),
    (Request.urgent.is_(True), 0),
    else_=1,
)
_COLUMNS: Final = (
    Request.id,
    Request.receipt,
    Request.status,
    Request.type,
    Request.version,
    Request.hit,
    Request.more,
    Request.name,
    Request.handler,
    Request.submitted,
    Request.closed,
    Request.clock,
    Request.due,
    Request.urgent,
    Request.department,
    Request.keyed_by,
    Request.consent,
)
"""What a line shows."""
NEXT: Final = Order(
    (_RANK, func.coalesce(Request.due, literal(_NEVER, Utc)), Request.id),
    lambda row: (_rank(row), row.due or _NEVER, row.id),
)
"""Urgent, then by date, then what waits for somebody else."""
CLOSED: Final = Order(
    (literal(0), func.coalesce(Request.closed, Request.submitted), Request.id),
    lambda row: (0, row.closed or row.submitted, row.id),
    newest_first=True,
)


def first(wanted: Sequence[ColumnElement[bool]], order: Order, size: int) -> Select[Any]:
    """What asks for the first page, to be kept by whoever asks again: making it takes longer than asking."""
    return _query(wanted, order, None, order.newest_first).limit(size + 1)


def fetch(
    session: Session,
    query: Select[Any],
    values: Mapping[str, object],
    wanted: Sequence[ColumnElement[bool]],
    order: Order,
    at: str | None,
    size: int,
    offset: int,
) -> Found:
    """The page at that place, of these requests: by `query` when it is the first one. `values` are those that the
    conditions name. Raises Invalid for what names no page.
    """
    backwards, place = _read(at) if at else (False, None)
    if place is not None or offset:
        descends = order.newest_first != backwards
        query = _query(wanted, order, place, descends).offset(offset).limit(size + 1)
    rows = list(columns(session, query, values))
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    after = bool(rows) and (more or backwards)
    before = bool(rows) and (more if backwards else place is not None or offset > 0)
    return Found(
        tuple(rows),
        _name(">", order.place(rows[-1])) if after else None,
        _name("<", order.place(rows[0])) if before else None,
    )


def _query(wanted: Sequence[ColumnElement[bool]], order: Order, place: Place | None, descends: bool) -> Select[Any]:
    query = select(*_COLUMNS).where(*wanted)
    if place is not None:
        query = query.where(_beyond(order.columns, place, descends))
    return query.order_by(*(column.desc() if descends else column for column in _ordered(order)))


def _ordered(order: Order) -> tuple[Column, ...]:
    return order.columns[1:] if order.newest_first else order.columns


def _beyond(columns: Sequence[Column], place: Place, descends: bool) -> ColumnElement[bool]:
    """Later in the order than this place: of the first column that differs."""
    conditions: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    for column, value in zip(columns, place, strict=True):
        bound = literal(value, Utc) if isinstance(value, dt.datetime) else literal(value)
        conditions.append(and_(*same, column < bound if descends else column > bound))
        same.append(column == bound)
    return or_(*conditions)


def _name(direction: str, place: Place) -> str:
    rank, at, number = place
    return f"{direction}{rank}.{(at - _EPOCH) // _MICROSECOND}.{number}"


def _read(name: str) -> tuple[bool, Place]:
    match = _PLACE.fullmatch(name)
    if match is None:
        raise Invalid.one("at", "`next` or `previous` of a page")
    rank, instant, number = (int(part) for part in match.groups()[1:])
    try:
        return match[1] == "<", (rank, _EPOCH + instant * _MICROSECOND, number)
    except OverflowError:
        raise Invalid.one("at", "`next` or `previous` of a page") from None
