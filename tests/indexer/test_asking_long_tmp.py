"""Questions on both engines; and over random corpora and questions a reading never narrows."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.engines.base import Engine
from indexer.engines.memory import MemoryEngine
from indexer.engines.tantivy_engine import TantivyEngine
from indexer.query import Query
from indexer.resource import Resource, mint
from indexer.search import Searcher
from indexer.synonyms import LARGEST_FILE, Problem, SynonymFile, Synonyms
from indexer.understanding.question import ALL
from mappings.access import ANONYMOUS
from mappings.record import Copy, Dates, Page, Record
from tests.contracts.asking_contract import PEOPLE, AskingContract
from tests.indexer.corpus import fill, member


class TestAskingInMemory(AskingContract):
    @pytest.fixture
    def engine(self) -> Engine:
        return MemoryEngine()


class TestAskingInTantivy(AskingContract):
    @pytest.fixture
    def engine(self, tmp_path: Path) -> Engine:
        return TantivyEngine(tmp_path / "index")


WORDS = [
    "上海",
    "鐵路",
    "railways",
    "letters",
    "photographs",
    "before",
    "1911",
    "年代",
    "證明",
    "about",
    "蘇軾",
    "蘇東坡",
    "北平",
]
WORDS += [
    "光緒",
    "二十年",
    "的",
    "我",
    "爷爷",
    "檔案",
    "show",
    "me",
    "奏摺",
    "1950",
    "以前",
    "北京",
    "copy",
    "correspondence",
]
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=7).map(" ".join)
YEARS = [
    None,
    Dates("1894", 1894, 1894),
    Dates("1900-1920", 1900, 1920),
    Dates("1955", 1955, 1955),
    Dates("1200", 1200, None),
]
records = st.builds(
    lambda n, title, note, dates, page: Record(
        f"i{n}",
        title,
        dates=dates,
        description={"note": note},
        copies=(Copy(page_count=1, pages=(Page(1, page),)),) if page else (),
    ),
    st.integers(0, 10**9),
    texts,
    texts,
    st.sampled_from(YEARS),
    st.one_of(st.just(""), texts),
)
corpora = st.lists(records, min_size=1, max_size=8, unique_by=lambda record: record.source_id)
PIECES = [
    "上海",
    "鐵路",
    "railways ",
    "letters about ",
    "photos of ",
    "before 1911 ",
    "1950年代",
    "光緒二十年",
    "光緒年間",
    "的",
]
PIECES += [
    "我爷爷的",
    "證明",
    "show me ",
    "in German ",
    "from 1900 to 1920 ",
    "蘇東坡",
    "北平",
    "奏摺",
    "檔案",
    "1911 ",
    "以前",
    " ",
]
PIECES += ["copy of ", "?", "OR ", "-1911 ", '"letters about" ', "title:", "二十年", "some ", "about "]
questions = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(corpora, st.lists(questions, min_size=1, max_size=5))
def test_a_reading_never_narrows(
    tmp_path_factory: pytest.TempPathFactory, corpus: list[Record], asked: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("index")
    (folder / "synonyms.txt").write_text("北平 = 北京\n", encoding="utf-8")
    people = tuple(Resource(mint("p", record.source_id), (member("p", record),)) for record in PEOPLE)
    resources = tuple(Resource(mint("s", record.source_id), (member("s", record),)) for record in corpus)
    searchers = []
    for engine in (MemoryEngine(), TantivyEngine(folder / "index")):
        fill(engine, (*resources, *people))
        searchers.append(Searcher(engine, synonyms=Synonyms(engine, SynonymFile(folder / "synonyms.txt"))))
    for text in asked:
        answers = [_found(searcher, Query(text, size=100)) for searcher in searchers]
        assert answers[0] == answers[1]
        for searcher in searchers:
            _holds_what_the_words_find(searcher, text)


def _holds_what_the_words_find(searcher: Searcher, text: str) -> None:
    """The match set with every reading and name holds that with fewer; most words are compared with most words."""
    most, found = _found(searcher, Query(text, size=100))
    for less in (
        Query(text, size=100, plain=(ALL,), synonyms=False),
        Query(text, size=100, plain=(ALL,)),
        Query(text, size=100, synonyms=False),
    ):
        relaxed, fewer = _found(searcher, less)
        assert fewer <= found or (relaxed and not most and found)


def _found(searcher: Searcher, query: Query) -> tuple[bool, set[str]]:
    answer = searcher.search(query, ANONYMOUS)
    return answer["interpretation"]["relaxed"], {hit["id"] for hit in answer["hits"]}


def test_a_file_of_names_is_read_again_and_its_slips_are_named(tmp_path: Path) -> None:
    file = tmp_path / "synonyms.txt"
    names = SynonymFile(file)
    assert names.names() == {} and names.problems == () and names.stamp is None
    file.write_text(
        "# places\n北平 = 北京 = Peking  # until 1949\n奉天\n瀋 = 沈陽\n= x1\nPeking = Beijing\n", encoding="utf-8"
    )
    assert names.names()["北平"] == ("北京", "Peking")
    assert names.names()["peking"] == ("北平", "北京", "Beijing")
    assert [problem.line for problem in names.problems] == [3, 4, 5]
    assert all(problem.reason for problem in names.problems)
    before = names.stamp
    file.write_text("奉天 = 瀋陽\n", encoding="utf-8")
    assert names.names() == {"奉天": ("瀋陽",), "沈阳": ("奉天",)} and names.problems == () and names.stamp != before
    file.write_bytes(b"\xff\xfe\x00")
    assert names.names() == {} and names.problems[0].line == 1
    file.write_bytes(b"a" * (LARGEST_FILE + 1))
    assert names.problems == (Problem(1, f"the file has more than {LARGEST_FILE:,} bytes"),)
    file.unlink()
    assert names.names() == {} and names.problems == ()
