"""Two spellings of one thing find the same records: the 52 pairs of Stanford's catalogue, asked of real texts."""

from __future__ import annotations

import csv
from itertools import chain, islice
from pathlib import Path

import pytest

from indexer.engines.tantivy_engine import TantivyEngine
from indexer.language import parse
from indexer.plan import Plan, rights_of
from mappings.access import ANONYMOUS
from mappings.text import fold, runs
from tests.contracts.engine_contract import TODAY
from tests.indexer.real_texts import catalogues, index, library, papers, passages, persons, poems

pytestmark = pytest.mark.corpus


@pytest.fixture(scope="module")
def pairs(corpus: Path) -> list[tuple[str, str]]:
    (file,) = (corpus / "queries/searchworks-cjk").iterdir()
    with file.open(encoding="utf-8") as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        return [(row["query_a"], row["query_b"]) for row in rows if row["query_b"]]


def test_both_spellings_are_the_same_tokens(pairs: list[tuple[str, str]]) -> None:
    assert len(pairs) == 52
    assert [pair for pair in pairs if runs(fold(pair[0])) != runs(fold(pair[1]))] == []


def test_both_spellings_find_the_same_records(pairs: list[tuple[str, str]], corpus: Path, tmp_path: Path) -> None:
    """In real texts, and among records that are titled as either spelling."""
    real = chain(poems(corpus), library(corpus), papers(corpus), passages(corpus), islice(persons(corpus), 0, None, 8))
    titled = [(spelling.strip(' "'), "") for pair in pairs for spelling in pair]
    engine = TantivyEngine(tmp_path / "index")
    texts = index(engine, chain(titled, real, islice(catalogues(corpus), 0, None, 2)))
    in_real_texts = 0
    for spellings in pairs:
        one, other = ({texts[int(place)] for place in _found(engine, spelling)} for spelling in spellings)
        assert one == other and {(spelling.strip(' "'), "") for spelling in spellings} <= one
        in_real_texts += len(one) > len(one & set(titled))
    assert in_real_texts >= 20  # the others are in none of these texts


def _found(engine: TantivyEngine, typed: str) -> set[str]:
    """Places of the texts that are found."""
    hits = engine.search(Plan(rights_of(ANONYMOUS, TODAY), parse(typed).node, size=100_000)).hits
    return {source["source_id"] for hit in hits for source in hit.stored["sources"]}
