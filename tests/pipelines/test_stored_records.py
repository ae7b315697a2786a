"""A record from the store is the one that the index shows, to everybody, and what may not be known is not there."""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from indexer.engines.memory import MemoryEngine
from indexer.resource import mint
from mappings.access import ANONYMOUS, LEVELS, Access
from mappings.record import (
    Ancestor,
    Authority,
    Copy,
    Dates,
    Holding,
    Mention,
    Name,
    Page,
    Record,
    Relation,
    Variant,
    encode,
)
from pipelines.errors import StoreUnusable
from pipelines.publish import publish
from pipelines.record_store import Commit, RecordStore, RowKind
from pipelines.stored_records import StoredRecords
from pipelines.tasks import KEY_SEPARATOR
from pipelines.tidying import tidy
from pipelines.workers import Workers

from .conftest import House
from .shown import STAFF, agree

Key = tuple[str, str]
TEXTS = ("土地 石碇", "railway siding", "石碇鄉 公所", "minutes", "")
DAYS = (None, dt.date(2020, 1, 1), dt.date(2046, 1, 1))
accesses = st.one_of(
    st.none(),
    st.builds(Access, st.sampled_from([level for level in LEVELS if level != "closed"])),
    st.builds(lambda day: Access("closed", "by law", day), st.sampled_from(DAYS)),
    st.builds(
        lambda level, describe, copy: Access(level, describe=describe, copy=copy, copy_reason="no photographs"),
        st.sampled_from(("open", "closed")),
        st.sampled_from((None, "internal", "open")),
        st.sampled_from((None, "restricted", "open")),
    ),
)
pages = st.builds(
    lambda text, image: Page(0, text, label="1r", image=image, width=100, height=200),
    st.sampled_from(TEXTS),
    st.sampled_from([None, "v/1.jpg"]),
)
copies = st.lists(st.lists(pages, max_size=3), max_size=2).map(
    lambda found: tuple(
        Copy(page_count=len(each), format="image/jpeg", pages=tuple(replace(p, number=n) for n, p in enumerate(each)))
        for each in found
    )
)
ancestors = st.lists(st.booleans(), max_size=2).map(
    lambda internal: tuple(Ancestor(f"k{n}", f"Above {n}", internal=one) for n, one in enumerate(internal))
)
AUTHORITY = Authority("person", variants=(Variant("Wang Mojie"),), relations=(Relation("李白", "friend", "k1"),))
records = st.builds(
    lambda title, note, kind, access, found, above, authority: Record(
        "",
        title,
        kind=kind,
        access=access,
        copies=found,
        ancestors=above,
        dates=Dates("1984", 1984, 1984),
        description={"note": note},
        staff_notes={"note": "STAFF"},
        holdings=(Holding(("box 1",), location="STACK"),) if kind == "physical" else (),
        names=(Name("王維", "person", "creator"),),
        mentions=(Mention("李白", "person", "李白", "note", 0, 2, "s:k1", ("s:k0",)),),
        authority=AUTHORITY if authority and kind == "thematic" else None,
    ),
    st.sampled_from(["王維", "Railway", "土地"]),
    st.sampled_from(["a note", "railway " * 4_000]),
    st.sampled_from(["physical", "digital", "thematic"]),
    accesses,
    copies,
    ancestors,
    st.booleans(),
)
KEYS: tuple[Key, ...] = (*(("s", f"k{n}") for n in range(3)), *(("t", f"m{n}") for n in range(3)))
ITEM = "list.xml"
"""Every record of a source lies in one item, as in a finding aid: what is above a record is looked for there."""
SOURCES, MOST_PAGES, MANY_FILES = (("s", "open"), ("t", "registered")), 6, 17
corpora = st.dictionaries(st.sampled_from(KEYS), records, min_size=1)
groupings = st.dictionaries(st.sampled_from(KEYS), st.integers(0, 2), max_size=5)


