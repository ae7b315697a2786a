"""Records that may be one thing though they carry no key in common: found by their blocks, scored field by field.

Only records of different sources are compared, and of them only pairs of which one is new or changed since the last
link step; what was scored before stays. Rows of kind ``pair`` keep every pair above `REVIEW` with its evidence. A pair
is joined (``auto``) when it scores at least `AUTO` and neither record has another in that source that fits about as
well; it is for people (``review``) when it is the best there is for one of them; else another fits better (``beaten``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import inf
from typing import Any, Literal

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from mappings.decisions import Decision, Key, ordered
from mappings.record import checksum, decode_record
from pipelines.likeness import Field, Traits, compare, contradict, evidence, odds, probability, traits
from pipelines.record_store import KEYS, Commit, RecordStore
from pipelines.tables import BoolArray, IntArray, hashes_of, is_among, newest, only, repeated

State = Literal["auto", "review", "beaten"]
WEAK_TITLES = frozenset({"reordered-short", "part-short", "part-typo-short", "typo-short", "differs-short"})
"""Levels of a title that say nothing by themselves: Guardian and *The Guardians* are two newspapers."""
BEARS_OUT = frozenset(
    {
        ("dates", "day"),
        ("dates", "years"),
        ("creator", "same"),
        ("creator", "near"),
        ("extent", "same"),
        ("code", "ends"),
        ("containers", "same"),
        ("containers", "ends"),
        ("collection", "same"),
        ("collection", "near"),
        ("parent", "same"),
    }
)
"""(field, level) that bears out such a title."""
AUTO = 2.6
"""Log-odds from which a pair may be joined: a score of 0.93."""
REVIEW = 0.0
"""Log-odds from which a pair is kept: a score of 0.5."""
MARGIN = 0.5
"""Log-odds by which the next best has to be behind."""
MOST_IN_BLOCK = 60
"""Records that share a block; one that more share says nothing of them."""
MODEL = "1"
"""Another one scores every pair anew."""
MOST_CHANGED = 1_000_000
"""Blocks of changed records that are held whole, so that the others need not be hashed."""
_AT_ONCE = 20_000
"""Pairs whose records are read together."""
_UNIT = "\x1e"
_PART = "\x1f"


class Pair(Struct, frozen=True):
    """Two records that may be one: `score` from 0 to 1, `odds` the same as log-odds, `evidence` per field with both
    values and its share.
    """

    one: Key
    other: Key
    score: float
    odds: float
    state: State
    evidence: list[dict[str, Any]] = []


class _Scored(Struct, frozen=True):
    """A pair without its evidence, for holding all of them."""

    one: Key
    other: Key
    score: float
    odds: float
    state: State = "beaten"


@dataclass(slots=True)
class Similar:
    """What a link step has to know of scored pairs, and how to write what differs.

    `joined` are (one, other, score) of pairs to be joined, the best first; `too_common` blocks were left out.
    """

    joined: list[tuple[Key, Key, float]]
    too_common: int
    rows: dict[str, bytes]
    gone: list[str]

    def write(self, commit: Commit) -> None:
        """Rows of pairs that are new, changed or no more."""
        keys = sorted(self.rows)
        payloads = [self.rows[key] for key in keys]
        commit.add("pair", {"source_id": keys, "record": payloads, "action": ["index"] * len(keys)})
        commit.add("pair", {"source_id": self.gone, "action": ["delete"] * len(self.gone)})


def similar(store: RecordStore, after: int, decisions: Iterable[Decision]) -> Similar:
    """Score what changed after a version (-1: everything) and judge all pairs anew, as decisions now allow."""
    if _is_of_one_source(store) and not store.has_rows("pair"):
        return Similar([], 0, {}, [])
    found = _Candidates(store, after)
    fresh = {pair_key(pair.one, pair.other): pair for pair in _scored(store, found)}
    stored = {pair_key(pair.one, pair.other): pair for pair in _stored(store)}
    stale = found.are_changed([key for pair in stored.values() for key in (pair.one, pair.other)])
    stays = zip(stored.items(), ~(stale[::2] | stale[1::2]), strict=True)
    kept = {key: pair for (key, pair), is_as_it_was in stays if is_as_it_was}
    every = {**kept, **{key: _Scored(pair.one, pair.other, pair.score, pair.odds) for key, pair in fresh.items()}}
    states = judged(every, {ordered(each.one, each.other) for each in decisions if each.verdict == "apart"})
    rows = {key: msgspec.json.encode(_in_state(pair, states[key])) for key, pair in fresh.items()}
    moved = [key for key, pair in kept.items() if states[key] != pair.state]
    rows |= {key: msgspec.json.encode(_in_state(pair, states[key])) for key, pair in _whole(store, moved).items()}
    best = [pair for key, pair in every.items() if states[key] == "auto"]
    best.sort(key=lambda pair: (-pair.odds, pair.one, pair.other))
    joined = [(pair.one, pair.other, pair.score) for pair in best]
    gone = sorted(stored.keys() - every.keys())
    return Similar(joined, found.too_common, _differing(store, rows), gone)


def _is_of_one_source(store: RecordStore) -> bool:
    names: set[str] = set()
    for table in store.row_groups("record", ["source"]):
        names.update(table["source"].unique().to_pylist())
    return len(names) < 2


def pairs_of(store: RecordStore) -> Iterator[Pair]:
    """The pairs there are now, with their evidence, in the order of their keys."""
    table = store.current("pair", ["source_id", "record"]).sort_by("source_id")
    decode = msgspec.json.Decoder(Pair).decode
    yield from map(decode, table["record"].to_pylist())


def pair_key(one: Key, other: Key) -> str:
    """What a pair is called in the store."""
    return _UNIT.join(_PART.join(key) for key in ordered(one, other))


def pair_name(one: Key, other: Key) -> str:
    """The same in sixteen letters, for addresses and buttons."""
    return checksum(pair_key(one, other).encode())[:16]


def _in_state(pair: Pair, state: State) -> Pair:
    return msgspec.structs.replace(pair, state=state)


def _stored(store: RecordStore) -> Iterator[_Scored]:
    decode = msgspec.json.Decoder(_Scored).decode
    for table in store.newest_groups("pair", ["action", "record"]):
        yield from map(decode, only(table, pc.not_equal(table["action"], "delete"))["record"].to_pylist())


def _whole(store: RecordStore, keys: Sequence[str]) -> dict[str, Pair]:
    """Some pairs with their evidence."""
    if not keys:
        return {}
    table = store.rows("pair", ["version", "source_id", "record"], source_ids=keys)
    table = table.take(newest(table, KEYS["pair"]))
    decode = msgspec.json.Decoder(Pair).decode
    return dict(zip(table["source_id"].to_pylist(), map(decode, table["record"].to_pylist()), strict=True))


def _differing(store: RecordStore, rows: dict[str, bytes]) -> dict[str, bytes]:
    """Those rows that are not in the store as they are: a record that changed elsewhere scores as it did."""
    if not rows or not store.has_rows("pair"):
        return rows
    table = store.rows("pair", ["version", "source_id", "action", "record"], source_ids=rows)
    table = table.take(newest(table, KEYS["pair"]))
    columns = (table[name].to_pylist() for name in ("source_id", "action", "record"))
    before = {key: payload for key, action, payload in zip(*columns, strict=True) if action != "delete"}
    return {key: row for key, row in rows.items() if before.get(key) != row.decode()}


# Which pairs are looked at


class _Candidates:
    """Pairs of records that share a block, of different sources, one of them changed after a version.

    Of a night with few changes only the blocks of changed records are looked at. Else blocks are compared by their hash
    first, so what shares none costs eleven bytes for each of its blocks.
    """

    def __init__(self, store: RecordStore, after: int) -> None:
        self._store, self._after = store, after
        self._newest = store.newest_rows("record")
        self._changed: list[IntArray] = []
        self.too_common = 0
        self.keys: list[Key] = []
        self._is_changed: list[bool] = []
        self._among = self._changed_blocks()
        self.pairs = self._pairs(self._wanted())
        self._all_changed = np.sort(np.concatenate(self._changed)) if self._changed else np.empty(0, np.int64)

    def are_changed(self, keys: Sequence[Key]) -> BoolArray:
        """For each record, whether it changed or went after the version."""
        return is_among(np.fromiter(map(hash, keys), np.int64, len(keys)), self._all_changed)

    def _groups(self) -> Iterator[tuple[pa.Table, BoolArray]]:
        """The records there are, and which of them changed."""
        columns = ["version", "action", "source", "source_id", "blocks"]
        for table in self._store.newest_groups("record", columns, newest=self._newest):
            changed = table["version"].to_numpy() > self._after
            alive = pc.not_equal(table["action"], "delete")
            yield table.append_column("changed", pa.array(changed)), alive.to_numpy(zero_copy_only=False)

    def _changed_blocks(self) -> pa.Array | None:
        """The blocks of changed records, None when they are too many to be held."""
        parts, count = [pa.array([], pa.string())], 0
        for table in self._store.newest_groups("record", ["blocks"], after=self._after):
            parts.append(pc.unique(pc.list_flatten(table["blocks"].combine_chunks())))
            count += len(parts[-1])
            if count > MOST_CHANGED:
                return None
        return pc.unique(pa.concat_arrays(parts))

    def _wanted(self) -> IntArray:
        """The hashes of blocks that records of two sources share, one of them changed; not those of too many."""
        hashes, sources, changed = [], [], []
        numbers: dict[str, int] = {}
        for table, alive in self._groups():
            self._changed.append(hashes_of(table.filter(table["changed"]), ["source", "source_id"]))
            here = table.filter(pa.array(alive))
            rows, found = _blocks(here, self._among)
            of = np.array([numbers.setdefault(name, len(numbers)) for name in here["source"].to_pylist()], np.int16)
            hashes.append(found)
            sources.append(of[rows])
            changed.append(here["changed"].to_numpy()[rows])
        if not hashes or len(numbers) < 2:
            return np.empty(0, np.int64)
        return self._shared(np.concatenate(hashes), np.concatenate(sources), np.concatenate(changed))

    def _shared(self, hashes: IntArray, sources: IntArray, changed: BoolArray) -> IntArray:
        several = is_among(hashes, repeated(hashes.copy()))
        hashes, sources, changed = hashes[several], sources[several], changed[several]
        order = np.argsort(hashes, kind="stable")
        hashes, sources, changed = hashes[order], sources[order], changed[order]
        starts = np.flatnonzero(np.append(True, hashes[1:] != hashes[:-1])) if len(hashes) else np.empty(0, np.int64)
        if not len(starts):
            return np.empty(0, np.int64)
        counts = np.diff(np.append(starts, len(hashes)))
        across = np.minimum.reduceat(sources, starts) != np.maximum.reduceat(sources, starts)
        wanted = across & np.logical_or.reduceat(changed, starts)
        self.too_common = int((wanted & (counts > MOST_IN_BLOCK)).sum())
        return np.asarray(hashes[starts[wanted & (counts <= MOST_IN_BLOCK)]])

    def _pairs(self, wanted: IntArray) -> IntArray:
        """Numbers of two records each, in the order of the store; every pair once."""
        sharing: dict[int, list[int]] = {}
        if len(wanted):
            for table, alive in self._groups():
                self._note(table.filter(pa.array(alive)), wanted, sharing)
        codes = np.fromiter((pair for rows in sharing.values() for pair in self._across(rows)), np.int64)
        return np.unique(codes)

    def _note(self, table: pa.Table, wanted: IntArray, sharing: dict[int, list[int]]) -> None:
        rows, hashes = _blocks(table, self._among)
        chosen = is_among(hashes, wanted)
        numbers: dict[int, int] = {}
        for row, block in zip(rows[chosen].tolist(), hashes[chosen].tolist(), strict=True):
            if row not in numbers:
                numbers[row] = len(self.keys)
                self.keys.append((table["source"][row].as_py(), table["source_id"][row].as_py()))
                self._is_changed.append(table["changed"][row].as_py())
            sharing.setdefault(block, []).append(numbers[row])

    def _across(self, rows: list[int]) -> Iterator[int]:
        """One number for each pair of a block."""
        by_source: dict[str, list[int]] = {}
        for row in rows:
            by_source.setdefault(self.keys[row][0], []).append(row)
        names = sorted(by_source)
        for at, name in enumerate(names):
            for one, other in product(by_source[name], (row for more in names[at + 1 :] for row in by_source[more])):
                if self._is_changed[one] or self._is_changed[other]:
                    yield (min(one, other) << 32) | max(one, other)


def _blocks(table: pa.Table, among: pa.Array | None) -> tuple[IntArray, IntArray]:
    """(row numbers, hashes) of the blocks of a table, of those `among` some where they are given."""
    blocks = table["blocks"].combine_chunks()
    rows, flat = pc.list_parent_indices(blocks), pc.list_flatten(blocks)
    if among is not None:
        wanted = pc.is_in(flat, value_set=among)
        rows, flat = rows.filter(wanted), flat.filter(wanted)
    return rows.to_numpy(zero_copy_only=False), hashes_of(pa.table({"block": flat}), ["block"])


# How alike they are


def _scored(store: RecordStore, found: _Candidates) -> Iterator[Pair]:
    """The candidates that score enough to be kept."""
    holders = _holders(store)
    for start in range(0, len(found.pairs), _AT_ONCE):
        codes = found.pairs[start : start + _AT_ONCE]
        couples = [(found.keys[code >> 32], found.keys[code & 0xFFFFFFFF]) for code in codes.tolist()]
        known = _traits(store, {key for couple in couples for key in couple}, holders)
        for couple in couples:
            one, other = ordered(*couple)
            if one in known and other in known and (pair := weighed(one, other, known[one], known[other])) is not None:
                yield pair


def weighed(one: Key, other: Key, ours: Traits, theirs: Traits) -> Pair | None:
    """The pair with its score and evidence, None when it is not worth keeping."""
    if contradict(ours, theirs):
        return None
    fields = compare(ours, theirs)
    found = round(min(odds(fields), _ceiling(fields, ours, theirs)), 2)
    if found < REVIEW:
        return None
    return Pair(one, other, round(probability(found), 4), found, "beaten", evidence(fields))


def _ceiling(fields: Sequence[Field], ours: Traits, theirs: Traits) -> float:
    """What is never joined without people: originals in two houses, since a file lies in one place; and what has
    nothing in common but a title of a word or two that is not quite the same.
    """
    elsewhere = any(field.name == "holder" and field.level == "differs" for field in fields)
    if elsewhere and ours.kind == theirs.kind == "physical":
        return AUTO - 0.1
    is_weak = any(field.name == "title" and field.level in WEAK_TITLES for field in fields)
    is_borne_out = any((field.name, field.level) in BEARS_OUT for field in fields)
    return inf if is_borne_out or not is_weak else AUTO - 0.1


def _traits(store: RecordStore, keys: set[Key], holders: dict[str, str | None]) -> dict[Key, Traits]:
    """The traits of some records."""
    found: dict[Key, Traits] = {}
    for source in sorted({source for source, _ in keys}):
        ids = [source_id for name, source_id in keys if name == source]
        table = store.rows("record", ["version", "source", "source_id", "record"], source=source, source_ids=ids)
        table = table.take(newest(table, KEYS["record"]))
        for source_id, payload in zip(table["source_id"].to_pylist(), table["record"].to_pylist(), strict=True):
            if payload is not None:
                found[source, source_id] = traits(decode_record(payload), holders.get(source))
    return found


def _holders(store: RecordStore) -> dict[str, str | None]:
    """Who holds the records of each source that name nobody themselves."""
    rows = store.current("source", ["source", "record"])
    stated = (msgspec.json.decode(row) if row else {} for row in rows["record"].to_pylist())
    return {source: one.get("holder") for source, one in zip(rows["source"].to_pylist(), stated, strict=True)}


# What becomes of them


def judged(pairs: dict[str, Any], apart: set[tuple[Key, Key]]) -> dict[str, State]:
    """The state of each pair beside all others; those that people parted stand in nobody's way."""
    rivals: dict[tuple[Key, str], list[tuple[float, str]]] = {}
    for key, pair in pairs.items():
        if (pair.one, pair.other) not in apart:
            for record, source in ((pair.one, pair.other[0]), (pair.other, pair.one[0])):
                rivals.setdefault((record, source), []).append((pair.odds, key))
    for entries in rivals.values():
        entries.sort(reverse=True)
    return {
        key: "beaten" if (pair.one, pair.other) in apart else _state(key, pair, rivals) for key, pair in pairs.items()
    }


def _state(key: str, pair: Any, rivals: dict[tuple[Key, str], list[tuple[float, str]]]) -> State:
    sides = [rivals[pair.one, pair.other[0]], rivals[pair.other, pair.one[0]]]
    if pair.odds >= AUTO and all(_is_alone(key, entries) for entries in sides):
        return "auto"
    return "review" if any(entries[0][0] == pair.odds for entries in sides) else "beaten"


def _is_alone(key: str, entries: list[tuple[float, str]]) -> bool:
    """Is this the best of a record's pairs, and the next one clearly behind?"""
    if entries[0][1] != key:
        return False
    return len(entries) == 1 or entries[0][0] - entries[1][0] >= MARGIN
