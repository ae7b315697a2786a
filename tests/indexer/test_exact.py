"""The exact form finds what a scan of all texts finds, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.engines.base import Engine
from indexer.engines.memory import MemoryEngine
from indexer.engines.tantivy_engine import TantivyEngine
from indexer.query import Query
from indexer.resource import Resource, mint
from indexer.running import running
from indexer.search import Searcher
from mappings.access import ANONYMOUS
from mappings.record import Ancestor, Copy, Page, Record
from tests.indexer.corpus import fill, member

PARTS = [
    "鐵",
    "铁",
    "路",
    "路",
    "臺",
    "台",
    "Farm",
    "farm",
    "FARM",
    "fArm",
    "Café",
    "cafe",
    "École",
    "ecole",
    "bureau",
    "29",
    "２９",
]
BETWEEN = ["", " ", " ", ", ", "。", "-", "'s ", "\n"]
strings = st.lists(st.tuples(st.sampled_from(PARTS), st.sampled_from(BETWEEN)), min_size=1, max_size=7).map(
    lambda parts: "".join(map("".join, parts)).strip()
)
asked_for = st.lists(
    st.tuples(st.sampled_from(PARTS), st.sampled_from(["", " ", "", " ", "-"])), min_size=1, max_size=3
).map(lambda parts: "".join(map("".join, parts)).strip(" -"))
_WORD = re.compile(r"[A-Za-zéÉ0-9２９]")


def stands_in(wanted: str, text: str) -> bool:
    """Is it a substring, and no part of a longer word?"""
    for found in re.finditer(f"(?={re.escape(wanted)})", text):
        start, end = found.start(), found.start() + len(wanted)
        begins = not (_is_word(text[start]) and (_is_word(text[start - 1 : start]) or _is_clitic(text, start - 1)))
        ends = not (_is_word(text[end - 1]) and (_is_word(text[end : end + 1]) or _is_clitic(text, end)))
        if begins and ends:
            return True
    return False


def _is_word(char: str) -> bool:
    return _WORD.fullmatch(char) is not None


def _is_clitic(text: str, at: int) -> bool:
    return at > 0 and text[at : at + 1] == "'" and _is_word(text[at - 1]) and _is_word(text[at + 1 : at + 2])


def made(number: int, title: str, note: str, above: str, pages: list[str]) -> Resource:
    copies = (Copy(page_count=len(pages), pages=tuple(Page(i + 1, text) for i, text in enumerate(pages))),)
    record = Record(
        f"i{number}",
        title,
        description={"note": note},
        ancestors=(Ancestor("up", above),),
        copies=copies if pages else (),
    )
    return Resource(mint("s", record.source_id), (member("s", record),))


def scanned(wanted: str, resources: list[Resource]) -> dict[str, set[int]]:
    """Ids of the resources that hold it, each with the numbers of its pages that do, as their lines are read on."""
    found: dict[str, set[int]] = {}
    for resource in resources:
        record = resource.members[0].record
        own = (record.title, *record.description.values(), record.ancestors[0].title)
        texts = {page.number: running(page.text).text for copy in record.copies for page in copy.pages}
        pages = {number for number, text in texts.items() if stands_in(wanted, text)}
        if pages or any(stands_in(wanted, text) for text in own):
            found[resource.id] = pages
    return found


def searched(wanted: str, engine: Engine) -> dict[str, set[int]]:
    searcher = Searcher(engine)
    answer = searcher.search(Query(f'="{wanted}"', size=200), ANONYMOUS)
    assert answer["total"] == len(answer["hits"])
    return {
        hit["id"]: set(searcher.matching_pages(hit["id"], f'="{wanted}"', ANONYMOUS)) if hit["page_hits"] else set()
        for hit in answer["hits"]
    }


corpora = st.lists(st.tuples(strings, strings, strings, st.lists(strings, max_size=3)), min_size=1, max_size=8)


@settings(max_examples=120)
@given(corpora, st.lists(asked_for, min_size=1, max_size=5))
def test_it_finds_what_a_scan_finds(texts: list[tuple[str, str, str, list[str]]], wanted: list[str]) -> None:
    resources = [made(number, *of_one) for number, of_one in enumerate(texts)]
    engine = MemoryEngine()
    fill(engine, tuple(resources))
    for string in wanted:
        assert searched(string, engine) == scanned(string, resources)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(corpora, st.lists(asked_for, min_size=1, max_size=8))
def test_so_does_tantivy(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str, str, list[str]]], wanted: list[str]
) -> None:
    resources = [made(number, *of_one) for number, of_one in enumerate(texts)]
    engine = TantivyEngine(tmp_path_factory.mktemp("index") / "index")
    fill(engine, tuple(resources))
    for string in wanted:
        assert searched(string, engine) == scanned(string, resources)


@pytest.mark.parametrize("typed", ["铁路", "farm bureau", "29 bureau", "路", "cafe"])
def test_what_is_written_as_it_folds(tmp_path: Path, typed: str) -> None:
    resources = [made(1, typed, "Farm Bureau 鐵路 Café", "-", [typed]), made(2, typed, "-", "-", [typed.upper()])]
    engine = TantivyEngine(tmp_path / "index")
    fill(engine, tuple(resources))
    assert searched(typed, engine) == scanned(typed, resources)


def test_only_texts_with_several_forms_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    resources = [made(n, "鐵路局", "x", "y", []) for n in range(300)] + [made(900, "鐵路", "铁路", "y", [])]
    engine = TantivyEngine(tmp_path / "index")
    fill(engine, tuple(resources))
    get = engine.get

    def counted(identifier: str, *asked: Any, **more: Any) -> Any:
        read.append(identifier)
        return get(identifier, *asked, **more)

    monkeypatch.setattr(engine, "get", counted)
    assert Searcher(engine).search(Query('="鐵路"'), ANONYMOUS)["total"] == 301
    assert read == [mint("s", "i900")]


@pytest.mark.parametrize(
    ("typed", "found"),
    [('title:="鐵路"', {"i0"}), ('text:="鐵路"', {"i1"}), ('title:="铁路"', {"i1", "i2"}), ('path:="鐵"', {"i2"})],
)
def test_in_one_field(typed: str, found: set[str]) -> None:
    engine = MemoryEngine()
    fill(
        engine,
        (made(0, "鐵路", "铁路", "y", []), made(1, "铁路", "鐵路", "y", []), made(2, "铁路", "x", "鐵", [])),
    )
    answer = Searcher(engine).search(Query(typed), ANONYMOUS)
    assert {source["source_id"] for hit in answer["hits"] for source in hit["sources"]} == found
