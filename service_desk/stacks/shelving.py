"""What may stand in what, and putting it there: the parts of the register, in the caller's transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final, Literal, get_args

from msgspec import Struct
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service_desk.forms import one_line
from service_desk.stacks import finding
from service_desk.stacks.faults import Refused, Wrong
from service_desk.stacks.finding import Stretch
from service_desk.stacks.positions import DEEPEST
from service_desk.stacks.tables import Content, Move, Place

Kind = Literal["building", "room", "row", "shelf", "box"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
"""From the widest to the narrowest. A place stands in a wider one; a box may stand in a box."""
STANDS_IN: Final = frozenset({"shelf", "box"})
"""What cannot stand by itself."""
MOST_CONTENTS: Final = 500
LONGEST_TITLE, LONGEST_WHY = 300, 500


class By(Struct, frozen=True):
    """Who changes the register, when, and why."""

    who: str
    at: dt.datetime
    why: str = ""


def barcode_of(text: str) -> str:
    """A barcode as typed. Raises Wrong."""
    made = str(one_line(text))
    if not 0 < len(made) <= 64:
        raise Wrong("barcode", "barcode")
    return made


def title_of(text: str) -> str:
    """A title as typed. Raises Wrong."""
    made = str(one_line(text))
    if not 0 < len(made) <= LONGEST_TITLE:
        raise Wrong("title", "title")
    return made


def kind_of(text: str) -> Kind:
    """A kind as typed. Raises Wrong."""
    for kind in KINDS:
        if kind == text:
            return kind
    raise Wrong("kind", "kind")


def by_barcode(session: Session, barcode: str, *, to_write: bool = False) -> Place | None:
    """The place with this barcode."""
    wanted = select(Place).where(Place.barcode == barcode)
    return session.scalar(wanted.with_for_update() if to_write else wanted)


def check_inside(session: Session, barcode: str, kind: str, parent: Place | None) -> None:
    """May a place of this kind stand there? Raises Wrong, Refused."""
    if parent is None:
        if kind in STANDS_IN:
            raise Wrong("inside", "no_parent", kind=kind)
        return
    wider = KINDS.index(parent.kind) < KINDS.index(kind)
    if not wider and not kind == parent.kind == "box":
        raise Wrong("inside", "not_inside", kind=kind, other=parent.kind)
    above: Place | None = parent
    for _ in range(DEEPEST):
        if above is None:
            return
        if above.barcode == barcode:
            raise Refused("inside_itself", barcode=barcode)
        above = session.get(Place, above.parent_id) if above.parent_id is not None else None
    raise Refused("inside_itself", barcode=barcode)


def new_place(session: Session, barcode: str, kind: str, title: str, parent: Place | None, by: By) -> Place:
    """A place where there was none, with its first row in the log of moves."""
    check_inside(session, barcode, kind, parent)
    place = Place(barcode=barcode, kind=kind, title=title, state="in", version=0, moves=0, added=by.at)
    session.add(place)
    session.flush()
    _moved(session, place, parent, by)
    return place


def put(session: Session, place: Place, parent: Place | None, by: By) -> bool:
    """Stand a place, read to be changed, somewhere else, with all that is in it; False when it stands there already."""
    if place.parent_id == (parent.id if parent else None):
        return False
    check_inside(session, place.barcode, place.kind, parent)
    _moved(session, place, parent, by)
    return True


def _moved(session: Session, place: Place, parent: Place | None, by: By) -> None:
    to_id = parent.id if parent else None
    place.moves += 1
    why = str(one_line(by.why))[:LONGEST_WHY]
    row = Move(
        place_id=place.id, number=place.moves, from_id=place.parent_id, to_id=to_id, why=why, at=by.at, by=by.who
    )
    session.add(row)
    place.parent_id = to_id
    session.flush()


def contents_of(session: Session, place_id: int) -> list[Stretch]:
    """What lies in a box, as it was written."""
    rows = session.scalars(select(Content).where(Content.place_id == place_id).order_by(Content.id))
    return [Stretch(row.kind, row.text, row.root, row.low, row.high) for row in rows]


def read_contents(codes: Iterable[str], resources: Iterable[str], containers: Iterable[str]) -> list[Stretch]:
    """Contents as typed, each once. Raises Wrong."""
    made = [*map(finding.codes, codes), *map(finding.resource, resources), *map(finding.container, containers)]
    once = list({stretch.key: stretch for stretch in made}.values())
    if len(once) > MOST_CONTENTS:
        raise Wrong("contents", "too_much", most=MOST_CONTENTS)
    return once


def take_out(session: Session, place: Place, gone: Sequence[Stretch]) -> None:
    """These lie in the box no more."""
    for stretch in gone:
        kind, root, low, high = stretch.key
        session.execute(
            delete(Content).where(
                Content.place_id == place.id,
                Content.kind == kind,
                Content.root == root,
                Content.low == low,
                Content.high == high,
            )
        )


def put_in(session: Session, place: Place, added: Sequence[Stretch]) -> None:
    """These lie in the box from now on. Raises Refused when another box has the very same."""
    for stretch in added:
        kind, root, low, high = stretch.key
        same = select(Place.barcode).join(Content, Content.place_id == Place.id)
        other = session.scalar(
            same.where(Content.kind == kind, Content.root == root, Content.low == low, Content.high == high)
        )
        if other is not None:
            raise Refused("claimed", text=stretch.text, barcode=other)
        session.add(Content(place_id=place.id, kind=kind, text=stretch.text, root=root, low=low, high=high))
        session.flush()
