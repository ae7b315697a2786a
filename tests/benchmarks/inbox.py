"""What a page of the inbox costs beside the plain SQL of the same rows: a desk with 20,000 open requests, asked in
turns, view by view.

usage: python -m tests.benchmarks.inbox [ADDRESS]      prints one JSON line

ADDRESS is that of an empty database; without it a SQLite file is made. The plain side reads the columns of a row, and
nothing else: no counts, no rules, no objects. The page is asked once before it is timed: counts are remembered as long
as nothing happens at the desk; `cold_ms` is the page that counts. SQLite works in the process that asks, so that there
the processor time of both is taken, which other work of the machine does not change.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time
from typing import Any, Final

import msgspec
from sqlalchemy import insert, text

from mappings.access import Viewer
from service_desk import codes, machine
from service_desk.database import Database
from service_desk.desk import Desk
from service_desk.machine import ACTIONS, State
from service_desk.models import Account, Event, Request
from service_desk.objects import FolderObjects
from service_desk.ports import FrozenHit
from tests.benchmarks.rows import Row

GOAL: Final = 1.5
OPEN: Final = 20_000
ROUNDS: Final = 31
SIZE: Final = 50
CLERKS: Final = 40
STAFF: Final = Viewer("clerk-1", frozenset({"staff"}))
PATHS: Final = (
    ("submit", "accept", "classify"),
    ("submit", "accept", "classify", "take"),
    ("submit", "accept", "classify", "search"),
    ("submit", "ask_materials"),
    ("submit", "accept", "classify", "quote"),
)
"""What has happened to open requests; of ten one is answered as well."""
_RUNNING = "'accepted', 'in_review', 'in_search', 'relayed', 'reopened', 'submitted'"
_OPEN = f"{_RUNNING}, 'awaiting_payment', 'needs_materials', 'quoted', 'ready'"
_COLUMNS = (
    "id, receipt, type, status, handler, version, submitted, closed, clock, due, hit, more, name, urgent, department"
)
_ORDER = (
    f"CASE WHEN status NOT IN ({_RUNNING}) THEN 2 WHEN urgent THEN 0 ELSE 1 END, "
    "coalesce(due, '9999-01-01 00:00:00.000000'), id"
)
LONG: Final = frozenset({"open", "new", "late"})
"""Views with thousands of requests, which the goal is about: short ones cost what a page costs."""
WANTED: Final = {
    "open": f"status IN ({_OPEN})",
    "new": f"status IN ({_RUNNING}) AND handler IS NULL",
    "mine": f"status IN ({_OPEN}) AND handler = 'clerk-1'",
    "late": f"status IN ({_RUNNING}) AND due <= :now",
    "waiting": "status IN ('awaiting_payment', 'needs_materials', 'quoted', 'ready')",
}


class Nothing:
    """Holdings that nobody asks."""

    def hit(self, resource_id: str, viewer: Viewer) -> FrozenHit | None:
        return None


def rows(document: dict[str, Any]) -> list[Row]:
    """The rows of what this program printed."""
    detail = {"requests": document["requests"], "database": document["database"]}
    return [
        Row(
            f"inbox page, {view}",
            "ms",
            ours,
            plain,
            goal=GOAL if view in LONG else None,
            detail={**detail, "cold_ms": cold},
        )
        for view, (ours, plain, cold) in document["views"].items()
    ]


def run(address: str, folder: Path, requests: int = OPEN, rounds: int = ROUNDS) -> dict[str, Any]:
    """Medians of both sides for each view, in ms, and the page when its counts are not known."""
    desk = Desk(address, objects=FolderObjects(folder), holdings=Nothing())
    try:
        database: Database = desk.inbox._database  # the benchmark's own: no screen reads past the inbox
        fill(database, requests)
        views = {view: _view(desk, database, view, rounds) for view in WANTED}
        return {"requests": requests, "database": database.engine.dialect.name, "views": views}
    finally:
        desk.close()


def fill(database: Database, count: int) -> None:
    """Open requests of many kinds and ages, with their events; a tenth as many answered ones beside them."""
    dice, now = random.Random(20_000), dt.datetime.now(dt.UTC)
    account = {"role": "staff", "password_hash": "x", "created": now, "disabled": False}
    with database.write() as session:
        session.execute(
            insert(Account), [{"name": f"clerk-{one}", "display_name": "x", **account} for one in range(CLERKS)]
        )
        for batch in _batches(count + count // 10):
            made = [_request(number, number >= count, dice, now) for number in batch]
            session.execute(insert(Request), [request for request, _ in made])
            session.execute(insert(Event), [event for _, events in made for event in events])
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))


def _batches(count: int) -> Iterator[range]:
    return (range(start, min(start + 1000, count)) for start in range(0, count, 1000))


def _request(
    number: int, answered: bool, dice: random.Random, now: dt.datetime
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    began = now - dt.timedelta(days=dice.uniform(0, 20))
    steps = (*dice.choice(PATHS[:3]), "answer") if answered else dice.choice(PATHS)
    state, events = State(), []
    for place, step in enumerate(steps, start=1):
        at = began + dt.timedelta(hours=place)
        actor = f"clerk-{dice.randrange(CLERKS)}" if step in ("take", "search", "quote", "answer") else None
        state = machine.after(state, ACTIONS[step], actor, at)
        party = "staff" if actor else "desk" if place > 1 else "reader"
        told = {"at": at, "party": party, "actor": actor, "what": ACTIONS[step].event, "text": "", "payload": {}}
        events.append({"request_id": number + 1, "number": place, **told})
    hit = FrozenHit(f"r-{number % 5000:016x}", f"關於第 {number % 5000} 號土地贈與案", f"Z{number % 90:03}-1-{number}")
    row = {
        "id": number + 1,
        "receipt": codes.new_receipt(),
        "secret_digest": "x" * 64,
        "type": dice.choice(("copy", "certificate", "query", "consult")),
        "status": state.status,
        "handler": state.handler,
        "version": state.version,
        "submitted": began,
        "closed": state.closed,
        "clock": msgspec.to_builtins(state.clock),
        "due": None if answered else began + dt.timedelta(days=7),
        "resource_id": hit.id,
        "hit": msgspec.to_builtins(hit),
        "more": [],
        "name": f"Reader {number}",
        "contact": f"reader{number}@example.org",
        "language": "zh-Hans",
        "channel": "web",
        "department": dice.choice((None, "holdings", "special")),
        "urgent": dice.random() < 0.01,
        "barred": [],
    }
    return row, events


def _view(desk: Desk, database: Database, view: str, rounds: int) -> tuple[float, float, float]:
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    plain = text(f"SELECT {_COLUMNS} FROM request WHERE {WANTED[view]} ORDER BY {_ORDER} LIMIT {SIZE + 1}")
    values = {"now": now} if ":now" in WANTED[view] else {}

    def ours() -> list[str]:
        return [row.receipt for row in desk.inbox.page(STAFF, view, size=SIZE).rows]

    def theirs() -> list[str]:
        with database.read() as session:
            return [row.receipt for row in session.execute(plain, values).all()]

    desk.inbox._counted.forget()
    clock = thread_time if database.engine.dialect.name == "sqlite" else perf_counter
    cold, first = _timed(ours, clock)
    if first != theirs()[:SIZE]:
        raise AssertionError(f"the two sides of {view} differ")
    taken = [(_timed(ours, clock)[0], _timed(theirs, clock)[0]) for _ in range(rounds)]
    return median(one for one, _ in taken), median(one for _, one in taken), cold


def _timed(work: Callable[[], list[str]], clock: Callable[[], float]) -> tuple[float, list[str]]:
    begun = clock()
    found = work()
    return (clock() - begun) * 1000, found


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="inbox-") as place:
        folder = Path(place)
        print(json.dumps(run(arguments[0] if arguments else f"sqlite:///{folder / 'desk.db'}", folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
