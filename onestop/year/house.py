"""A house of its own for a year: a desk on a database, its records and its clerks, and what can be asked of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from argon2 import PasswordHasher
from sqlalchemy import func, select

from mappings.access import Viewer
from mappings.grants import Grant
from onestop.year.days import ONE, at
from onestop.year.lives import HEAD
from onestop.year.plan import Plan
from onestop.year.play import Letterbox, Play, Players, Shelves, YearClock
from onestop.year.words import Words
from service_desk.desk import Desk
from service_desk.indicators.service import Report, Selection
from service_desk.legs.ports import Relays
from service_desk.legs.rules import Partners
from service_desk.machine import CLOSED, OPEN
from service_desk.models import Event, QueuedNotice, Request
from service_desk.objects import FolderObjects
from service_desk.ports import FrozenHit
from service_desk.roles import bundled
from service_desk.rules import bundled_text
from service_desk.sending.ringing import BY_PHONE
from service_desk.views import RoleView

MANAGER = Viewer("manager", frozenset({"manager", "staff"}), grants=frozenset({Grant("indicators.see")}))
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PARTNER = "harbour"
_PARTNERS = """partners:
  harbour:
    title: {en: Harbour Archives, zh-Hans: 港口档案馆, zh-Hant: 港口檔案館}
    email: {address: desk@harbour.example, language: zh-Hans}
"""
_HOLDERS = ("East Wing", "West Wing")
_KINDS = ("plain", "online", "film")
_EACH = 40


class Records:
    """Some records of each kind, for whoever asks."""

    def __init__(self) -> None:
        self._hits = {hit.id: hit for kind in _KINDS for hit in self._of(kind)}

    @staticmethod
    def _of(kind: str) -> Iterator[FrozenHit]:
        for number in range(_EACH):
            yield FrozenHit(
                id=f"{kind}-{number}",
                title=f"關於第 {number} 號土地贈與案",
                reference_code=f"J{number % 7}-{number}",
                holder=_HOLDERS[number % 2],
                fonds=f"J{number % 7}",
                access="open",
                readable=kind == "online",
                online=kind == "online",
                themes=("land",) if number % 3 else (),
                forms=("audio",) if kind == "film" else (),
            )

    def hit(self, resource_id: str, viewer: Viewer) -> FrozenHit | None:
        """The record of this id."""
        return self._hits.get(resource_id)


class Year:
    """A year at its desk."""

    def __init__(self, desk: Desk, clock: YearClock, plan: Plan, letters: Letterbox) -> None:
        self.desk, self.plan, self.letters = desk, plan, letters
        names = {*plan.staff.names, HEAD}
        clerks = {name: bundled().viewer(name, [RoleView("staff")]) for name in names}
        records = {kind: tuple(f"{kind}-{number}" for number in range(_EACH)) for kind in _KINDS}
        self._play = Play(desk, clock, plan, Players(clerks, records, PARTNER), Words(), letters)

    def play(self) -> None:
        """All of it, until nothing waits to be sent."""
        self._play.run(at(self.plan.days.last + ONE, 0))
        self._play.settle()

    def report(self, selection: Selection) -> Report:
        """What the desk tells of it."""
        return self.desk.indicators.report(MANAGER, selection)

    def counts(self) -> dict[str, int]:
        """How much of what there is."""
        tables = {"requests": Request, "events": Event, "notices": QueuedNotice}
        with self.desk._database.read() as session:
            return {
                name: session.scalar(select(func.count()).select_from(table)) or 0 for name, table in tables.items()
            }

    def lost(self) -> list[str]:
        """What is missing or there twice: nothing, if all is well."""
        return [*self._lost_requests(), *self._lost_notices()]

    def _lost_requests(self) -> Iterator[str]:
        numbers: dict[int, list[int]] = {}
        with self.desk._database.read() as session:
            told = select(Event.request_id, Event.number).order_by(Event.request_id, Event.number)
            for request_id, number in session.execute(told):
                numbers.setdefault(request_id, []).append(number)
            rows = session.execute(select(Request.id, Request.receipt, Request.status, Request.version)).all()
            known = {row.receipt for row in rows}
        yield from (f"{one.receipt} is gone" for one in self._play.receipts.values() if one.receipt not in known)
        for row in rows:
            if row.status not in OPEN | CLOSED:
                yield f"{row.receipt} is neither open nor closed"
            if numbers.get(row.id) != list(range(1, row.version + 1)):
                yield f"{row.receipt} has gaps in its events"

    def _lost_notices(self) -> Iterator[str]:
        with self.desk._database.read() as session:
            sent = select(QueuedNotice.key, QueuedNotice.token, QueuedNotice.sent, QueuedNotice.given_up)
            rows = session.execute(sent.where(QueuedNotice.channel != BY_PHONE)).all()
        yield from (
            f"notice {key} is there twice" for key, count in Counter(row.key for row in rows).items() if count > 1
        )
        left = self.letters.sent
        for row in rows:
            if row.sent is None and not (row.given_up and row.token in self.letters.refused):
                yield f"notice {row.key} has not left"
            if left[row.token or ""] != (row.sent is not None):
                yield f"notice {row.key} left {left[row.token or '']} times"


@contextmanager
def open_year(address: str, folder: Path, plan: Plan) -> Iterator[Year]:
    """A desk for it on an empty database."""
    clock = YearClock(at(plan.days.first, 0))
    letters = Letterbox(clock, plan.mute)
    desk = Desk(
        address,
        objects=FolderObjects(folder / "objects"),
        holdings=Shelves(Records(), clock, plan.blind),
        outbox=letters,
        clock=clock,
        hasher=_CHEAP,
        relays=Relays(site="https://archive.example"),
    )
    try:
        for name in (*plan.staff.names, HEAD):
            desk.accounts.add(name, name, "staff")
        desk.rules.bring_into_force(Partners, bundled_text(Partners).replace("partners: {}\n", _PARTNERS), HEAD)
        yield Year(desk, clock, plan, letters)
    finally:
        desk.close()
