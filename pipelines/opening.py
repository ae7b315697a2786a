"""The step of the night that decides who may read: what a policy, reviews and the day make of what records state.

Only records of which something may be different are looked at: those that are new since the step last ran, those whose
day has come, those below a unit that was reviewed; all of them when the policy or a source's default is another one.
What is decided becomes rows of kind `access`, where it differs from what held before. A pure function of the store,
what staff decided and the day: killed and begun again it ends the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mappings.access import STRICTNESS, Access, Level, effective
from mappings.decisions import Key
from mappings.made import SOURCE as MADE
from mappings.opening import Decided, Facts, Opening, Review, decide, facts_of
from mappings.opening_policy import OpeningPolicy
from mappings.record import checksum
from pipelines import made
from pipelines.decided import DecidedAccess
from pipelines.intake import Progress
from pipelines.opening_policies import Version, in_force
from pipelines.publish import sources_of
from pipelines.record_store import KEYS, Commit, RecordStore
from pipelines.steps import now
from pipelines.tables import BoolArray, hashes_of, is_among

STEP: Final = "opening"
VERSION: Final = "1"
"""Of the rules of `mappings.opening`: another one looks at all records anew."""
_COLUMNS: Final = ("version", "source", "item", "source_id", "action", "since", "record")
_SAID: Final = ("record", "token", "signature", "raw")
"""What a row of kind `access` says: the access, the day on which to look again, the rule, the day it was opened for
and when.
"""
_DATED: Final = '"opens_on":'
"""What the JSON of a record holds that names the day of its opening, and that of few others."""
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Asked:
    """What a decision rests on beside the records: the policy, what staff decided of units, and the day."""

    policy: OpeningPolicy
    reviews: Sequence[Review] = ()
    today: dt.date = field(default_factory=dt.date.today)


@dataclass(frozen=True, slots=True)
class Found:
    """One record: who may read it now, and who may by what is asked."""

    source: str
    item: str
    facts: Facts
    was: Access
    decided: Decided
    is_new: bool
    said: tuple[str | None, ...] | None
    base: Access

    @property
    def key(self) -> Key:
        return self.source, self.facts.source_id

    @property
    def opens(self) -> bool:
        """Does it let in more people than before?"""
        return STRICTNESS[self.decided.access.value] < STRICTNESS[self.was.value]

    @property
    def closes(self) -> bool:
        """Does it let in fewer?"""
        return STRICTNESS[self.decided.access.value] > STRICTNESS[self.was.value]


@dataclass(slots=True)
class Outcome:
    """What the step did: records looked at, rows written, records that let in more people than before, and fewer."""

    looked_at: int = 0
    written: int = 0
    opened: int = 0
    closed: int = 0


class _Mark(msgspec.Struct, frozen=True):
    """What the step was last done with: up to which version, for which day, and which reviews."""

    seen: int = -1
    day: str = ""
    signature: str = ""
    reviews: tuple[Review, ...] = ()

    @property
    def number(self) -> int:
        """The number of the latest review."""
        return _latest(self.reviews)


def decide_access(
    store: RecordStore,
    run: str,
    reviews: Sequence[Review] | None,
    today: dt.date,
    *,
    shown: int = -1,
    policy: Version | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Decide what is due and write what differs, with a new version of the policy when one is given. Without `reviews`,
    when nobody can tell them, those of the last time hold. `shown` is the version that readers know. Raises
    StoreUnusable.
    """
    version, mark = policy or in_force(store), _mark(store)
    asked = Asked(version.policy, mark.reviews if reviews is None else reviews, today)
    step = _Step(store, asked, mark, shown, progress or (lambda *_: None))
    with store.begin(run) as commit:
        if policy is not None:
            policy.write(commit)
        outcome = step.write(commit)
        if outcome.looked_at or step.is_news or policy is not None:
            commit.add("enriched", step.row())
        commit.commit()
    return outcome


def changes(store: RecordStore, asked: Asked) -> Iterator[Found]:
    """Every record of which another access would be decided, whatever held before; nothing is written."""
    for one in _Step(store, asked, _Mark(), -1, lambda *_: None).found():
        if one.decided.access != one.was:
            yield one


def coming(store: RecordStore, asked: Asked, until: dt.date) -> Iterator[tuple[Key, dt.date, Facts]]:
    """Records that open by themselves up to a day, with that day."""
    days = DecidedAccess.read(store, columns=("token",))
    due = np.sort(days.hashes[_codes_until(days, until.isoformat(), days.codes)])
    for one in _Step(store, asked, _Mark(), -1, lambda *_: None).found(due):
        opens = one.decided.access.opens_on
        if opens is not None and asked.today < opens <= until:
            yield one.key, opens, one.facts


