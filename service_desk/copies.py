"""De-identified copies of records: staff accept or reject what is proposed to be masked, add what was missed, release
the copy, withdraw it. Append-only; the state is the fold of the events (`service_desk.copy_machine`).

The desk keeps places, never what stands there, and does not know the text: who calls says what the record's text is
now (`Looked`), and a release of another text is none.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

import msgspec
from msgspec import Struct
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from mappings.access import Viewer
from mappings.decisions import Key
from mappings.deidentification import KINDS, Mark, Release
from service_desk import audit_chain, copy_machine, policy
from service_desk.copy_machine import Payload, State, Status, What
from service_desk.database import Database
from service_desk.errors import Conflict, Invalid
from service_desk.forms import one_line
from service_desk.models import DeidentificationEvent
from service_desk.ports import Clock
from service_desk.record_keys import can_be_kept

AUDITED: dict[What, audit_chain.What] = {
    "proposed": "copy.proposed",
    "accepted": "copy.accepted",
    "rejected": "copy.rejected",
    "added": "copy.added",
    "released": "copy.released",
    "withdrawn": "copy.withdrawn",
}
_LONGEST_NOTE = 2_000
MOST_MARKS = 200_000
"""Of one act: a volume of two thousand pages with a hundred names on each."""


class Looked(Struct, frozen=True):
    """What somebody has before them: a record, the version of its text, and what the rules propose in it."""

    key: Key
    version: str
    proposed: tuple[Mark, ...]


class CopyReview(Struct, frozen=True):
    """Where a copy stands: each span with True (masked), False (stays) or None (not decided), in order. `number` is
    what an act was decided on; `stale` says that a copy of another text was released, which is not shown.
    """

    status: Status
    number: int
    spans: tuple[tuple[Mark, bool | None], ...]
    stale: bool = False

    @property
    def open(self) -> int:
        """How many spans nobody has decided."""
        return sum(masked is None for _, masked in self.spans)


class CopyState(Struct, frozen=True):
    """A copy in a list: where it stands, how many spans nobody has decided, who did the last thing to it, and when."""

    key: Key
    status: Status
    open: int
    at: dt.datetime
    account_name: str


class DeidentifiedCopies:
    """Decisions on copies, each of a record named by (source, source_id)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._ended: tuple[int, frozenset[str]] | None = None

    def review(self, looked: Looked, viewer: Viewer) -> CopyReview:
        """Where the copy of this text stands. For staff. Raises NotAllowed."""
        policy.require_staff("review copy", viewer)
        with self._database.read() as session:
            return _review(_state(session, looked.key), looked)

    def decide(
        self,
        looked: Looked,
        viewer: Viewer,
        *,
        accept: Sequence[Mark] = (),
        reject: Sequence[Mark] = (),
        add: Sequence[Mark] = (),
        note: str = "",
        seen: int | None = None,
    ) -> CopyReview:
        """Keep decisions on spans, all or none; a later one on the same span replaces an earlier one. For staff. `seen`
        is the number of the review they were made on. Raises NotAllowed, Invalid, Conflict.
        """
        acts: dict[What, Sequence[Mark]] = {"accepted": accept, "rejected": reject, "added": add}
        done = [(what, Payload(tuple(marks))) for what, marks in acts.items() if marks]
        return self._act(looked, viewer, done, note, seen)

    def release(
        self, looked: Looked, images: Mapping[str, str], viewer: Viewer, *, note: str = "", seen: int | None = None
    ) -> CopyReview:
        """Release the copy with these images (key to digest). For staff, once every span is decided. Raises
        NotAllowed, Conflict.
        """
        return self._act(looked, viewer, [("released", Payload(images=dict(images)))], note, seen)

    def withdraw(self, key: Key, viewer: Viewer, *, note: str = "") -> None:
        """Take a released copy back, of whatever text. For staff. Raises NotAllowed, Conflict."""
        actor = policy.require_staff("review copy", viewer)
        with self._database.write(_lock(key)) as session:
            state = _state(session, key)
            self._append(session, Looked(key, state.version, ()), state, "withdrawn", Payload(), actor, note)

    def released(self, key: Key) -> Release | None:
        """What may be given of a record, if its text is still of that version; None when nothing is released."""
        with self._database.read() as session:
            return copy_machine.release_of(key, _state(session, key))

    def standing(self) -> list[Release]:
        """All of them, for the nightly run."""
        with self._database.read() as session:
            rows = session.scalars(
                select(DeidentificationEvent).order_by(DeidentificationEvent.record, DeidentificationEvent.number)
            )
            folded = (_release(list(events)) for _, events in groupby(rows, key=lambda event: event.record))
            return [release for release in folded if release is not None]

    def begun(self, viewer: Viewer) -> list[CopyState]:
        """Every copy that somebody has done something to, the latest first. For staff. Raises NotAllowed."""
        policy.require_staff("review copy", viewer)
        with self._database.read() as session:
            rows = session.scalars(
                select(DeidentificationEvent).order_by(DeidentificationEvent.record, DeidentificationEvent.number)
            )
            found = [_copy_state(list(events)) for _, events in groupby(rows, key=lambda event: event.record)]
        return sorted(found, key=lambda one: one.at, reverse=True)

    def ended(self) -> frozenset[str]:
        """The ids of releases that stand no more: withdrawn, or followed by decisions on another text. A release stands
        as long as nothing was done to the copy since. Asked at every question, so it is drawn up once for all that
        happened."""
        with self._database.read() as session:
            last = session.scalar(select(func.max(DeidentificationEvent.id))) or 0
            if self._ended is None or self._ended[0] != last:
                self._ended = last, _ended(session)
            return self._ended[1]

    def _act(
        self, looked: Looked, viewer: Viewer, acts: Iterable[tuple[What, Payload]], note: str, seen: int | None
    ) -> CopyReview:
        """Do some things to the copy of a text; what is proposed in it is kept first, when that is news."""
        actor = policy.require_staff("review copy", viewer)
        _check_key(looked)
        with self._database.write(_lock(looked.key)) as session:
            state = _state(session, looked.key)
            if seen is not None and seen != state.number:
                raise Conflict("This copy has changed since you opened it; look at it again before you go on.")
            is_news = state.version != looked.version or state.proposed != frozenset(looked.proposed)
            if is_news and (state.version != looked.version or state.status != "released"):
                state = self._append(session, looked, state, "proposed", Payload(looked.proposed), actor, "")
            for what, payload in acts:
                _check_marks(payload.marks)
                state = self._append(session, looked, state, what, payload, actor, note)
        return _review(state, looked)

    def _append(
        self, session: Session, looked: Looked, state: State, what: What, payload: Payload, actor: str, note: str
    ) -> State:
        """One event. Raises Conflict when it may not be."""
        before = state if state.version == looked.version else State(version=looked.version, number=state.number)
        copy_machine.check(before, what, payload.marks)
        at = self._clock.now()
        made = copy_machine.after(state, looked.version, what, payload, at)
        source, source_id = looked.key
        row = DeidentificationEvent(
            record=_digest(looked.key),
            number=made.number,
            source=source,
            source_id=source_id,
            version=looked.version,
            what=what,
            payload=msgspec.to_builtins(payload),
            note=str(one_line(note))[:_LONGEST_NOTE],
            at=at,
            account_name=actor,
        )
        session.add(row)
        audit_chain.note(session, at, actor, AUDITED[what], f"{source}:{source_id}", number=made.number)
        session.flush()
        return made


