"""The register of places as staff keep it: add, rename, move, fill, find."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from mappings.access import Viewer
from service_desk import policy
from service_desk.audit_chain import note
from service_desk.database import OFFSET_BOUND, PAGE_BOUND, Database, paging
from service_desk.errors import NotFound
from service_desk.forms import one_line
from service_desk.ports import Clock, FrozenHit
from service_desk.stacks import finding, logbook, shelving
from service_desk.stacks.faults import SAID, Wrong
from service_desk.stacks.finding import Thing
from service_desk.stacks.importing import Importer, ImportReport, read_rows, split
from service_desk.stacks.picking import Picking, thing_of
from service_desk.stacks.positions import Positions
from service_desk.stacks.shelving import By
from service_desk.stacks.tables import Move, Place

LOCK: Final = "stacks register"
MOVES_SHOWN: Final = 50


class PlaceLine(Struct, frozen=True):
    """A place in a list: `path` is what it stands in, titles from the outermost down."""

    barcode: str
    kind: str
    title: str
    state: str
    path: tuple[str, ...] = ()


class MoveView(Struct, frozen=True):
    """One move: from where to where (None: nowhere), who, when and why."""

    at: dt.datetime
    by: str
    came_from: str | None
    went_to: str | None
    why: str


class PlaceView(Struct, frozen=True):
    """A place with what it stands in (outermost first), what stands in it, what lies in it, and its moves."""

    barcode: str
    kind: str
    title: str
    state: str
    above: tuple[PlaceLine, ...]
    inside: tuple[PlaceLine, ...]
    inside_total: int
    contents: Mapping[str, Sequence[str]]
    moves: tuple[MoveView, ...]


class Places(Struct, frozen=True):
    """Some places and how many there are in all."""

    total: int
    rows: tuple[PlaceLine, ...]


class Register:
    """For whoever has ``stacks.work``; every call raises NotAllowed for others."""

    def __init__(self, database: Database, clock: Clock, picking: Picking) -> None:
        self._database = database
        self._clock = clock
        self._picking = picking

    def add(self, barcode: str, kind: str, title: str, inside: str, viewer: Viewer) -> None:
        """A new place. Raises Wrong, Refused."""
        made = shelving.barcode_of(barcode), shelving.kind_of(kind), shelving.title_of(title)

        def step(session: Session, by: By) -> None:
            if shelving.by_barcode(session, made[0]) is not None:
                raise Wrong("barcode", "barcode_taken", barcode=made[0])
            shelving.new_place(session, *made, self._parent(session, inside), by)

        self._change(viewer, made[0], "add", step)

    def rename(self, barcode: str, title: str, viewer: Viewer) -> None:
        """Another title. Raises NotFound, Wrong."""
        made = shelving.title_of(title)

        def step(session: Session, by: By) -> None:
            _found(session, barcode).title = made

        self._change(viewer, barcode, "rename", step)

    def move(self, barcode: str, to: str, why: str, viewer: Viewer) -> None:
        """A place stands somewhere else from now on, with all that is in it. Raises NotFound, Wrong, Refused."""
        if not str(one_line(why)):
            raise Wrong("why", "why")

        def step(session: Session, by: By) -> None:
            shelving.put(session, _found(session, barcode), self._parent(session, to), by)

        self._change(viewer, barcode, "move", step, why)

    def fill(self, barcode: str, contents: Mapping[str, str], viewer: Viewer) -> None:
        """What lies in a box from now on: texts for ``codes``, ``resource`` and ``container``, several with semicolons
        or on lines. Raises NotFound, Wrong, Refused.
        """
        typed = [split(contents.get(kind, "")[:50_000]) for kind in ("codes", "resource", "container")]
        wanted = shelving.read_contents(*typed)

        def step(session: Session, by: By) -> None:
            place = _found(session, barcode)
            if place.kind != "box":
                raise Wrong("contents", "no_box", barcode=place.barcode, kind=place.kind)
            had = shelving.contents_of(session, place.id)
            keep, known = {one.key for one in wanted}, {one.key for one in had}
            shelving.take_out(session, place, [one for one in had if one.key not in keep])
            shelving.put_in(session, place, [one for one in wanted if one.key not in known])

        self._change(viewer, barcode, "fill", step)

    def read_table(self, data: bytes, name: str, viewer: Viewer, *, dry_run: bool = False) -> ImportReport:
        """Take a table in, or with `dry_run` only say what would become of each row. Raises Wrong when it is none."""
        return self.bring_in(data, name, policy.require("stacks.work", viewer), dry_run=dry_run)

    def bring_in(self, data: bytes, name: str, by: str, *, dry_run: bool = False) -> ImportReport:
        """The same for whoever works at the machine itself."""
        rows, now = list(read_rows(data, name)), self._clock.now()
        with self._database.write(lock=LOCK) as session:
            report = Importer(session, By(by, now, str(one_line(name))[:200])).take(iter(rows), dry_run)
            self._picking.place_found(session)
            if dry_run:
                session.rollback()
            else:
                counts = {outcome: report.count(outcome) for outcome in ("added", "changed", "rejected")}
                note(session, now, by, "stacks.import", str(one_line(name))[:200], **counts)
        return report

    def one(self, barcode: str, viewer: Viewer, *, size: int = 100, offset: int = 0) -> PlaceView:
        """A place. Raises NotFound."""
        policy.require("stacks.work", viewer)
        with self._database.read() as session:
            place = _found(session, barcode, to_write=False)
            positions = Positions(session, [place.id])
            below = select(Place).where(Place.parent_id == place.id)
            total = session.scalar(select(func.count()).select_from(below.subquery())) or 0
            page = below.order_by(Place.barcode).limit(paging(size, PAGE_BOUND)).offset(paging(offset, OFFSET_BOUND))
            return PlaceView(
                barcode=place.barcode,
                kind=place.kind,
                title=place.title,
                state=place.state,
                above=tuple(map(_line, positions.above(place.id))),
                inside=tuple(map(_line, session.scalars(page))),
                inside_total=total,
                contents=finding.by_kind(shelving.contents_of(session, place.id)),
                moves=_moves(session, place.id),
            )

    def find(self, text: str, viewer: Viewer, *, size: int = 50, offset: int = 0) -> Places:
        """Places by barcode, part of their title, or a reference code that lies in them; without a text the outermost
        ones.
        """
        policy.require("stacks.work", viewer)
        sought = str(one_line(text))[:200]
        with self._database.read() as session:
            wanted = select(Place)
            if sought:
                holding = list(finding.places_of(session, [Thing(sought, sought)]).values())
                is_named = Place.title.contains(sought, autoescape=True)
                wanted = wanted.where(or_(Place.barcode == sought, Place.id.in_(holding), is_named))
            else:
                wanted = wanted.where(Place.parent_id.is_(None))
            total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
            page = wanted.order_by(Place.barcode).limit(paging(size, PAGE_BOUND)).offset(paging(offset, OFFSET_BOUND))
            rows = list(session.scalars(page))
            positions = Positions(session, [row.id for row in rows])
            return Places(total, tuple(_line(row, positions.path(row.id)) for row in rows))

    def where(self, hit: FrozenHit, viewer: Viewer) -> PlaceLine | None:
        """The box of a record and where it stands; None when it is not in the register."""
        policy.require("stacks.work", viewer)
        with self._database.read() as session:
            place_id = finding.places_of(session, [thing_of(hit)]).get(hit.id)
            if place_id is None:
                return None
            positions = Positions(session, [place_id])
            return _line(positions.place(place_id), positions.path(place_id))

    def _change(
        self, viewer: Viewer, barcode: str, what: str, step: Callable[[Session, By], None], why: str = ""
    ) -> None:
        """A change of the register: one after the other, since what may stand where depends on the rest."""
        actor, now = policy.require("stacks.work", viewer), self._clock.now()
        with self._database.write(lock=LOCK) as session:
            step(session, By(actor, now, why))
            note(session, now, actor, "stacks.change", logbook.scanned(barcode), change=what)
            session.flush()
            self._picking.place_found(session)

    def _parent(self, session: Session, barcode: str) -> Place | None:
        typed = logbook.scanned(barcode)
        if not typed:
            return None
        parent = shelving.by_barcode(session, typed)
        if parent is None:
            raise Wrong("inside", "unknown_parent", barcode=typed)
        return parent


def _found(session: Session, barcode: str, *, to_write: bool = True) -> Place:
    typed = logbook.scanned(barcode)
    place = shelving.by_barcode(session, typed, to_write=to_write)
    if place is None:
        raise NotFound(SAID["unknown_barcode"].format(barcode=typed))
    return place


def _line(place: Place, path: Iterable[str] = ()) -> PlaceLine:
    return PlaceLine(place.barcode, place.kind, place.title, place.state, tuple(path))


def _moves(session: Session, place_id: int) -> tuple[MoveView, ...]:
    """The newest first."""
    newest = select(Move).where(Move.place_id == place_id).order_by(Move.number.desc()).limit(MOVES_SHOWN)
    rows = list(session.scalars(newest))
    ends = {end for row in rows for end in (row.from_id, row.to_id) if end is not None}
    positions = Positions(session, ends)

    def name(end: int | None) -> str | None:
        return " › ".join((*positions.path(end), positions.place(end).title)) if end is not None else None

    return tuple(MoveView(row.at, row.by, name(row.from_id), name(row.to_id), row.why) for row in rows)
