"""Drafts: what a reader has typed so far, kept from the first change, so that a lost connection loses nothing."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mappings.access import Viewer
from service_desk import codes
from service_desk.database import Database
from service_desk.errors import Invalid
from service_desk.models import Draft
from service_desk.ports import Clock

BODY_BYTES = 64 * 1024
FORMS_PER_OWNER = 50
KEPT = dt.timedelta(days=30)
_FORM_BOUND = 200


class DraftView(Struct, frozen=True):
    """What was typed into a form, and when last."""

    form: str
    body: dict[str, Any]
    updated: dt.datetime


class Drafts:
    """One draft per owner and form; `form` is the page's own name for it, for example ``request:r-7f3k2``.

    The owner is the viewer's account, or else the visitor cookie; with neither nothing is kept. A visitor who signs in
    keeps what they typed: the draft is looked up under both.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def save(self, form: str, body: Mapping[str, Any], viewer: Viewer, visitor: str | None = None) -> None:
        """Keep these values. Raises Invalid when they are no JSON object of at most 64 KiB."""
        mine = owners(viewer, visitor)
        if not mine:
            return
        values = _checked(form, body)
        with self._database.write(lock=mine[0]) as session:
            self._keep(session, mine[0], form, values)

    def change(
        self,
        form: str,
        change: Callable[[dict[str, Any]], Mapping[str, Any]],
        viewer: Viewer,
        visitor: str | None = None,
    ) -> None:
        """Keep what `change` makes of the values kept so far; of two at once the second sees what the first left.
        Raises Invalid.
        """
        mine = owners(viewer, visitor)
        if not mine:
            return
        with self._database.write(lock=mine[0]) as session:
            found = self._found(session, form, mine)
            self._keep(session, mine[0], form, _checked(form, change(dict(found.body) if found else {})))

    def _keep(self, session: Session, owner: str, form: str, values: dict[str, Any]) -> None:
        draft = session.get(Draft, (owner, form), with_for_update=True)
        if draft is None:
            session.add(Draft(owner=owner, form=form, body=values, updated=self._clock.now()))
        else:
            draft.body, draft.updated = values, self._clock.now()
        session.flush()
        of_owner = select(Draft).where(Draft.owner == owner).order_by(Draft.updated.desc(), Draft.form)
        for surplus in session.scalars(of_owner.offset(FORMS_PER_OWNER)):
            session.delete(surplus)

    def load(self, form: str, viewer: Viewer, visitor: str | None = None) -> dict[str, Any]:
        """The values kept, empty when there are none."""
        found = self.one(form, viewer, visitor)
        return found.body if found else {}

    def one(self, form: str, viewer: Viewer, visitor: str | None = None) -> DraftView | None:
        """The draft with when it was last changed, None when there is none."""
        with self._database.read() as session:
            draft = self._found(session, form, owners(viewer, visitor))
            return DraftView(draft.form, draft.body, draft.updated) if draft else None

    def all(self, prefix: str, viewer: Viewer, visitor: str | None = None) -> list[DraftView]:
        """Those of forms whose names begin so, the last changed first."""
        mine = owners(viewer, visitor)
        wanted = (
            select(Draft)
            .where(Draft.owner.in_(mine), Draft.form.startswith(prefix, autoescape=True))
            .where(Draft.updated >= self._clock.now() - KEPT)
            .order_by(Draft.updated.desc(), Draft.form)
        )
        with self._database.read() as session:
            rows = sorted(session.scalars(wanted), key=lambda row: mine.index(row.owner))
            first = {row.form: row for row in reversed(rows)}.values()
            views = [DraftView(row.form, row.body, row.updated) for row in first]
        return sorted(views, key=lambda view: (view.updated, view.form), reverse=True)

    def _found(self, session: Session, form: str, mine: list[str]) -> Draft | None:
        """The draft under the first of these owners that has one."""
        if not form.isprintable():
            return None
        kept_since = self._clock.now() - KEPT
        found = (session.get(Draft, (owner, form)) for owner in mine)
        return next((draft for draft in found if draft is not None and draft.updated >= kept_since), None)

    def delete(self, form: str, viewer: Viewer, visitor: str | None = None) -> None:
        """Forget the draft, as after sending the form."""
        if not form.isprintable():
            return
        with self._database.write() as session:
            session.execute(delete(Draft).where(Draft.owner.in_(owners(viewer, visitor)), Draft.form == form))

    def expire(self) -> int:
        """Forget drafts untouched for 30 days; how many there were."""
        with self._database.write() as session:
            old = delete(Draft).where(Draft.updated < self._clock.now() - KEPT).returning(Draft.form)
            return len(session.scalars(old).all())


def owners(viewer: Viewer, visitor: str | None) -> list[str]:
    """Under which names things are kept for somebody, the one for new things first; none for who cannot be told from
    others."""
    account = [f"account:{viewer.name}"] if viewer.name is not None else []
    return account + ([f"visitor:{codes.digest(visitor)}"] if visitor else [])


def _checked(form: str, body: Mapping[str, Any]) -> dict[str, Any]:
    if not 0 < len(form) <= _FORM_BOUND or not form.isprintable():
        raise Invalid.one("form", f"1 to {_FORM_BOUND} printable characters")
    try:
        encoded = json.dumps(dict(body), allow_nan=False)
    except (TypeError, ValueError):
        raise Invalid.one("body", "values that JSON can hold") from None
    if len(encoded) > BODY_BYTES:
        raise Invalid.one("body", f"at most {BODY_BYTES // 1024} KiB")
    return dict(json.loads(encoded))
