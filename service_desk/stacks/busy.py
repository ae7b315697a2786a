"""What a reader may see on a hit: that the thing is lent, on a seat, in repair, being copied or given out, and until
when. No place, no box, no person, no request.

What is done to one record is told of that record. What is done to a whole box is told of every record in it that is
asked for: whoever asks knows of those already.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Literal

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service_desk.database import Database
from service_desk.models import PolicyVersion
from service_desk.ports import Clock
from service_desk.reading_room.visits import busy as on_seats
from service_desk.reading_room.visits import seats_now
from service_desk.rules import Rules
from service_desk.stacks.finding import Thing, places_of
from service_desk.stacks.kinds import RepairRules
from service_desk.stacks.tables import Content, InOut, Loan, Place, Retrieval, Treatment, TreatmentStep
from service_desk.told import Title

BusyKind = Literal["on_loan", "at_seat", "in_repair", "being_copied", "out"]
MOST: Final = 200
"""Records that are asked for at once."""


class Busy(Struct, frozen=True):
    """Why something cannot be had now: until which day, when that is known, and in which stage of a repair."""

    kind: BusyKind
    until: dt.date | None = None
    stage: Title | None = None


class BusyThings:
    """Asked by whoever shows hits; asked together, remembered there."""

    def __init__(self, database: Database, rules: Rules, clock: Clock, day: Callable[[dt.datetime], dt.date]) -> None:
        self._database = database
        self._rules = rules
        self._clock = clock
        self._day = day

    def __call__(self, things: Iterable[Thing | str]) -> dict[str, Busy]:
        """What keeps each of these records, by id; nothing for what can be had. A record given by its id alone is found
        in its box only where the register names the id.
        """
        asked = [thing if isinstance(thing, Thing) else Thing(thing) for thing in things][:MOST]
        if not asked:
            return {}
        with self._database.read() as session:
            found = self._of_records(session, [thing.id for thing in asked])
            left = [thing for thing in asked if thing.id not in found]
            return found | self._of_boxes(session, left)

    def revision(self) -> tuple[int | str | None, ...]:
        """Changes whenever an answer may: with what goes in and out, who sits where, what is worked on, and the
        rules.
        """
        newest = (func.max(table.id) for table in (InOut, TreatmentStep, Content, PolicyVersion))
        with self._database.read() as session:
            lying = session.scalar(select(func.count()).select_from(Content))  # what is taken out leaves no newer row
            return lying, seats_now(session, self._clock.now()), *(session.scalar(select(one)) for one in newest)

    def _of_records(self, session: Session, ids: Sequence[str]) -> dict[str, Busy]:
        found: dict[str, Busy] = {}
        out = select(Retrieval.resource_id).where(Retrieval.resource_id.in_(ids), Retrieval.state == "out")
        found |= {resource_id: Busy("out") for resource_id in session.scalars(out)}
        now = self._clock.now()
        seated = on_seats(session, ids, now)
        found |= {resource_id: Busy("at_seat", self._day(ends)) for resource_id, ends in seated.items()}
        worked = select(Treatment).where(Treatment.resource_id.in_(ids), Treatment.ended.is_(None))
        for row in session.scalars(worked.order_by(Treatment.kind, Treatment.id)):  # copying, then repair
            found[str(row.resource_id)] = self._treated(session, row)
        lent = select(Loan).where(Loan.resource_id.in_(ids), Loan.returned.is_(None))
        return found | {row.resource_id: Busy("on_loan", row.due) for row in session.scalars(lent)}

    def _of_boxes(self, session: Session, things: Sequence[Thing]) -> dict[str, Busy]:
        away = select(Place.id).where(Place.state.in_(("out", "lent", "repair")))
        copied = select(Treatment.place_id).where(Treatment.place_id.is_not(None), Treatment.ended.is_(None))
        kept = {*session.scalars(away), *(number for number in session.scalars(copied) if number is not None)}
        if not kept or not things:
            return {}
        boxes = places_of(session, things)
        why = {place_id: self._why(session, place_id) for place_id in set(boxes.values()) & kept}
        return {thing_id: why[place_id] for thing_id, place_id in boxes.items() if place_id in why}

    def _why(self, session: Session, place_id: int) -> Busy:
        """What keeps a box that is not in its place, or is being copied."""
        due = session.scalar(select(Loan.due).where(Loan.place_id == place_id, Loan.returned.is_(None)))
        if due is not None:
            return Busy("on_loan", due)
        open_ones = select(Treatment).where(Treatment.place_id == place_id, Treatment.ended.is_(None))
        row = session.scalar(open_ones.order_by(Treatment.kind.desc()).limit(1))
        return self._treated(session, row) if row is not None else Busy("out")

    def _treated(self, session: Session, row: Treatment) -> Busy:
        if row.kind == "copying":
            return Busy("being_copied", row.expected)
        stage = self._rules.within(session, RepairRules).stage(row.kind, row.stage)
        return Busy("in_repair", row.expected, stage)
