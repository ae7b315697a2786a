"""The past of the demo house: a thin year of requests up to this moment, so that lists, indicators and what is usual
have something to tell.
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mappings.access import Viewer
    from onestop.wiring import Workspace
    from onestop.year.play import Letterbox, Players, YearClock
    from service_desk.desk import Desk
    from service_desk.ports import FrozenHit

REQUESTS: Final = 125
LATELY: Final = 27
CLERKS: Final = {"zhou": "周敏", "wu": "吴海涛", "zheng": "郑佳"}
"""Colleagues of the demo's staff, by account; nobody knows their passwords."""
SOUGHT: Final = "土地"
NIGHTS: Final = 14
"""Nightly work of the past is done every so many days: it has little to do, and `make demo` is waited for."""
_RECORDS: Final = 12


def fill(here: Workspace) -> None:
    """Once: nothing when the colleagues are there already."""
    from service_desk.errors import Conflict

    try:
        for name, called in CLERKS.items():
            here.desk.accounts.add(name, secrets.token_urlsafe(24), "staff", called)
    except Conflict:
        return
    _play(here, dt.datetime.now(dt.UTC))


def _play(here: Workspace, now: dt.datetime) -> None:
    from msgspec.structs import replace

    from onestop.year.days import ONE, ZONE
    from onestop.year.plan import plan
    from onestop.year.play import Letterbox, Play, YearClock
    from onestop.year.words import Words

    today = now.astimezone(ZONE).date()
    made = plan(REQUESTS, today - 364 * ONE, today, clerks=("staff", *CLERKS), lately=LATELY)
    clock = YearClock(now - 365 * ONE)
    letters = Letterbox(clock, frozenset())
    desk = _desk_of_then(here, clock, letters)
    try:
        quiet = replace(made, blind=frozenset(), mute=frozenset())
        Play(desk, clock, quiet, _players(here), Words(), letters).run(now, NIGHTS)
    finally:
        desk.close()


def _desk_of_then(here: Workspace, clock: YearClock, letters: Letterbox) -> Desk:
    """The same desk at another time; its notices have left long ago."""
    from onestop import outgoing
    from service_desk.desk import Desk

    return Desk(
        here.settings.database_url,
        objects=here.objects,
        holdings=_Remembered(here),
        outbox=letters,
        clock=clock,
        status_url=outgoing.status_url(here),
        archive=outgoing.archive_name(here),
        policies=here.roles,
        identity_key=here.keys.identity,
    )


class _Remembered:
    """The holdings of today, each record looked up once for each kind of viewer."""

    def __init__(self, here: Workspace) -> None:
        self._here = here
        self._known: dict[tuple[str, bool], FrozenHit | None] = {}

    def hit(self, resource_id: str, viewer: Viewer) -> FrozenHit | None:
        """The record as this viewer may know it."""
        key = resource_id, viewer.is_staff
        if key not in self._known:
            self._known[key] = self._here.holdings.hit(resource_id, viewer)
        return self._known[key]


def _players(here: Workspace) -> Players:
    """Who works there, and records: of the house's originals, and of what is there to be read."""
    from onestop.year.lives import HEAD
    from onestop.year.play import Players

    staff = here.viewer("staff")
    clerks = {name: here.viewer(name) for name in ("staff", *CLERKS)} | {HEAD: staff}
    plain = _found(here, "physical", online=False)
    return Players(clerks, {"plain": plain, "film": plain, "online": _found(here, "digital", online=True)})


def _found(here: Workspace, kind: str, *, online: bool) -> tuple[str, ...]:
    """Open records of a kind, which ask for no papers; those of the demo's other stories are left to them."""
    from indexer.query import Query
    from mappings.access import ANONYMOUS
    from onestop import demo_stacks

    taken = {demo_stacks.OUT, demo_stacks.AT_DESK, demo_stacks.URGENT, demo_stacks.WANTED}
    taken |= {demo_stacks.LENT, demo_stacks.IN_REPAIR, demo_stacks.COPIED}
    answer = here.searcher.search(Query(SOUGHT, filters={"kind": (kind,)}, size=60), ANONYMOUS)
    found = (here.holdings.hit(one["id"], ANONYMOUS) for one in answer["hits"] if one["id"] not in taken)
    fits = (hit.id for hit in found if hit and not hit.papers and (hit.online and bool(hit.readable)) == online)
    return tuple(fits)[:_RECORDS]
