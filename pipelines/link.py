"""Records of one thing become one resource: as staff decided, by typed identifiers, by reference code, then by
likeness (`pipelines.similar`); never two components of one finding aid, never two that staff parted.

Only joined records have rows (kind ``link``): any other record is a resource by itself, its id minted from source and
source_id. An id, once given, stays: of resources that join, the one given first survives and the others redirect to it;
of resources that part, the larger part keeps the id. *Given* means: at the end of a link step. Records that came since
the last one count as equally old, so a run that was killed and started again mints the same ids.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from indexer.resource import Link, mint, speaks_at
from mappings.decisions import Decision, Key
from mappings.decisions import newest as newest_decisions
from mappings.made import SOURCE
from mappings.record import checksum
from pipelines.record_store import Commit, RecordStore
from pipelines.similar import MODEL, Similar, similar
from pipelines.tables import BoolArray, IntArray, hashes_of, is_among, only, repeated, shared
from pipelines.tasks import KEY_SEPARATOR

_LAST_RULE = "reference_code"
"""Typed identifiers are stronger evidence: they join first, and what they joined a reference code cannot undo."""
DECIDED, SIMILAR, TO_ORDER = "decided", "similar", "made_to_order"
"""Rules that are no keys of records: what staff said (its day), how alike they are (the score), and that one is a copy
of the other (its name).
"""
_COLUMNS = ("source", "item", "source_id", "record_kind", "nested", "link_keys", "since")


@dataclass(frozen=True, slots=True)
class Assigned:
    """What a link row says: the resource of a record, why, in which item it was, and since which version the id is
    given.
    """

    resource: str
    item: str
    since: int
    link: str | None


@dataclass(slots=True)
class Links:
    """All link rows and redirects that hold now."""

    assigned: dict[Key, Assigned] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, store: RecordStore) -> Links:
        """The links of a store."""
        columns = ["source", "source_id", "resource", "item", "since", "link_keys"]
        rows = store.current("link", columns)
        source, resource, item = (shared(rows[name]) for name in ("source", "resource", "item"))
        source_id, since, keys = (rows[name].to_pylist() for name in ("source_id", "since", "link_keys"))
        each = zip(source, source_id, resource, item, since, keys, strict=True)
        assigned = {
            (name, key): Assigned(to, inside, version, found[0] if found else None)
            for name, key, to, inside, version, found in each
        }
        moved = store.current("redirect", ["source_id", "resource"])
        return cls(assigned, dict(zip(moved["source_id"].to_pylist(), moved["resource"].to_pylist(), strict=True)))

    def of_source(self, source: str) -> list[str]:
        """The source_ids of a source's records with link rows."""
        return [source_id for name, source_id in self.assigned if name == source]

    def resource_of(self, source: str, source_id: str) -> str:
        """The id of the resource a record belongs to."""
        found = self.assigned.get((source, source_id))
        return mint(source, source_id) if found is None else found.resource

    def follow(self, resource: str) -> str:
        """The id under which a resource is found now."""
        seen = set()
        while resource in self.redirects and resource not in seen:
            seen.add(resource)
            resource = self.redirects[resource]
        return resource

    def former(self) -> dict[str, tuple[str, ...]]:
        """The ids that were merged into each resource, sorted."""
        found: dict[str, list[str]] = {}
        for old in sorted(self.redirects):
            found.setdefault(self.follow(old), []).append(old)
        return {resource: tuple(ids) for resource, ids in found.items()}

    def by_resource(self) -> dict[str, list[Key]]:
        """The records with link rows, by resource."""
        found: dict[str, list[Key]] = {}
        for key, assigned in self.assigned.items():
            found.setdefault(assigned.resource, []).append(key)
        return found

    def by_item(self) -> dict[Key, dict[str, str]]:
        """source_id to resource of the records with link rows, by (source, item)."""
        found: dict[Key, dict[str, str]] = {}
        for (source, source_id), assigned in self.assigned.items():
            found.setdefault((source, assigned.item), {})[source_id] = assigned.resource
        return found

    def evidence(self, key: Key) -> Link | None:
        """The rule and value that joined a record to its resource."""
        found = self.assigned.get(key)
        if found is None or found.link is None:
            return None
        rule, _, value = found.link.partition(KEY_SEPARATOR)
        return Link(rule, value)


def members_of(store: RecordStore, resource: str) -> list[Key]:
    """The records of a resource, a redirect followed. Looks through all records: for when there is no index to ask."""
    links = Links.read(store)
    wanted = links.follow(resource)
    keys = store.current("record", ["source", "source_id"])
    pairs = zip(keys["source"].to_pylist(), keys["source_id"].to_pylist(), strict=True)
    return [key for key in pairs if links.resource_of(*key) == wanted]


