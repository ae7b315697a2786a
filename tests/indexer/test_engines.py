"""Both engines keep the contract, and give the same answers over random corpora."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.engines import open_engine
from indexer.engines.base import Engine
from indexer.engines.cluster.address import SCHEMES as CLUSTERS
from indexer.engines.memory import MemoryEngine
from indexer.engines.tantivy_engine import TantivyEngine
from indexer.errors import EngineUnavailable, IndexDamaged, IndexMissing, IndexVersionMismatch
from indexer.query import Query
from indexer.resource import Resource, mint
from indexer.search import Searcher
from mappings.access import ANONYMOUS, LEVELS, Access, Viewer
from mappings.record import Copy, Dates, Name, Page, Record
from tests.contracts.authorities_contract import AuthoritiesContract
from tests.contracts.engine_contract import STAFF, EngineContract
from tests.contracts.pages_contract import PagesContract
from tests.contracts.text_contract import TextContract
from tests.indexer.corpus import fill, member


class TestMemory(EngineContract):
    @pytest.fixture
    def engine(self) -> Engine:
        return MemoryEngine()


class TestAuthoritiesInMemory(AuthoritiesContract):
    @pytest.fixture
    def engine(self) -> Engine:
        return MemoryEngine()


class TestAuthoritiesInTantivy(AuthoritiesContract):
    @pytest.fixture
    def engine(self, tmp_path: Path) -> Engine:
        return TantivyEngine(tmp_path / "index")


class TestPagesInMemory(PagesContract):
    @pytest.fixture
    def engine(self) -> Engine:
        return MemoryEngine()


class TestPagesInTantivy(PagesContract):
    @pytest.fixture
    def engine(self, tmp_path: Path) -> Engine:
        return TantivyEngine(tmp_path / "index")


class TestTantivy(EngineContract):
    @pytest.fixture
    def engine(self, tmp_path: Path) -> Engine:
        return TantivyEngine(tmp_path / "index")


class TestTextInMemory(TextContract):
    @pytest.fixture
    def engine(self) -> Engine:
        return MemoryEngine()


class TestTextInTantivy(TextContract):
    @pytest.fixture
    def engine(self, tmp_path: Path) -> Engine:
        return TantivyEngine(tmp_path / "index")


class TestTantivyWithLargeFamilies(EngineContract):
    """The order of units below one is kept, here of every family."""

    @pytest.fixture
    def engine(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
        monkeypatch.setattr("indexer.engines.siblings.MANY", 0)
        return TantivyEngine(tmp_path / "index")

    def test_it_is_forgotten_with_the_commit(self, engine: Engine) -> None:
        fill(engine)
        searcher, above = Searcher(engine), mint("ead", "a.xml")
        assert searcher.children(above, STAFF)["total"] == 3
        writer = engine.writer()
        writer.delete([mint("ead", "a.xml#c1")])
        writer.commit(2)
        writer.close()
        assert searcher.children(above, STAFF)["total"] == 2

    def test_what_is_kept_is_bounded(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("indexer.engines.siblings.KEPT", 1)
        fill(engine)
        searcher, above = Searcher(engine), mint("ead", "a.xml")
        for viewer in (STAFF, ANONYMOUS, STAFF):
            page = searcher.children(above, viewer, offset=1, limit=5)
            assert len(page["items"]) == page["total"] - 1


def test_no_index_yet(tmp_path: Path) -> None:
    engine = TantivyEngine(tmp_path / "index")
    assert engine.store_version() is None
    with pytest.raises(IndexMissing, match="onestop sync"):
        Searcher(engine).search(Query("x"), ANONYMOUS)


def test_an_index_of_another_version_is_refused_and_rebuilt_by_a_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(TantivyEngine(tmp_path / "index"))
    for module in ("marker", "tantivy_engine"):
        monkeypatch.setattr(f"indexer.engines.{module}.SCHEMA_VERSION", 99)
    engine = TantivyEngine(tmp_path / "index")
    with pytest.raises(IndexVersionMismatch, match="onestop sync --full"):
        engine.store_version()
    with pytest.raises(IndexVersionMismatch):
        Searcher(engine).search(Query("x"), ANONYMOUS)
    fill(engine)
    assert engine.store_version() == 1


def test_a_folder_that_is_no_index(tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "meta.json").write_text("{")
    with pytest.raises(IndexDamaged, match="onestop sync"):
        TantivyEngine(tmp_path / "index").store_version()


def test_two_writers_are_kept_apart(tmp_path: Path) -> None:
    first = TantivyEngine(tmp_path / "index").writer()
    with pytest.raises(EngineUnavailable, match="Another process"):
        TantivyEngine(tmp_path / "index").writer()
    first.close()


def test_a_reader_sees_the_commit_of_another_process(tmp_path: Path) -> None:
    reader = TantivyEngine(tmp_path / "index")
    fill(TantivyEngine(tmp_path / "index"))
    assert Searcher(reader).search(Query("*"), ANONYMOUS)["total"]
    writer = TantivyEngine(tmp_path / "index").writer()
    writer.clear()
    writer.commit(2)
    writer.close()
    assert Searcher(reader).search(Query("*"), ANONYMOUS)["total"] == 0


@pytest.mark.parametrize("address", ["", "solr:x", "tantivy:", "http://localhost"])
def test_unknown_addresses(address: str, tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="not understood"):
        open_engine(address, tmp_path)


def test_an_address_that_nobody_understands_is_told_without_its_secrets(tmp_path: Path) -> None:
    for address in ("opensearch://u:hush@h/x", "es+http://h?api_key=hush", "solr:http://h/?password=hush"):
        with pytest.raises(EngineUnavailable, match=r"opensearch\+https") as raised:
            open_engine(address, tmp_path)
        assert "hush" not in str(raised.value)


@pytest.mark.parametrize("scheme", CLUSTERS)
def test_a_server_is_asked_only_when_the_engine_is(scheme: str, tmp_path: Path) -> None:
    engine = open_engine(f"{scheme}://nowhere.invalid/x", tmp_path)
    with pytest.raises(EngineUnavailable, match=r"nowhere\.invalid"):
        engine.store_version()


ALPHABET = [
    "土地",
    "石碇鄉",
    "石碇",
    "鐵路",
    "铁路",
    "市",
    "。",
    " ",
    "railway",
    "railways",
    "Farm",
    "bureau",
    "1984",
    "-",
    "Z013",
    "women's",
    "é",
]
texts = st.lists(st.sampled_from(ALPHABET), min_size=1, max_size=6).map("".join).filter(lambda text: text.strip() != "")
levels = st.sampled_from(LEVELS)
DATES = [
    None,
    Dates("1900", 1900, 1912),
    Dates("1975", 1975, 1987),
    Dates("5 May 1975", 1975, 1975, "1975-05-05", "1975-05-05"),
    Dates("12 March 1975", 1975, 1975, "1975-03-12", "1975-03-12"),
    Dates("since June 1975", 1975, None, "1975-06-01"),
]
records = st.builds(
    lambda n, title, note, level, access, dates, subject, pages: Record(
        f"i{n}",
        title,
        level=level,
        dates=dates,
        description={"note": note},
        names=(Name(subject, "subject", "subject"),),
        access=Access(access),
        copies=(Copy(page_count=len(pages), pages=tuple(Page(i + 1, text) for i, text in enumerate(pages))),)
        if pages
        else (),
    ),
    st.integers(0, 10**9),
    texts,
    texts,
    st.sampled_from(["file", "item"]),
    levels,
    st.sampled_from(DATES),
    texts,
    st.lists(texts, max_size=3),
)
corpora = st.lists(records, min_size=1, max_size=8, unique_by=lambda record: record.source_id)
queries = st.lists(
    st.one_of(
        st.sampled_from(ALPHABET),
        st.sampled_from(['"石碇 railway"', "OR", "-土地", "rail*", "subject:土地", '="鐵路"', "*"]),
    ),
    min_size=1,
    max_size=4,
).map(" ".join)
viewers = st.sampled_from([ANONYMOUS, Viewer("li", frozenset({"reader"})), Viewer(None, frozenset(), True), STAFF])


def outcome(engine: Engine, query: Query, viewer: Viewer) -> tuple[object, ...]:
    """All of an answer but its order and scores."""
    answer = Searcher(engine).search(query, viewer)
    hits = {hit["id"]: (hit["page_hits"], hit["highlights"]) for hit in answer["hits"]}
    return answer["total"], hits, answer["facets"], answer["histogram"], answer["interpretation"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(corpora, st.lists(queries, min_size=1, max_size=4), viewers)
def test_tantivy_agrees_with_the_reference(
    tmp_path_factory: pytest.TempPathFactory, corpus: list[Record], asked: list[str], viewer: Viewer
) -> None:
    resources = tuple(Resource(mint("s", record.source_id), (member("s", record),)) for record in corpus)
    memory, tantivy = MemoryEngine(), TantivyEngine(tmp_path_factory.mktemp("index") / "index")
    fill(memory, resources)
    fill(tantivy, resources)
    for text in asked:
        for query in (
            Query(text, size=100),
            Query(text, size=100, year_from=1980),
            Query(text, size=100, filters={"level": ("file",)}),
        ):
            assert outcome(memory, query, viewer) == outcome(tantivy, query, viewer)
