"""What is in repair or being copied: begun, moved from stage to stage, ended. It is one record, or a whole box, which
then is not in its place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Literal, get_args

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mappings.access import Viewer
from service_desk import policy
from service_desk.audit_chain import note
from service_desk.database import OFFSET_BOUND, PAGE_BOUND, Database, paging
from service_desk.errors import NotFound
from service_desk.forms import without_controls
from service_desk.ports import Clock, FrozenHit
from service_desk.rules import Rules
from service_desk.stacks import logbook
from service_desk.stacks.faults import Refused, Wrong
from service_desk.stacks.kinds import RepairRules
from service_desk.stacks.logbook import Happening
from service_desk.stacks.picking import Picking
from service_desk.stacks.tables import Place, Treatment, TreatmentStep
from service_desk.told import Title

Kind = Literal["repair", "copying"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
LONGEST: Final = 2_000
FURTHEST: Final = dt.timedelta(3_650)
Day = Callable[[dt.datetime], dt.date]


class StepView(Struct, frozen=True):
    """One step of a repair: the stage it came to, what was written, and until when it was expected then."""

    at: dt.datetime
    by: str
    stage: str
    text: str
    expected: dt.date | None


class TreatmentView(Struct, frozen=True):
    """Something in repair or being copied, with its steps, the newest first. `stage_title` is None for a stage that the
    rules have no more.
    """

    number: int
    kind: Kind
    resource_id: str | None
    title: str
    reference_code: str | None
    barcode: str | None
    stage: str
    stage_title: Title | None
    expected: dt.date | None
    is_late: bool
    begun: dt.datetime
    ended: dt.datetime | None
    steps: tuple[StepView, ...]


class Treatments(Struct, frozen=True):
    """Some of what is being worked on, and how many there are in all."""

    total: int
    rows: tuple[TreatmentView, ...]


class Repairs:
    """For whoever has ``stacks.work``; every call raises NotAllowed for others."""

    def __init__(self, database: Database, clock: Clock, rules: Rules, day: Day, picking: Picking) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules
        self._day = day
        self._picking = picking

    def begin(
        self,
        kind: str,
        viewer: Viewer,
        *,
        hit: FrozenHit | None = None,
        barcode: str = "",
        expected: dt.date | None = None,
        text: str = "",
    ) -> TreatmentView:
        """A record, or with `barcode` a whole box, is worked on from now on. Without `expected` the rules say how long
        it takes. Raises NotFound, Wrong, Refused.
        """
        actor, now, rules = policy.require("stacks.work", viewer), self._clock.now(), self._rules.now(RepairRules)
        today = self._day(now)
        if kind not in KINDS:
            raise Wrong("kind", "stage")
        if (hit is None) == (not logbook.scanned(barcode)):
            raise Wrong("thing", "thing")
        until = _ahead(expected, today) or today + dt.timedelta(rules.days(kind))
        with self._database.write(lock="stacks repair") as session:
            box = logbook.locked(session, barcode) if hit is None else None
            self._check_free(session, kind, hit, box)
            row = Treatment(
                kind=kind,
                resource_id=hit.id if hit else None,
                reference_code=hit.reference_code if hit else None,
                title=hit.title if hit else box.title if box else "",
                place_id=box.id if box else None,
                stage=rules.stages(kind)[0].name,
                expected=until,
                steps=0,
                begun=now,
            )
            session.add(row)
            session.flush()
            if box is not None and kind == "repair":
                logbook.step(session, box, Happening("repair", actor, now, thing=box.title))
                self._picking.leave(session, box, now)
            self._step(session, row, actor, text)
            note(session, now, actor, "repair.begin", str(row.id), kind=kind, thing=_thing(row, box))
            session.flush()
            return self._view(session, row, rules, today)

    def move(
        self, number: int, stage: str, viewer: Viewer, *, expected: dt.date | None = None, text: str = ""
    ) -> TreatmentView:
        """It comes to another stage, or to another day, or there is something to tell. Raises NotFound, Wrong,
        Refused.
        """
        rules, today = self._rules.now(RepairRules), self._day(self._clock.now())
        with self._acting(number, viewer, "repair.move") as (session, row, actor):
            if stage != row.stage and rules.stage(row.kind, stage) is None:
                raise Wrong("stage", "stage")
            row.stage, row.expected = stage, _ahead(expected, today) or row.expected
            self._step(session, row, actor, text)
            session.flush()
            return self._view(session, row, rules, today)

    def end(self, number: int, viewer: Viewer, *, text: str = "") -> TreatmentView:
        """It is done; a box is back in its place. Raises NotFound, Refused."""
        rules, today = self._rules.now(RepairRules), self._day(self._clock.now())
        with self._acting(number, viewer, "repair.end") as (session, row, actor):
            row.ended = self._clock.now()
            if row.place_id is not None and row.kind == "repair":
                box = logbook.locked_id(session, row.place_id)
                logbook.step(session, box, Happening("mended", actor, row.ended, thing=box.title))
            self._step(session, row, actor, text)
            session.flush()
            return self._view(session, row, rules, today)

    def copied(self, session: Session, resource_id: str, by: str) -> None:
        """A copy of a record is there, made by `by`: nobody waits for it any more. In the caller's transaction."""
        is_copied = (Treatment.kind == "copying") & (Treatment.resource_id == resource_id) & Treatment.ended.is_(None)
        for row in session.scalars(select(Treatment).where(is_copied)):
            row.ended = self._clock.now()
            self._step(session, row, by, "")
            note(session, row.ended, by, "repair.end", str(row.id), stage=row.stage)

    def page(self, viewer: Viewer, *, ended: bool = False, size: int = 50, offset: int = 0) -> Treatments:
        """What is being worked on, the first expected first; or what has ended, the newest first."""
        policy.require("stacks.work", viewer)
        rules, today = self._rules.now(RepairRules), self._day(self._clock.now())
        is_open = Treatment.ended.is_(None)
        wanted = select(Treatment).where(~is_open if ended else is_open)
        order = (Treatment.id.desc(),) if ended else (Treatment.expected, Treatment.id)
        with self._database.read() as session:
            total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
            page = wanted.order_by(*order).limit(paging(size, PAGE_BOUND)).offset(paging(offset, OFFSET_BOUND))
            return Treatments(total, tuple(self._view(session, row, rules, today) for row in session.scalars(page)))

    @contextmanager
    def _acting(self, number: int, viewer: Viewer, what: Literal["repair.move", "repair.end"]) -> Iterator[
        tuple[Session, Treatment, str]
    ]:  # fmt: skip
        actor = policy.require("stacks.work", viewer)
        with self._database.write() as session:
            number = min(number, OFFSET_BOUND)  # as many as a database counts
            row = session.scalar(select(Treatment).where(Treatment.id == number).with_for_update())
            if row is None:
                raise NotFound("There is no such repair.")
            if row.ended is not None:
                raise Refused("ended")
            yield session, row, actor
            note(session, self._clock.now(), actor, what, str(row.id), stage=row.stage)

    def _step(self, session: Session, row: Treatment, actor: str, text: str) -> None:
        row.steps += 1
        said = str(without_controls(text))[:LONGEST]
        step = TreatmentStep(
            treatment_id=row.id,
            number=row.steps,
            stage=row.stage,
            text=said,
            expected=row.expected,
            at=self._clock.now(),
            by=actor,
        )
        session.add(step)

    def _check_free(self, session: Session, kind: str, hit: FrozenHit | None, box: Place | None) -> None:
        """One thing is not in repair twice."""
        same = Treatment.resource_id == hit.id if hit is not None else Treatment.place_id == (box.id if box else None)
        other = session.scalar(select(Treatment).where(Treatment.kind == kind, Treatment.ended.is_(None), same))
        if other is not None:
            raise Refused("treated_already", title=other.title)

    def _view(self, session: Session, row: Treatment, rules: RepairRules, today: dt.date) -> TreatmentView:
        box = session.get(Place, row.place_id) if row.place_id is not None else None
        newest = select(TreatmentStep).where(TreatmentStep.treatment_id == row.id).order_by(TreatmentStep.number.desc())
        return TreatmentView(
            number=row.id,
            kind="copying" if row.kind == "copying" else "repair",
            resource_id=row.resource_id,
            title=row.title,
            reference_code=row.reference_code,
            barcode=box.barcode if box else None,
            stage=row.stage,
            stage_title=rules.stage(row.kind, row.stage),
            expected=row.expected,
            is_late=row.ended is None and row.expected is not None and row.expected < today,
            begun=row.begun,
            ended=row.ended,
            steps=_steps(session.scalars(newest).all()),
        )


def _ahead(expected: dt.date | None, today: dt.date) -> dt.date | None:
    """A day that is written for the end of some work. Raises Wrong for one that was, or is too far away."""
    if expected is not None and not today <= expected <= today + FURTHEST:
        raise Wrong("expected", "day")
    return expected


def _steps(rows: Sequence[TreatmentStep]) -> tuple[StepView, ...]:
    return tuple(StepView(row.at, row.by, row.stage, row.text, row.expected) for row in rows)


def _thing(row: Treatment, box: Place | None) -> str:
    return box.barcode if box else row.resource_id or ""