@dataclass(slots=True, eq=False)
class _Unit:
    """A resource to be: its records in member order, with the key that joined each."""

    members: list[Key]
    evidence: dict[Key, str] = field(default_factory=dict)
    resource: str = ""
    since: int = 0


def link(store: RecordStore, run: str, decisions: Iterable[Decision] = ()) -> int | None:
    """Join the records of the store anew and write what differs: the version committed, or None when no record had
    changed and no decision was new.
    """
    steps = store.rows("linked", ["version", "checksum", "signature"])
    marks, last = sorted(steps["version"].to_pylist()), _last(steps)
    decided = newest_decisions(decisions)
    said = (_digest(decided), MODEL)
    if said == last and not store.has_rows("record", after=marks[-1] if marks else -1):
        return None
    alike = similar(store, marks[-1] if marks and last[1] == MODEL else -1, decided)
    ties = _Ties.of(decided, alike)
    before = Links.read(store)
    table, aids = _relevant(store, before, ties)
    units = _units(table, aids, before, ties)
    redirects = _name(units, _Past(table, before, marks))
    with store.begin(run) as commit:
        alike.write(commit)
        _write_links(commit, units, before, table)
        _write_redirects(commit, redirects, {unit.resource for unit in units}, before)
        commit.add(
            "linked", {"action": ["index"], "checksum": [said[0]], "signature": [MODEL], "skipped": [alike.too_common]}
        )
        return commit.commit()


def _last(steps: pa.Table) -> tuple[str | None, str | None]:
    """(digest of decisions, model of likeness) of the last link step."""
    rows = sorted(steps.to_pylist(), key=lambda row: row["version"])
    return (rows[-1]["checksum"], rows[-1]["signature"]) if rows else (None, None)


def _digest(decided: Sequence[Decision]) -> str | None:
    """One text for what was decided, None for nothing."""
    return checksum(msgspec.json.encode(decided)) if decided else None


@dataclass(frozen=True, slots=True)
class _Ties:
    """What joins and parts records beside their keys: pairs with the evidence they give, the strongest first."""

    decided: list[tuple[Key, Key, str]]
    alike: list[tuple[Key, Key, str]]
    apart: list[tuple[Key, Key]]

    @classmethod
    def of(cls, decided: Sequence[Decision], alike: Similar) -> _Ties:
        same = [each for each in decided if each.verdict == "same"]
        return cls(
            [(each.one, each.other, _why(each)) for each in same],
            [(one, other, f"{SIMILAR}{KEY_SEPARATOR}{score:.2f}") for one, other, score in alike.joined],
            [(each.one, each.other) for each in decided if each.verdict == "apart"],
        )

    def keys(self) -> set[Key]:
        """The records that are joined by them."""
        return {key for one, other, _ in (*self.decided, *self.alike) for key in (one, other)}


def _why(each: Decision) -> str:
    """The evidence of a pair that is one thing because somebody said so."""
    copy = next((source_id for source, source_id in (each.one, each.other) if source == SOURCE), None)
    return f"{DECIDED}{KEY_SEPARATOR}{each.day}" if copy is None else f"{TO_ORDER}{KEY_SEPARATOR}{copy}"


# Which records have to be looked at


def _relevant(store: RecordStore, before: Links, ties: _Ties) -> tuple[pa.Table, set[Key]]:
    """The records that carry a key which another carries, too, that are tied otherwise or joined already; and all
    finding aids: (source, item) of items with levels.

    Keys are compared by their hash first, so that what nothing can join costs eight bytes for each of its keys.
    """
    newest = store.newest_rows("record")
    hashes: list[IntArray] = []
    aids: set[Key] = set()
    for table in store.newest_groups("record", ["action", "source", "item", "nested", "link_keys"], newest=newest):
        here = only(table, pc.not_equal(table["action"], "delete"))
        hashes.append(_key_hashes(here))
        nested = here.filter(here["nested"]).group_by(["source", "item"]).aggregate([])
        aids.update(zip(nested["source"].to_pylist(), nested["item"].to_pylist(), strict=True))
    shared = repeated(np.concatenate(hashes)) if hashes else np.empty(0, np.int64)
    tied = ties.keys() | before.assigned.keys()
    joined = np.sort(np.fromiter(map(hash, tied), np.int64, len(tied)))
    parts = []
    for table in store.newest_groups("record", ["action", *_COLUMNS], newest=newest):
        here = only(table, pc.not_equal(table["action"], "delete")).select(list(_COLUMNS))
        parts.append(here.filter(pa.array(_has_shared_key(here, shared) | _is_joined(here, joined))))
    return pa.concat_tables(parts).combine_chunks() if parts else store.current("record", _COLUMNS), aids


