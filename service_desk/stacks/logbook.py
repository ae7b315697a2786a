"""A box changes its state, and the log says so: both are written here and nowhere else.

Whoever acts on a box reads it `for update`, so of two clerks the second sees what the first did. The number in the log
is the box's `version`; the database refuses the same number twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal, get_args

from msgspec import Struct
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from mappings.access import Viewer
from service_desk import codes, policy
from service_desk.database import OFFSET_BOUND, PAGE_BOUND, Database, paging
from service_desk.errors import NotFound
from service_desk.forms import one_line
from service_desk.stacks.faults import SAID, Refused
from service_desk.stacks.tables import InOut, Place

BoxState = Literal["in", "picked", "out", "lent", "repair"]
Way = Literal[
    "ordered", "picked", "out", "back", "not_found", "cancelled", "lent", "returned", "renewed", "repair", "mended"
]
STATES: Final[tuple[BoxState, ...]] = get_args(BoxState)
WAYS: Final[tuple[Way, ...]] = get_args(Way)
AFTER: Final[dict[tuple[str, str], str]] = {
    ("in", "picked"): "picked",
    ("picked", "picked"): "picked",
    ("picked", "out"): "out",
    ("picked", "back"): "in",
    ("out", "back"): "in",
    ("out", "kept"): "picked",
    ("in", "lent"): "lent",
    ("picked", "lent"): "lent",
    ("lent", "returned"): "in",
    ("in", "repair"): "repair",
    ("picked", "repair"): "repair",
    ("repair", "mended"): "in",
}
"""State of a box and what happens to it -> the state then. What is not here cannot happen. ``kept`` is what came back
and stays at the desk, since somebody else waits for it."""
_NOTE: Final = 1_000


class Entry(Struct, frozen=True):
    """A row of the log as staff see it."""

    number: int
    at: dt.datetime
    by: str
    way: str
    state: str
    barcode: str | None
    thing: str
    receipts: tuple[str, ...]
    note: str


class LogPage(Struct, frozen=True):
    """Rows of the log, the newest first, and how many there are in all."""

    total: int
    rows: tuple[Entry, ...]


class Happening(Struct, frozen=True):
    """What is to be logged: which way, who did it and when, for which requests, what thing, what was remarked."""

    way: Way
    by: str
    at: dt.datetime
    receipts: Sequence[str] = ()
    thing: str = ""
    note: str = ""


def locked(session: Session, barcode: str) -> Place:
    """A box by its barcode as scanned, read to be changed. Raises NotFound, Refused for a place that is no box."""
    place = session.scalar(select(Place).where(Place.barcode == scanned(barcode)).with_for_update())
    if place is None:
        raise NotFound(SAID["unknown_barcode"].format(barcode=scanned(barcode)))
    if place.kind != "box":
        raise Refused("is_no_box", barcode=place.barcode, kind=place.kind)
    return place


def locked_id(session: Session, place_id: int) -> Place:
    """The same by number."""
    return session.scalars(select(Place).where(Place.id == place_id).with_for_update()).one()


def scanned(text: str) -> str:
    """A barcode as a scanner types it: no blanks around it, no control characters, full-width forms as they are."""
    return str(one_line(text))[:64]


def step(session: Session, box: Place, happening: Happening, kept: bool = False) -> None:
    """The box, read `locked`, goes that way. Raises Refused where it cannot from where it is. `kept`: it came back and
    stays at the desk.
    """
    after = AFTER.get((box.state, "kept" if kept and box.state == "out" else happening.way))
    if after is None:
        raise Refused("box_state", barcode=box.barcode, state=box.state)
    box.state = after
    box.version += 1
    _add(session, happening, box, box.version)


def remark(session: Session, happening: Happening, box: Place | None = None) -> None:
    """A row of the log that moves no box: what was ordered, what lies in no box that the register knows."""
    _add(session, happening, box, None)


def _add(session: Session, happening: Happening, box: Place | None, number: int | None) -> None:
    row = InOut(
        place_id=box.id if box else None,
        number=number,
        way=happening.way,
        state=box.state if box else "",
        receipts=" ".join(happening.receipts),
        thing=happening.thing[:_NOTE],
        note=str(one_line(happening.note))[:_NOTE],
        at=happening.at,
        by=happening.by,
    )
    session.add(row)


class InOutLog:
    """The log as staff read it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, viewer: Viewer, *, barcode: str = "", receipt: str = "", size: int = 50, offset: int = 0) -> LogPage:
        """The newest first, of one box or one request where that is asked. Raises NotAllowed."""
        policy.require("stacks.work", viewer)
        wanted: list[ColumnElement[bool]] = []
        if barcode:
            wanted.append(Place.barcode == scanned(barcode))
        if receipt:
            wanted.append(InOut.receipts.contains(codes.normalise(receipt), autoescape=True))
        rows = select(InOut, Place.barcode).outerjoin(Place, Place.id == InOut.place_id).where(*wanted)
        counted = select(func.count()).select_from(rows.subquery())
        newest = rows.order_by(InOut.id.desc()).limit(paging(size, PAGE_BOUND)).offset(paging(offset, OFFSET_BOUND))
        with self._database.read() as session:
            return LogPage(session.scalar(counted) or 0, _entries(session.execute(newest)))


def _entries(rows: Iterable[Any]) -> tuple[Entry, ...]:
    return tuple(
        Entry(row.id, row.at, row.by, row.way, row.state, barcode, row.thing, tuple(row.receipts.split()), row.note)
        for row, barcode in rows
    )
