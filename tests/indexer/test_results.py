"""What a reader gets of many hits: nothing is lost or shown twice by folding, groups and facets count what is there,
and every page can be had - on both engines, over random corpora.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer import folding
from indexer.engines.base import Engine
from indexer.engines.memory import MemoryEngine
from indexer.engines.tantivy_engine import TantivyEngine
from indexer.query import MAX_OFFSET, SORTS, Query
from indexer.resource import Resource, mint
from indexer.search import Json, Searcher
from mappings.access import ANONYMOUS, Access, Viewer
from mappings.record import Ancestor, Dates, Name, Record
from tests.contracts.engine_contract import STAFF
from tests.indexer.corpus import fill, member

TOP = [Ancestor("f1", "Farm papers"), Ancestor("f2", "鐵路檔案"), Ancestor("f3", "Hidden papers", internal=True)]
FILES = [Ancestor("f1-1", "Minutes"), Ancestor("f2-1", "來往公文", internal=True)]
records = st.builds(
    lambda n, title, code, holder, level, above, subject, access, year: Record(
        f"i{n}",
        title,
        level=level,
        reference_code=code,
        holder=holder,
        ancestors=above,
        names=(Name(subject, "subject", "subject"),),
        access=Access(access),
        dates=year and Dates(str(year), year, year),
        position=n,
    ),
    st.integers(0, 10**6),
    st.sampled_from(
        ["Letter 1", "Letter 2", "letter 12", "Minutes, 1911", "Minutes, 1912", "鐵路公文第三號", "鐵路公文第十號"]
    ),
    st.sampled_from([None, "A-1", "a 1", "B-2"]),
    st.sampled_from([None, "North", "South"]),
    st.sampled_from([None, "file", "item"]),
    st.sampled_from([(), *((top,) for top in TOP), *((top, file) for top in TOP for file in FILES)]),
    st.sampled_from(["land", "railway"]),
    st.sampled_from(["open", "open", "internal"]),
    st.sampled_from([None, 1911, 1923, 1950]),
)
corpora = st.lists(records, min_size=1, max_size=14, unique_by=lambda record: record.source_id)
texts = st.sampled_from(["*", "letter", "minutes", "鐵路", "letter OR 鐵路", "railway", "letter minutes zebra"])
filters = st.dictionaries(
    st.sampled_from(["level", "subject", "holder", "decade"]),
    st.sampled_from([("file",), ("item", "file"), ("land",), ("North",), ("1910",)]),
    max_size=2,
)
viewers = st.sampled_from([ANONYMOUS, Viewer("li", frozenset({"reader"})), STAFF])
property_test = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def engines(folder: Path, corpus: list[Record]) -> Iterator[Searcher]:
    """A searcher on each engine, over the corpus."""
    resources = tuple(Resource(mint("s", record.source_id), (member("s", record),)) for record in corpus)
    made: tuple[Engine, ...] = (MemoryEngine(), TantivyEngine(folder / "index"))
    for engine in made:
        fill(engine, resources)
        yield Searcher(engine)


def everything(searcher: Searcher, query: Query, viewer: Viewer) -> list[Json]:
    """The hits of all pages of three."""
    hits: list[Json] = []
    while page := searcher.search(replace(query, size=3, offset=len(hits)), viewer)["hits"]:
        hits += page
    return hits


def names(hit: Json) -> list[str]:
    """The hit and all that is folded under it."""
    return [hit["id"], *(hit["more"]["ids"] if hit["more"] else ()), *hit["same"]]


@pytest.mark.parametrize("window", [5, 200])
@property_test
@given(corpora, texts, viewers)
def test_folding_loses_nothing_and_shows_nothing_twice(
    tmp_path_factory: pytest.TempPathFactory, window: int, corpus: list[Record], text: str, viewer: Viewer
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for module in (
            "indexer.folding",
            "indexer.engines.memory",
            "indexer.engines.tantivy_ranks",
        ):
            patch.setattr(f"{module}.WINDOW", window)
        for searcher in engines(tmp_path_factory.mktemp("index"), corpus):
            plain = searcher.search(Query(text, size=50), viewer)
            first = searcher.search(Query(text, size=3, folded=True), viewer)
            hits = everything(searcher, Query(text, folded=True), viewer)
            found = [name for hit in hits for name in names(hit)]
            assert sorted(found) == sorted(hit["id"] for hit in plain["hits"])
            assert first["total"] == plain["total"] == len(found)
            assert first["folded"] == len(found) - len(hits)
            assert first["facets"] == plain["facets"]
            assert all(hit["more"]["count"] >= len(hit["more"]["ids"]) for hit in hits if hit["more"])
            order = [hit["id"] for hit in plain["hits"]]
            assert [hit["id"] for hit in hits] == [name for name in order if name in {hit["id"] for hit in hits}]


def looks(hit: Json) -> tuple[Json, str]:
    """What near-identical siblings have in common."""
    return hit["ancestors"][-1:], re.sub(r"[\d一二三四五六七八九十百]+(?:-\d+)?", "#", hit["title"].lower())


@property_test
@given(corpora, texts, viewers)
def test_what_is_folded_is_alike_and_below_a_unit_one_may_know_of(
    tmp_path_factory: pytest.TempPathFactory, corpus: list[Record], text: str, viewer: Viewer
) -> None:
    for searcher in engines(tmp_path_factory.mktemp("index"), corpus):
        kept = {hit["id"]: hit for hit in searcher.search(Query(text, size=50), viewer)["hits"]}
        for hit in searcher.search(Query(text, size=50, folded=True), viewer)["hits"]:
            if hit["more"]:
                # A sibling may be shown as another description of something else: it counts all the same.
                siblings = [other for other in kept.values() if looks(other) == looks(hit)]
                assert len(hit["more"]["ids"]) <= hit["more"]["count"] == len(siblings) - 1
                assert hit["more"]["parent"] == hit["ancestors"][-1]
                assert all(kept[other]["ancestors"][-1] == hit["ancestors"][-1] for other in hit["more"]["ids"])
            assert all(kept[other]["holder"] == hit["holder"] for other in hit["same"])


@property_test
@given(corpora, texts, viewers, st.sampled_from(["relevance", "date", "reference_code"]))
def test_groups_hold_every_hit_once(
    tmp_path_factory: pytest.TempPathFactory, corpus: list[Record], text: str, viewer: Viewer, sort: str
) -> None:
    told = []
    for searcher in engines(tmp_path_factory.mktemp("index"), corpus):
        options: dict[str, object] = {"sort": sort, "group": "fonds"}
        plain = searcher.search(Query(text, size=50, sort=sort), viewer)  # type: ignore[arg-type]
        groups: list[Json] = []
        more = True
        while more:
            answer = searcher.search(Query(text, size=2, offset=len(groups), **options), viewer)  # type: ignore[arg-type]
            assert answer["total"] == plain["total"] and answer["facets"] == plain["facets"]
            groups, more = groups + answer["groups"], answer["more_groups"]
        assert sum(group["count"] for group in groups) == plain["total"]
        order = [hit["id"] for hit in plain["hits"]]
        bests = [order.index(group["hits"][0]["id"]) for group in groups]
        assert bests == sorted(bests)
        for group in groups:
            assert len(group["hits"]) == min(3, group["count"])
            assert all((hit["ancestors"] or [hit])[0]["id"] == group["fonds"]["id"] for hit in group["hits"])
        told.append({group["fonds"]["id"]: (group["fonds"]["title"], group["count"]) for group in groups})
    assert told[0] == told[1]
    assert viewer == STAFF or "Hidden papers" not in str(told)


@pytest.mark.parametrize("kind", ["memory", "tantivy"])
def test_fonds_are_found_behind_many_hits_of_others_and_their_pages_end(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.engines.tantivy_ranks.STEP", 2)
    for module in ("memory", "tantivy_ranks"):
        monkeypatch.setattr(f"indexer.engines.{module}.MOST_GROUPS", 5)
    corpus = [Record(f"i{n}", f"Letter {n}", ancestors=(Ancestor(f"f{n * n // 50}", "Papers"),)) for n in range(30)]
    searcher = list(engines(tmp_path, corpus))[kind == "tantivy"]
    pages = [searcher.search(Query("letter", group="fonds", size=2, offset=at), ANONYMOUS) for at in (0, 2, 4, 6)]
    assert [(len(page["groups"]), page["more_groups"]) for page in pages] == [
        (2, True),
        (2, True),
        (1, False),
        (0, False),
    ]
    assert len({group["fonds"]["id"] for page in pages for group in page["groups"]}) == 5


@property_test
@given(corpora, texts, filters, viewers)
def test_a_facet_counts_what_its_value_gives(
    tmp_path_factory: pytest.TempPathFactory,
    corpus: list[Record],
    text: str,
    chosen: dict[str, tuple[str, ...]],
    viewer: Viewer,
) -> None:
    """In place of the values chosen in its field, or where none is chosen in addition to what is asked."""
    answers = []
    for searcher in engines(tmp_path_factory.mktemp("index"), corpus):
        answer = searcher.search(Query(text, chosen), viewer)
        answers.append(answer["facets"])
        if answer["interpretation"]["relaxed"]:
            continue
        for name, values in answer["facets"].items():
            for value in values:
                narrowed = searcher.search(Query(text, {**chosen, name: (value["value"],)}, size=0), viewer)
                assert narrowed["total"] == value["count"], (name, value)
    assert answers[0] == answers[1]


@pytest.mark.parametrize("kind", ["memory", "tantivy"])
def test_every_page_can_be_had_and_none_beyond_the_last(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.engines.tantivy_ranks.FAR", 2)
    monkeypatch.setattr("indexer.engines.tantivy_ranks.LISTED", 5)
    corpus = [
        Record(
            f"i{n}",
            f"Letter {n}",
            reference_code=f"A-{n}" if n % 3 else None,
            dates=Dates(str(1900 + n % 7), 1900 + n % 7) if n % 4 else None,
            ancestors=(TOP[0],),
        )
        for n in range(30)
    ]
    searcher = list(engines(tmp_path, corpus))[kind == "tantivy"]
    for sort in SORTS:
        whole = [hit["id"] for hit in searcher.search(Query("letter", size=100, sort=sort), ANONYMOUS)["hits"]]
        paged = [
            hit["id"]
            for at in range(0, 30, 4)
            for hit in searcher.search(Query("letter", size=4, offset=at, sort=sort), ANONYMOUS)["hits"]
        ]
        assert paged == whole, sort
    for folded in (False, True):
        for offset in (30, 1_000, MAX_OFFSET):
            answer = searcher.search(Query("letter", offset=offset, folded=folded), ANONYMOUS)
            assert (answer["total"], answer["hits"]) == (30, [])
    assert searcher.search(Query("letter", offset=MAX_OFFSET, group="fonds"), ANONYMOUS)["groups"] == []


@given(st.lists(st.tuples(*[st.none() | st.integers(1, 3)] * 2), max_size=12), st.integers(0, 15), st.integers(0, 5))
def test_a_page_of_a_folded_list(keys: list[folding.Keys], offset: int, size: int) -> None:
    page, whole = folding.page(keys, offset, size), folding.fold(keys)
    assert sorted(rank for ranks in whole for rank in ranks) == list(range(len(keys)))
    assert page.shown == whole[offset : offset + size]
    assert page.offset - len(keys) == max(offset - len(whole), 0)
    assert len(page.shown) + page.size == size
    assert page.hidden == len(keys) - len(whole)