def _key_hashes(table: pa.Table) -> IntArray:
    keys = pc.list_flatten(table["link_keys"])
    return hashes_of(pa.table({"key": keys}), ["key"])


def _has_shared_key(table: pa.Table, shared: IntArray) -> BoolArray:
    mask = np.zeros(table.num_rows, np.bool_)
    if len(shared):
        rows = pc.list_parent_indices(table["link_keys"].combine_chunks()).to_numpy(zero_copy_only=False)
        mask[rows[is_among(_key_hashes(table), shared)]] = True
    return mask


def _is_joined(table: pa.Table, joined: IntArray) -> BoolArray:
    if not len(joined):
        return np.zeros(table.num_rows, np.bool_)
    return is_among(hashes_of(table, ["source", "source_id"]), joined)


# Which records are one thing


def _units(table: pa.Table, aids: set[Key], before: Links, ties: _Ties) -> list[_Unit]:
    """The resources of several records, and single records that were joined once; in a stable order."""
    rows, shared = _shared(table, aids, ties)
    groups, evidence = _joined(rows, shared, ties)
    units = [_Unit([rows.keys[at] for at in group], {rows.keys[at]: evidence[at] for at in group}) for group in groups]
    joined = {key for unit in units for key in unit.members}
    once = _present(table, [key for key in before.assigned if key not in joined])
    units += [_Unit([key]) for key in once]
    return sorted(units, key=lambda unit: unit.members[0])


class _Rows:
    """The rows that something may join with others, as lists by row number."""

    def __init__(self, table: pa.Table, aids: set[Key]) -> None:
        columns = ("source", "source_id", "item", "record_kind")
        source, source_id, item, kind = (table[name].to_pylist() for name in columns)
        self.keys: list[Key] = list(zip(source, source_id, strict=True))
        self.at: dict[Key, int] = {key: at for at, key in enumerate(self.keys)}
        self.aids: list[Key | None] = [aid if aid in aids else None for aid in zip(source, item, strict=True)]
        """The finding aid of each row: its item, when that has levels."""
        self.order = [speaks_at(name, *key) for name, key in zip(kind, self.keys, strict=True)]
        """Member order: physical, digital, thematic; then source and source_id; copies made to order last."""


def _shared(table: pa.Table, aids: set[Key], ties: _Ties) -> tuple[_Rows, list[tuple[str, list[int]]]]:
    """Keys that several records carry, with the numbers of their rows; stronger rules first, then by value."""
    keys = table["link_keys"].combine_chunks()
    encoded = pc.list_flatten(keys).dictionary_encode()
    parents = pc.list_parent_indices(keys).to_numpy(zero_copy_only=False)
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    often = np.bincount(codes, minlength=len(encoded.dictionary))[codes] > 1
    chosen = np.unique(np.append(parents[often], _places(table, ties.keys())))
    numbers = np.searchsorted(chosen, parents[often])
    pairs = sorted(zip(codes[often].tolist(), numbers.tolist(), strict=True))
    groups = groupby(pairs, key=lambda pair: pair[0])
    found = [(encoded.dictionary[code].as_py(), sorted({row for _, row in rows})) for code, rows in groups]
    found.sort(key=lambda entry: (entry[0].startswith(_LAST_RULE + KEY_SEPARATOR), entry[0]))
    return _Rows(table.take(pa.array(chosen)), aids), found


def _places(table: pa.Table, keys: set[Key]) -> IntArray:
    """The numbers of the rows of some records."""
    wanted = np.sort(np.fromiter(map(hash, keys), np.int64, len(keys)))
    return np.flatnonzero(_is_joined(table, wanted))


def _joined(rows: _Rows, shared: list[tuple[str, list[int]]], ties: _Ties) -> tuple[list[list[int]], dict[int, str]]:
    """Groups of rows in member order, and the key that first joined each row."""
    forest = _Forest(rows, ties.apart)
    evidence: dict[int, str] = {}
    for key, sharing in (*_tied(rows, ties.decided), *shared, *_tied(rows, ties.alike)):
        forest.across_sources = key.startswith(SIMILAR + KEY_SEPARATOR)
        heads: list[int] = []
        for at in sorted(_unambiguous(sharing, rows), key=rows.order.__getitem__):
            head = next((head for head in heads if forest.join(head, at)), None)
            if head is None:
                heads.append(at)
                continue
            evidence.setdefault(head, key)
            evidence.setdefault(at, key)
    return [sorted(group, key=rows.order.__getitem__) for group in forest.groups()], evidence


