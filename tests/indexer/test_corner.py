"""Forms on both engines, and what they owe the box, over random corpora."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.corner import asked, headings
from indexer.engines.base import Engine
from indexer.engines.memory import MemoryEngine
from indexer.engines.tantivy_engine import TantivyEngine
from indexer.errors import QueryError
from indexer.plan import And, Code, Or, Span, Term
from indexer.query import Corner, Part, Query
from indexer.search import Searcher
from mappings.access import Viewer
from mappings.record import Record
from tests.contracts.corner_contract import CornerContract
from tests.indexer.corpus import fill, member, resource
from tests.indexer.test_engines import ALPHABET, corpora, viewers


class TestCornersInMemory(CornerContract):
    @pytest.fixture
    def engine(self) -> Engine:
        return MemoryEngine()


class TestCornersInTantivy(CornerContract):
    @pytest.fixture
    def engine(self, tmp_path: Path) -> Engine:
        return TantivyEngine(tmp_path / "index")


def test_what_a_form_asks_for() -> None:
    names, year = Part(("王維", "farm"), field="name"), Part(("宣統",), (1909, 1911))
    wang, farm = Term("王維", "王维"), Term("farm", "farm")
    assert asked((names, year)) == And((Or((wang, farm)), Or((Term("宣統", "宣统"), Span(1909, 1911)))))
    assert asked((names, Part((), (1900, 1910)))) == Or((wang, farm))
    assert asked((Part(("J1-2",), field="code"),)) == Or((Term("J1-2", "j1-2", "phrase"), Code("j 1 2")))
    assert asked((Part(("*",)), Part(("--",)))) is None
    assert [(node, weight > 0) for node, weight in headings((names,))] == [
        (Term("王維", "王维", "phrase", "name"), True),
        (Term("farm", "farm", "phrase", "name"), True),
    ]


def test_a_standing_filter_has_a_name_we_know() -> None:
    with pytest.raises(QueryError, match="no filter 'colour'"):
        Query(corner=Corner((("colour", ("red",)),)))


typed = st.lists(
    st.one_of(st.sampled_from(ALPHABET), st.sampled_from(['"石碇 railway"', "OR", "-土地", "rail*", "the"])),
    min_size=1,
    max_size=3,
).map(" ".join)
years = st.sampled_from([None, (1900, 1900), (1950, 1980), (1984, 1984)])
parts = st.builds(
    Part,
    st.lists(typed, min_size=1, max_size=3).map(tuple),
    years,
    st.sampled_from([None, "name", "subject", "code"]),
)
standings = st.sampled_from(
    [(), (("level", ("file",)),), (("level", ("file", "item")), ("access", ("open", "onsite")))]
)
Standing = tuple[tuple[str, tuple[str, ...]], ...]


@settings(max_examples=60, deadline=None)
@given(corpora, st.lists(parts, max_size=3), years, standings, viewers)
def test_a_form_finds_what_the_box_finds_in_its_corner(
    corpus: list[Record], filled: list[Part], span: tuple[int, int] | None, standing: Standing, viewer: Viewer
) -> None:
    """With the same words, or with the years as the box has them; the same on both engines."""
    resources = tuple(resource(member("any", record)) for record in corpus)
    form = tuple(filled) + ((Part((), span),) if span else ())
    text = " ".join(text for part in form for text in part.texts) or "*"
    first, last = span or (None, None)
    answers = []
    with TemporaryDirectory() as folder:
        for engine in (MemoryEngine(), TantivyEngine(Path(folder) / "index")):
            fill(engine, resources)
            search = Searcher(engine).search
            boxed = search(Query(text, dict(standing), first, last, size=100), viewer)
            found = search(Query(text, size=100, corner=Corner(standing, form)), viewer)
            assert {hit["id"] for hit in boxed["hits"]} <= {hit["id"] for hit in found["hits"]}
            answers.append((found["total"], {hit["id"] for hit in found["hits"]}, found["facets"]))
    assert answers[0] == answers[1]
