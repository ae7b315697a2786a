"""Saved searches: a question kept under a name, and what it found when its reader last looked.

The desk keeps the address of the search and never asks it: whoever opens the list asks anew, with the rights they have
then.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from mappings.access import Viewer
from service_desk.database import OFFSET_BOUND, Database
from service_desk.drafts import owners
from service_desk.errors import Conflict, NotAllowed, NotFound
from service_desk.forms import NameForm, SearchForm
from service_desk.models import SavedSearch
from service_desk.ports import Clock
from service_desk.views import SavedSearchView, Seen

MOST = 30
"""Searches one reader may keep: the list asks each of them."""
KEPT = dt.timedelta(days=365)
"""How long a browser's searches are kept when nobody looks; those of an account stay."""


class Searches:
    """The searches readers keep. They belong to the viewer's account, or else to the visitor cookie; a visitor who
    signs in still finds those of the browser.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def save(self, form: SearchForm, seen: Seen, viewer: Viewer, visitor: str | None = None) -> int:
        """Keep a search; its number. Raises NotAllowed for somebody who cannot be told from others, Conflict when there
        are as many as one may keep."""
        mine = owners(viewer, visitor)
        if not mine:
            raise NotAllowed("Sign in to save a search, or allow cookies.")
        now = self._clock.now()
        with self._database.write(lock=mine[0]) as session:
            kept = session.scalar(select(func.count()).select_from(SavedSearch).where(SavedSearch.owner == mine[0]))
            if (kept or 0) >= MOST:
                raise Conflict(f"There are {MOST} saved searches already; delete one first.")
            row = SavedSearch(owner=mine[0], name=form.name, address=form.address, created=now)
            _note(row, seen, now)
            session.add(row)
            session.flush()
            return row.id

    def mine(self, viewer: Viewer, visitor: str | None = None) -> list[SavedSearchView]:
        """The reader's searches, by name."""
        with self._database.read() as session:
            chosen = select(SavedSearch).where(SavedSearch.owner.in_(owners(viewer, visitor)))
            views = [_view(row) for row in session.scalars(chosen)]
        return sorted(views, key=lambda view: (view.name, view.id))  # in one order, whatever the database sorts by

    def one(self, number: int, viewer: Viewer, visitor: str | None = None) -> SavedSearchView:
        """One of the reader's searches. Raises NotFound, also for those of others."""
        with self._database.read() as session:
            return _view(_row(session, number, owners(viewer, visitor), to_write=False))

    def rename(self, number: int, form: NameForm, viewer: Viewer, visitor: str | None = None) -> None:
        """Another name. Raises NotFound."""
        with self._database.write() as session:
            _row(session, number, owners(viewer, visitor)).name = form.name

    def looked(self, number: int, seen: Seen, viewer: Viewer, visitor: str | None = None) -> None:
        """The reader looks at what the search finds now. Raises NotFound."""
        with self._database.write() as session:
            _note(_row(session, number, owners(viewer, visitor)), seen, self._clock.now())

    def delete(self, number: int, viewer: Viewer, visitor: str | None = None) -> None:
        """Forget a search. Raises NotFound."""
        with self._database.write() as session:
            session.delete(_row(session, number, owners(viewer, visitor)))

    def expire(self) -> None:
        """Forget searches of browsers in which nobody has looked at them for a year."""
        old = SavedSearch.looked < self._clock.now() - KEPT
        with self._database.write() as session:
            session.execute(delete(SavedSearch).where(SavedSearch.owner.startswith("visitor:"), old))


def _row(session: Session, number: int, mine: list[str], *, to_write: bool = True) -> SavedSearch:
    row = session.get(SavedSearch, number, with_for_update=to_write or None) if 0 < number <= OFFSET_BOUND else None
    if row is None or row.owner not in mine:
        raise NotFound(f"There is no saved search number {number}.")
    return row


def _note(row: SavedSearch, seen: Seen, now: dt.datetime) -> None:
    row.looked, row.total, row.index_version = now, seen.total, seen.index_version
    row.found = None if seen.ids is None else {"ids": list(seen.ids)}


def _view(row: SavedSearch) -> SavedSearchView:
    ids = None if row.found is None else tuple(row.found["ids"])
    return SavedSearchView(row.id, row.name, row.address, row.looked, Seen(row.total, ids, row.index_version))