def _tied(rows: _Rows, ties: Iterable[tuple[Key, Key, str]]) -> Iterator[tuple[str, list[int]]]:
    """The pairs of which both records are there."""
    for one, other, why in ties:
        if one in rows.at and other in rows.at:
            yield why, [rows.at[one], rows.at[other]]


def _unambiguous(sharing: Sequence[int], rows: _Rows) -> list[int]:
    """A key that two components of one finding aid carry says nothing about either of them."""
    times = Counter(rows.aids[at] for at in sharing)
    return [at for at in sharing if rows.aids[at] is None or times[rows.aids[at]] == 1]


class _Forest:
    """Union-find over rows; a tree never holds two components of one finding aid, nor two records that were parted.

    While `across_sources`, it gets no second record of a source either: likeness alone tells no such two apart.
    """

    def __init__(self, rows: _Rows, apart: Sequence[tuple[Key, Key]]) -> None:
        self._rows = rows
        self._parent: dict[int, int] = {}
        self._aids: dict[int, set[Key]] = {}
        self._members: dict[int, list[int]] = {}
        self._apart: dict[int, set[int]] = {}
        for one, other in apart:
            if one in rows.at and other in rows.at:
                self._apart.setdefault(rows.at[one], set()).add(rows.at[other])
                self._apart.setdefault(rows.at[other], set()).add(rows.at[one])
        self.across_sources = False

    def join(self, one: int, other: int) -> bool:
        """Put two rows into one tree, unless they must not be in one. True when they are together."""
        first, second = self._root(one), self._root(other)
        if first == second:
            return True
        if self._aids[first] & self._aids[second] or self._keep_apart(self._members[first], self._members[second]):
            return False
        self._parent[second] = first
        self._aids[first] |= self._aids.pop(second)
        self._members[first] += self._members.pop(second)
        return True

    def _keep_apart(self, ours: list[int], theirs: list[int]) -> bool:
        if self._apart and any(not self._apart.get(at, set()).isdisjoint(theirs) for at in ours):
            return True
        keys = self._rows.keys
        return self.across_sources and not {keys[at][0] for at in ours}.isdisjoint(keys[at][0] for at in theirs)

    def groups(self) -> list[list[int]]:
        """The trees of more than one row."""
        found: dict[int, list[int]] = {}
        for at in self._parent:
            found.setdefault(self._find(at), []).append(at)
        return [group for group in found.values() if len(group) > 1]

    def _root(self, at: int) -> int:
        if at not in self._parent:
            self._parent[at] = at
            aid = self._rows.aids[at]
            self._aids[at] = set() if aid is None else {aid}
            self._members[at] = [at]
        return self._find(at)

    def _find(self, at: int) -> int:
        while self._parent[at] != at:
            self._parent[at] = self._parent[self._parent[at]]
            at = self._parent[at]
        return at


# What they are called


class _Past:
    """Which id each record had, and since when. A record that came after the last link step has none."""

    def __init__(self, table: pa.Table, before: Links, marks: Sequence[int]) -> None:
        self._before, self._marks = before, marks
        self._table = table
        self._since: dict[Key, int] = {}

    def load(self, keys: Iterable[Key]) -> None:
        """Look up since when these records are there."""
        wanted = set(keys)
        ids = pa.array(sorted({source_id for _, source_id in wanted}), pa.string())
        found = self._table.filter(pc.is_in(self._table["source_id"], value_set=ids))
        columns = (found[name].to_pylist() for name in ("source", "source_id", "since"))
        self._since = {(source, source_id): since for source, source_id, since in zip(*columns, strict=True)}

    def since(self, key: Key) -> int:
        return self._since[key]

    def had(self, key: Key) -> tuple[str, int] | None:
        """(id, version since which it is given) of a record before this step, None for a new one."""
        if not self._marks or self._since[key] > self._marks[-1]:
            return None
        assigned = self._before.assigned.get(key)
        return (mint(*key), self._since[key]) if assigned is None else (assigned.resource, assigned.since)

    def step(self, version: int) -> int:
        """The link step that first saw a version: what came between two steps is equally old."""
        return bisect_right(self._marks, version)


