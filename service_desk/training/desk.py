"""A training desk and the progress of those who learn at it. Nothing is kept of progress: it is read off the audit log.

The database says itself that it is one of training, so that no real house is ever run on it, and no training on a real
house's.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mappings.access import ANONYMOUS, Viewer
from service_desk import codes, policy
from service_desk.database import Database
from service_desk.errors import NotFound, Unavailable
from service_desk.models import Account, AuditRow, Request, Setting
from service_desk.ports import Upload
from service_desk.rules import Rules
from service_desk.training.rules import Beginning, ExerciseRule, Exercises, StepRule

if TYPE_CHECKING:
    from service_desk.filing import Filing

MARK: Final = "training"
ACROSS: Final = "TRAINING · 培训 · 訓練"
"""What stands across each page that a training desk prints or gives out."""
_BEGUN: Final = "exercise"
_CONTACT: Final = "reader@example.org"
_LOOKED_AT: Final = 10_000
"""Rows of the log of one trainee, the latest."""


class StepDone(Struct, frozen=True):
    """A step, and when it was done; None: not yet."""

    says: str
    at: dt.datetime | None


class ExerciseView(Struct, frozen=True):
    """An exercise as a trainee sees it; `receipt` is the request that it began with."""

    code: str
    title: str
    task: str
    where: str
    steps: tuple[StepDone, ...]
    begins: bool
    receipt: str | None

    @property
    def is_done(self) -> bool:
        """Is every step of it?"""
        return all(step.at is not None for step in self.steps)


class TraineeView(Struct, frozen=True):
    """How many exercises an account has done, of how many."""

    name: str
    display_name: str
    done: int
    of: int


class _Deed(Struct, frozen=True):
    """What the log tells of a trainee: kind, when, which requests it names, details."""

    what: str
    at: dt.datetime
    receipts: frozenset[str]
    detail: dict[str, Any]


class Training:
    """The training desk, where this is one."""

    def __init__(self, database: Database, rules: Rules, filing: Filing, is_on: bool) -> None:
        """Raises Unavailable when the database is of the other kind."""
        self._database = database
        self._rules = rules
        self._filing = filing
        self.is_on = is_on
        self._mark = ""
        self._agree()

    @property
    def across(self) -> str:
        """What is printed across each page; empty at a real desk."""
        return ACROSS if self.is_on else ""

    def has_begun_anew(self) -> bool:
        """Has another database taken the place of this one since the last look? Never at a real desk."""
        if not self.is_on:
            return False
        with self._database.read() as session:
            kept = session.get(Setting, MARK)
        before, self._mark = self._mark, kept.value if kept else ""
        return before != self._mark

    def exercises(self, viewer: Viewer, language: str) -> list[ExerciseView]:
        """Every exercise, and how far this member of staff is. Raises NotAllowed, NotFound at a real desk."""
        name = self._required(viewer)
        with self._database.read() as session:
            return self._of(session, name, language)

    def trainees(self, viewer: Viewer) -> list[TraineeView]:
        """How far everybody is who has begun. Raises NotAllowed, NotFound at a real desk."""
        self._refuse_real()
        policy.require("accounts.manage", viewer)
        with self._database.read() as session:
            accounts = session.execute(select(Account.name, Account.display_name).order_by(Account.name))
            told = [(name, called, self._of(session, name, "en")) for name, called in accounts]
        begun = [one for one in told if any(step.at for each in one[2] for step in each.steps)]
        return [
            TraineeView(name, called, sum(each.is_done for each in every), len(every)) for name, called, every in begun
        ]

    def begin(self, code: str, viewer: Viewer, language: str) -> str | None:
        """File the request that an exercise begins with, or another one; its receipt. Raises NotAllowed, NotFound,
        Invalid.
        """
        name = self._required(viewer)
        rule = self._rules.now(Exercises).exercises.get(code)
        if rule is None:
            raise NotFound("There is no such exercise.")
        if rule.begins is None:
            return None
        receipt = self._filed(rule.begins, language)
        with self._database.write() as session:
            session.merge(Setting(key=_key(code, name), value=receipt))
        return receipt

    def _agree(self) -> None:
        """Is the database of the kind that it should be? An empty one is marked."""
        with self._database.read() as session:
            kept = session.get(Setting, MARK)
            is_used = session.scalar(select(Account.name).limit(1)) is not None
        is_marked, self._mark = kept is not None, kept.value if kept else codes.new_secret()
        if is_marked and not self.is_on:
            raise Unavailable("This database is of a training desk: no house is run on it. Check `database`.")
        if self.is_on and not is_marked and is_used:
            raise Unavailable("This database is of a real house: nobody is trained on it. Check `database`.")
        if self.is_on and not is_marked:
            with self._database.write() as session:
                session.merge(Setting(key=MARK, value=self._mark))

    def _refuse_real(self) -> None:
        if not self.is_on:
            raise NotFound("This is no training desk.")

    def _required(self, viewer: Viewer) -> str:
        self._refuse_real()
        return policy.require("requests.see", viewer)

    def _of(self, session: Session, name: str, language: str) -> list[ExerciseView]:
        deeds = _deeds(session, name)
        rules = self._rules.within(session, Exercises).exercises
        return [_view(code, rule, deeds, _begun(session, code, name), language) for code, rule in rules.items()]

    def _filed(self, begins: Beginning, language: str) -> str:
        from service_desk.attachments import Supplied
        from service_desk.forms import OpenRequestForm, RequestForm, parse

        values = {"type": begins.type, "name": begins.name, "contact": _CONTACT, "language": language}
        values |= {"note": begins.note.in_language(language)}
        if begins.relation:
            values["relation"] = begins.relation
        papers = [Supplied(Upload(f"{code}.png", "image/png", sample_paper(code)), code) for code in begins.papers]
        if begins.records:
            form: OpenRequestForm = parse(RequestForm, {**values, "resource_id": self._least_asked(begins.records)})
        else:
            form = parse(OpenRequestForm, values)
        return self._filing.submit(form, ANONYMOUS, files=papers).receipt

    def _least_asked(self, records: Sequence[str]) -> str:
        """The record that fewest requests are about: so trainees do not wait for one box."""
        asked = select(Request.resource_id, func.count()).group_by(Request.resource_id)
        with self._database.read() as session:
            rows = session.execute(asked.where(Request.resource_id.in_(records))).all()
        counts = {row[0]: row[1] for row in rows}
        return min(records, key=lambda one: counts.get(one, 0))


def sample_paper(code: str) -> bytes:
    """A picture that stands for a paper which a reader hands in."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (640, 400), "white")
    drawing = ImageDraw.Draw(image)
    drawing.rectangle((20, 20, 620, 380), outline="black", width=3)
    drawing.text((60, 160), f"SAMPLE\n{code.replace('_', ' ')}", fill="black", font_size=36)
    made = io.BytesIO()
    image.save(made, "PNG")
    return made.getvalue()


