"""What has to be fetched: orders of requests, the pick list, and what a scanned barcode does.

A box is fetched once, however many requests wait for it. It goes out to one seat at a time: what is wanted there goes
with it, the rest waits at the desk until the box comes back. Urgent orders and early days come first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Literal, get_args

from msgspec import Struct
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from mappings.access import Viewer
from service_desk import policy
from service_desk.audit_chain import note
from service_desk.database import OFFSET_BOUND, Database
from service_desk.errors import NotFound
from service_desk.forms import one_line
from service_desk.ledger import by_receipt, found
from service_desk.ports import Clock, FrozenHit
from service_desk.stacks import logbook
from service_desk.stacks.faults import Refused, Wrong
from service_desk.stacks.finding import Thing, places_of
from service_desk.stacks.logbook import Happening
from service_desk.stacks.positions import Positions
from service_desk.stacks.tables import InOut, Place, Retrieval

Priority = Literal["urgent", "normal"]
Act = Literal["next", "picked", "not_found", "out", "back"]
PRIORITIES: Final[tuple[Priority, ...]] = get_args(Priority)
ACTS: Final[tuple[Act, ...]] = get_args(Act)
WAITING: Final = ("ordered", "picked", "out")
"""States of an order that somebody has something to do about."""
_NEXT: Final = {"in": "picked", "picked": "out", "out": "back"}
_FROM: Final = {"picked": ("ordered", "not_found"), "not_found": ("ordered",), "out": ("picked",), "back": ("out",)}
_LONGEST: Final = 300
TWICE: Final = dt.timedelta(seconds=5)
"""How long after a step a scan without a named step counts as the same one."""


class Wanted(Struct, frozen=True):
    """One order on the pick list."""

    number: int
    receipt: str
    title: str
    reference_code: str | None
    wanted_by: dt.date
    is_urgent: bool
    goes_to: str
    state: str


class Line(Struct, frozen=True):
    """A line of the pick list: a box with all that is wanted of it, or one thing that the register does not know.
    `path` is where the box stands, from the building down; `state` where it is now.
    """

    barcode: str | None
    title: str
    path: tuple[str, ...]
    state: str
    orders: tuple[Wanted, ...]

    @property
    def is_urgent(self) -> bool:
        """Does any of its requests have an urgent order?"""
        return any(order.is_urgent for order in self.orders)


class PickList(Struct, frozen=True):
    """What is to be fetched, what waits at the desk, what is out, what was looked for and not found."""

    to_fetch: tuple[Line, ...]
    at_desk: tuple[Line, ...]
    out: tuple[Line, ...]
    not_found: tuple[Line, ...]


class Scanned(Struct, frozen=True):
    """What a scan did: `way` of the log, the box or thing, and where it goes to."""

    way: str
    barcode: str | None
    title: str
    goes_to: str
    receipts: tuple[str, ...]


class Picking:
    """Orders and the pick list. Everything but `order` and `cancel_for` is for whoever has ``stacks.work``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def order(
        self,
        session: Session,
        receipt: str,
        hits: Iterable[FrozenHit],
        wanted_by: dt.date,
        priority: Priority = "normal",
        *,
        goes_to: str = "",
        by: str = "onestop",
    ) -> int:
        """Order what a request needs, in the caller's transaction; how many orders are new. What the request has on
        order already keeps its order, with the day, priority and seat that are asked for now.

        For whoever works the request: rights are asked there. Raises NotFound, Wrong.
        """
        if priority not in PRIORITIES:
            raise Wrong("priority", "stage")
        request, now = found(session, receipt), self._clock.now()
        things = list({hit.id: hit for hit in hits}.values())
        boxes = places_of(session, [thing_of(hit) for hit in things])
        open_ones = self._open_orders(session, Retrieval.request_id == request.id)
        known = {order.resource_id: order for order in open_ones}
        where = str(one_line(goes_to))[:_LONGEST]
        for hit in things:
            if (had := known.get(hit.id)) is not None:
                had.wanted_by, had.priority, had.goes_to = wanted_by, priority, where or had.goes_to
                continue
            row = Retrieval(
                request_id=request.id,
                receipt=request.receipt,
                resource_id=hit.id,
                reference_code=hit.reference_code,
                title=hit.title,
                place_id=boxes.get(hit.id),
                wanted_by=wanted_by,
                priority=priority,
                goes_to=where,
                state="ordered",
                ordered=now,
                changed=now,
            )
            session.add(row)
            told = Happening("ordered", by, now, [request.receipt], hit.title)
            logbook.remark(session, told, self._box(session, row.place_id))
        session.flush()
        return len(things) - sum(hit.id in known for hit in things)

    def cancel_for(self, session: Session, receipt: str, by: str = "onestop") -> int:
        """What a request has on order and nobody has in hand yet is not wanted any more; what was picked or is out goes
        back on its way. How many were cancelled. In the caller's transaction.
        """
        request, now = by_receipt(session, receipt), self._clock.now()
        if request is None:
            return 0
        mine = Retrieval.request_id == request.id
        ordered = self._open_orders(session, mine)
        if not ordered:
            return 0
        boxes = sorted({order.place_id for order in ordered if order.place_id is not None})
        for place_id in boxes:
            logbook.locked_id(session, place_id)
        done = [
            order for order in self._open_orders(session, mine) if order.state in ("ordered", "not_found", "picked")
        ]
        for order in done:
            _set(order, "cancelled", now)
            told = Happening("cancelled", by, now, [order.receipt], order.title)
            logbook.remark(session, told, self._box(session, order.place_id))
        session.flush()
        for place_id in boxes:
            self._put_back(session, place_id, by, now)
        return len(done)

    def pick_list(self, viewer: Viewer) -> PickList:
        """What is to be done now, urgent things first, then as one walks, by stack, row and shelf. For staff."""
        policy.require("stacks.work", viewer)
        with self._database.read() as session:
            orders = self._open_orders(session, Retrieval.state.in_((*WAITING, "not_found")))
            ids = {order.place_id for order in orders if order.place_id is not None}
            positions = Positions(session, ids)
            states = ("ordered", "picked", "out", "not_found")
            lines = (_lines([order for order in orders if order.state == state], positions) for state in states)
            return PickList(*map(tuple, lines))

    def scan(self, text: str, viewer: Viewer, act: Act = "next", *, note: str = "", goes_to: str = "") -> Scanned:
        """A barcode was scanned or typed: the box takes its next step, or the one that is named. Raises NotAllowed,
        NotFound for a barcode of nothing, Refused where that cannot be, Wrong without a word where one looked.
        """
        actor = policy.require("stacks.work", viewer)
        _check(act, note)
        with self._database.write() as session:
            box = logbook.locked(session, text)
            orders = self._open_orders(session, Retrieval.place_id == box.id)
            done = self._acted(
                session, box, orders, act, Happening("picked", actor, self._clock.now(), note=note), goes_to
            )
            note_in_audit(session, done, actor, self._clock.now())
            return done

    def handle(self, number: int, viewer: Viewer, act: Act, *, note: str = "", goes_to: str = "") -> Scanned:
        """The same for one order by its number, for what has no barcode; with one, its box goes. Raises as `scan`."""
        actor, now = policy.require("stacks.work", viewer), self._clock.now()
        _check(act, note)
        number = min(max(number, 0), OFFSET_BOUND)  # as many as a database counts
        with self._database.write() as session:
            told = Happening("picked", actor, now, note=note)
            # the box first, as a scan does: two who lock in one order never wait for each other in a ring
            place_id = session.scalar(select(Retrieval.place_id).where(Retrieval.id == number))
            if place_id is not None:
                box = logbook.locked_id(session, place_id)
                orders = self._open_orders(session, Retrieval.place_id == box.id)
                done = self._acted(session, box, orders, act, told, goes_to)
            else:
                done = self._unboxed(session, self._locked_order(session, number), act, told, goes_to)
            note_in_audit(session, done, actor, now)
            return done

    def holds(self, viewer: Viewer, barcode: str) -> tuple[Wanted, ...]:
        """Who has a box now: the orders it is out for. Raises NotAllowed."""
        policy.require("stacks.work", viewer)
        wanted = select(Retrieval).join(Place, Place.id == Retrieval.place_id)
        chosen = wanted.where(Place.barcode == logbook.scanned(barcode), Retrieval.state.in_((*WAITING, "not_found")))
        with self._database.read() as session:
            return tuple(map(_wanted, session.scalars(chosen.order_by(Retrieval.id))))

    def orders_of(self, session: Session, receipt: str) -> tuple[Wanted, ...]:
        """What a request ordered and how far it is, in the caller's transaction; rights are asked there."""
        request = by_receipt(session, receipt)
        if request is None:
            return ()
        chosen = select(Retrieval).where(Retrieval.request_id == request.id).order_by(Retrieval.id)
        return tuple(map(_wanted, session.scalars(chosen)))

    def place_found(self, session: Session, place_ids: Sequence[int] = ()) -> int:
        """Orders whose thing was not in the register are looked up once more, after the register changed; how many
        have a box now.
        """
        lost = self._open_orders(session, Retrieval.place_id.is_(None) & (Retrieval.state == "ordered"))
        things = dict.fromkeys(Thing(order.resource_id, order.reference_code) for order in lost)
        boxes = places_of(session, list(things))  # many may wait for one thing
        for order in lost:
            order.place_id = boxes.get(order.resource_id)
        return len(boxes)

    def leave(self, session: Session, box: Place, at: dt.datetime, done_for: int | None = None) -> None:
        """A box that is read to be changed left for long, for a loan or a repair: what the request `done_for` ordered
        of it is done, what others had at the desk is to be fetched once more when the box is back.
        """
        for order in self._open_orders(session, Retrieval.place_id == box.id):
            if order.request_id == done_for:
                _set(order, "back", at)
            elif order.state == "picked":
                _set(order, "ordered", at)

    def _acted(
        self, session: Session, box: Place, orders: list[Retrieval], act: Act, done: Happening, goes_to: str
    ) -> Scanned:
        way = self._next(session, box, done.at) if act == "next" else act
        if box.state == "picked":  # it is at the desk already: what was ordered meanwhile needs no further walk
            _set_all([order for order in orders if order.state == "ordered"], "picked", done.at)
        steps: dict[str, Callable[[], list[Retrieval]]] = {
            "picked": lambda: self._pick(session, box, orders, done),
            "not_found": lambda: self._miss(session, box, orders, done),
            "out": lambda: self._give(session, box, orders, done, goes_to),
            "back": lambda: self._take_back(session, box, orders, done),
        }
        moved = steps[way]()
        where = moved[0].goes_to if moved and way in ("picked", "out") else ""
        return Scanned(way, box.barcode, box.title, where, tuple(dict.fromkeys(order.receipt for order in moved)))

    def _next(self, session: Session, box: Place, now: dt.datetime) -> str:
        """The step that follows. Not right after the last one: a scanner reads twice, and two clerks scan at once."""
        last = select(InOut.at).where(InOut.place_id == box.id, InOut.number == box.version)
        at = session.scalar(last)
        if box.state not in _NEXT or (at is not None and now - at < TWICE):
            raise Refused("box_state", barcode=box.barcode, state=box.state)
        return _NEXT[box.state]

    def _pick(self, session: Session, box: Place, orders: list[Retrieval], done: Happening) -> list[Retrieval]:
        moved = [order for order in orders if order.state in _FROM["picked"]]
        if not moved:
            raise Refused("nothing_ordered", barcode=box.barcode)
        logbook.step(session, box, _told(done, "picked", moved))
        _set_all(moved, "picked", done.at)
        return moved

    def _miss(self, session: Session, box: Place, orders: list[Retrieval], done: Happening) -> list[Retrieval]:
        moved = [order for order in orders if order.state == "ordered"]
        if not moved:
            raise Refused("nothing_ordered", barcode=box.barcode)
        if box.state != "in":
            raise Refused("box_state", barcode=box.barcode, state=box.state)
        logbook.remark(session, _told(done, "not_found", moved), box)
        _set_all(moved, "not_found", done.at)
        return moved

    def _give(
        self, session: Session, box: Place, orders: list[Retrieval], done: Happening, goes_to: str
    ) -> list[Retrieval]:
        waiting = [order for order in orders if order.state == "picked"]
        if box.state == "picked" and not waiting:
            raise Refused("nothing_ordered", barcode=box.barcode)
        first = waiting[0] if waiting else None
        moved = [order for order in waiting if first and (order is first or order.goes_to == first.goes_to != "")]
        logbook.step(session, box, _told(done, "out", moved))
        for order in moved:
            order.goes_to = str(one_line(goes_to))[:_LONGEST] or order.goes_to
        _set_all(moved, "out", done.at)
        return moved

    def _take_back(self, session: Session, box: Place, orders: list[Retrieval], done: Happening) -> list[Retrieval]:
        moved = [order for order in orders if order.state == "out"]
        waiting = [order for order in orders if order.state in ("ordered", "picked")]
        if box.state == "picked":
            raise Refused("box_state", barcode=box.barcode, state=box.state)
        logbook.step(session, box, _told(done, "back", moved), kept=bool(waiting))
        _set_all(moved, "back", done.at)
        _set_all([order for order in waiting if order.state == "ordered"], "picked", done.at)
        return moved

    def _locked_order(self, session: Session, number: int) -> Retrieval:
        order = session.scalar(select(Retrieval).where(Retrieval.id == number).with_for_update())
        if order is None:
            raise NotFound("There is no such order.")
        return order

    def _unboxed(self, session: Session, order: Retrieval, act: Act, done: Happening, goes_to: str) -> Scanned:
        """A thing that is in no box we know of takes the same steps by itself."""
        way = {"ordered": "picked", "picked": "out", "out": "back"}.get(order.state) if act == "next" else act
        if way is None or order.state not in _FROM[way]:
            raise Refused("changed_meanwhile", title=order.title, state=order.state)
        if way == "out" and goes_to:
            order.goes_to = str(one_line(goes_to))[:_LONGEST]
        logbook.remark(session, _told(done, way, [order]))
        _set(order, way, done.at)
        return Scanned(way, None, order.title, order.goes_to, (order.receipt,))

    def _put_back(self, session: Session, place_id: int, by: str, now: dt.datetime) -> None:
        """A box that was picked and that nobody waits for any more goes home."""
        box = logbook.locked_id(session, place_id)
        waiting = self._open_orders(session, Retrieval.place_id == box.id, Retrieval.state.in_(("ordered", "picked")))
        if box.state != "picked":
            return
        if not waiting:
            logbook.step(session, box, Happening("back", by, now))
        _set_all([order for order in waiting if order.state == "ordered"], "picked", now)

    def _open_orders(self, session: Session, *wanted: ColumnElement[bool]) -> list[Retrieval]:
        """Orders as they are now, in the order they are served."""
        open_ones = Retrieval.state.in_((*WAITING, "not_found"))
        asked = select(Retrieval).where(open_ones, *wanted).order_by(Retrieval.wanted_by, Retrieval.id)
        rows = session.scalars(asked.execution_options(populate_existing=True)).all()
        return sorted(rows, key=lambda order: order.priority != "urgent")

    def _box(self, session: Session, place_id: int | None) -> Place | None:
        return session.get(Place, place_id) if place_id is not None else None


