"""A workspace of small sources that can be changed between runs, on the real parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from indexer.engines.memory import MemoryEngine
from mappings.bucket import Bucket
from pipelines.nightly import sync
from pipelines.record_store import RecordStore
from pipelines.report import RunReport, SourceReport
from pipelines.source import SourceSpec
from pipelines.workers import Workers
from tests.services.minio_server import MinioServer

Component = tuple[str, str]
"""(unit id, title)."""


def finding_aid(components: list[Component], fonds: str = "J1") -> str:
    """An EAD 2002 file of a fonds with components ``#c1``, ``#c2``, ... in that order."""
    inner = "".join(
        f'<c id="{code}" level="file"><did><unitid>{code}</unitid><unittitle>{title}</unittitle></did></c>'
        for code, title in components
    )
    return (
        f'<ead><eadheader><eadid>{fonds}</eadid></eadheader><archdesc level="fonds"><did><unitid>{fonds}</unitid>'
        f"<unittitle>Fonds {fonds}</unittitle></did><dsc>{inner}</dsc></archdesc></ead>"
    )


def page(word: str) -> str:
    """An ALTO page of one word."""
    return (
        '<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Description><MeasurementUnit>pixel</MeasurementUnit>'
        '</Description><Layout><Page ID="p" PHYSICAL_IMG_NR="1" WIDTH="100" HEIGHT="100"><PrintSpace><TextBlock ID="b">'
        f'<TextLine><String CONTENT="{word}" HPOS="1" VPOS="1" WIDTH="9" HEIGHT="9"/></TextLine></TextBlock>'
        "</PrintSpace></Page></Layout></alto>"
    )


class House:
    """A workspace: files, a store, an index, and runs."""

    def __init__(self, folder: Path, workers: Workers, records: Bucket | None = None) -> None:
        self.folder = folder
        self.store = RecordStore(records or folder / "records")
        self.engine = MemoryEngine()
        self.workers = workers
        self.specs = [self.spec("aids"), self.spec("rows", mapping="table", **ROWS)]
        for spec in self.specs:
            (folder / spec.name).mkdir()

    def spec(self, name: str, mapping: str = "ead", **more: Any) -> SourceSpec:
        """A source of the files in the folder of its name."""
        settings = {"path": name}
        return SourceSpec(name, name.title(), "folder", mapping, "East", settings=settings, base=self.folder, **more)

    def write(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def sync(self, **options: Any) -> RunReport:
        return sync(self.specs, self.store, self.engine, workers=self.workers, **options)

    def counts(self, report: RunReport | None = None, **options: Any) -> dict[str, tuple[int, ...]]:
        """(indexed, unchanged, skipped, failed, deleted) by source of a run."""
        return {source.source: _counts(source) for source in (report or self.sync(**options)).sources}

    def records(self) -> dict[tuple[str, str], str]:
        """Checksums of the current records."""
        table = self.store.current("record", ["source", "source_id", "checksum"])
        return {(row["source"], row["source_id"]): row["checksum"] for row in table.to_pylist()}

    def titles(self) -> set[str]:
        """Titles of what the index shows to staff."""
        import datetime as dt

        from indexer.plan import Plan, rights_of
        from mappings.access import Viewer

        rights = rights_of(Viewer("clerk", frozenset({"staff"})), dt.date(2026, 1, 1))
        return {hit.stored["title"] for hit in self.engine.search(Plan(rights, size=200)).hits}


ROWS: dict[str, Any] = {
    "columns": {"id": "id", "reference_code": "code", "title": "title"},
    "fixed": {"kind": "thematic"},
}


def table(*rows: tuple[str, str, str]) -> str:
    """A CSV file of (id, code, title)."""
    return "\n".join(["id,code,title", *(",".join(row) for row in rows)]) + "\n"


def _counts(source: SourceReport) -> tuple[int, ...]:
    assert source.read == source.indexed + source.unchanged + source.skipped + source.failed
    return source.indexed, source.unchanged, source.skipped, source.failed, source.deleted


class Place:
    """Where a store is, and what lies there."""

    def __init__(self, at: Path | Bucket, names: Callable[[], list[str]]) -> None:
        self.at, self._names = at, names

    def store(self) -> RecordStore:
        """The store, as another process opens it."""
        return RecordStore(self.at)

    def files(self) -> list[str]:
        """Its data files."""
        return sorted(name for name in self._names() if name.endswith(".parquet") and "_delta_log" not in name)


def in_folder(folder: Path) -> Place:
    return Place(folder, lambda: [file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()])


def in_bucket(minio: MinioServer) -> Place:
    bucket = minio.place("archive/records")
    return Place(bucket, lambda: minio.names(bucket))


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.services)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Everywhere a store may be."""
    if request.param == "folder":
        return in_folder(tmp_path / "records")
    return in_bucket(request.getfixturevalue("minio"))


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """Two real worker processes for all tests."""
    with Workers() as pool:
        yield pool


@pytest.fixture
def make_house(tmp_path: Path, workers: Workers) -> Callable[[str], House]:
    """Houses of several names."""

    def make(name: str) -> House:
        folder = tmp_path / name
        folder.mkdir()
        return House(folder, workers)

    return make


@pytest.fixture
def house(make_house: Callable[[str], House]) -> House:
    """One finding aid of three files, and a table of two rows, the first of which is about the first file."""
    made = make_house("house")
    made.write("aids/a.xml", finding_aid([("J1-1-1", "Railway"), ("J1-1-2", "Harbour"), ("J1-1-3", "Canal")]))
    made.write("rows/r.csv", table(("1", "J1-1-1", "Land bought"), ("2", "J9-1-1", "Land sold")))
    return made
