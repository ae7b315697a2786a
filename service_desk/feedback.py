"""Feedback on hits: added by anyone, sorted by staff; raw material of relevance judgements and corrections."""

from __future__ import annotations

from sqlalchemy import func, select

from mappings.access import Viewer
from service_desk import codes, policy
from service_desk.audit_chain import note
from service_desk.database import OFFSET_BOUND, PAGE_BOUND, Database, paging
from service_desk.errors import Invalid, NotFound
from service_desk.forms import FEEDBACK_KINDS, FEEDBACK_STATES, FeedbackForm, one_line
from service_desk.hits import frozen
from service_desk.models import FeedbackRow
from service_desk.ports import Clock, Holdings
from service_desk.views import FeedbackPage, FeedbackView


class Feedback:
    """What readers said about hits."""

    def __init__(self, database: Database, clock: Clock, holdings: Holdings) -> None:
        self._database = database
        self._clock = clock
        self._holdings = holdings

    def add(self, form: FeedbackForm, viewer: Viewer, visitor: str | None = None) -> int:
        """Keep a word on a hit; its number. Raises NotFound when the resource does not exist for this viewer."""
        hit = frozen(self._holdings, form.resource_id, viewer)
        row = FeedbackRow(
            resource_id=hit.id,
            title=hit.title,
            kind=form.kind,
            note=form.note,
            query=form.query,
            rank=form.rank,
            index_version=None if hit.index_version is None else str(hit.index_version),
            at=self._clock.now(),
            account_name=viewer.name,
            visitor_digest=codes.digest(visitor) if visitor and viewer.name is None else None,
            state="new",
        )
        with self._database.write() as session:
            session.add(row)
            session.flush()
            return row.id

    def page(
        self,
        viewer: Viewer,
        *,
        state: str | None = None,
        kind: str | None = None,
        resource_id: str | None = None,
        size: int = 50,
        offset: int = 0,
    ) -> FeedbackPage:
        """Feedback, newest first, narrowed to a state, kind or resource. For staff. Raises NotAllowed, Invalid."""
        policy.require_staff("list feedback", viewer)
        _one_of("state", state, FEEDBACK_STATES)
        _one_of("kind", kind, FEEDBACK_KINDS)
        filters = {FeedbackRow.state: state, FeedbackRow.kind: kind, FeedbackRow.resource_id: one_line(resource_id)}
        chosen = select(FeedbackRow).where(*(column == value for column, value in filters.items() if value is not None))
        newest = chosen.order_by(FeedbackRow.at.desc(), FeedbackRow.id.desc())
        with self._database.read() as session:
            rows = session.scalars(newest.offset(paging(offset, OFFSET_BOUND)).limit(paging(size, PAGE_BOUND)))
            counted = session.execute(select(FeedbackRow.state, func.count()).group_by(FeedbackRow.state)).all()
            return FeedbackPage(
                total=session.scalar(select(func.count()).select_from(chosen.subquery())) or 0,
                rows=tuple(_view(row) for row in rows),
                counts=dict.fromkeys(FEEDBACK_STATES, 0) | dict(counted),
            )

    def mark(self, number: int, state: str, viewer: Viewer) -> None:
        """Set where a word of feedback stands. For staff. Raises NotAllowed, Invalid, NotFound."""
        actor = policy.require_staff("mark feedback", viewer)
        _one_of("state", state, FEEDBACK_STATES)
        with self._database.write() as session:
            row = session.get(FeedbackRow, number) if 0 < number <= OFFSET_BOUND else None
            if row is None:
                raise NotFound(f"There is no feedback number {number}.")
            row.state, row.marked_by, row.marked_at = state, actor, self._clock.now()
            note(session, row.marked_at, actor, "feedback.mark", str(number), state=state)


def _one_of(field: str, value: str | None, known: tuple[str, ...]) -> None:
    if value is not None and value not in known:
        raise Invalid.one(field, f"one of {', '.join(known)}")


def _view(row: FeedbackRow) -> FeedbackView:
    return FeedbackView(
        id=row.id,
        resource_id=row.resource_id,
        title=row.title,
        kind=row.kind,
        note=row.note,
        query=row.query,
        rank=row.rank,
        index_version=row.index_version,
        at=row.at,
        account=row.account_name,
        state=row.state,
        marked_by=row.marked_by,
        marked_at=row.marked_at,
    )