def _key(code: str, name: str) -> str:
    return f"{_BEGUN}:{code}:{codes.digest(name)[:32]}"


def _begun(session: Session, code: str, name: str) -> str | None:
    kept = session.get(Setting, _key(code, name))
    return kept.value if kept else None


def _deeds(session: Session, name: str) -> list[_Deed]:
    rows = session.scalars(
        select(AuditRow).where(AuditRow.actor == name).order_by(AuditRow.id.desc()).limit(_LOOKED_AT)
    )
    return [_Deed(row.what, row.at, _named(row), row.detail) for row in rows][::-1]


def _named(row: AuditRow) -> frozenset[str]:
    """The requests that a row tells of."""
    detail = row.detail
    named = [detail.get("request"), *(detail.get("requests") or ())]
    named += [row.subject] if row.what.startswith(("request.", "leg.")) else []
    return frozenset(str(one) for one in named if one)


def _view(code: str, rule: ExerciseRule, deeds: Iterable[_Deed], receipt: str | None, language: str) -> ExerciseView:
    ours = [one for one in deeds if receipt is None or receipt in one.receipts or not one.receipts]
    possible = receipt is not None or rule.begins is None
    steps = tuple(
        StepDone(step.says.in_language(language), _when(step, ours) if possible else None) for step in rule.steps
    )
    title, task = rule.title.in_language(language), rule.task.in_language(language)
    return ExerciseView(code, title, task, rule.where, steps, rule.begins is not None, receipt)


def _when(step: StepRule, deeds: Iterable[_Deed]) -> dt.datetime | None:
    fits = (one.at for one in deeds if one.what == step.does and step.detail.items() <= one.detail.items())
    return next(fits, None)