def _copy_state(events: Sequence[DeidentificationEvent]) -> CopyState:
    state, last = copy_machine.fold(events), events[-1]
    return CopyState((last.source, last.source_id), state.status, len(state.open), last.at, last.account_name)


def _ended(session: Session) -> frozenset[str]:
    later = aliased(DeidentificationEvent)
    is_followed = exists().where(
        later.record == DeidentificationEvent.record, later.number > DeidentificationEvent.number
    )
    columns = (DeidentificationEvent.source, DeidentificationEvent.source_id)
    wanted = select(*columns, DeidentificationEvent.version, DeidentificationEvent.at)
    rows = session.execute(wanted.where(DeidentificationEvent.what == "released", is_followed)).all()
    return frozenset(Release((row[0], row[1]), row[2], (), at=row[3].isoformat()).id for row in rows)


def _state(session: Session, key: Key) -> State:
    wanted = select(DeidentificationEvent).where(DeidentificationEvent.record == _digest(key))
    return copy_machine.fold(session.scalars(wanted.order_by(DeidentificationEvent.number)))


def _release(events: Sequence[DeidentificationEvent]) -> Release | None:
    return copy_machine.release_of((events[0].source, events[0].source_id), copy_machine.fold(events))


def _review(state: State, looked: Looked) -> CopyReview:
    """The state as somebody sees it who has this text before them."""
    if state.version != looked.version:
        fresh = tuple((mark, None) for mark in sorted(looked.proposed))
        return CopyReview("new", state.number, fresh, stale=state.status == "released")
    marks = sorted({*state.decided, *(state.proposed if state.status == "released" else looked.proposed)})
    return CopyReview(state.status, state.number, tuple((mark, state.decided.get(mark)) for mark in marks))


def _check_key(looked: Looked) -> None:
    """Raises Invalid for what cannot be kept."""
    if not can_be_kept(looked.key) or not 0 < len(looked.version) <= 64:
        raise Invalid.one("record", "name a record that can be kept")


def _check_marks(marks: Sequence[Mark]) -> None:
    """Raises Invalid for spans that are none."""
    if len(marks) > MOST_MARKS:
        raise Invalid.one("spans", f"at most {MOST_MARKS} at once")
    for mark in marks:
        if mark.page < 1 or not 0 <= mark.start < mark.end or mark.kind not in KINDS:
            raise Invalid.one("spans", "a page from 1, a start before its end, and one of the kinds")


def _digest(key: Key) -> str:
    source, source_id = key
    return hashlib.blake2b(
        f"{len(source)}:{source}{source_id}".encode(errors="surrogatepass"), digest_size=16
    ).hexdigest()


def _lock(key: Key) -> str:
    return f"deidentification {_digest(key)}"
