"""Volumes on their way to the index: documents are the same whole or in pieces, and little is under way at once."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.engines.memory import MemoryEngine
from indexer.resource import mint
from mappings.record import Copy, Record, encode
from pipelines import publish, volumes
from pipelines.documents import Row, Source
from pipelines.pages import CurrentPages
from pipelines.volumes import Volumes

from .conftest import House, finding_aid, page
from .test_property import documents

KEYS = ("source", "source_id", "page")
StoredPage = tuple[int, str, int, str]
"""(version, source_id, page, action) of a row."""


def reader(rows: Sequence[StoredPage], group: int = 3) -> Callable[[Sequence[str]], Iterator[pa.Table]]:
    """Page rows as the store gives them; what a page says is its version."""

    def read(columns: Sequence[str]) -> Iterator[pa.Table]:
        for start in range(0, len(rows), group):
            some = rows[start : start + group]
            table = {
                "version": [version for version, *_ in some],
                "source": ["s"] * len(some),
                "source_id": [source_id for _, source_id, _, _ in some],
                "page": pa.array([number for *_, number, _ in some], pa.int32()),
                "copy": pa.array([0] * len(some), pa.int32()),
                "action": [action for *_, action in some],
                "record": [f"{number} of {version}" for version, _, number, _ in some],
            }
            yield pa.table(table).select(list(columns))

    return read


rows = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from("ab"), st.integers(1, 4), st.sampled_from(["index", "delete"])),
    max_size=30,
)


@given(rows=rows, most=st.integers(1, 60))
def test_pages_are_the_newest_of_each_number(rows: list[StoredPage], most: int) -> None:
    newest: dict[tuple[str, int], tuple[str, int]] = {}
    for version, source_id, number, action in sorted(rows, key=lambda row: row[0]):
        newest[source_id, number] = (action, version)
    expected: dict[str, list[str]] = {}
    for (source_id, number), (action, version) in sorted(newest.items()):
        if action == "index":
            expected.setdefault(source_id, []).append(f"{number} of {version}")
    current = CurrentPages(reader(rows), KEYS)
    found: dict[str, dict[int, str]] = {}
    for piece in current.pieces(most):
        assert piece.numbers == sorted(piece.numbers)
        texts = (text for _, text in piece.pages)
        found.setdefault(piece.source_id, {}).update(zip(piece.numbers, texts, strict=True))
    assert current.totals == {source_id: len(pages) for source_id, pages in expected.items()}
    assert {one: [pages[at] for at in range(1, len(pages) + 1)] for one, pages in found.items()} == expected


@pytest.fixture
def library(house: House) -> House:
    """Volumes: one of two files corrected and one lost; two of one code, which join a component; images without text;
    one for staff only.
    """
    house.specs = [house.spec("aids"), house.spec("scans", mapping="alto")]
    house.write("aids/a.xml", finding_aid([("J1-1-1", "Railway"), ("J1-1-2", "Harbour")]))
    for number in range(1, 8):
        house.write(f"scans/v1/{number}.xml", page(f"first{number}"))
        house.write(f"scans/J1-1-1/{number}.xml", page(f"joined{number}"))
        house.write(f"scans/copy/{number}.xml", page(f"copied{number}"))
        house.write(f"scans/secret/{number}.xml", page(f"secret{number}"))
    for number in range(3):
        house.write(f"scans/pictures/{number}.jpg", "picture")
    house.write("scans/copy/volume.yml", "reference_code: J1-1-1\naccess: internal\n")
    house.write("scans/secret/volume.yml", "access: internal\n")
    house.sync()
    house.write("scans/v1/3.xml", page("corrected"))
    (house.folder / "scans/J1-1-1/2.xml").unlink()
    house.sync()
    return house


@pytest.mark.parametrize("most", [1, 500, 1000])
def test_documents_are_the_same_in_pieces(library: House, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, pieces = MemoryEngine(), MemoryEngine()
    publish.publish(library.store, whole, library.workers)
    monkeypatch.setattr(volumes, "PIECE_BYTES", most)
    publish.publish(library.store, pieces, library.workers)
    assert documents(pieces) == documents(whole)
    assert any(len(document.get("record", ())) == 3 and "number" not in document for document in whole.documents)
    assert documents(library.engine) == documents(whole)


class OneVolume:
    """A store that holds one volume and counts nothing but its pages."""

    def __init__(self, pages: int, size: int) -> None:
        self._pages, self._size = pages, size

    def pages(self, source: str, source_ids: Sequence[str]) -> CurrentPages:
        return CurrentPages(self._read, KEYS)

    def _read(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        for number in range(1, self._pages + 1):
            table = {
                "version": [0],
                "source": ["s"],
                "source_id": ["v"],
                "page": [number],
                "copy": [0],
                "action": ["index"],
                "record": [f'{{"number":{number},"text":"{"w" * self._size}"}}'],
            }
            yield pa.table({name: table[name] for name in columns})


def test_little_of_a_volume_is_under_way_at_once() -> None:
    pages, size = 1_000, 64 << 10
    record = encode(Record("v", "Volume", copies=(Copy(page_count=pages),))).decode()
    asked = Volumes(OneVolume(pages, size), {"s": Source("S", None)}, {mint("s", "v"): [Row("s", "v", record)]})  # type: ignore[arg-type]
    tracemalloc.start()
    sizes = [task.size for task in asked.tasks()]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(sizes) > pages * size
    assert max(sizes) < volumes.PIECE_BYTES + volumes.TASK_BYTES + size
    assert peak < 8 * volumes.PIECE_BYTES < pages * size / 10