class Opened(NamedTuple):
    """A record that was opened and is open still: for which day that was decided, and when."""

    key: Key
    day: dt.date
    at: dt.datetime


def opened_since(store: RecordStore, day: dt.date) -> Iterator[Opened]:
    """Records that were opened for that day or a later one."""
    for table in store.newest_groups("access", ["source", "source_id", "action", "raw"]):
        here = table.filter(pc.and_(pc.not_equal(table["action"], "delete"), pc.greater_equal(table["raw"], str(day))))
        for row in here.to_pylist():
            for_day, _, at = row["raw"].partition(" ")
            yield Opened(
                (row["source"], row["source_id"]), dt.date.fromisoformat(for_day), dt.datetime.fromisoformat(at)
            )


class _Step:
    """One look at the records of a store."""

    def __init__(self, store: RecordStore, asked: Asked, mark: _Mark, shown: int, progress: Progress) -> None:
        from pipelines.deidentify.classes import class_of_words, texts_of  # few nights decide anything

        self._store, self._asked, self._mark, self._progress = store, asked, mark, progress
        self._seen = store.version
        self._known = max(mark.seen, shown)
        self._opening = Opening(asked.policy, lambda facts, own: class_of_words(texts_of(facts), own))
        self._defaults = {name: source.access for name, source in sources_of(store).items()}
        self._reviews = {review.key: review for review in asked.reviews}
        self._number = _latest(asked.reviews)
        self._signature = checksum(_encode([VERSION, asked.policy.digest, sorted(self._defaults.items())]))
        self._held = DecidedAccess.read(store, columns=_SAID)

    @property
    def is_news(self) -> bool:
        """Is something else asked than the last time?"""
        mark = self._mark
        return (self._signature, self._number) != (mark.signature, mark.number)

    def row(self) -> dict[str, list[Any]]:
        """The row that says what was done, as columns."""
        asked = self._asked
        mark = _Mark(self._seen, asked.today.isoformat(), self._signature, tuple(asked.reviews))
        return {"source_id": [STEP], "action": ["index"], "signature": [VERSION], "raw": [_encode(mark).decode()]}

    def write(self, commit: Commit) -> Outcome:
        """What differs from what held before, as rows."""
        outcome = Outcome()
        rows: list[dict[str, Any]] = []
        copies = list(made.copied(self._store))
        copied = {of for _, _, of in copies}
        decided: dict[Key, Access] = {}
        for one in self.found():
            outcome.looked_at += 1
            if one.key in copied:
                decided[one.key] = one.decided.access
            if (row := self._row(one)) is not None:
                rows.append(row)
                outcome.opened += one.opens and not one.is_new
                outcome.closed += one.closes and not one.is_new
            if len(rows) >= 4096:
                outcome.written += _flush(commit, rows)
                self._progress("", STEP, outcome.looked_at, None)
        rows += made.access_rows(self._store, copies, self._held, decided, self._defaults, _SAID)
        outcome.written += _flush(commit, rows)
        return outcome

    def _row(self, one: Found) -> dict[str, Any] | None:
        """The row of a record, None when it stands there already or says nothing."""
        decided = one.decided
        access = None if decided.access == one.base else _encode(decided.access).decode()
        opened = one.said[3] if one.said else None
        if one.opens and not one.is_new:
            opened = f"{self._asked.today.isoformat()} {now().isoformat()}"
        opened = opened if decided.access.value == "open" else None
        again = decided.again.isoformat() if decided.again else None
        said = (access, again, decided.rule or None, opened) if access or again or opened else None
        if said == one.said:
            return None
        record, token, signature, raw = said or (None, None, None, None)
        action = "index" if said else "delete"
        return {
            "source": one.source,
            "item": one.item,
            "source_id": one.facts.source_id,
            "action": action,
            "record": record,
            "token": token,
            "signature": signature,
            "raw": raw,
        }

    # Which records

    def found(self, due: Any = None) -> Iterator[Found]:
        """The records that have to be looked at, a row group at a time; those with these hashes when some are given."""
        for table in self._tables(due):
            codes = self._held.codes_of(table)
            columns = (table[name].to_pylist() for name in ("source", "item", "since", "record"))
            for source, item, since, record, code in zip(*columns, codes, strict=True):
                if source == MADE:  # what holds for the record it is a copy of
                    continue
                said = None if code < 0 else self._held.said[code]
                yield self._one(source, item, record, said, since is None or since > self._known)

    def _one(self, source: str, item: str, record: str, said: tuple[str | None, ...] | None, is_new: bool) -> Found:
        facts = facts_of(record)
        default: Level | None = self._defaults.get(source)
        base = effective(facts.access, default)
        was = base if said is None or said[0] is None else _access(said[0])
        reviews = self._reviews_of(source, facts) if self._reviews else ()
        decided = decide(facts, source, default, self._opening, reviews, self._asked.today)
        return Found(source, item, facts, was, decided, is_new, said, base)

    def _reviews_of(self, source: str, facts: Facts) -> Iterator[Review]:
        """The reviews that a record lies under, the nearest first."""
        ids = (facts.source_id, *(above.source_id for above in reversed(facts.ancestors)))
        return (self._reviews[source, one] for one in ids if (source, one) in self._reviews)

    def _tables(self, due: Any) -> Iterator[pa.Table]:
        if due is not None:
            yield from self._there(lambda table: is_among(hashes_of(table, KEYS["access"]), due))
            return
        if self._has_to_look_at_all():
            yield from self._there(self._may_matter)
            return
        for table in self._store.newest_groups("record", _COLUMNS, after=self._mark.seen):
            yield _kept(table, self._may_matter(table))
        yield from self._older()

    def _has_to_look_at_all(self) -> bool:
        mark = self._mark
        went_back = self._asked.today.isoformat() < mark.day or self._number < mark.number
        return mark.seen < 0 or went_back or self._signature != mark.signature

    def _may_matter(self, table: pa.Table) -> BoolArray:
        """Which records may get another access than the one they state: without rules and reviews few do."""
        if self._asked.policy.rules or self._reviews:
            return np.ones(table.num_rows, np.bool_)
        return np.asarray(_holds(table["record"], _DATED) | (self._held.codes_of(table) >= 0))

    def _older(self) -> Iterator[pa.Table]:
        """Records looked at before whose day has come, and those below a unit that was reviewed since."""
        held, today = self._held, self._asked.today.isoformat()
        due = np.sort(held.hashes[_codes_until(held, today, held.codes, column=1)])
        reviewed = [one.key for one in self._asked.reviews if one.number > self._mark.number]
        if not len(due) and not reviewed:
            return

        def test(table: pa.Table) -> BoolArray:
            older = pc.less_equal(table["version"], self._mark.seen).to_numpy(zero_copy_only=False)
            is_due = is_among(hashes_of(table, KEYS["access"]), due)
            return np.asarray(older & (is_due | _names(table, reviewed)))

        yield from self._there(test)

    def _there(self, test: Callable[[pa.Table], BoolArray]) -> Iterator[pa.Table]:
        """Current records that pass a test."""
        for table in self._store.newest_groups("record", _COLUMNS):
            yield _kept(table, test(table))