@dataclass
class Shelf:
    """A store written by hand."""

    folder: Path
    store: RecordStore = field(init=False)

    def __post_init__(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.store = RecordStore(self.folder)

    def put(self, corpus: dict[Key, Record], gone: tuple[Key, ...] = ()) -> None:
        """Records with their pages; pages that were there before and are no more, and records that are gone."""
        sources = [
            (name, {"action": "index", "record": f'{{"title":"{name}","access":"{access}"}}'})
            for name, access in SOURCES
        ]
        deleted = [(source, {"item": ITEM, "source_id": key, "action": "delete"}) for source, key in gone]
        with self.store.begin("run") as commit:
            _add(commit, "source", sources)
            _add(commit, "record", [(key[0], _row(key, record)) for key, record in corpus.items()] + deleted)
            _add(commit, "page", [(key[0], page) for key, record in corpus.items() for page in _pages(key, record)])
            commit.commit()

    def join(self, groups: dict[Key, int]) -> None:
        """Link rows as the link step writes them: the first key of a group gives its id, the second leads to it."""
        with self.store.begin("run") as commit:
            for number in set(groups.values()):
                keys = sorted(key for key, group in groups.items() if group == number)
                if len(keys) < 2:
                    continue
                resource, why = mint(*keys[0]), [f"reference_code{KEY_SEPARATOR}A-1"]
                said = {"resource": resource, "since": 0, "action": "index"}
                rows = [(source, {**said, "item": ITEM, "source_id": key, "link_keys": why}) for source, key in keys]
                _add(commit, "link", rows)
                commit.add(
                    "redirect", {name: [value] for name, value in ({**said, "source_id": mint(*keys[1])}).items()}
                )
            commit.commit()


def _add(commit: Commit, kind: RowKind, rows: list[tuple[str, dict[str, Any]]]) -> None:
    """Rows, each with its source, all with the same columns or without."""
    names = dict.fromkeys(name for _, row in rows for name in row)
    if rows:
        columns = {"source": [source for source, _ in rows]}
        commit.add(kind, columns | {name: [row.get(name) for _, row in rows] for name in names})


def _row(key: Key, record: Record) -> dict[str, Any]:
    bare = replace(record, source_id=key[1], copies=tuple(replace(copy, pages=()) for copy in record.copies))
    said = {"item": ITEM, "source_id": key[1], "action": "index", "record_kind": record.kind}
    return said | {"record": encode(bare).decode()}


def _pages(key: Key, record: Record) -> Iterator[dict[str, Any]]:
    """Its pages, and that there are no more."""
    copied = [(copy, page) for copy, one in enumerate(record.copies) for page in one.pages]
    for number in range(1, MOST_PAGES + 1):
        row = {"item": ITEM, "source_id": key[1], "page": number, "action": "delete"}
        if number <= len(copied):
            copy, page = copied[number - 1]
            row |= {"action": "index", "copy": copy, "record": encode(page).decode()}
        yield row


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stored") / "records"


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(first=corpora, groups=groupings, second=corpora, gone=st.sets(st.sampled_from(KEYS), max_size=2))
def test_everybody_sees_the_same_from_both(
    first: dict[Key, Record],
    groups: dict[Key, int],
    second: dict[Key, Record],
    gone: set[Key],
    folder: Path,
    workers: Workers,
) -> None:
    shelf = Shelf(folder)
    shelf.put(first)
    shelf.put(second, tuple(gone - second.keys()))
    shelf.join(groups)
    engine = MemoryEngine()
    publish(shelf.store, engine, workers)
    every = [*(mint(*key) for key in KEYS), *(":".join(key) for key in KEYS), "r-0000000000000000", "nothing", "r-x"]
    assert agree(engine, shelf.store, every)


def test_what_is_committed_is_seen_and_what_was_read_is_kept(house: House) -> None:
    house.sync()
    seconds = [0.0]
    stored = StoredRecords(lambda: house.store, clock=lambda: seconds[0])

    def title() -> str | None:
        found = stored.resource("rows:2", STAFF)
        return found["title"] if found else None

    assert title() == "Land sold" and stored.version() == house.store.version
    house.write("rows/r.csv", "id,code,title\n1,J1-1-1,Land bought\n2,J9-1-1,Land sold twice\n")
    house.sync()
    assert title() == "Land sold"
    seconds[0] += 3
    assert title() == "Land sold twice"
    house.write("rows/r.csv", "id,code,title\n1,J1-1-1,Land bought\n")
    house.sync(allow_deletes=True)
    seconds[0] += 3
    assert title() is None
    every = [f"aids:{key}" for source, key in house.records() if source == "aids"]
    assert agree(house.engine, house.store, [*every, "rows:1", "rows:2", mint("rows", "1")])


def test_what_was_found_in_files_is_found_when_they_are_put_together(tmp_path: Path) -> None:
    shelf, looks = Shelf(tmp_path / "records"), itertools.count(step=10)
    stored = StoredRecords(lambda: shelf.store, clock=looks.__next__)
    for number in range(MANY_FILES):
        shelf.put({("s", f"k{number}"): Record("", f"T{number}")})
        found = stored.resource(mint("s", f"k{number}"), ANONYMOUS)
        assert found is not None and found["title"] == f"T{number}"
    before = set(shelf.store.paths("record"))
    with shelf.store.writing():
        tidy(shelf.store)
    assert not before & set(shelf.store.paths("record"))
    for path in before:
        (tmp_path / "records" / path).unlink()
    assert all(stored.resource(f"s:k{number}", ANONYMOUS) for number in range(MANY_FILES))


def test_a_store_that_cannot_be_read_says_so(house: House) -> None:
    house.sync()
    stored = StoredRecords(lambda: house.store)
    for file in (house.folder / "records").glob("kind=record/*.parquet"):
        file.write_bytes(b"no parquet")
    with pytest.raises(StoreUnusable, match="cannot be read"):
        stored.resource("rows:1", ANONYMOUS)


def test_a_store_without_anything(tmp_path: Path) -> None:
    stored = StoredRecords(lambda: RecordStore(tmp_path / "records"))
    assert stored.resource("r-0123456789abcdef", STAFF) is None and stored.page("s:k", 1, STAFF) is None


def test_memory_is_bounded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.sync()
    monkeypatch.setattr("pipelines.stored_volumes.KEPT_BYTES", 6_000)
    stored = StoredRecords(lambda: house.store)
    for _ in range(2):
        assert all(stored.resource(f"{source}:{key}", ANONYMOUS) for source, key in house.records())
    kept = stored._state()[1]._kept
    assert 0 < kept._size <= 6_000 and len(kept._volumes) < len(house.records())