def _set_all(orders: Iterable[Retrieval], state: str, at: dt.datetime) -> None:
    for order in orders:
        _set(order, state, at)


def _set(order: Retrieval, state: str, at: dt.datetime) -> None:
    order.state, order.changed = state, at


def thing_of(hit: FrozenHit) -> Thing:
    """What is looked for in the register of a frozen hit."""
    return Thing(hit.id, hit.reference_code, hit.fonds, hit.container)


def note_in_audit(session: Session, done: Scanned, actor: str, at: dt.datetime) -> None:
    """Keep in the audit log what was handled, by whom."""
    note(session, at, actor, "stacks.handle", done.barcode or "", way=done.way, requests=list(done.receipts))


def _check(act: str, remark: str) -> None:
    if act not in ACTS:
        raise Wrong("act", "stage")
    if act == "not_found" and not str(one_line(remark)):
        raise Wrong("note", "where_looked")


def _told(done: Happening, way: str, orders: Sequence[Retrieval]) -> Happening:
    receipts = tuple(dict.fromkeys(order.receipt for order in orders))
    things = "; ".join(dict.fromkeys(order.reference_code or order.title for order in orders))
    return Happening(way, done.by, done.at, receipts, things, done.note)  # type: ignore[arg-type]  # one of `WAYS`


def _lines(orders: Sequence[Retrieval], positions: Positions) -> list[Line]:
    """Lines of the orders in one state: a box once. Urgent ones first, then by place; what has none comes last."""
    boxed: dict[int, list[Wanted]] = {}
    lines = []
    for order in orders:
        if order.place_id is None:
            lines.append(Line(None, order.title, (), "", (_wanted(order),)))
        else:
            boxed.setdefault(order.place_id, []).append(_wanted(order))
    for place_id, wanted in boxed.items():
        box = positions.place(place_id)
        lines.append(Line(box.barcode, box.title, positions.path(place_id), box.state, tuple(wanted)))
    return sorted(
        lines, key=lambda line: (not line.is_urgent, line.barcode is None, positions.sorting(line.path, line.title))
    )


def _wanted(order: Retrieval) -> Wanted:
    return Wanted(
        number=order.id,
        receipt=order.receipt,
        title=order.title,
        reference_code=order.reference_code,
        wanted_by=order.wanted_by,
        is_urgent=order.priority == "urgent",
        goes_to=order.goes_to,
        state=order.state,
    )