def _name(units: list[_Unit], past: _Past) -> dict[str, str]:
    """Give every unit its id; returns redirects from ids that were given up."""
    past.load(key for unit in units for key in unit.members)
    inherited, given = _inherited(units, past)
    redirects: dict[str, str] = {}
    for unit, kept in inherited:
        own = mint(*unit.members[0])
        unit.resource = min(kept, key=lambda one, own=own: (past.step(given[one]), one != own, one))  # type: ignore[misc]
        unit.since = given[unit.resource]
        redirects.update((resource, unit.resource) for resource in kept if resource != unit.resource)
    used = {unit.resource for unit in units if unit.resource}
    for unit in units:
        if not unit.resource:
            unit.resource = _free(unit.members[0], used)
            unit.since = min(past.since(key) for key in unit.members)
            used.add(unit.resource)
    return redirects


def _inherited(units: list[_Unit], past: _Past) -> tuple[list[tuple[_Unit, list[str]]], dict[str, int]]:
    """The ids each unit keeps, and since when each is given.

    An id stays with most of its records; else with the one it was minted from; else with the first.
    """
    claims: dict[str, list[tuple[int, bool, int]]] = {}
    given: dict[str, int] = {}
    for number, unit in enumerate(units):
        had = [entry for key in unit.members if (entry := past.had(key)) is not None]
        given.update(had)
        for resource, count in Counter(resource for resource, _ in had).items():
            minted = any(mint(*key) == resource for key in unit.members)
            claims.setdefault(resource, []).append((count, minted, -number))
    kept: dict[int, list[str]] = {}
    for resource, entries in claims.items():
        kept.setdefault(-max(entries)[2], []).append(resource)
    return [(units[number], resources) for number, resources in kept.items()], given


def _free(key: Key, used: set[str]) -> str:
    """The id minted from a record, or the next one when that is in use: its namesakes stayed together when it left."""
    number, resource = 1, mint(*key)
    while resource in used:
        number += 1
        resource = mint(key[0], f"{key[1]}\0{number}")
    return resource


# Writing


def _write_links(commit: Commit, units: list[_Unit], before: Links, table: pa.Table) -> None:
    items = _items(table, [key for unit in units for key in unit.members])
    now: dict[Key, Assigned] = {}
    for unit in units:
        if len(unit.members) > 1 or unit.resource != mint(*unit.members[0]):
            for key in unit.members:
                now[key] = Assigned(unit.resource, items[key], unit.since, unit.evidence.get(key))
    active = {unit.resource for unit in units}
    here = {key for unit in units for key in unit.members}
    over = [
        key for key, old in before.assigned.items() if key not in now and (key in here or old.resource not in active)
    ]
    _add(commit, "index", [(key, assigned) for key, assigned in now.items() if before.assigned.get(key) != assigned])
    _add(commit, "delete", [(key, before.assigned[key]) for key in over])


def _add(commit: Commit, action: str, rows: list[tuple[Key, Assigned]]) -> None:
    columns: dict[str, list[Any]] = {
        "source": [key[0] for key, _ in rows],
        "source_id": [key[1] for key, _ in rows],
        "item": [assigned.item for _, assigned in rows],
        "resource": [assigned.resource for _, assigned in rows],
        "since": [assigned.since for _, assigned in rows],
        "link_keys": [[assigned.link] if assigned.link else None for _, assigned in rows],
        "action": [action] * len(rows),
    }
    commit.add("link", columns)


def _write_redirects(commit: Commit, redirects: dict[str, str], active: set[str], before: Links) -> None:
    """New redirects; those of ids that are in use again end."""
    new = sorted(
        (old, resource, "index") for old, resource in redirects.items() if before.redirects.get(old) != resource
    )
    new += sorted((old, resource, "delete") for old, resource in before.redirects.items() if old in active)
    names = ("source_id", "resource", "action")
    commit.add("redirect", {name: [row[at] for row in new] for at, name in enumerate(names)})


def _present(table: pa.Table, keys: list[Key]) -> list[Key]:
    """Those of some keys that have a row."""
    there = _items(table, keys)
    return [key for key in keys if key in there]


def _items(table: pa.Table, keys: list[Key]) -> dict[Key, str]:
    """The item of each of some records; those that have no row are left out."""
    if not keys:
        return {}
    ids = pa.array(sorted({source_id for _, source_id in keys}), pa.string())
    found = table.filter(pc.is_in(table["source_id"], value_set=ids))
    columns = (found[name].to_pylist() for name in ("source", "source_id", "item"))
    wanted = set(keys)
    return {key: item for *key_, item in zip(*columns, strict=True) if (key := (key_[0], key_[1])) in wanted}
