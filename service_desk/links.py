"""What staff decide about two records: one thing, or two. Append-only; the newest decision on a pair counts.

``open`` takes a decision back: the pair is judged by the rules again.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import select

from mappings.access import Viewer
from mappings.decisions import Decision, Key, ordered
from service_desk import audit_chain, policy
from service_desk.database import Database
from service_desk.errors import Invalid
from service_desk.forms import one_line, without_controls
from service_desk.models import LinkDecision
from service_desk.ports import Clock
from service_desk.record_keys import can_be_kept
from service_desk.views import LinkDecisionView

VERDICTS: Final = ("same", "apart", "open")
_LONGEST_NOTE = 2_000


class LinkDecisions:
    """Decisions on links between records, each named by (source, source_id)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def decide(self, one: Key, other: Key, verdict: str, viewer: Viewer, note: str = "") -> None:
        """Keep a decision. For staff. Raises NotAllowed, Invalid."""
        actor = policy.require_staff("decide link", viewer)
        if verdict not in VERDICTS:
            raise Invalid.one("verdict", f"one of {', '.join(VERDICTS)}")
        if one == other or not (_is_key(one) and _is_key(other)):
            raise Invalid.one("records", "name two different records")
        first, second = ordered(one, other)
        row = LinkDecision(
            one_source=first[0],
            one_id=first[1],
            other_source=second[0],
            other_id=second[1],
            verdict=verdict,
            note=str(one_line(note))[:_LONGEST_NOTE],
            at=self._clock.now(),
            account_name=actor,
        )
        with self._database.write() as session:
            session.add(row)
            session.flush()
            audit_chain.note(session, row.at, actor, "link.decide", str(row.id), verdict=verdict)

    def decided(self, viewer: Viewer) -> list[LinkDecisionView]:
        """The decision that counts of each pair, the newest first; pairs that are open again left out. For staff."""
        policy.require_staff("list link decisions", viewer)
        return [view for view in reversed(self._newest()) if view.verdict != "open"]

    def standing(self) -> list[Decision]:
        """The same for the nightly run, as plain data."""
        return [
            Decision(view.one, view.other, "same" if view.verdict == "same" else "apart", view.at.date().isoformat())
            for view in self._newest()
            if view.verdict != "open"
        ]

    def _newest(self) -> list[LinkDecisionView]:
        """The last decision on each pair, oldest first."""
        with self._database.read() as session:
            rows = session.scalars(select(LinkDecision).order_by(LinkDecision.id))
            last = {(view.one, view.other): view for view in map(_view, rows)}
        return sorted(last.values(), key=lambda view: view.id)


def _is_key(key: Key) -> bool:
    """Can it be kept, and does the source stand as it is named?"""
    return can_be_kept(key) and without_controls(key[0]) == key[0]


def _view(row: LinkDecision) -> LinkDecisionView:
    return LinkDecisionView(
        id=row.id,
        one=(row.one_source, row.one_id),
        other=(row.other_source, row.other_id),
        verdict=row.verdict,
        note=row.note,
        at=row.at,
        account=row.account_name,
    )