def _latest(reviews: Iterable[Review]) -> int:
    return max((review.number for review in reviews), default=0)


def _mark(store: RecordStore) -> _Mark:
    rows = store.rows("enriched", ["version", "source_id", "raw"]).to_pylist()
    own = [row["raw"] for row in rows if row["source_id"] == STEP]
    return msgspec.json.decode(own[-1], type=_Mark) if own else _Mark()


def _codes_until(held: DecidedAccess, day: str, codes: Any, column: int = 0) -> BoolArray:
    """Which of these codes say a day up to this one."""
    is_due = np.array([bool(said[column]) and str(said[column]) <= day for said in held.said] or [False], np.bool_)
    return np.asarray((codes >= 0) & is_due[codes])


def _names(table: pa.Table, keys: Iterable[Key]) -> BoolArray:
    """Which records name one of these units in their JSON: as themselves, or as what they lie in."""
    found = np.zeros(table.num_rows, np.bool_)
    for source, source_id in keys:
        is_there = pc.equal(table["source"], source).to_numpy(zero_copy_only=False)
        found |= is_there & _holds(table["record"], _encode(source_id).decode())
    return found


def _holds(texts: pa.ChunkedArray, part: str) -> BoolArray:
    """Which texts hold a part; those of deleted records are null."""
    return np.asarray(pc.fill_null(pc.match_substring(texts, part), False).to_numpy(zero_copy_only=False))


def _kept(table: pa.Table, mask: BoolArray) -> pa.Table:
    """The rows of a mask that are not deleted."""
    return table.filter(pc.and_(pa.array(mask), pc.not_equal(table["action"], "delete")))


def _flush(commit: Commit, rows: list[dict[str, Any]]) -> int:
    count = len(rows)
    if rows:
        commit.add("access", {name: [row[name] for row in rows] for name in rows[0]})
        rows.clear()
    return count


_access = msgspec.json.Decoder(Access).decode
