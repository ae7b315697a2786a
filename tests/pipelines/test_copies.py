"""Released copies on their way through the store into the index: what comes, what goes, what is stale; volumes in
pieces, records that are joined, records from the store.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from indexer.engines.memory import MemoryEngine
from indexer.query import Query
from indexer.resource import mint
from indexer.search import Searcher
from mappings.access import ANONYMOUS, Access, Viewer
from mappings.deidentification import Mark, Release
from mappings.record import Copy, Page, Record, decode_record, encode
from pipelines import volumes
from pipelines.copies import released_copies
from pipelines.deidentify.layer import text_version
from pipelines.deidentify.step import Copied, show_released
from pipelines.publish import publish
from pipelines.record_store import RecordStore
from pipelines.workers import Workers
from tests.indexer.corpus import page
from tests.pipelines.shown import agree

STAFF = Viewer("clerk", frozenset({"staff"}))
TODAY = dt.date(2026, 6, 1)
KEY = ("court", "c1")
IMAGES = {f"v/{number}.jpg": "digest" for number in range(1, 100)}


def record(texts: Sequence[str], source_id: str = "c1", **more: object) -> Record:
    pages = tuple(page(number, text) for number, text in enumerate(texts, 1))
    copies = (Copy(format="image/jpeg", page_count=len(pages), pages=pages),)
    return Record(source_id, "Case file", kind="digital", access=Access("closed"), copies=copies, **more)  # type: ignore[arg-type]


def put(store: RecordStore, one: Record, source: str = "court") -> None:
    """A record and its pages, as a night writes them."""
    bare = replace(one, copies=tuple(replace(copy, pages=()) for copy in one.copies))
    row = {"item": one.source_id, "source_id": one.source_id, "action": "index"}
    with store.begin("run") as commit:
        stated = {"action": ["index"], "record": ['{"title":"Court","access":"closed"}']}
        commit.add("source", stated, source)
        commit.add(
            "record", {name: [value] for name, value in (row | {"record": encode(bare).decode()}).items()}, source
        )
        for number, each in enumerate(one.pages, 1):
            told = row | {"page": number, "copy": 0, "record": encode(each).decode()}
            commit.add("page", {name: [value] for name, value in told.items()}, source)
        commit.commit()


def release(one: Record, *marks: Mark, at: str = "2026-01-01", source: str = "court") -> Release:
    stored = decode_record(encode(one))  # numbers are as they come back from the store
    return Release((source, one.source_id), text_version(stored), marks, IMAGES, at)


def name_on(number: int, length: int = 6) -> Mark:
    """The first characters of a page."""
    return Mark(number, 0, length, "name")


@pytest.fixture
def store(tmp_path: Path) -> RecordStore:
    return RecordStore(tmp_path / "records")


@pytest.fixture
def workers() -> Iterator[Workers]:
    with Workers(1) as pool:
        yield pool


class House:
    """An index that follows the store."""

    def __init__(self, store: RecordStore, workers: Workers) -> None:
        self.store, self.workers, self.engine = store, workers, MemoryEngine()
        self.searcher = Searcher(self.engine, today=lambda: TODAY)

    def night(self, *releases: Release) -> Copied:
        done = show_released(self.store, "run", releases)
        publish(self.store, self.engine, self.workers)
        return done

    def found(self, text: str, viewer: Viewer = ANONYMOUS) -> int:
        total: int = self.searcher.search(Query(text), viewer)["total"]
        return total

    def shows(self, number: int, viewer: Viewer = ANONYMOUS) -> str | None:
        shown = self.searcher.page(mint(*KEY), number, viewer)
        return shown["text"] if shown else None


@pytest.fixture
def house(store: RecordStore, workers: Workers) -> House:
    return House(store, workers)


FIRST = ("Hobson was heard on the farm", "the letter of Hobson")


def test_a_release_comes_and_goes_with_the_night(house: House) -> None:
    case = record(FIRST)
    put(house.store, case)
    assert house.night() == Copied() and house.found("farm") == 0
    given = release(case, name_on(1), Mark(2, 14, 20, "name"))
    assert house.night(given) == Copied(shown=1)
    assert (house.found("farm"), house.found("Hobson"), house.found("Hobson", STAFF)) == (1, 0, 1)
    assert house.shows(2) == "the letter of Person A" and house.shows(2, STAFF) == FIRST[1]
    before = house.store.version
    assert house.night(given) == Copied() and house.store.version == before, "what is shown is not made again"
    assert house.night() == Copied(ended=1)
    assert (house.found("farm"), house.shows(1)) == (0, None)


def test_another_release_takes_the_place_of_the_last(house: House) -> None:
    case = record(FIRST)
    put(house.store, case)
    house.night(release(case, name_on(1)))
    assert house.shows(2) == FIRST[1]
    assert house.night(release(case, name_on(1), Mark(2, 14, 20, "name"), at="2026-02-02")) == Copied(shown=1)
    assert house.shows(2) == "the letter of Person A"


def test_other_pages_make_a_release_stale_until_somebody_looks_again(house: House) -> None:
    case, other = record(FIRST), record((*FIRST, "and of Hobson's aunt"))
    put(house.store, case)
    given = release(case, name_on(1))
    house.night(given)
    put(house.store, other)
    assert house.night(given) == Copied(ended=1, stale=1)
    assert house.found("farm") == 0
    assert house.night(given) == Copied(stale=1)
    assert house.night(release(other, name_on(1), at="2026-02-02")) == Copied(shown=1)
    assert house.shows(3) == "and of Hobson's aunt"
    put(house.store, case)
    with house.store.begin("run") as commit:
        commit.add("page", {"item": ["c1"], "source_id": ["c1"], "page": [3], "action": ["delete"]}, "court")
        commit.commit()
    assert house.night(given) == Copied(shown=1), "the text of the first release is there again"
    assert (house.shows(1), house.shows(3)) == ("Person A was heard on the farm", None)


def test_a_release_of_a_record_that_is_gone_shows_nothing(house: House) -> None:
    case = record(FIRST)
    assert house.night(release(case)) == Copied(stale=1)
    put(house.store, case)
    house.night(release(case))
    with house.store.begin("run") as commit:
        commit.add("record", {"item": ["c1"], "source_id": ["c1"], "action": ["delete"]}, "court")
        gone = {"item": ["c1"] * 2, "source_id": ["c1"] * 2, "page": [1, 2], "action": ["delete"] * 2}
        commit.add("page", gone, "court")
        commit.commit()
    assert house.night(release(case)) == Copied(ended=1, stale=1)
    assert released_copies(house.store) == {} and house.found("farm") == 0


def test_an_index_built_anew_and_records_from_the_store_have_the_copies(house: House) -> None:
    case = record(FIRST)
    put(house.store, case)
    house.night(release(case, name_on(1)))
    other = House(house.store, house.workers)
    publish(house.store, other.engine, house.workers, full=True)
    assert other.found("farm") == 1
    assert agree(other.engine, house.store, [mint(*KEY), "court:c1"]) > 0


def test_a_volume_in_pieces_has_every_page_of_its_copy(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volumes, "PIECE_BYTES", 600)
    case = record([f"Hobson wrote page {number} himself" for number in range(1, 41)])
    put(house.store, case)
    house.night(release(case, *map(name_on, range(1, 41))))
    assert [house.shows(number) for number in (1, 20, 40)] == [
        f"Person A wrote page {number} himself" for number in (1, 20, 40)
    ]
    assert house.searcher.matching_pages(mint(*KEY), "himself", ANONYMOUS) == list(range(1, 41))
    assert house.searcher.matching_pages(mint(*KEY), "Hobson", ANONYMOUS) == []
    assert agree(house.engine, house.store, [mint(*KEY)]) > 0


def test_pages_of_joined_records_keep_their_numbers(house: House) -> None:
    first, second = record(("the open cover",), "c0", reference_code="A-1"), record(FIRST, reference_code="A-1")
    put(house.store, replace(first, access=Access("open")))
    put(house.store, second)
    with house.store.begin("run") as commit:
        joined = {"resource": [mint("court", "c0")] * 2, "since": [0] * 2, "action": ["index"] * 2}
        keys = {"item": ["c0", "c1"], "source_id": ["c0", "c1"], "link_keys": [["reference_code\x1fA-1"]] * 2}
        commit.add("link", joined | keys, "court")
        commit.commit()
    house.night(release(second, name_on(1)))
    resource = mint("court", "c0")
    shown = [house.searcher.page(resource, number, ANONYMOUS) for number in (1, 2, 3)]
    assert [one and (one["text"], one["deidentified"]) for one in shown] == [
        ("the open cover", False),
        ("Person A was heard on the farm", True),
        ("the letter of Hobson", True),
    ]
    assert agree(house.engine, house.store, [resource, "court:c1"]) > 0


def test_a_page_of_a_copy_says_how_its_image_is_drawn(house: House) -> None:
    case = record(FIRST)
    put(house.store, case)
    house.night(release(case, name_on(1)))
    copied = house.searcher.copied_page(mint(*KEY), 1, ANONYMOUS)
    assert copied is not None and copied.page.image is not None
    assert (copied.source, copied.page.image.key, len(copied.page.image.boxes)) == ("court", "v/1.jpg", 1)
    assert house.searcher.copied_page(mint(*KEY), 1, STAFF) is None
    assert house.searcher.page_image(mint(*KEY), 1, ANONYMOUS) is None
    assert isinstance(copied.page.page, Page) and copied.page.page.image is None
