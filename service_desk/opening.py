"""What staff decide about the opening of a record, or of a unit with all below it. Append-only: the newest counts.

A state of a unit holds for what is below it, unless something nearer has one of its own (`mappings.opening`);
``not_reviewed`` takes a state back. Policies are applied elsewhere: here is who may, and that it is kept in the log.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final, Literal, cast

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from mappings.access import Viewer
from mappings.decisions import Key
from mappings.opening import STATES, Review, State
from service_desk import audit_chain, policy
from service_desk.database import Database
from service_desk.errors import Invalid
from service_desk.forms import one_line
from service_desk.models import OpeningReview
from service_desk.ports import Clock
from service_desk.record_keys import can_be_kept

WITH_DAY: Final[frozenset[State]] = frozenset({"open", "extended", "closed"})
"""States that may name a day: from which it is open, until which it is closed."""
_LONGEST_NOTE, _LONGEST_ARTICLE = 2_000, 500


class OpeningReviewView(Struct, frozen=True):
    """One decision, with who took it."""

    number: int
    key: Key
    state: State
    until: dt.date | None
    article: str
    note: str
    at: dt.datetime
    account: str


class Decision(Struct, frozen=True):
    """What is decided, as typed."""

    state: str
    until: str = ""
    article: str = ""
    note: str = ""


class Openings:
    """Reviews of records and units, each named by (source, source_id)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def review(self, keys: Sequence[Key], decision: Decision, viewer: Viewer) -> None:
        """Keep a decision on the records of one thing, all or none. For staff. Raises NotAllowed, Invalid."""
        actor = policy.require_staff("review opening", viewer)
        state, until = _checked(keys, decision)
        article = str(one_line(decision.article))[:_LONGEST_ARTICLE]
        note = str(one_line(decision.note))[:_LONGEST_NOTE]
        at = self._clock.now()
        with self._database.write() as session:
            for source, source_id in keys:
                row = OpeningReview(
                    source=source,
                    source_id=source_id,
                    state=state,
                    until=until and until.isoformat(),
                    article=article,
                    note=note,
                    at=at,
                    account_name=actor,
                )
                _keep(session, row)

    def history(self, keys: Iterable[Key], viewer: Viewer) -> list[OpeningReviewView]:
        """What was decided on some records, the newest first. For staff. Raises NotAllowed."""
        policy.require_staff("review opening", viewer)
        wanted = set(keys)
        ids = [source_id for _, source_id in wanted]
        with self._database.read() as session:
            chosen = select(OpeningReview).where(OpeningReview.source_id.in_(ids)).order_by(OpeningReview.id.desc())
            return [view for view in map(_view, session.scalars(chosen)) if view.key in wanted]

    def under_review(self, viewer: Viewer) -> list[OpeningReviewView]:
        """What is under review now, the longest first. For staff. Raises NotAllowed."""
        policy.require_staff("review opening", viewer)
        return [view for view in self._newest() if view.state == "under_review"]

    def standing(self) -> list[Review]:
        """The review that counts of each unit, for the nightly run."""
        return [
            Review(view.key, view.state, view.at.date(), view.until, view.article or None, view.number)
            for view in self._newest()
        ]

    def may_apply(self, viewer: Viewer) -> str:
        """The account of somebody who may apply and undo a policy. Raises NotAllowed."""
        return policy.require_staff("apply opening", viewer)

    def applied(self, by: str, what: Literal["applied", "undone"], number: int, digest: str) -> None:
        """Keep in the log that a policy of opening came into force."""
        done: audit_chain.What = "opening.apply" if what == "applied" else "opening.undo"
        with self._database.write() as session:
            audit_chain.note(session, self._clock.now(), by, done, "opening", number=number, digest=digest)

    def _newest(self) -> list[OpeningReviewView]:
        """The last decision on each unit, oldest first."""
        with self._database.read() as session:
            rows = session.scalars(select(OpeningReview).order_by(OpeningReview.id))
            last = {view.key: view for view in map(_view, rows)}
        return sorted(last.values(), key=lambda view: view.number)


def _keep(session: Session, row: OpeningReview) -> None:
    session.add(row)
    session.flush()
    detail = {"state": row.state, "until": row.until, "article": row.article, "number": row.id}
    subject = f"{row.source}:{row.source_id}"
    audit_chain.note(session, row.at, row.account_name, "opening.review", subject, **detail)


def _checked(keys: Sequence[Key], decision: Decision) -> tuple[State, dt.date | None]:
    """State and day of a decision. Raises Invalid for what cannot be kept."""
    if not keys or not all(map(can_be_kept, keys)):
        raise Invalid.one("record", "name a record that can be kept")
    if decision.state not in STATES:
        raise Invalid.one("state", f"one of {', '.join(STATES)}")
    state = decision.state
    until = _day(decision.until)
    if state == "extended" and until is None:
        raise Invalid.one("until", "an extension needs the day on which it ends, such as 2036-01-01")
    if until is not None and state not in WITH_DAY:
        raise Invalid.one("until", f"a day goes with {', '.join(sorted(WITH_DAY))} only")
    return state, until


def _day(typed: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(typed.strip()) if typed.strip() else None
    except ValueError:
        raise Invalid.one("until", "write the day as 2036-01-01") from None


def _view(row: OpeningReview) -> OpeningReviewView:
    return OpeningReviewView(
        row.id,
        (row.source, row.source_id),
        cast("State", row.state),
        dt.date.fromisoformat(row.until) if row.until else None,
        row.article,
        row.note,
        row.at,
        row.account_name,
    )
